//! Pages of references, with the hidden ones left out: an edge shows only while both its ends are
//! live.

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{EdgeKind, Reader, Stored};

use crate::load;

/// Which end of the edges is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// What refers to the object.
    From,
    /// What the object refers to.
    To,
}

const MOST_AT_ONCE: usize = 1000;

/// A page of the live objects of these kinds at the other end of an object's edges, by id, after
/// `after`. A short page is the last one.
#[expect(
    clippy::too_many_arguments,
    reason = "a query with named parts; a struct would only rename them"
)]
pub(crate) fn visible(
    reader: &Reader<'_>,
    tenant: TenantId,
    kind: EdgeKind,
    end: End,
    of: ObjectId,
    kinds: &[EntityKind],
    after: Option<ObjectId>,
    limit: usize,
) -> Result<Vec<Stored>, Problem> {
    let mut page = Vec::new();
    let mut after = after;
    while page.len() < limit {
        let wanted = (limit - page.len()).min(MOST_AT_ONCE);
        let ids = match end {
            End::From => reader.edges_to(tenant, kind, of, after, wanted)?,
            End::To => reader.edges_from(tenant, kind, of, after, wanted)?,
        };
        after = ids.last().copied();
        let found = load::many(reader, tenant, kinds, &ids)?;
        page.extend(found.into_iter().filter(load::is_live));
        if ids.len() < wanted {
            break;
        }
    }
    Ok(page)
}
