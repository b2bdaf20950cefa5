//! Soft-deletes a user.

use syncline_model::{EntityKind, ObjectId, Problem};
use syncline_store::Tx;

use crate::{Context, lifecycle, load};

/// Puts a live user into the recycle bin. Name and addresses are free at once; references stay,
/// hidden, and are back when the user is.
pub fn delete(tx: &mut Tx<'_>, context: &Context<'_>, id: ObjectId) -> Result<(), Problem> {
    let user = load::live(tx, context.tenant_id(), EntityKind::User, id)?;
    lifecycle::soft_delete(tx, context, &user)
}
