//! Consent: who may agree to what, and what agreeing writes.

use std::collections::BTreeSet;

use syncline_model::well_known::GRAPH_APP_ID;
use syncline_model::{EntityKind, Ids, ObjectId, TenantId, Timestamp};
use syncline_store::{Assignment, AssignmentId, Key, KeyName, Reader, StoreError, Tx};
use uuid::Uuid;

use crate::permissions::is_decisive;
use crate::scopes::OIDC_SCOPES;
use crate::{
    Client, DirectoryRole, Refusal, RequestedScopes, assignment_required, grants, permission_ids,
    roles,
};

/// Delegated permissions that concern nobody but the user: a user may agree to them alone.
const USER_MAY_CONSENT: [&str; 1] = ["User.Read"];

/// What a client asks for, against what it was granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeDecision {
    /// Permissions of Microsoft Graph that may be used now, in Graph's spelling.
    pub granted: Vec<String>,
    /// Asked for and not granted.
    pub missing: Vec<String>,
}

/// What an administrator agrees to for the whole tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdminConsent {
    /// Delegated permissions, by value.
    pub scopes: Vec<String>,
    /// Application permissions, by id.
    pub roles: Vec<Uuid>,
}

/// The tenant's service principal of Microsoft Graph, the resource of all grants.
pub fn graph_service_principal(reader: &Reader<'_>, tenant: TenantId) -> Result<ObjectId, Refusal> {
    let app_id = GRAPH_APP_ID.to_string();
    match reader.holder(tenant, &Key::new(KeyName::ServicePrincipalAppId, &app_id))? {
        Some((_, id)) => Ok(id),
        None => Err(Refusal::ResourceNotFound(app_id)),
    }
}

/// The names asked for, in Graph's spelling; an unknown name is refused.
pub fn known_scopes(requested: &RequestedScopes) -> Result<Vec<String>, Refusal> {
    requested
        .names
        .iter()
        .map(|name| {
            permission_ids::scope_named(name)
                .map(str::to_owned)
                .ok_or_else(|| Refusal::ScopeUnknown(crate::clients::shorten(name)))
        })
        .collect()
}

/// Which of the scopes asked for the client may use for this user. `.default` means all that are granted:
/// as in Entra, an application that declares to need one more goes on with what it has. What it declares is
/// meant where nothing is granted yet, and with `again`: the user is asked anew (`prompt=consent`).
///
/// # Errors
/// [`Refusal::NotAssigned`], too: who may not use the client is not asked to agree to anything.
pub fn decide(
    reader: &Reader<'_>,
    tenant: TenantId,
    client: &Client,
    user: ObjectId,
    requested: &RequestedScopes,
    again: bool,
) -> Result<ScopeDecision, Refusal> {
    assignment_required::check(reader, tenant, client, user)?;
    let graph = graph_service_principal(reader, tenant)?;
    let words = grants::of(reader, tenant, client.service_principal.id, graph, user)?;
    let held = permissions_of(words);
    let mut wanted = known_scopes(requested)?;
    if requested.default {
        if again || held.is_empty() {
            let (declared, _) = client.required_of_graph();
            wanted.extend(
                declared
                    .into_iter()
                    .filter_map(permission_ids::scope_value)
                    .map(str::to_owned),
            );
        }
        wanted.extend(held.iter().cloned());
    }
    let mut decision = ScopeDecision {
        granted: Vec::new(),
        missing: Vec::new(),
    };
    for name in wanted {
        let list = if held.contains(&name) {
            &mut decision.granted
        } else {
            &mut decision.missing
        };
        if !list.contains(&name) {
            list.push(name);
        }
    }
    Ok(decision)
}

/// The permissions among the words of grants, each once and in Graph's spelling: a grant is kept as it was sent,
/// what a token names is compared letter by letter. Words of OpenID Connect are about the person alone.
/// A permission that is not known here stays as it is.
fn permissions_of(words: Vec<String>) -> Vec<String> {
    let mut permissions: Vec<String> = Vec::new();
    for word in words {
        let same = |known: &str| known.eq_ignore_ascii_case(&word);
        if OIDC_SCOPES.into_iter().any(same) || permissions.iter().any(|it| same(it)) {
            continue;
        }
        let known = permission_ids::scope_named(&word).map(str::to_owned);
        permissions.push(known.unwrap_or(word));
    }
    permissions
}

