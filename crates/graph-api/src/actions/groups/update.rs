//! `PATCH /groups/{id}`: properties, and up to twenty members to add.

use syncline_access::permissions;
use syncline_directory::groups;
use syncline_model::{Attr, EntityKind, Problem};

use super::role_assignable;
use crate::actions::{bound, lookup, representation};
use crate::wire::entity_in::{self, Purpose};
use crate::{Call, Reply};

/// The route asks for the permission to change members; properties ask for more.
pub fn update(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.binding_body("group", &["members", "owners"])?;
    let schema = call.schema()?;
    let changes = entity_in::read(&body, schema.of(EntityKind::Group), Purpose::Update)?;
    // Clients send back the id, and null or a list of nothing for what they leave out.
    let has_properties = changes.iter().any(|(attr, _)| *attr != Attr::ID);
    if has_properties || !body.binds("owners")?.is_empty() {
        call.authorize(&permissions::GROUPS_WRITE)?;
    }
    call.write(|tx, context| {
        let group = lookup::group(call, tx)?;
        role_assignable::check(call, &group)?;
        let id = group.entry.id;
        let changes = entity_in::merge(&group.entry, changes)?;
        let updated = groups::update(tx, context, id, &changes)?;
        let members = bound::many(call, tx, &body, "members")?;
        if !members.is_empty() {
            groups::add_members(tx, context, id, &members)?;
        }
        let owners = bound::many(call, tx, &body, "owners")?;
        if !owners.is_empty() {
            groups::add_owners(tx, context, id, &owners)?;
        }
        representation::updated(call, tx, &updated, "groups")
    })
}
