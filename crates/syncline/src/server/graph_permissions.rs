//! Tenants that an earlier build made offer every permission that this one serves.

use syncline_directory::{Context, tenants};
use syncline_model::{Problem, TenantId};

use crate::app::App;

/// Adds what the service principals of Microsoft Graph lack. Where nothing is lacking, nothing is written.
///
/// # Errors
/// When it can not be read which tenants there are. What goes wrong in one of them is told, and tried again at the next
/// start: everything else is served without it.
pub fn bring_up_to_date(app: &App) -> Result<(), Problem> {
    let all = app
        .store
        .read(|reader| Ok::<_, Problem>(reader.tenant_ids()?))?;
    for tenant in all {
        match add_what_is_lacking(app, tenant) {
            Ok(true) => tracing::info!(%tenant, "Microsoft Graph offers more permissions"),
            Ok(false) => {}
            Err(problem) => {
                tracing::warn!(%problem, %tenant, "cannot let Microsoft Graph offer all permissions");
            }
        }
    }
    Ok(())
}

/// Whether anything was lacking.
fn add_what_is_lacking(app: &App, id: TenantId) -> Result<bool, Problem> {
    let tenant = app
        .store
        .read(|reader| match tenants::lacks_permissions(reader, id)? {
            true => Ok::<_, Problem>(reader.tenant(id)?),
            false => Ok(None),
        })?;
    let Some(tenant) = tenant else {
        return Ok(false);
    };
    let context = Context {
        tenant: &tenant,
        now: app.clock.now(),
        ids: app.ids.as_ref(),
    };
    app.store
        .write(|tx| tenants::add_permissions(tx, &context))?;
    Ok(true)
}
