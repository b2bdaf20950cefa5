//! Tenants that an earlier build made offer every permission that this one serves.

use syncline_directory::{Context, tenants};
use syncline_model::Problem;

use crate::app::App;

/// Adds what the service principals of Microsoft Graph lack. Where nothing is lacking, nothing is written.
///
/// # Errors
/// When the tenants can not be read. What can not be written is told, and tried again at the next start:
/// everything else is served without it.
pub fn bring_up_to_date(app: &App) -> Result<(), Problem> {
    let all = app
        .store
        .read(|reader| Ok::<_, Problem>(reader.tenants()?))?;
    for tenant in &all {
        let lacks = app
            .store
            .read(|reader| tenants::lacks_permissions(reader, tenant.id))?;
        if !lacks {
            continue;
        }
        let context = Context {
            tenant,
            now: app.clock.now(),
            ids: app.ids.as_ref(),
        };
        let added = app.store.write(|tx| tenants::add_permissions(tx, &context));
        match added {
            Ok(()) => {
                tracing::info!(tenant = %tenant.id, "Microsoft Graph offers more permissions")
            }
            Err(problem) => {
                tracing::warn!(%problem, tenant = %tenant.id, "cannot let Microsoft Graph offer all permissions");
            }
        }
    }
    Ok(())
}
