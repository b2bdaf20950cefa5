//! What somebody is a member of: groups by references, and the directory roles that were given to them.

use syncline_access::{DirectoryRole, roles};
use syncline_model::{Attr, Attrs, EntityKind, Entry, ObjectId, Problem, Timestamp};
use syncline_store::{EdgeKind, ObjectState, Reader, Stored};

use super::rows::{self, Batch, Rows};
use crate::Call;

/// What one may be a member of here.
pub const CONTAINERS: [EntityKind; 2] = [EntityKind::Group, EntityKind::DirectoryRole];

/// What has its members by references.
pub const GROUPS: [EntityKind; 1] = [EntityKind::Group];

/// The next of these kinds that a principal is in, in order of id: groups, and roles among them.
pub fn direct(
    call: &Call<'_>,
    reader: &Reader<'_>,
    member: (EntityKind, ObjectId),
    kinds: &[EntityKind],
    after: Option<ObjectId>,
    limit: usize,
) -> Result<Batch, Problem> {
    let roles = if kinds.contains(&EntityKind::DirectoryRole) {
        let given = roles::given(reader, call.tenant(), member)?;
        given.into_iter().map(role).collect()
    } else {
        Vec::new()
    };
    if !kinds.contains(&EntityKind::Group) {
        return rows::of_vec(roles)(after, limit);
    }
    let groups = rows::edges_to(reader, call.tenant(), EdgeKind::Member, member.1, &GROUPS);
    with_roles(&groups, &roles, after, limit)
}

/// A batch of groups, and the roles whose ids lie between theirs.
pub fn with_roles(
    groups: &Rows<'_>,
    roles: &[Stored],
    after: Option<ObjectId>,
    limit: usize,
) -> Result<Batch, Problem> {
    let mut batch = groups(after, limit)?;
    let lies_here = |role: &&Stored| {
        let id = role.entry.id;
        after.is_none_or(|after| id > after) && batch.next.is_none_or(|next| id <= next)
    };
    let between: Vec<Stored> = roles.iter().filter(lies_here).cloned().collect();
    batch.looked_at += between.len();
    batch.rows.extend(between);
    batch.rows.sort_by_key(|it| it.entry.id);
    Ok(batch)
}

/// A role as an object among groups.
pub fn role(role: DirectoryRole) -> Stored {
    let id = role.template_id();
    Stored {
        entry: Entry {
            kind: EntityKind::DirectoryRole,
            id: ObjectId(id),
            attrs: Attrs::new()
                .with(Attr::DESCRIPTION, role.description())
                .with(Attr::DISPLAY_NAME, role.display_name())
                .with(Attr::ROLE_TEMPLATE_ID, id.to_string().as_str()),
        },
        state: ObjectState::Live,
        // It is built in: nobody made it, and it never changes.
        changed_seq: 0,
        created_at: Timestamp::from_seconds(0),
        deleted_at: None,
    }
}
