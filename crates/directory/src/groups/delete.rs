//! Soft-deletes a group.

use syncline_model::{EntityKind, ObjectId, Problem};
use syncline_store::Tx;

use crate::{Context, lifecycle, load};

/// Puts a live group into the recycle bin; its members come back with it.
pub fn delete(tx: &mut Tx<'_>, context: &Context<'_>, id: ObjectId) -> Result<(), Problem> {
    let group = load::live(tx, context.tenant_id(), EntityKind::Group, id)?;
    lifecycle::soft_delete(tx, context, &group)
}
