//! Soft-deletes an application.

use syncline_model::{AppId, Attr, EntityKind, ObjectId, Problem};
use syncline_store::{Key, KeyName, Tx};

use crate::service_principals::followed;
use crate::{Context, lifecycle, load};

/// Puts a live application into the recycle bin, and its service principal in the same tenant with
/// it, as Graph does. Restoring one does not restore the other.
pub fn delete(tx: &mut Tx<'_>, context: &Context<'_>, id: ObjectId) -> Result<(), Problem> {
    let tenant = context.tenant_id();
    let application = load::live(tx, tenant, EntityKind::Application, id)?;
    lifecycle::soft_delete(tx, context, &application)?;
    let Some(app_id) = application.entry.guid(Attr::APP_ID) else {
        return Ok(());
    };
    let key = Key::new(KeyName::ServicePrincipalAppId, &AppId(app_id).to_string());
    if let Some((kind, id)) = tx.holder(tenant, &key)? {
        let service_principal = load::live(tx, tenant, kind, id)?;
        followed::note(tx, tenant, id, &application)?;
        lifecycle::soft_delete(tx, context, &service_principal)?;
    }
    Ok(())
}
