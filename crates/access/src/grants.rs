//! Delegated permission grants (Graph's `oAuth2PermissionGrant`): which scopes a client may use on
//! behalf of one user or of all.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use syncline_model::{ObjectId, Problem, TenantId};
use syncline_store::{Document, Reader, Result, Tx, object_documents};

/// Longest `scope` of a grant, in characters. It is read whenever a user gets a token.
const LONGEST_SCOPE: usize = 3850;

/// One grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Service principal of the client.
    pub client: ObjectId,
    /// Service principal of the API.
    pub resource: ObjectId,
    /// `None`: on behalf of all users (`AllPrincipals`).
    pub principal: Option<ObjectId>,
    pub scopes: Vec<String>,
}

/// Key: `{client}/{resource}/{principal or *}`. Written by [`grant`], [`put`] and [`revoke`] alone, which move the tenant's
/// sequence where something is withdrawn; it goes with the client, the resource and the user.
impl Document for Grant {
    const KIND: &'static str = object_documents::PERMISSION_GRANT;
}

impl Grant {
    /// The id Graph shows, from which the grant is found again.
    pub fn id(&self) -> String {
        let mut bytes = [self.client.as_bytes().as_slice(), self.resource.as_bytes()].concat();
        if let Some(principal) = self.principal {
            bytes.extend(principal.as_bytes());
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// Adds scopes to what is granted already; returns the whole grant.
pub fn grant(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    client: ObjectId,
    resource: ObjectId,
    principal: Option<ObjectId>,
    scopes: &[String],
) -> Result<Grant> {
    let key = key(client, resource, principal);
    let mut grant = tx.document(Some(tenant), &key)?.unwrap_or_else(|| Grant {
        client,
        resource,
        principal,
        scopes: Vec::new(),
    });
    let before = grant.scopes.len();
    for scope in scopes {
        if !holds(&grant.scopes, scope) {
            grant.scopes.push(scope.clone());
        }
    }
    if grant.scopes.len() > before {
        tx.put_document(Some(tenant), &key, &grant, None)?;
    }
    Ok(grant)
}

/// Replaces the scopes of a grant, or makes it.
///
/// # Errors
/// 400 for scopes of more than 3,850 characters together, as in Graph.
pub fn put(tx: &mut Tx<'_>, tenant: TenantId, grant: &Grant) -> std::result::Result<(), Problem> {
    let length: usize = grant.scopes.iter().map(|it| it.chars().count() + 1).sum();
    if length > LONGEST_SCOPE + 1 {
        return Err(Problem::bad_request(format!(
            "The scope of a grant has at most {LONGEST_SCOPE} characters."
        ))
        .with_detail("InvalidValue", "The scope is too long.", Some("scope")));
    }
    let key = key(grant.client, grant.resource, grant.principal);
    let before: Option<Grant> = tx.document(Some(tenant), &key)?;
    tx.put_document(Some(tenant), &key, grant, None)?;
    let before = before.map(|it| it.scopes).unwrap_or_default();
    if !before.iter().all(|scope| holds(&grant.scopes, scope)) {
        withdrawn(tx, tenant)?;
    }
    Ok(())
}

/// Whether a scope is among these, however it is spelled.
fn holds(scopes: &[String], scope: &str) -> bool {
    scopes.iter().any(|held| held.eq_ignore_ascii_case(scope))
}

/// Withdraws a grant; false when there was none.
pub fn revoke(tx: &mut Tx<'_>, tenant: TenantId, grant: &Grant) -> Result<bool> {
    let revoked = tx.delete_document::<Grant>(
        Some(tenant),
        &key(grant.client, grant.resource, grant.principal),
    )?;
    if revoked {
        withdrawn(tx, tenant)?;
    }
    Ok(revoked)
}

/// Moves the tenant's sequence, which documents do not: as long as it stands, callers are remembered with what was granted.
/// What is granted moves nothing: every caller in the tenant would be asked anew, and every continuous job begin a cycle,
/// whenever somebody accepts.
fn withdrawn(tx: &mut Tx<'_>, tenant: TenantId) -> Result<()> {
    tx.pass_over_sequences(tenant, 1)
}

/// The scopes a client may use on behalf of a user: granted for all, or for this user.
pub fn of(
    reader: &Reader<'_>,
    tenant: TenantId,
    client: ObjectId,
    resource: ObjectId,
    user: ObjectId,
) -> Result<Vec<String>> {
    let mut scopes: Vec<String> = Vec::new();
    for principal in [None, Some(user)] {
        let granted = reader.document::<Grant>(Some(tenant), &key(client, resource, principal))?;
        for scope in granted.map(|grant| grant.scopes).unwrap_or_default() {
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
    }
    Ok(scopes)
}

/// The grant with this id.
pub fn find(reader: &Reader<'_>, tenant: TenantId, id: &str) -> Result<Option<Grant>> {
    match parse_id(id) {
        Some((client, resource, principal)) => {
            reader.document(Some(tenant), &key(client, resource, principal))
        }
        None => Ok(None),
    }
}

/// The grant with this id as a place in a list, without its scopes, whether there is one or not.
pub fn place(id: &str) -> Option<Grant> {
    let (client, resource, principal) = parse_id(id)?;
    Some(Grant {
        client,
        resource,
        principal,
        scopes: Vec::new(),
    })
}

/// A page of a tenant's grants, after the grant `after`.
pub fn list(
    reader: &Reader<'_>,
    tenant: TenantId,
    after: Option<&Grant>,
    limit: usize,
) -> Result<Vec<Grant>> {
    let after = after
        .map(|grant| key(grant.client, grant.resource, grant.principal))
        .unwrap_or_default();
    Ok(reader
        .documents::<Grant>(Some(tenant), &after, limit)?
        .into_iter()
        .map(|(_, grant)| grant)
        .collect())
}

/// A page of one client's grants, after the grant `after`, which is one of them.
pub fn of_client(
    reader: &Reader<'_>,
    tenant: TenantId,
    client: ObjectId,
    after: Option<&Grant>,
    limit: usize,
) -> Result<Vec<Grant>> {
    let after = match after {
        Some(grant) => key(grant.client, grant.resource, grant.principal),
        None => format!("{client}/"),
    };
    Ok(reader
        .documents::<Grant>(Some(tenant), &after, limit)?
        .into_iter()
        .map(|(_, grant)| grant)
        .take_while(|grant| grant.client == client)
        .collect())
}

fn key(client: ObjectId, resource: ObjectId, principal: Option<ObjectId>) -> String {
    match principal {
        Some(principal) => format!("{client}/{resource}/{principal}"),
        None => format!("{client}/{resource}/*"),
    }
}

fn parse_id(id: &str) -> Option<(ObjectId, ObjectId, Option<ObjectId>)> {
    let bytes = URL_SAFE_NO_PAD.decode(id).ok()?;
    let part = |at: usize| {
        bytes
            .get(at..at + 16)?
            .try_into()
            .ok()
            .map(ObjectId::from_bytes)
    };
    match bytes.len() {
        32 => Some((part(0)?, part(16)?, None)),
        48 => Some((part(0)?, part(16)?, Some(part(32)?))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn ids_lead_back_to_their_parts() {
        let id = |number| ObjectId(Uuid::from_u128(number));
        for principal in [None, Some(id(3))] {
            let grant = Grant {
                client: id(1),
                resource: id(2),
                principal,
                scopes: Vec::new(),
            };
            assert_eq!(parse_id(&grant.id()), Some((id(1), id(2), principal)));
        }
        assert_eq!(parse_id("short"), None);
    }
}
