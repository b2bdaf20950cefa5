//! Filters that name a key: `userPrincipalName eq '…'`, `appId eq '…'`, `id in (…)`.

use syncline_model::{Attr, EntityKind, ObjectId, Predicate, Problem, TenantId, Value};
use syncline_odata::{equality_lookup, values_of};
use syncline_store::{Key, KeyName, ObjectState, Reader, Stored};

/// The only live objects that may satisfy the filter, when a key tells; they must still be evaluated.
pub(super) fn candidates(
    reader: &Reader<'_>,
    tenant: TenantId,
    kind: EntityKind,
    predicate: Option<&Predicate>,
) -> Result<Option<Vec<Stored>>, Problem> {
    let Some(predicate) = predicate else {
        return Ok(None);
    };
    let ids = match values_of(predicate, Attr::ID) {
        Some(values) => values.into_iter().filter_map(id).collect(),
        None => match by_key(reader, tenant, kind, predicate)? {
            Some(ids) => ids,
            None => return Ok(None),
        },
    };
    let mut found = reader.objects(tenant, kind, &ids)?;
    found.retain(|it| it.state == ObjectState::Live);
    Ok(Some(found))
}

fn by_key(
    reader: &Reader<'_>,
    tenant: TenantId,
    kind: EntityKind,
    predicate: &Predicate,
) -> Result<Option<Vec<ObjectId>>, Problem> {
    let indexed: &[Attr] = match kind {
        EntityKind::User => &[Attr::ID, Attr::USER_PRINCIPAL_NAME, Attr::MAIL],
        EntityKind::Group => &[Attr::ID, Attr::MAIL],
        EntityKind::Application | EntityKind::ServicePrincipal => &[Attr::ID, Attr::APP_ID],
        _ => &[Attr::ID],
    };
    let Some((attr, value)) = equality_lookup(predicate, indexed) else {
        return Ok(None);
    };
    let name = match (attr, kind) {
        (Attr::ID, _) => return Ok(Some(id(value).into_iter().collect())),
        (Attr::USER_PRINCIPAL_NAME, _) => KeyName::UserPrincipalName,
        (Attr::MAIL, _) => KeyName::ProxyAddress,
        (_, EntityKind::Application) => KeyName::ApplicationAppId,
        _ => KeyName::ServicePrincipalAppId,
    };
    let holder = reader.holder(tenant, &Key::new(name, &value.display_text()))?;
    Ok(Some(
        holder
            .into_iter()
            .filter(|(held_by, _)| *held_by == kind)
            .map(|(_, id)| id)
            .collect(),
    ))
}

/// A text that is no id is the id of nothing.
fn id(value: &Value) -> Option<ObjectId> {
    value.display_text().parse().ok()
}
