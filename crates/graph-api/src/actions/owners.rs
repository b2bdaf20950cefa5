//! `owners` of groups, applications and service principals, and their `$ref`s.

use syncline_directory::{applications, groups, service_principals};
use syncline_model::{EntityKind, Problem};
use syncline_store::EdgeKind;

use super::cast::{self, PRINCIPALS};
use super::groups::role_assignable;
use super::{lookup, well_known};
use crate::list::{List, rows};
use crate::{Call, Reference, Reply};

/// `GET /groups/{id}/owners`, and of applications and service principals
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| {
        let owned = lookup::named(call, reader)?.entry.id;
        let kinds = cast::kinds(call, &PRINCIPALS)?;
        let rows = rows::edges_from(reader, call.tenant(), EdgeKind::Owner, owned, kinds);
        List::related(call, format!("{owned}/owners"), kinds, &rows).reply(call, reader)
    })
}

/// `POST /groups/{id}/owners/$ref`, and of applications and service principals
pub fn add(call: &Call<'_>) -> Result<Reply, Problem> {
    let reference = Reference::of_body(&call.body("")?)?;
    call.write(|tx, context| {
        let owned = lookup::named(call, tx)?;
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

/// `DELETE /groups/{id}/owners/{ownerId}/$ref` and `DELETE /groups/{id}/owners/$ref?@id={url}`, and of applications and service principals
pub fn remove(call: &Call<'_>) -> Result<Reply, Problem> {
    let reference = Reference::to_remove(call, "ownerId")?;
    call.write(|tx, context| {
        let owned = lookup::named(call, tx)?;
        role_assignable::check(call, &owned)?;
        let owner = reference.id(call, tx)?;
        let remove = match owned.entry.kind {
            EntityKind::Group => groups::remove_owner,
            EntityKind::Application => applications::remove_owner,
            _ => service_principals::remove_owner,
        };
        remove(tx, context, owned.entry.id, owner)
    })?;
    Ok(Reply::no_content())
}