/// Those of a token's scopes that the client, by its service principal, may use for the user by now: what was granted when it
/// was issued may have been withdrawn since. Words of OpenID Connect need no grant.
pub(crate) fn still_granted(
    reader: &Reader<'_>,
    tenant: TenantId,
    client: ObjectId,
    user: ObjectId,
    scopes: &[String],
) -> Result<Vec<String>, Refusal> {
    let is_oidc = |scope: &String| OIDC_SCOPES.contains(&scope.as_str());
    if scopes.iter().all(is_oidc) {
        return Ok(scopes.to_vec());
    }
    let graph = graph_service_principal(reader, tenant)?;
    let held = grants::of(reader, tenant, client, graph, user)?;
    let is_granted = |scope: &String| held.iter().any(|it| it.eq_ignore_ascii_case(scope));
    let kept = scopes.iter().filter(|it| is_oidc(it) || is_granted(it));
    Ok(kept.cloned().collect())
}

/// Whether a user of these roles may agree to these delegated permissions for himself. Nobody else may for
/// a client that people have to be assigned to: there an administrator has to agree for all, as in Entra.
pub fn user_may_consent(
    client: &Client,
    held_roles: &BTreeSet<DirectoryRole>,
    scopes: &[String],
) -> bool {
    scopes.is_empty()
        || held_roles.iter().any(|role| role.may_consent_for_all())
        || (!assignment_required::is_required(client)
            && scopes
                .iter()
                .all(|scope| USER_MAY_CONSENT.contains(&scope.as_str())))
}

/// What the administrator's page asks consent for: what the application declares, or the scopes
/// named in the request.
pub fn asked_of_admin(
    client: &Client,
    requested: Option<&RequestedScopes>,
) -> Result<AdminConsent, Refusal> {
    let (declared_scopes, declared_roles) = client.required_of_graph();
    let declared = || AdminConsent {
        scopes: declared_scopes
            .iter()
            .filter_map(|id| permission_ids::scope_value(*id))
            .map(str::to_owned)
            .collect(),
        roles: declared_roles
            .iter()
            .copied()
            .filter(|id| permission_ids::role_value(*id).is_some())
            .collect(),
    };
    match requested {
        None => Ok(declared()),
        Some(requested) => {
            let mut asked = if requested.default {
                declared()
            } else {
                AdminConsent::default()
            };
            for scope in known_scopes(requested)? {
                if !asked.scopes.contains(&scope) {
                    asked.scopes.push(scope);
                }
            }
            Ok(asked)
        }
    }
}

/// Whether this user may agree to that on behalf of the whole tenant.
pub fn may_consent_for_all(
    reader: &Reader<'_>,
    tenant: TenantId,
    user: ObjectId,
    asked: &AdminConsent,
) -> Result<bool, Refusal> {
    let held = roles::held(reader, tenant, user)?;
    let roles_too = asked.roles.is_empty() || may_consent_to_roles(&held);
    Ok(roles_too && may_consent_to_scopes_for_all(&held, &asked.scopes))
}

/// Whether these roles let their holder agree to these delegated permissions for others. With what hands
/// out permissions and roles, the codes of all administrators would go where whoever decides on the
/// application's redirect URIs leads them: those who manage applications do not open that door.
pub fn may_consent_to_scopes_for_all(held: &BTreeSet<DirectoryRole>, scopes: &[String]) -> bool {
    held.iter().any(|role| role.may_consent_for_all())
        && (!scopes.iter().any(|scope| is_decisive(scope)) || may_consent_to_roles(held))
}

fn may_consent_to_roles(held: &BTreeSet<DirectoryRole>) -> bool {
    held.iter()
        .any(|role| role.may_consent_to_application_permissions())
}

/// Writes what an administrator agreed to: a grant for all users, and app role assignments of the
/// client's service principal. Saying it twice changes nothing.
pub fn grant_for_all(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    ids: &dyn Ids,
    now: Timestamp,
    client: &Client,
    asked: &AdminConsent,
) -> Result<(), Refusal> {
    let graph = graph_service_principal(tx, tenant)?;
    let principal = client.service_principal.id;
    if !asked.scopes.is_empty() {
        grants::grant(tx, tenant, principal, graph, None, &asked.scopes)?;
    }
    for role in &asked.roles {
        let mut suffix = [0; 16];
        ids.fill_secret(&mut suffix);
        let assignment = Assignment {
            id: AssignmentId { principal, suffix },
            resource: graph,
            principal_kind: EntityKind::ServicePrincipal,
            role: *role,
            created_at: now,
        };
        match tx.insert_assignment(tenant, &assignment) {
            Ok(()) | Err(StoreError::Taken) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
