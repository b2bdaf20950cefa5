//! Who is to be assigned to a configuration.

use std::collections::{BTreeMap, HashMap, HashSet};

use syncline_directory::Context;
use syncline_directory::app_role_assignments as assignments;
use syncline_model::{Attr, EntityKind, ObjectId, TenantId, Value};
use syncline_store::{Key, KeyName, ObjectState, Peeked, Reader, Scanned, Stored, Tx};
use uuid::Uuid;

use super::changes::Change;
use super::ends::Ends;
use super::file::Assigned;
use super::names::Names;
use super::present::{Present, shown};
use crate::failure::Failure;
use crate::named::named;

/// Names looked up, or people assigned or taken out, at once.
const PAGE: usize = 500;

/// The changes, and what is to be said about them.
pub fn compare(
    reader: &Reader<'_>,
    ends: &Ends,
    names: &Names,
    wanted: &Assigned,
    present: &Present,
) -> Result<(Vec<Change>, Vec<String>), Failure> {
    let mut all = BTreeMap::new();
    let mut remarks = Vec::new();
    for (id, name) in users(reader, ends, wanted.users.as_deref().unwrap_or_default())? {
        all.insert(id, (EntityKind::User, name));
    }
    let named = wanted.groups.as_deref().unwrap_or_default();
    for (id, name, is_security_group) in groups(reader, ends, names, named)? {
        if !is_security_group {
            remarks.push(format!(
                "the group {name} is no security group: nobody is synchronized for being in it"
            ));
        }
        all.insert(id, (EntityKind::Group, name));
    }
    // Of a kind that the file leaves out, all stay.
    let is_listed = |kind: EntityKind| match kind {
        EntityKind::User => wanted.users.is_some(),
        _ => wanted.groups.is_some(),
    };
    if let Some(there) = &present.service_principal
        && all.keys().any(|id| !present.assigned.contains_key(id))
    {
        role(there)?;
    }
    let is = &present.assigned;
    let more = all.iter().filter(|(id, _)| !is.contains_key(id));
    let more = more.map(|(id, (kind, name))| Change::Assign {
        kind: *kind,
        id: *id,
        name: name.clone(),
    });
    let gone = is
        .iter()
        .filter(|(id, (kind, _))| is_listed(*kind) && !all.contains_key(id));
    let gone = gone.map(|(id, (kind, name))| Change::Unassign {
        kind: *kind,
        id: *id,
        name: name.clone(),
    });
    Ok((more.chain(gone).collect(), remarks))
}

/// Those whom the file names, in its order, and how people call them. A page of names at once: whoever writes in one of
/// the tenants waits for all of them.
fn users(
    reader: &Reader<'_>,
    ends: &Ends,
    names: &[String],
) -> Result<Vec<(ObjectId, String)>, Failure> {
    let tenant = ends.source.id;
    let mut found = Vec::with_capacity(names.len());
    for page in names.chunks(PAGE) {
        let keys: Vec<Key> = page
            .iter()
            .map(|name| Key::new(KeyName::UserPrincipalName, name.trim()))
            .collect();
        let holders = reader.holders(tenant, &keys)?;
        let ids: Vec<Option<ObjectId>> = page
            .iter()
            .zip(holders)
            .map(|(name, holder)| name.trim().parse().ok().or(holder.map(|(_, id)| id)))
            .collect();
        let wanted: Vec<ObjectId> = ids.iter().flatten().copied().collect();
        let peeked = reader.peek(
            tenant,
            EntityKind::User,
            &wanted,
            [Attr::USER_PRINCIPAL_NAME],
        )?;
        let recycled = recycled(&peeked);
        let live: HashMap<ObjectId, String> = live(peeked)
            .map(|(id, [name])| (id, text(name.as_ref())))
            .collect();
        for (name, id) in page.iter().zip(ids) {
            let user = id.and_then(|id| Some((id, live.get(&id)?.clone())));
            if let Some(user) = user {
                found.push(user);
                continue;
            }
            let is_recycled = match id {
                Some(id) => recycled.contains(&id),
                None => was_deleted(reader, tenant, EntityKind::User, name)?,
            };
            return Err(match is_recycled {
                true => in_recycle_bin(ends, "user", name),
                false => nobody(ends, "user", name, "userPrincipalName"),
            });
        }
    }
    Ok(found)
}

