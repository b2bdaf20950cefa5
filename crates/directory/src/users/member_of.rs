//! The groups a user is in.

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{EdgeKind, Reader, Stored};

use crate::edges;

/// The live groups that a user, group or service principal is a direct member of.
pub fn member_of(
    reader: &Reader<'_>,
    tenant: TenantId,
    member: ObjectId,
) -> Result<Vec<Stored>, Problem> {
    edges::visible(
        reader,
        tenant,
        EdgeKind::Member,
        edges::End::From,
        member,
        &[EntityKind::Group],
        None,
        usize::MAX,
    )
}
