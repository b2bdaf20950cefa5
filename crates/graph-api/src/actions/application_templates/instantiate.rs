//! `POST /applicationTemplates/{id}/instantiate`: makes a configuration.
//!
//! Graph changed the answer in 2023: objects had `objectId` and the old directory API's keys
//! before, and have `id` and the keys of `GET /applications/{id}` since. Scripts read one, SDKs the
//! other, so the answer has both.

use serde_json::{Value as Json, json};
use syncline_directory::{applications, service_principals};
use syncline_model::{Attr, Problem, Value};
use syncline_store::Stored;

use crate::actions::creator;
use crate::wire::entity_out::{Columns, Object};
use crate::{Call, Reply};

pub fn instantiate(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("")?;
    body.only(&["displayName", "serviceManagementReference"])?;
    let name = body.required_text("displayName")?;
    if name.chars().count() > 256 {
        return Err(body.invalid("displayName"));
    }
    let reference = body.text("serviceManagementReference")?;
    let template = call.key("id")?.value();
    let (application, service_principal) = call.write(|tx, context| {
        let (application, service_principal) =
            applications::instantiate(tx, context, template, name)?;
        let id = application.entry.id;
        if let Some(owner) = creator::owner(call) {
            applications::add_owners(tx, context, id, &[owner])?;
        }
        if let Some(owner) = creator::owning_application(call) {
            let id = service_principal.entry.id;
            service_principals::add_owners(tx, context, id, &[owner])?;
        }
        let Some(reference) = reference else {
            return Ok((application, service_principal));
        };
        let change = (
            Attr::SERVICE_MANAGEMENT_REFERENCE,
            Some(Value::text(reference)),
        );
        Ok((
            applications::update(tx, context, id, &[change])?,
            service_principal,
        ))
    })?;
    Ok(Reply::created(json!({
        "@odata.context": call.context("microsoft.graph.applicationServicePrincipal"),
        "application": application_json(&application, &service_principal)?,
        "servicePrincipal": service_principal_json(call, &service_principal)?,
    })))
}

fn application_json(application: &Stored, service_principal: &Stored) -> Result<Json, Problem> {
    let home_page = service_principal.entry.text(Attr::HOMEPAGE);
    let older = json!({
        "availableToOtherTenants": false,
        "errorUrl": null,
        "homepage": home_page,
        "logoutUrl": null,
        // Null in this answer, an object in `GET /applications/{id}`.
        "publicClient": null,
        "replyUrls": [],
        "samlMetadataUrl": null,
    });
    both_ways(application, older)
}

fn service_principal_json(call: &Call<'_>, service_principal: &Stored) -> Result<Json, Problem> {
    let older = json!({
        // The tenant in which the application was just made, hence the caller's.
        "appOwnerTenantId": call.tenant().to_string(),
        "deletionTimestamp": null,
        "errorUrl": null,
        "microsoftFirstParty": null,
        "preferredTokenSigningKeyEndDateTime": null,
        "samlMetadataUrl": null,
    });
    both_ways(service_principal, older)
}

/// With `objectId` beside `id`, and the older keys.
fn both_ways(stored: &Stored, older: Json) -> Result<Json, Problem> {
    let columns = Columns::default_of(stored.entry.kind);
    let mut object = Object::new(stored, &columns);
    object.insert("objectId", stored.entry.id.to_string());
    if let Json::Object(older) = older {
        for (name, value) in older {
            object.insert(&name, value);
        }
    }
    object.json()
}
