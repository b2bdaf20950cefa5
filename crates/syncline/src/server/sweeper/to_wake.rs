//! What jobs have let go of, and others wait for, where it was too much for the page that did.

use syncline_model::Problem;

use super::done;
use crate::app::App;

/// A transaction for each tenant in which there is any.
pub(super) fn wake(app: &App) -> Result<bool, Problem> {
    let tenants = app
        .store
        .read(|reader| Ok::<_, Problem>(reader.tenant_ids()?))?;
    let mut more = false;
    for tenant in tenants {
        let woken = app.runner.wake_noted(tenant);
        more |= done(app, tenant, woken)? == Some(true);
    }
    Ok(more)
}
