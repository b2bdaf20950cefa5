//! Entries of provisioning logs that are older than those are kept.

use syncline_model::{Problem, Timestamp};

use super::done;
use crate::app::App;
use crate::metrics::Removed;

/// A transaction for each tenant that has any: one with a long log does not hold up the others.
pub(super) fn shorten(app: &App, now: Timestamp) -> Result<bool, Problem> {
    let tenants = app
        .store
        .read(|reader| Ok::<_, Problem>(reader.tenant_ids()?))?;
    let days = app.settings.retention.log_days;
    let mut more = false;
    for tenant in tenants {
        let swept = app.runner.sweep_log(tenant, now, days);
        let Some(swept) = done(app, tenant, swept)? else {
            continue;
        };
        app.metrics.retention.count(Removed::LogRow, swept.removed);
        more |= swept.more;
    }
    Ok(more)
}
