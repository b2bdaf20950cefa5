//! `PATCH /groups/{id}`: properties, and up to twenty members to add. `PATCH /groups(uniqueName='…')` makes the group,
//! too, for whom that prefers.

use syncline_access::permissions;
use syncline_directory::groups;
use syncline_model::{Attr, EntityKind, Problem};

use super::{create, role_assignable};
use crate::actions::upsert::{self, Upsert};
use crate::actions::{bound, lookup, representation};
use crate::{Call, Reply};

/// The route asks for the permission to change members; properties ask for more.
pub fn update(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.binding_body("group", &["members", "owners"])?;
    let schema = call.schema()?;
    let entity = schema.of(EntityKind::Group);
    let wanted = Upsert::by_unique_name(call)?;
    let changes = upsert::read(wanted.as_ref(), &body, entity)?;
    // Clients send back the id, and null or a list of nothing for what they leave out.
    let has_properties = changes.iter().any(|(attr, _)| *attr != Attr::ID);
    if has_properties || !body.binds("owners")?.is_empty() {
        call.authorize(&permissions::GROUPS_WRITE)?;
    }
    call.write(|tx, context| {
        let Some(group) = upsert::found(wanted.as_ref(), lookup::group(call, tx), &changes)? else {
            call.authorize(&permissions::GROUPS_CREATE)?;
            return create::make(call, tx, context, &body, changes);
        };
        role_assignable::check(call, &group)?;
        let id = group.entry.id;
        let changes = upsert::merge(wanted.as_ref(), entity, &group.entry, changes)?;
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
