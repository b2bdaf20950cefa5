//! What deleted jobs have left.

use syncline_model::Problem;

use super::{done, tenants};
use crate::app::App;
use crate::metrics::Removed;

/// A transaction for each tenant in which there is any.
pub(super) fn clear(app: &App) -> Result<bool, Problem> {
    let mut more = false;
    for tenant in tenants(app)? {
        let left = |reader: &syncline_store::Reader<'_>| reader.has_left_jobs(tenant);
        let left = app.store.read(left).map_err(Problem::from);
        if done(app, tenant, left)? != Some(true) {
            continue;
        }
        let swept = app.runner.sweep_deleted_jobs(tenant);
        let Some(swept) = done(app, tenant, swept)? else {
            continue;
        };
        app.metrics.retention.count(Removed::JobRow, swept.removed);
        more |= swept.more;
    }
    Ok(more)
}
