//! The traces of what was deleted long ago.

use std::collections::BTreeMap;

use syncline_directory::tombstones;
use syncline_model::{Job, Problem, Timestamp};
use syncline_store::JobRow;

use super::{done, until_it_stops};
use crate::app::App;
use crate::metrics::Removed;

/// Traces of deleted things that every job and every delta link has passed.
pub(super) fn remove(app: &App, now: Timestamp) -> Result<bool, Problem> {
    // A job that goes on meanwhile only reads further, and one that begins anew reads what is there:
    // none goes back behind what is found here.
    let (tenants, jobs) = app
        .store
        .read(|reader| Ok::<_, Problem>((reader.tenant_ids()?, reader.job_rows()?)))?;
    let mut slowest = BTreeMap::new();
    for JobRow {
        tenant, id, job, ..
    } in jobs
    {
        let of_tenant = slowest.entry(tenant).or_insert(Ok(None));
        match (job, of_tenant) {
            (Ok(job), Ok(slowest)) => {
                let before = slowest.take();
                *slowest = before.into_iter().chain(read_until(&job)).min();
            }
            // How far it has read is not known: its tenant keeps every trace.
            (Err(error), of_tenant) => *of_tenant = Err((id, error)),
            (Ok(_), Err(_)) => {}
        }
    }
    let mut more = false;
    for tenant in until_it_stops(app, tenants) {
        let slowest = slowest.remove(&tenant).unwrap_or(Ok(None));
        let slowest = slowest.map_err(|(job, error)| {
            Problem::from(error).with_cause(format!("the job {job} cannot be read"))
        });
        let Some(slowest) = done(app, tenant, slowest)? else {
            continue;
        };
        let due = app
            .store
            .read(|reader| Ok::<_, Problem>(tombstones::is_due(reader, tenant, now, slowest)?));
        if done(app, tenant, due)? != Some(true) {
            continue;
        }
        let swept = app
            .store
            .write(|tx| Ok::<_, Problem>(tombstones::sweep(tx, tenant, now, slowest)?));
        let Some(swept) = done(app, tenant, swept)? else {
            continue;
        };
        let removed = usize::try_from(swept.removed).unwrap_or(usize::MAX);
        app.metrics.retention.count(Removed::Tombstone, removed);
        more |= swept.more;
    }
    Ok(more)
}

