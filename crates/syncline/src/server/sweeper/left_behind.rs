//! What people left behind who were deleted for good: passwords, secrets, directory roles, permission grants.

use syncline_directory::deleted_items::left_behind;
use syncline_model::{Problem, Timestamp};

use super::{done, tenants};
use crate::app::App;
use crate::metrics::Removed;

/// A slice of each tenant of which a walk through it is due.
pub(super) fn remove(app: &App, now: Timestamp) -> Result<bool, Problem> {
    let mut more = false;
    for tenant in tenants(app)? {
        let due = app
            .store
            .read(|reader| Ok::<_, Problem>(left_behind::is_due(reader, tenant, now)?));
        if done(app, tenant, due)? != Some(true) {
            continue;
        }
        let swept = app
            .store
            .write(|tx| Ok::<_, Problem>(left_behind::sweep(tx, tenant, now)?));
        let Some(swept) = done(app, tenant, swept)? else {
            continue;
        };
        let removed = usize::try_from(swept.removed).unwrap_or(usize::MAX);
        app.metrics.retention.count(Removed::Document, removed);
        more |= swept.more;
    }
    Ok(more)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use syncline_access::{DirectoryRole, roles};
    use syncline_model::{EntityKind, ObjectId};

    use super::super::testing::{InDays, opened, slice, with_recycled};
    use super::*;

    #[test]
    fn roles_of_the_deleted_go_with_them_and_those_that_an_earlier_version_left_a_day_later() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        let contoso = with_recycled(&app, "contoso.example", 1);
        let bin = app
            .store
            .read(|reader| reader.recycled(contoso.id, EntityKind::User, None, 10));
        let id: ObjectId = bin.unwrap()[0].entry.id;
        let give = |app: &App| {
            let (ids, role) = (app.ids.as_ref(), DirectoryRole::GlobalReader);
            let given = app
                .store
                .write(|tx| roles::grant(tx, contoso.id, ids, id, role));
            given.unwrap();
        };
        let given = |app: &App| {
            let all = app.store.read(|reader| roles::all(reader, contoso.id));
            all.unwrap().len()
        };
        give(&app);
        slice(&app).unwrap();
        assert_eq!(given(&app), 1, "they may be restored");
        app.settings.retention.deleted_days = Some(0);
        slice(&app).unwrap();
        assert_eq!(given(&app), 0);
        give(&app);
        app.clock = Arc::new(InDays(1));
        slice(&app).unwrap();
        assert_eq!(given(&app), 0);
        let figures = app.metrics.render(&app).unwrap();
        assert!(figures.contains("retention_removed_total{kind=\"document\"} 1\n"));
    }
}
