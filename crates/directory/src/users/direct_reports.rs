//! The users a user manages.

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{EdgeKind, Reader, Stored};

use crate::{edges, load};

/// A page of the live users whose manager a live user is, by id, after `after`.
pub fn direct_reports(
    reader: &Reader<'_>,
    tenant: TenantId,
    user: ObjectId,
    after: Option<ObjectId>,
    limit: usize,
) -> Result<Vec<Stored>, Problem> {
    load::live(reader, tenant, EntityKind::User, user)?;
    edges::visible(
        reader,
        tenant,
        EdgeKind::Manager,
        edges::End::From,
        user,
        &[EntityKind::User],
        after,
        limit,
    )
}
