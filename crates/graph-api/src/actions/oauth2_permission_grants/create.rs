//! `POST /oauth2PermissionGrants`

use syncline_access::grants::{self, Grant};
use syncline_directory::{service_principals, users};
use syncline_model::{ObjectId, Problem};

use super::table;
use crate::actions::decisive;
use crate::{Call, Reply};

pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("oAuth2PermissionGrant")?;
    // The times are required by some clients and mean nothing, as in Graph.
    body.only(&[
        "clientId",
        "consentType",
        "principalId",
        "resourceId",
        "scope",
        "startTime",
        "expiryTime",
    ])?;
    let (client, resource) = (
        body.required_text("clientId")?,
        body.required_text("resourceId")?,
    );
    let scopes = table::scopes(body.required_text("scope")?);
    let principal = match body.required_text("consentType")? {
        it if it.eq_ignore_ascii_case("AllPrincipals") => None,
        it if it.eq_ignore_ascii_case("Principal") => Some(body.required_text("principalId")?),
        _ => return Err(body.invalid("consentType")),
    };
    let grant = call.write(|tx, _| {
        let id = |key: &str| -> Result<ObjectId, Problem> {
            Ok(service_principals::find(tx, call.tenant(), key)?.entry.id)
        };
        let (client, resource) = (id(client)?, id(resource)?);
        let principal = principal
            .map(|key| users::find(tx, call.tenant(), key))
            .transpose()?
            .map(|it| it.entry.id);
        let grant = Grant {
            client,
            resource,
            principal,
            scopes,
        };
        decisive::check_grant(call, &grant, &[])?;
        if grants::find(tx, call.tenant(), &grant.id())?.is_some() {
            return Err(Problem::bad_request("Permission entry already exists."));
        }
        grants::put(tx, call.tenant(), &grant)?;
        Ok(grant)
    })?;
    Ok(table::entity(call, &grant, Reply::created))
}
