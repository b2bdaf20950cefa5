//! Throws away what has had its time: expired documents, old log rows, what has been in a recycle bin
//! for longer than that keeps it, and the traces of what was deleted long ago.

use std::sync::Arc;

use syncline_directory::{Context, deleted_items, tombstones};
use syncline_model::{Job, Problem};
use tokio::sync::Notify;

use crate::app::App;
use crate::metrics::Removed;
use crate::{nodes, seam};

use super::stop::Stop;

const EVERY_MS: u64 = 60_000;
/// Between two slices, so that others get their turn.
const PAUSE_MS: u64 = 100;
/// Objects of one tenant in one transaction.
const OBJECTS: usize = 200;
/// References and memberships that go with them.
const EDGES: usize = 20_000;

/// Sweeps a slice at a time until a stop is asked for, whether cycles begin by themselves or not.
pub async fn run(app: Arc<App>, node: String, stop: Stop) {
    let never = Notify::new();
    while !stop.asked() {
        let (swept, node) = (Arc::clone(&app), node.clone());
        let more = match tokio::task::spawn_blocking(move || in_turn(&swept, &node)).await {
            Ok(Ok(more)) => more,
            Ok(Err(problem)) => {
                tracing::error!(%problem, "can not throw away what is old");
                false
            }
            Err(_) => return,
        };
        seam::wait(&never, if more { PAUSE_MS } else { EVERY_MS }).await;
    }
}

/// One slice, when it is this server's turn: of those that share a database one at a time tidies up.
fn in_turn(app: &App, node: &str) -> Result<bool, Problem> {
    let mine = !app.store.is_shared()
        || app
            .store
            .write(|tx| nodes::take_turn(tx, node, app.clock.now()))?;
    Ok(mine && slice(app)?)
}

/// One slice of everything; true while there may be more.
fn slice(app: &App) -> Result<bool, Problem> {
    let swept = app
        .runner
        .sweep_older_than(app.settings.retention.log_days)?;
    let figures = &app.metrics.retention;
    figures.count(Removed::LogRow, swept.log_rows);
    figures.count(Removed::Document, swept.documents);
    let mut more = swept.more;
    more |= empty_recycle_bins(app)?;
    more |= remove_tombstones(app)?;
    Ok(more)
}

