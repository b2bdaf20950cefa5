//! What has been in a recycle bin for longer than that keeps it.

use syncline_directory::{Context, deleted_items};
use syncline_model::{Problem, Timestamp};

use super::{done, tenants};
use crate::app::App;
use crate::metrics::Removed;

/// Objects of one tenant in one transaction.
const OBJECTS: usize = 200;

/// A transaction for each tenant that has anything to delete: one with a full recycle bin does not hold up the others.
pub(super) fn empty(app: &App, now: Timestamp, days: u32) -> Result<bool, Problem> {
    let mut more = false;
    for tenant in tenants(app)? {
        let due = app
            .store
            .read(|reader| deleted_items::has_expired(reader, tenant, now, days));
        if done(app, tenant, due)? != Some(true) {
            continue;
        }
        let purged = app.store.write(|tx| {
            let Some(found) = tx.tenant(tenant)? else {
                return Err(Problem::not_found(tenant));
            };
            let context = Context {
                tenant: &found,
                now,
                ids: app.ids.as_ref(),
            };
            let slice = deleted_items::Slice {
                objects: OBJECTS,
                edges: deleted_items::EDGES_AT_ONCE,
            };
            deleted_items::purge_expired(tx, &context, days, slice)
        });
        let Some(purged) = done(app, tenant, purged)? else {
            continue;
        };
        let figures = &app.metrics.retention;
        figures.count(Removed::RecycledObject, purged.objects);
        more |= purged.more;
    }
    Ok(more)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use syncline_model::EntityKind;
    use syncline_store::Tenant;

    use super::super::testing::{InDays, opened, slice, with_recycled};
    use super::*;

    fn recycled(app: &App, tenant: &Tenant) -> usize {
        app.store
            .read(|reader| reader.recycled(tenant.id, EntityKind::User, None, 1000))
            .unwrap()
            .len()
    }

    #[test]
    fn recycle_bins_of_all_tenants_empty_after_thirty_days() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        let contoso = with_recycled(&app, "contoso.example", OBJECTS + 1);
        let fabrikam = with_recycled(&app, "fabrikam.example", 1);

        app.clock = Arc::new(InDays(29));
        assert!(!slice(&app).unwrap());
        assert_eq!(recycled(&app, &contoso), OBJECTS + 1);
        assert_eq!(recycled(&app, &fabrikam), 1);

        app.clock = Arc::new(InDays(31));
        assert!(slice(&app).unwrap(), "a full slice may not be the last");
        assert_eq!(recycled(&app, &contoso), 1);
        assert_eq!(recycled(&app, &fabrikam), 0);
        assert!(!slice(&app).unwrap());
        assert_eq!(recycled(&app, &contoso), 0);
    }

    /// Stands where something else is expected.
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Damage;

    impl syncline_store::Document for Damage {
        const KIND: &'static str = "purging";
    }

    #[test]
    fn a_tenant_that_is_damaged_does_not_hold_up_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        let contoso = with_recycled(&app, "contoso.example", 1);
        let fabrikam = with_recycled(&app, "fabrikam.example", 1);
        app.store
            .write(|tx| tx.put_document(Some(contoso.id), "purging", &Damage, None))
            .unwrap();
        app.clock = Arc::new(InDays(31));
        assert!(!slice(&app).unwrap());
        assert_eq!(recycled(&app, &contoso), 1);
        assert_eq!(recycled(&app, &fabrikam), 0);
    }

    #[test]
    fn a_tenant_whose_row_can_not_be_read_does_not_hold_up_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        let contoso = with_recycled(&app, "contoso.example", 1);
        let fabrikam = with_recycled(&app, "fabrikam.example", 1);
        syncline_testkit::spoil(&app.data.database_file(), "tenant", 1);
        app.clock = Arc::new(InDays(31));
        assert!(!slice(&app).unwrap());
        assert_eq!(recycled(&app, &contoso), 1);
        assert_eq!(recycled(&app, &fabrikam), 0);
    }

    #[test]
    fn a_recycle_bin_that_keeps_nothing_is_emptied_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        let contoso = with_recycled(&app, "contoso.example", 2);
        slice(&app).unwrap();
        assert_eq!(recycled(&app, &contoso), 2);
        app.settings.retention.deleted_days = Some(0);
        slice(&app).unwrap();
        assert_eq!(recycled(&app, &contoso), 0);
    }
}
