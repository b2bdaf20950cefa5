//! Lets a service principal follow its application.

use syncline_model::{AppId, Attr, Problem};
use syncline_store::{Key, KeyName, Stored, Tx};

use super::create::copy_from_application;
use crate::{Context, edit, load};

/// Brings the live service principal of an application in this tenant in step with it. The display
/// name follows as long as it was the application's.
pub(crate) fn follow_application(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    app_id: AppId,
    before: &Stored,
    after: &Stored,
) -> Result<(), Problem> {
    let key = Key::new(KeyName::ServicePrincipalAppId, &app_id.to_string());
    let Some((kind, id)) = tx.holder(context.tenant_id(), &key)? else {
        return Ok(());
    };
    let service_principal = load::live(tx, context.tenant_id(), kind, id)?;
    let mut attrs = service_principal.entry.attrs.clone();
    if attrs.get(Attr::DISPLAY_NAME) == before.entry.get(Attr::DISPLAY_NAME) {
        attrs.put(
            Attr::DISPLAY_NAME,
            after.entry.get(Attr::DISPLAY_NAME).cloned(),
        );
    }
    copy_from_application(&mut attrs, after);
    edit::save(tx, context, service_principal, attrs)?;
    Ok(())
}