/// The same of groups, and whether each is a security group.
fn groups(
    reader: &Reader<'_>,
    ends: &Ends,
    names: &Names,
    named: &[String],
) -> Result<Vec<(ObjectId, String, bool)>, Failure> {
    let tenant = ends.source.id;
    let mut found = Vec::with_capacity(named.len());
    for page in named.chunks(PAGE) {
        let ids = page.iter().map(|name| group_id(ends, names, name));
        let ids = ids.collect::<Result<Vec<Option<ObjectId>>, Failure>>()?;
        let wanted: Vec<ObjectId> = ids.iter().flatten().copied().collect();
        let attrs = [Attr::DISPLAY_NAME, Attr::SECURITY_ENABLED];
        let peeked = reader.peek(tenant, EntityKind::Group, &wanted, attrs)?;
        let recycled = recycled(&peeked);
        let live: HashMap<ObjectId, (String, bool)> = live(peeked)
            .map(|(id, [name, security])| {
                let is_security_group = security != Some(Value::Bool(false));
                (id, (text(name.as_ref()), is_security_group))
            })
            .collect();
        for (name, id) in page.iter().zip(ids) {
            let group = id.and_then(|id| live.get(&id).map(|(name, is)| (id, name.clone(), *is)));
            if let Some(group) = group {
                found.push(group);
                continue;
            }
            let is_recycled = match id {
                Some(id) => recycled.contains(&id),
                None => was_deleted(reader, tenant, EntityKind::Group, name)?,
            };
            return Err(match is_recycled {
                true => in_recycle_bin(ends, "group", name),
                false => nobody(ends, "group", name, "displayName"),
            });
        }
    }
    Ok(found)
}

/// The one with this name or id.
fn group_id(ends: &Ends, names: &Names, name: &str) -> Result<Option<ObjectId>, Failure> {
    if let Ok(id) = name.trim().parse() {
        return Ok(Some(id));
    }
    match names.groups(ends.source.id, name) {
        [] => Ok(None),
        [id] => Ok(Some(*id)),
        several => {
            let ids: Vec<String> = several.iter().map(ObjectId::to_string).collect();
            Err(Failure::new(format!(
                "{} groups of {} have the name `{}`: {}",
                ids.len(),
                ends.source.default_domain(),
                name.escape_debug(),
                ids.join(", ")
            ))
            .with_help("name the one that is meant by its id"))
        }
    }
}

fn live<const N: usize>(
    peeked: Vec<Peeked<N>>,
) -> impl Iterator<Item = (ObjectId, [Option<Value>; N])> {
    let live = peeked
        .into_iter()
        .filter(|it| it.state == ObjectState::Live);
    live.map(|it| (it.id, it.values))
}

fn recycled<const N: usize>(peeked: &[Peeked<N>]) -> HashSet<ObjectId> {
    let deleted = peeked.iter().filter(|it| it.state == ObjectState::Deleted);
    deleted.map(|it| it.id).collect()
}

/// Whether something in the recycle bin has this name: asked of one alone that nobody else has.
fn was_deleted(
    reader: &Reader<'_>,
    tenant: TenantId,
    kind: EntityKind,
    name: &str,
) -> Result<bool, Failure> {
    let found = named(kind, &[name], |after, page| {
        let recycled = reader.recycled(tenant, kind, after, page)?;
        Ok(Scanned::of(recycled, page))
    })?;
    Ok(found.iter().any(|ids| !ids.is_empty()))
}

fn text(name: Option<&Value>) -> String {
    let name = name.and_then(Value::as_text);
    name.unwrap_or_default().to_string()
}

fn nobody(ends: &Ends, what: &str, name: &str, by: &str) -> Failure {
    let domain = ends.source.default_domain();
    Failure::new(format!(
        "there is no {what} `{}` in {domain}",
        name.escape_debug()
    ))
    .with_help(format!("give the {by} or the object id as {domain} has it"))
}

/// Of a leaver: nothing is wrong with the name, and a cycle takes no notice of him.
fn in_recycle_bin(ends: &Ends, what: &str, name: &str) -> Failure {
    let (domain, name) = (ends.source.default_domain(), name.trim().escape_debug());
    Failure::new(format!(
        "the {what} `{name}` of {domain} is in the recycle bin: take the name out of the file, or restore it"
    ))
    .with_help(format!(
        "`syncline deleted restore --tenant {domain} --{what} \"{name}\"` brings it back"
    ))
}

/// With which one is assigned.
fn role(service_principal: &Stored) -> Result<Uuid, Failure> {
    assignments::user_role(service_principal).ok_or_else(|| {
        Failure::new(format!(
            "the configuration `{}` has no enabled role for users and groups",
            shown(service_principal)
        ))
        .with_help(
            "its application had the role `msiam_access` when it was made; give it one again",
        )
    })
}

pub fn assign(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    service_principal: &Stored,
    principals: &[ObjectId],
) -> Result<(), Failure> {
    if principals.is_empty() {
        return Ok(());
    }
    let role = role(service_principal)?;
    let id = service_principal.entry.id;
    for page in principals.chunks(PAGE) {
        assignments::assign_many(tx, context, id, page, role)?;
    }
    Ok(())
}

/// Takes every role of the configuration away.
pub fn unassign(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    service_principal: &Stored,
    principals: &[ObjectId],
) -> Result<(), Failure> {
    let id = service_principal.entry.id;
    for page in principals.chunks(PAGE) {
        let held = tx.assignments_between(context.tenant_id(), id, page)?;
        assignments::unassign_many(tx, context, &held)?;
    }
    Ok(())
}
