//! `/groups/{id}/members` and its `$ref`s

use syncline_directory::groups;
use syncline_model::Problem;
use syncline_store::EdgeKind;

use super::role_assignable;
use crate::actions::cast::{self, PRINCIPALS};
use crate::actions::lookup;
use crate::list::{List, rows};
use crate::{Call, Reference, Reply};

/// `GET /groups/{id}/members` and what stands under it
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| {
        let group = lookup::group(call, reader)?.entry.id;
        let kinds = cast::kinds(call, &PRINCIPALS)?;
        let rows = rows::edges_from(reader, call.tenant(), EdgeKind::Member, group, kinds);
        List::related(call, format!("{group}/members"), kinds, &rows).reply(call, reader)
    })
}

/// `POST /groups/{id}/members/$ref`
pub fn add(call: &Call<'_>) -> Result<Reply, Problem> {
    let reference = Reference::of_body(&call.body("")?)?;
    call.write(|tx, context| {
        let group = lookup::group(call, tx)?;
        role_assignable::check(call, &group)?;
        let member = reference.resolve(call, tx)?.entry.id;
        groups::add_members(tx, context, group.entry.id, &[member])
    })?;
    Ok(Reply::no_content())
}

/// `DELETE /groups/{id}/members/{memberId}/$ref` and `DELETE /groups/{id}/members/$ref?@id={url}`
pub fn remove(call: &Call<'_>) -> Result<Reply, Problem> {
    let reference = Reference::to_remove(call, "memberId")?;
    call.write(|tx, context| {
        let group = lookup::group(call, tx)?;
        role_assignable::check(call, &group)?;
        let member = reference.id(call, tx)?;
        groups::remove_member(tx, context, group.entry.id, member)
    })?;
    Ok(Reply::no_content())
}
