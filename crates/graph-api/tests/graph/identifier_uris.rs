//! `identifierUris` of applications, and the `servicePrincipalNames` that follow them.

use serde_json::{Value as Json, json};
use syncline_model::{Attr, Value};
use syncline_store::Tx;

use crate::world::{Answer, Client, World, id};

const URI: &str = "api://tool";

fn application(client: &Client<'_>, uris: Json) -> Answer {
    let body = json!({"displayName": "Tool", "identifierUris": uris});
    client.post("/v1.0/applications", body)
}

fn identify(client: &Client<'_>, application: &str, uris: Json) -> Answer {
    client.patch(
        &format!("/v1.0/applications/{application}"),
        json!({"identifierUris": uris}),
    )
}

fn restore(client: &Client<'_>, id: &str) -> Answer {
    let url = format!("/v1.0/directory/deletedItems/{id}/restore");
    client.post(&url, json!({}))
}

#[track_caller]
fn refused(answer: &Answer) {
    let error = answer.problem(400, "Request_MultipleObjectsWithSameKeyValue");
    assert_eq!(
        error["message"],
        "Another object with the same value for property identifierUris already exists."
    );
    assert_eq!(error["details"][0]["code"], "ObjectConflict");
}

#[test]
fn an_identifier_uri_belongs_to_one_application_of_a_tenant() {
    let world = World::new();
    let client = world.contoso();
    let first = id(&application(&client, json!([URI])).created());
    // In any case.
    refused(&application(&client, json!(["api://other", "API://Tool"])));
    let second = id(&application(&client, json!(["api://other"])).created());
    refused(&identify(&client, &second, json!([URI])));
    application(&world.fabrikam(), json!([URI])).created();

    // Who has it already sends it again.
    identify(&client, &first, json!([URI, "api://more"])).no_content();
    identify(&client, &first, json!(["api://more"])).no_content();
    identify(&client, &second, json!([URI])).no_content();
    identify(&client, &second, json!([])).no_content();
    identify(&client, &first, json!([URI])).no_content();

    // Of one in the recycle bin it is free, until it comes back.
    client
        .delete(&format!("/v1.0/applications/{first}"))
        .no_content();
    identify(&client, &second, json!([URI])).no_content();
    refused(&restore(&client, &first));
    identify(&client, &second, json!([])).no_content();
    restore(&client, &first).ok();
    refused(&identify(&client, &second, json!([URI])));
}

/// Builds before asked nobody whether it was free.
#[test]
fn applications_that_shared_one_before_are_changed_as_ever() {
    let world = World::new();
    let client = world.contoso();
    let [first, second] = [(); 2].map(|()| id(&application(&client, json!([])).created()));
    let tenant = world.tenants.contoso.id;
    let put = |tx: &mut Tx<'_>| {
        for application in [&first, &second] {
            let mut entry = tx.object(tenant, application.parse().unwrap())?.unwrap();
            let uris = Value::List(vec![URI.into()]);
            entry.entry.attrs.set(Attr::IDENTIFIER_URIS, uris);
            tx.update_objects(tenant, &[entry.entry])?;
        }
        Ok::<_, syncline_store::StoreError>(())
    };
    world.store.write(put).unwrap();
    // From its next change on it is the first one's.
    for application in [&first, &second] {
        client
            .patch(
                &format!("/v1.0/applications/{application}"),
                json!({"displayName": "Instrument"}),
            )
            .no_content();
        identify(&client, application, json!([URI])).no_content();
    }
    refused(&application(&client, json!([URI])));
    identify(&client, &second, json!([])).no_content();
    refused(&identify(&client, &second, json!([URI])));
    identify(&client, &first, json!([])).no_content();
    identify(&client, &second, json!([URI])).no_content();
}

#[test]
fn names_of_a_service_principal_follow_its_application() {
    let world = World::new();
    let client = world.contoso();
    let made = application(&client, json!([URI])).created();
    let (application, app_id) = (id(&made), made["appId"].clone());
    let made = client
        .post("/v1.0/servicePrincipals", json!({"appId": app_id}))
        .created();
    assert_eq!(made["servicePrincipalNames"], json!([app_id, URI]));
    let principal = id(&made);
    let url = format!("/v1.0/servicePrincipals/{principal}");
    let names = || client.get(&url).ok()["servicePrincipalNames"].clone();

    // Its own stay.
    let own = "https://own.example";
    client
        .patch(&url, json!({"servicePrincipalNames": [app_id, URI, own]}))
        .no_content();
    identify(&client, &application, json!(["api://a", "api://b"])).no_content();
    assert_eq!(names(), json!([app_id, own, "api://a", "api://b"]));
    let found =
        client.all("/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(n:n eq 'api://b')");
    assert_eq!(found.len(), 1);

    // In the recycle bin it follows when it comes back.
    client.delete(&url).no_content();
    identify(&client, &application, json!(["api://b"])).no_content();
    restore(&client, &principal).ok();
    assert_eq!(names(), json!([app_id, own, "api://b"]));
    identify(&client, &application, Json::Null).no_content();
    assert_eq!(names(), json!([app_id, own]));
}
