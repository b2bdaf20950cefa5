//! `/directoryRoles/{id}/members` and its `$ref`s

use std::collections::BTreeMap;

use syncline_access::DirectoryRole;
use syncline_access::roles::{self, RoleAssignment};
use syncline_model::{EntityKind, ObjectId, Problem};
use syncline_store::{Peeked, Reader};

use super::table::role;
use crate::actions::cast::{self, PRINCIPALS};
use crate::actions::groups::role_assignable;
use crate::actions::role_management::given;
use crate::list::{List, rows};
use crate::{Call, Reference, Reply};

/// `GET /directoryRoles/{id}/members` and what stands under it
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let role = role(call)?;
    call.read(|reader| {
        let given = given::all(call, reader)?;
        let kinds = cast::kinds(call, &PRINCIPALS)?;
        let holders = holders(call, reader, &given, role, kinds)?;
        let rows = rows::of_ids_at_hand(reader, call.tenant(), &holders, kinds);
        List::related(
            call,
            format!("directoryRoles/{}/members", role.template_id()),
            kinds,
            &rows,
        )
        .reply(call, reader)
    })
}

/// Those of these kinds to whom a role was given so that it counts, among all that were given. In order of id; some may be
/// in the recycle bin.
pub(super) fn holders(
    call: &Call<'_>,
    reader: &Reader<'_>,
    given: &[RoleAssignment],
    role: DirectoryRole,
    kinds: &[EntityKind],
) -> Result<Vec<ObjectId>, Problem> {
    let given: BTreeMap<ObjectId, &RoleAssignment> = given
        .iter()
        .filter(|it| it.role == role)
        .map(|it| (it.principal, it))
        .collect();
    let ids: Vec<ObjectId> = given.keys().copied().collect();
    // Whole ones are read a page at a time.
    let holders = rows::peek(reader, call.tenant(), &ids, kinds, [])?;
    let counts = |it: &&Peeked<0>| {
        let assignment = given.get(&it.id);
        assignment.is_some_and(|given| given.counts_for(it.kind))
    };
    Ok(holders.values().filter(counts).map(|it| it.id).collect())
}

/// `POST /directoryRoles/{id}/members/$ref`
pub fn add(call: &Call<'_>) -> Result<Reply, Problem> {
    let role = role(call)?;
    let reference = Reference::of_body(&call.body("")?)?;
    call.write(|tx, context| {
        let principal = reference.resolve(call, tx)?;
        if !PRINCIPALS.contains(&principal.entry.kind) {
            return Err(Problem::bad_request("A role is held by a user, a group or a service principal."));
        }
        role_assignable::check_holder(&principal)?;
        let (kind, principal) = (principal.entry.kind, principal.entry.id);
        if roles::is_given(tx, call.tenant(), (kind, principal), role)? {
            return Err(Problem::bad_request(
                "One or more added object references already exist for the following modified properties: 'members'.",
            ));
        }
        roles::check_room(tx, call.tenant(), (kind, principal))?;
        roles::grant(tx, call.tenant(), context.ids, principal, role)?;
        Ok(())
    })?;
    Ok(Reply::no_content())
}

/// `DELETE /directoryRoles/{id}/members/{memberId}/$ref` and `DELETE /directoryRoles/{id}/members/$ref?@id={url}`
pub fn remove(call: &Call<'_>) -> Result<Reply, Problem> {
    let role = role(call)?;
    let reference = Reference::to_remove(call, "memberId")?;
    call.write(|tx, _| {
        let member = reference.id(call, tx)?;
        if roles::revoke(tx, call.tenant(), member, role)? {
            Ok(())
        } else {
            Err(Problem::not_found(member))
        }
    })?;
    Ok(Reply::no_content())
}
