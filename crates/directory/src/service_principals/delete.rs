//! Soft-deletes a service principal.

use syncline_model::{EntityKind, ObjectId, Problem};
use syncline_store::Tx;

use crate::{Context, lifecycle, load};

/// Puts a live service principal into the recycle bin. Its synchronization jobs are the runner's
/// to remove.
pub fn delete(tx: &mut Tx<'_>, context: &Context<'_>, id: ObjectId) -> Result<(), Problem> {
    let service_principal = load::live(tx, context.tenant_id(), EntityKind::ServicePrincipal, id)?;
    lifecycle::soft_delete(tx, context, &service_principal)
}