/// The change a job's next cycle may begin behind. `None`: it reads everything that is there, and
/// needs no traces of what is not.
fn read_until(job: &Job) -> Option<u64> {
    let running = job.running.as_ref().map(|cycle| cycle.until.sequence);
    let behind = job.watermark.as_ref().map(|watermark| watermark.sequence);
    behind.into_iter().chain(running).min()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use syncline_directory::{Context, deleted_items};
    use syncline_model::job::{CycleKind, CyclePhase, RunningCycle, Watermark};
    use syncline_model::link::LinkState;
    use syncline_model::{Clock, CycleId, EntityKind, Link, ObjectId};
    use syncline_store::{Changed, Tenant};

    use super::super::testing::{InDays, job, opened, slice, with_recycled};
    use super::*;
    use crate::seam::SystemClock;

    /// Deletes everybody in a tenant's recycle bin for good.
    fn purge(app: &App, tenant: &Tenant) -> Vec<ObjectId> {
        let bin = |reader: &syncline_store::Reader<'_>| {
            reader.recycled(tenant.id, EntityKind::User, None, 10)
        };
        let gone = app.store.read(bin).unwrap();
        let gone: Vec<ObjectId> = gone.iter().map(|it| it.entry.id).collect();
        app.store
            .write(|tx| {
                let context = Context {
                    tenant,
                    now: app.clock.now(),
                    ids: app.ids.as_ref(),
                };
                gone.iter()
                    .try_for_each(|id| deleted_items::purge(tx, &context, *id))
            })
            .unwrap();
        gone
    }

    /// Who of these can still be told to readers of changes.
    fn told(app: &App, tenant: &Tenant, ids: &[ObjectId]) -> usize {
        let changes = app
            .store
            .read(|reader| reader.changes_since(tenant.id, 0, u64::MAX >> 1, 1000))
            .unwrap();
        let of = |what: &Changed| matches!(what, Changed::Object { id, .. } if ids.contains(id));
        changes.iter().filter(|it| of(&it.what)).count()
    }

    fn newest(app: &App, tenant: &Tenant) -> u64 {
        app.store.read(|reader| reader.sequence(tenant.id)).unwrap()
    }

    fn at(sequence: u64) -> Option<Watermark> {
        Some(Watermark {
            sequence,
            token: None,
        })
    }

    /// A cycle in progress that leaves this watermark behind.
    fn until(sequence: u64) -> Option<RunningCycle> {
        Some(RunningCycle::new(
            CycleId::from_bytes([1; 16]),
            CycleKind::Initial,
            CyclePhase::Source,
            SystemClock.now(),
            at(sequence).unwrap(),
        ))
    }

    #[test]
    fn a_job_needs_what_changed_behind_the_earlier_of_its_watermark_and_its_cycle() {
        let folder = tempfile::tempdir().unwrap();
        let app = opened(&folder);
        let mut job = job(&app, &with_recycled(&app, "contoso.example", 0));
        assert_eq!(read_until(&job), None, "it will read what is there");
        job.watermark = at(7);
        assert_eq!(read_until(&job), Some(7));
        job.running = until(9);
        assert_eq!(read_until(&job), Some(7), "the cycle may begin again");
        job.watermark = None;
        assert_eq!(read_until(&job), Some(9));
        job.watermark = at(12);
        assert_eq!(read_until(&job), Some(9));
    }

    #[test]
    fn traces_go_when_every_job_of_the_tenant_has_read_past_them() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        let contoso = with_recycled(&app, "contoso.example", 2);
        let fabrikam = with_recycled(&app, "fabrikam.example", 1);
        let before = newest(&app, &contoso);
        let gone = purge(&app, &contoso);
        let gone_there = purge(&app, &fabrikam);
        let [mut quick, mut slow] = [job(&app, &contoso), job(&app, &contoso)];
        let mut elsewhere = job(&app, &fabrikam);
        // One has read everything, another one nothing of it, a third one is of no concern here.
        quick.watermark = at(newest(&app, &contoso));
        slow.watermark = at(before);
        elsewhere.watermark = at(newest(&app, &fabrikam));
        let save = |app: &App, jobs: &[&Job]| {
            let all = app
                .store
                .write(|tx| jobs.iter().try_for_each(|job| tx.update_job(job)));
            all.unwrap();
        };
        save(&app, &[&quick, &slow, &elsewhere]);

        slice(&app).unwrap();
        app.clock = Arc::new(InDays(7));
        slice(&app).unwrap();
        assert_eq!(told(&app, &contoso, &gone), 2, "a delta link still counts");
        app.clock = Arc::new(InDays(8));
        slice(&app).unwrap();
        assert_eq!(told(&app, &contoso, &gone), 2);
        assert_eq!(told(&app, &fabrikam, &gone_there), 0);

        // It is reading them now: they stay until that is over.
        slow.running = until(newest(&app, &contoso));
        save(&app, &[&slow]);
        slice(&app).unwrap();
        assert_eq!(told(&app, &contoso, &gone), 2);
        slow.running = None;
        slow.watermark = quick.watermark.clone();
        save(&app, &[&slow]);
        slice(&app).unwrap();
        assert_eq!(told(&app, &contoso, &gone), 0);
    }

    #[test]
    fn traces_are_kept_for_nobody_where_no_job_has_begun() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        let contoso = with_recycled(&app, "contoso.example", 1);
        let gone = purge(&app, &contoso);
        job(&app, &contoso);
        slice(&app).unwrap();
        app.clock = Arc::new(InDays(8));
        slice(&app).unwrap();
        assert_eq!(told(&app, &contoso, &gone), 0);
    }

    #[test]
    fn a_job_that_can_not_be_read_keeps_the_traces_of_its_tenant_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        let contoso = with_recycled(&app, "contoso.example", 1);
        let fabrikam = with_recycled(&app, "fabrikam.example", 1);
        let gone = purge(&app, &contoso);
        let gone_there = purge(&app, &fabrikam);
        job(&app, &contoso);
        job(&app, &contoso);
        job(&app, &fabrikam);
        slice(&app).unwrap();
        syncline_testkit::spoil(&app.data.database_file(), "job", 1);
        app.clock = Arc::new(InDays(8));
        slice(&app).unwrap();
        assert_eq!(told(&app, &contoso, &gone), 1);
        assert_eq!(told(&app, &fabrikam, &gone_there), 0);
    }

    #[test]
    fn traces_of_whom_a_job_is_linked_to_go_when_it_has_let_go_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        let contoso = with_recycled(&app, "contoso.example", 2);
        let gone = purge(&app, &contoso);
        let mut job = job(&app, &contoso);
        job.watermark = at(newest(&app, &contoso));
        let links: Vec<Link> = gone
            .iter()
            .map(|source| Link {
                source: *source,
                target: app.ids.object_id(),
                kind: EntityKind::User,
                state: LinkState::Live,
                since: app.clock.now(),
                matching: 0,
                was_released: false,
            })
            .collect();
        app.store
            .write(|tx| {
                tx.update_job(&job)?;
                tx.put_links(contoso.id, &job.id, &links)
            })
            .unwrap();
        let after_days = |app: &mut App, days| {
            app.clock = Arc::new(InDays(days));
            while slice(app).unwrap() {}
            told(app, &contoso, &gone)
        };
        after_days(&mut app, 0);
        assert_eq!(after_days(&mut app, 8), 2, "it is linked to them");
        for (days, let_go) in [(20, &links[0]), (40, &links[1])] {
            app.store
                .write(|tx| tx.delete_links(contoso.id, &job.id, &[let_go.source]))
                .unwrap();
            let left = usize::from(days == 20);
            assert_eq!(after_days(&mut app, days), left);
        }
    }

    #[test]
    fn traces_of_the_deleted_are_counted_when_they_go() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        app.settings.retention.deleted_days = Some(0);
        with_recycled(&app, "contoso.example", 3);
        let counted = |app: &App, count: usize| {
            let line = format!("retention_removed_total{{kind=\"tombstone\"}} {count}\n");
            app.metrics.render(app).unwrap().contains(&line)
        };
        slice(&app).unwrap();
        assert!(counted(&app, 0));
        // No delta link is as old as that.
        app.clock = Arc::new(InDays(9));
        while slice(&app).unwrap() {}
        assert!(counted(&app, 3));
    }
}
