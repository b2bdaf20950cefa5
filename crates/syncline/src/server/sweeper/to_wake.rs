//! What jobs have let go of, and others wait for, where it was too much for the page that did.

use syncline_model::Problem;

use super::{done, tenants};
use crate::app::App;

/// A transaction for each tenant in which there is any.
pub(super) fn wake(app: &App) -> Result<bool, Problem> {
    let mut more = false;
    for tenant in tenants(app)? {
        let woken = app.runner.wake_noted(tenant);
        more |= done(app, tenant, woken)? == Some(true);
    }
    Ok(more)
}
