//! Entries of provisioning logs that are older than those are kept.

use syncline_directory::restored;
use syncline_model::{Problem, Timestamp};

use super::{done, tenants};
use crate::app::App;
use crate::metrics::Removed;

/// A transaction for each tenant that has any: one with a long log does not hold up the others. For a day after a backup
/// was restored its log stays as it is: somebody may have restored it for what is in that.
pub(super) fn shorten(app: &App, now: Timestamp, days: u32) -> Result<bool, Problem> {
    let mut more = false;
    for tenant in tenants(app)? {
        let kept = app
            .store
            .read(|reader| Ok::<_, Problem>(restored::keeps_everything(reader, tenant, now)?));
        if done(app, tenant, kept)? != Some(false) {
            continue;
        }
        let swept = app.runner.sweep_log(tenant, now, days);
        let Some(swept) = done(app, tenant, swept)? else {
            continue;
        };
        app.metrics.retention.count(Removed::LogRow, swept.removed);
        more |= swept.more;
    }
    Ok(more)
}
