//! Soft-deletes a service principal.

use syncline_model::{EntityKind, ObjectId, Problem};
use syncline_store::Tx;

use super::follow::application_of;
use super::followed;
use crate::{Context, lifecycle, load};

/// Puts a live service principal into the recycle bin. Its synchronization jobs are the runner's
/// to remove.
pub fn delete(tx: &mut Tx<'_>, context: &Context<'_>, id: ObjectId) -> Result<(), Problem> {
    let service_principal = load::live(tx, context.tenant_id(), EntityKind::ServicePrincipal, id)?;
    // Without an application, it follows nothing else than it did.
    let application = application_of(tx, context.tenant_id(), &service_principal.entry.attrs)?;
    if let Some(application) = application {
        followed::note(tx, context.tenant_id(), id, &application)?;
    }
    lifecycle::soft_delete(tx, context, &service_principal)
}