/// Traces of deleted things that every job and every delta link has passed.
fn remove_tombstones(app: &App) -> Result<bool, Problem> {
    // A job that goes on meanwhile only reads further, and one that begins anew reads what is there:
    // none goes back behind what is found here.
    let (tenants, jobs) = app
        .store
        .read(|reader| Ok::<_, Problem>((reader.tenants()?, reader.all_jobs()?)))?;
    let mut more = false;
    for tenant in &tenants {
        let slowest = jobs
            .iter()
            .filter(|job| job.tenant == tenant.id)
            .filter_map(read_until)
            .min();
        let swept = app.store.write(|tx| {
            let now = app.clock.now();
            Ok::<_, Problem>(tombstones::sweep(tx, tenant.id, now, slowest)?)
        })?;
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

/// A transaction for each tenant: one with a full recycle bin does not hold up the others.
fn empty_recycle_bins(app: &App) -> Result<bool, Problem> {
    let tenants = app
        .store
        .read(|reader| Ok::<_, Problem>(reader.tenants()?))?;
    let mut more = false;
    for tenant in &tenants {
        let purged = app.store.write(|tx| {
            let context = Context {
                tenant,
                now: app.clock.now(),
                ids: app.ids.as_ref(),
            };
            let slice = deleted_items::Slice {
                objects: OBJECTS,
                edges: EDGES,
            };
            deleted_items::purge_expired(tx, &context, app.settings.retention.deleted_days, slice)
        })?;
        let figures = &app.metrics.retention;
        figures.count(Removed::RecycledObject, purged.objects);
        more |= purged.more;
    }
    Ok(more)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use syncline_directory::tenants::{self, NewTenant};
    use syncline_directory::users::{self, NewUser};
    use syncline_model::job::{
        Counts, CycleKind, CyclePhase, JobStatus, RunningCycle, ScheduleState, Watermark,
    };
    use syncline_model::{
        AppId, Attr, Attrs, Clock, CycleId, EntityKind, JobId, ObjectId, Timestamp,
    };
    use syncline_store::{Changed, ObjectState, Tenant};

    use super::*;
    use crate::app::Settings;
    use crate::data_dir::DataDir;
    use crate::seam::SystemClock;

    struct InDays(i64);

    impl Clock for InDays {
        fn now(&self) -> Timestamp {
            SystemClock.now().plus_seconds(self.0 * 24 * 60 * 60)
        }
    }

    /// A tenant whose recycle bin holds so many people.
    fn with_recycled(app: &App, domain: &str, people: usize) -> Tenant {
        let now = app.clock.now();
        app.store
            .write(|tx| {
                let new = NewTenant {
                    id: None,
                    domain: domain.to_owned(),
                    display_name: domain.to_owned(),
                };
                let tenant = tenants::create(tx, app.ids.as_ref(), now, new)?.tenant;
                let context = Context {
                    tenant: &tenant,
                    now,
                    ids: app.ids.as_ref(),
                };
                for number in 0..people {
                    let attrs = Attrs::new()
                        .with(
                            Attr::USER_PRINCIPAL_NAME,
                            format!("p{number}@{domain}").as_str(),
                        )
                        .with(Attr::DISPLAY_NAME, "Somebody")
                        .with(Attr::MAIL_NICKNAME, format!("p{number}").as_str())
                        .with(Attr::ACCOUNT_ENABLED, true);
                    let user = users::create(tx, &context, NewUser { attrs })?;
                    users::delete(tx, &context, user.entry.id)?;
                }
                Ok::<_, Problem>(tenant)
            })
            .unwrap()
    }

    fn recycled(app: &App, tenant: &Tenant) -> usize {
        app.store
            .read(|reader| {
                reader.scan(
                    tenant.id,
                    EntityKind::User,
                    ObjectState::Deleted,
                    None,
                    1000,
                )
            })
            .unwrap()
            .len()
    }

    fn opened(folder: &tempfile::TempDir) -> App {
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        App::open(data, Settings::default()).unwrap()
    }

    /// Deletes everybody in a tenant's recycle bin for good.
    fn purge(app: &App, tenant: &Tenant) -> Vec<ObjectId> {
        let bin = |reader: &syncline_store::Reader<'_>| {
            reader.scan(tenant.id, EntityKind::User, ObjectState::Deleted, None, 10)
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

    /// A job of this tenant that has never run.
    fn job(app: &App, tenant: &Tenant) -> Job {
        let app_id = AppId(app.ids.random_uuid());
        let job = Job {
            id: JobId::compose("Azure2Azure", tenant.id, app_id),
            tenant: tenant.id,
            service_principal: app.ids.object_id(),
            app_id,
            template: "Azure2Azure".to_owned(),
            created_at: app.clock.now(),
            interval_seconds: 2400,
            state: ScheduleState::Active,
            started_at: None,
            settings: Vec::new(),
            status: JobStatus::default(),
            next_due: None,
            watermark: None,
            running: None,
            force_deletes: false,
            configuration_generation: 0,
            evaluated_generation: 0,
            decided_generation: 0,
            pause_requested: false,
            references_waiting: 0,
        };
        app.store.write(|tx| tx.insert_job(&job)).unwrap();
        job
    }

    /// A cycle in progress that leaves this watermark behind.
    fn until(sequence: u64) -> Option<RunningCycle> {
        Some(RunningCycle {
            id: CycleId::from_bytes([1; 16]),
            kind: CycleKind::Initial,
            began: SystemClock.now(),
            phase: CyclePhase::Source,
            counts: Counts::default(),
            skipped_by_reason: std::collections::BTreeMap::new(),
            imported: 0,
            entitled: 0,
            total: 0,
            until: at(sequence).unwrap(),
            cursor: String::new(),
            configuration_generation: 0,
            references_failed: 0,
            in_parts: false,
            reevaluates: false,
            walks_groups: false,
            passed_over: 0,
            had_links: false,
        })
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

    #[test]
    fn a_recycle_bin_that_keeps_nothing_is_emptied_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = opened(&folder);
        let contoso = with_recycled(&app, "contoso.example", 2);
        slice(&app).unwrap();
        assert_eq!(recycled(&app, &contoso), 2);
        app.settings.retention.deleted_days = 0;
        slice(&app).unwrap();
        assert_eq!(recycled(&app, &contoso), 0);
    }

    #[test]
    fn traces_of_the_deleted_are_counted_when_they_go() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let mut app = App::open(data, Settings::default()).unwrap();
        app.settings.retention.deleted_days = 0;
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

    #[test]
    fn one_server_at_a_time_tidies_up() {
        let folder = tempfile::tempdir().unwrap();
        let app = opened(&folder);
        let now = app.clock.now();
        let take = |node: &str, seconds: i64| {
            app.store
                .write(|tx| nodes::take_turn(tx, node, now.plus_seconds(seconds)))
                .unwrap()
        };
        assert!(take("a", 0));
        assert!(!take("b", 60));
        assert!(take("a", 60), "whoever has it keeps it");
        assert!(!take("b", 179));
        // A server that was killed is not waited for for long.
        assert!(take("b", 180));
        assert!(!take("a", 181));
        app.store.write(|tx| nodes::leave(tx, "b")).unwrap();
        assert!(take("a", 182), "one that goes gives it up");
    }

    #[test]
    fn servers_are_believed_to_be_there_for_a_minute() {
        let folder = tempfile::tempdir().unwrap();
        let app = opened(&folder);
        let now = app.clock.now();
        let alive = |seconds: i64| {
            app.store
                .read(|reader| nodes::alive(reader, now.plus_seconds(seconds)))
                .unwrap()
        };
        app.store
            .write(|tx| nodes::say(tx, "a", "https://a.example", now))
            .unwrap();
        assert_eq!(alive(59), ["https://a.example"]);
        assert!(alive(60).is_empty());
        app.store.write(|tx| nodes::leave(tx, "a")).unwrap();
        assert!(alive(0).is_empty());
    }
}
