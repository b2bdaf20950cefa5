//! Who is to be assigned to a configuration.

use std::collections::BTreeMap;

use syncline_directory::app_role_assignments as assignments;
use syncline_directory::{Context, users};
use syncline_model::{Attr, EntityKind, ObjectId, ProblemKind};
use syncline_store::{ObjectState, Reader, Stored, Tx};
use uuid::Uuid;

use super::changes::Change;
use super::ends::Ends;
use super::file::Assigned;
use super::names::Names;
use super::present::{Present, shown};
use crate::failure::Failure;

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
    for name in wanted.users.iter().flatten() {
        let user = user(reader, ends, name)?;
        all.insert(user.entry.id, (EntityKind::User, shown(&user)));
    }
    for name in wanted.groups.iter().flatten() {
        let group = group(reader, ends, names, name)?;
        if group.entry.bool(Attr::SECURITY_ENABLED) == Some(false) {
            let shown = shown(&group);
            remarks.push(format!(
                "the group {shown} is no security group: nobody is synchronized for being in it"
            ));
        }
        all.insert(group.entry.id, (EntityKind::Group, shown(&group)));
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

fn user(reader: &Reader<'_>, ends: &Ends, name: &str) -> Result<Stored, Failure> {
    users::find(reader, ends.source.id, name.trim()).map_err(|problem| match problem.kind {
        ProblemKind::NotFound => nobody(ends, "user", name, "userPrincipalName"),
        _ => Failure::from(problem),
    })
}

/// The one with this name or id.
fn group(reader: &Reader<'_>, ends: &Ends, names: &Names, name: &str) -> Result<Stored, Failure> {
    let tenant = ends.source.id;
    let ids = match name.trim().parse::<ObjectId>() {
        Ok(id) => vec![id],
        Err(_) => names.groups(tenant, name).to_vec(),
    };
    if ids.len() > 1 {
        let ids: Vec<String> = ids.iter().map(ObjectId::to_string).collect();
        return Err(Failure::new(format!(
            "{} groups of {} have the name `{}`: {}",
            ids.len(),
            ends.source.default_domain(),
            name.escape_debug(),
            ids.join(", ")
        ))
        .with_help("name the one that is meant by its id"));
    }
    let found = reader.objects(tenant, EntityKind::Group, &ids)?.pop();
    found
        .filter(|it| it.state == ObjectState::Live)
        .ok_or_else(|| nobody(ends, "group", name, "displayName"))
}

fn nobody(ends: &Ends, what: &str, name: &str, by: &str) -> Failure {
    let domain = ends.source.default_domain();
    Failure::new(format!(
        "there is no {what} `{}` in {domain}",
        name.escape_debug()
    ))
    .with_help(format!("give the {by} or the object id as {domain} has it"))
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
    principal: ObjectId,
) -> Result<(), Failure> {
    let role = role(service_principal)?;
    assignments::assign(tx, context, service_principal.entry.id, principal, role)?;
    Ok(())
}

/// Takes every role of the configuration away.
pub fn unassign(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    service_principal: &Stored,
    principal: ObjectId,
) -> Result<(), Failure> {
    let held = tx.assignments_of_principal(context.tenant_id(), principal)?;
    for assignment in held {
        if assignment.resource == service_principal.entry.id {
            assignments::unassign(tx, context, &assignment)?;
        }
    }
    Ok(())
}
