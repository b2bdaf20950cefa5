//! Step 5: the source tenant makes a configuration from the gallery.

use serde_json::{Value as Json, json};

use crate::world::{id, text};

use super::setup::{Configuration, GALLERY_TEMPLATE};
use super::walk::Walk;

pub fn run(walk: &mut Walk<'_>) {
    let url = walk.v1(&format!(
        "/applicationTemplates/{GALLERY_TEMPLATE}/instantiate"
    ));
    let body = json!({"displayName": "Fabrikam"});
    let made = walk
        .line("5.1")
        .created(&walk.source.post(&url, body.clone()));

    let context = text(&made, "@odata.context");
    walk.line("5.2").holds(
        context.ends_with("#microsoft.graph.applicationServicePrincipal"),
        &context,
    );

    let (application, principal) = (&made["application"], &made["servicePrincipal"]);
    is_an_application(walk, application);
    is_a_service_principal(walk, principal, &text(application, "appId"));

    for query in [
        // As the JavaScript client sends it, as the Python client does, and a name in another case.
        "$filter=DisplayName%20eq%20%27Fabrikam%27",
        "%24filter=DisplayName%20eq%20%27Fabrikam%27",
        "$filter=displayname+eq+'Fabrikam'",
    ] {
        let found = walk.line("5.5").ok(&walk
            .source
            .get(&walk.v1(&format!("/servicePrincipals?{query}"))));
        let items = found["value"].as_array().unwrap();
        walk.line("5.5").equal(items.len(), 1);
        walk.line("5.5").contains(
            &items[0],
            &json!({
                "id": principal["objectId"],
                "appId": principal["appId"],
                "signInAudience": "AzureADMyOrg",
                "publisherName": "Contoso",
            }),
        );
    }

    let again = walk.line("5.6").created(&walk.source.post(&url, body));
    for part in ["application", "servicePrincipal"] {
        for key in ["id", "appId"] {
            walk.line("5.6").holds(
                again[part][key] != made[part][key],
                &format!("{part}/{key} is new"),
            );
        }
    }

    walk.configuration = Configuration {
        tenant: "contoso".to_owned(),
        application: id(application),
        service_principal: id(principal),
        app_id: text(application, "appId"),
        ..Configuration::default()
    };
}

fn is_an_application(walk: &Walk<'_>, application: &Json) {
    let line = walk.line("5.3");
    line.contains(
        application,
        &json!({
            "applicationTemplateId": GALLERY_TEMPLATE,
            "displayName": "Fabrikam",
            "identifierUris": [],
            "publicClient": null,
            "replyUrls": [],
            "logoutUrl": null,
            "samlMetadataUrl": null,
            "errorUrl": null,
            "groupMembershipClaims": null,
            "availableToOtherTenants": false,
            "requiredResourceAccess": [],
        }),
    );
    line.holds(application["objectId"].is_string(), "objectId is a text");
    line.holds(application["appId"].is_string(), "appId is a text");
    line.holds(application.get("homepage").is_some(), "homepage is there");
    line.equal(&application["id"], &application["objectId"]);
}

fn is_a_service_principal(walk: &Walk<'_>, principal: &Json, app_id: &str) {
    let line = walk.line("5.4");
    line.contains(
        principal,
        &json!({
            "deletionTimestamp": null,
            "accountEnabled": true,
            "appId": app_id,
            "appDisplayName": "Fabrikam",
            "applicationTemplateId": GALLERY_TEMPLATE,
            "appOwnerTenantId": walk.source_id,
            "appRoleAssignmentRequired": true,
            "displayName": "Fabrikam",
            "errorUrl": null,
            "loginUrl": null,
            "logoutUrl": null,
            "samlMetadataUrl": null,
            "microsoftFirstParty": null,
            "publisherName": "Contoso",
            "preferredSingleSignOnMode": null,
            "preferredTokenSigningKeyThumbprint": null,
            "preferredTokenSigningKeyEndDateTime": null,
            "replyUrls": [],
            "servicePrincipalNames": [app_id],
            "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
            "notificationEmailAddresses": [],
            "samlSingleSignOnSettings": null,
            "keyCredentials": [],
            "passwordCredentials": [],
        }),
    );
    line.holds(principal["objectId"].is_string(), "objectId is a text");
    line.holds(principal.get("homepage").is_some(), "homepage is there");
    line.equal(&principal["id"], &principal["objectId"]);
}
