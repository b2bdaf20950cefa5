//! `owners` of groups, applications and service principals, and their `$ref`s.

use syncline_directory::{applications, groups, service_principals};
use syncline_model::{EntityKind, Problem};
use syncline_store::{EdgeKind, Reader, Stored};

use super::cast::{self, PRINCIPALS};
use super::groups::role_assignable;
use super::{lookup, well_known};
use crate::list::{List, rows};
use crate::{Call, Reference, Reply};

type Find = fn(&Call<'_>, &Reader<'_>) -> Result<Stored, Problem>;

/// `GET /groups/{id}/owners`
pub fn of_group(call: &Call<'_>) -> Result<Reply, Problem> {
    list(call, lookup::group)
}

/// `GET /applications/{id}/owners`
pub fn of_application(call: &Call<'_>) -> Result<Reply, Problem> {
    list(call, lookup::application)
}

/// `GET /servicePrincipals/{id}/owners`
pub fn of_service_principal(call: &Call<'_>) -> Result<Reply, Problem> {
    list(call, lookup::service_principal)
}

fn list(call: &Call<'_>, find: Find) -> Result<Reply, Problem> {
    call.read(|reader| {
        let owned = find(call, reader)?.entry.id;
        let kinds = cast::kinds(call, &PRINCIPALS)?;
        let rows = rows::edges_from(reader, call.tenant(), EdgeKind::Owner, owned, kinds);
        List::related(call, format!("{owned}/owners"), kinds, &rows).reply(call, reader)
    })
}

/// `POST /groups/{id}/owners/$ref`
pub fn add_to_group(call: &Call<'_>) -> Result<Reply, Problem> {
    add(call, lookup::group)
}

/// `POST /applications/{id}/owners/$ref`
pub fn add_to_application(call: &Call<'_>) -> Result<Reply, Problem> {
    add(call, lookup::application)
}

/// `POST /servicePrincipals/{id}/owners/$ref`
pub fn add_to_service_principal(call: &Call<'_>) -> Result<Reply, Problem> {
    add(call, lookup::service_principal)
}

/// `DELETE /groups/{id}/owners/{ownerId}/$ref`
pub fn remove_from_group(call: &Call<'_>) -> Result<Reply, Problem> {
    remove(call, lookup::group)
}

/// `DELETE /applications/{id}/owners/{ownerId}/$ref`
pub fn remove_from_application(call: &Call<'_>) -> Result<Reply, Problem> {
    remove(call, lookup::application)
}

/// `DELETE /servicePrincipals/{id}/owners/{ownerId}/$ref`
pub fn remove_from_service_principal(call: &Call<'_>) -> Result<Reply, Problem> {
    remove(call, lookup::service_principal)
}

fn add(call: &Call<'_>, find: Find) -> Result<Reply, Problem> {
    let reference = Reference::of_body(&call.body("")?)?;
    call.write(|tx, context| {
        let owned = find(call, tx)?;
        role_assignable::check(call, &owned)?;
        well_known::check(&owned)?;
        let owner = reference.resolve(call, tx)?.entry.id;
        let add = match owned.entry.kind {
            EntityKind::Group => groups::add_owners,
            EntityKind::Application => applications::add_owners,
            _ => service_principals::add_owners,
        };
        add(tx, context, owned.entry.id, &[owner])
    })?;
    Ok(Reply::no_content())
}

fn remove(call: &Call<'_>, find: Find) -> Result<Reply, Problem> {
    let owner = call.object_id("ownerId")?;
    call.write(|tx, context| {
        let owned = find(call, tx)?;
        role_assignable::check(call, &owned)?;
        let remove = match owned.entry.kind {
            EntityKind::Group => groups::remove_owner,
            EntityKind::Application => applications::remove_owner,
            _ => service_principals::remove_owner,
        };
        remove(tx, context, owned.entry.id, owner)
    })?;
    Ok(Reply::no_content())
}
