//! Jobs and what waits in them, as the store has it when somebody asks.

use std::collections::BTreeMap;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use syncline_model::{Job, Problem, Timestamp};
use syncline_store::Reader;

use super::known::Known;
use super::waiting::Counted;
use super::whole;
use crate::app::App;

/// Jobs with figures of their own, oldest first; the rest are counted together.
pub const MOST_JOBS: usize = 100;
const THE_REST: &str = "other";

/// A job whose cycle is due for so long has no free place, or nobody who runs it.
const OVERDUE_SECONDS: u64 = 60;

const STATUS: [&str; 4] = ["Active", "NotRun", "Paused", "Quarantine"];
/// Whose row is damaged: such a job has no other figures.
const UNREADABLE: &str = "Unreadable";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Status {
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfJob {
    job: String,
}

/// Figures about jobs.
pub(super) struct Jobs {
    jobs: Family<Status, Gauge>,
    due: Known,
    overdue: Known,
    following: Known,
    behind: Known,
    lag: Family<OfJob, Gauge>,
    escrowed: Family<OfJob, Gauge>,
    given_up: Family<OfJob, Gauge>,
    staged: Family<OfJob, Gauge>,
    references: Family<OfJob, Gauge>,
    counted: Counted,
}

/// What is known of one job, or of several together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Backlog {
    lag: u64,
    escrowed: u64,
    given_up: u64,
    staged: u64,
    references: u64,
}

impl Jobs {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let figures = Self {
            jobs: Family::default(),
            due: Known::default(),
            overdue: Known::default(),
            following: Known::default(),
            behind: Known::default(),
            lag: Family::default(),
            escrowed: Family::default(),
            given_up: Family::default(),
            staged: Family::default(),
            references: Family::default(),
            counted: Counted::default(),
        };
        registry.register(
            "jobs",
            "Synchronization jobs, by `status` (`Active`, `NotRun`, `Paused`, `Quarantine`; `Unreadable`: damaged, see `syncline doctor`)",
            figures.jobs.clone(),
        );
        registry.register(
            "jobs_due",
            "Jobs whose next cycle is due and runs on no node",
            figures.due.clone(),
        );
        registry.register(
            "jobs_overdue",
            "Those of them that have been due for more than a minute",
            figures.overdue.clone(),
        );
        registry.register(
            "jobs_following",
            "Jobs in continuous mode that follow changes now; those that are not in step go by their schedule alone",
            figures.following.clone(),
        );
        registry.register(
            "jobs_behind",
            "Those of them whose source has changed since what their last cycle has seen, until the cycle that follows it has ended",
            figures.behind.clone(),
        );
        registry.register_with_unit(
            "job_lag",
            "For how long the next cycle has been due without running, by `job` (`other`: jobs beyond the hundredth; the longest)",
            Unit::Seconds,
            figures.lag.clone(),
        );
        registry.register(
            "job_escrowed_objects",
            "Objects that failed and are tried again, by `job`",
            figures.escrowed.clone(),
        );
        registry.register(
            "job_given_up_objects",
            "Objects that failed for four weeks and are not tried again, by `job`",
            figures.given_up.clone(),
        );
        registry.register(
            "job_staged_objects",
            "Deletes and disables that are staged or held by the accidental-deletion gate, by `job`",
            figures.staged.clone(),
        );
        registry.register(
            "job_references_waiting",
            "References that wait until their object is in the target, by `job`",
            figures.references.clone(),
        );
        figures
    }

    pub(super) fn sample(&self, app: &App) -> Result<(), Problem> {
        let now = app.clock.now();
        let elapsed = app.metrics.running();
        let mut lags = Vec::new();
        let (jobs, unreadable, behind) = app.store.read(|reader| {
            let mut jobs = Vec::new();
            let rows = reader.job_rows()?;
            let count = rows.len();
            let all: Vec<Job> = rows.into_iter().filter_map(|it| it.job.ok()).collect();
            let unreadable = count - all.len();
            self.counted.keep(&all);
            for job in all {
                let lag = lag(app, reader, &job, now)?;
                lags.extend(lag);
                let waiting = self.counted.of(reader, &job, elapsed)?;
                let backlog = Backlog {
                    lag: lag.unwrap_or(0),
                    escrowed: waiting.escrowed,
                    given_up: waiting.given_up,
                    staged: waiting.staged,
                    references: job.references_waiting,
                };
                jobs.push((job, backlog));
            }
            Ok::<_, Problem>((jobs, unreadable, reader.count_jobs_behind()?))
        })?;
        self.forget_each();
        for status in STATUS {
            let count = jobs
                .iter()
                .filter(|(job, _)| job.status_code() == status)
                .count();
            self.jobs
                .get_or_create(&Status { status })
                .set(whole(count));
        }
        let status = UNREADABLE;
        self.jobs
            .get_or_create(&Status { status })
            .set(whole(unreadable));
        self.due.set(whole(lags.len()));
        let overdue = lags.iter().filter(|lag| **lag > OVERDUE_SECONDS).count();
        self.overdue.set(whole(overdue));
        let follows = |(job, _): &&(Job, Backlog)| job.follows_from().is_some();
        self.following
            .set(whole(jobs.iter().filter(follows).count()));
        self.behind.set(whole(behind));

        let named = jobs
            .into_iter()
            .map(|(job, backlog)| (job.id.to_string(), backlog));
        for (job, backlog) in bounded(named) {
            self.set(job, backlog);
        }
        Ok(())
    }

    /// What is in a store that does not answer is not known.
    pub(super) fn forget(&self) {
        self.forget_each();
        self.jobs.clear();
        for figure in [&self.due, &self.overdue, &self.following, &self.behind] {
            figure.forget();
        }
    }

    /// Jobs that are no more have no figures.
    fn forget_each(&self) {
        for family in [
            &self.lag,
            &self.escrowed,
            &self.given_up,
            &self.staged,
            &self.references,
        ] {
            family.clear();
        }
    }

    #[cfg(test)]
    pub(super) fn use_all(&self) {
        self.jobs.get_or_create(&Status { status: "Active" }).set(1);
        for figure in [&self.due, &self.overdue, &self.following, &self.behind] {
            figure.set(1);
        }
        self.set(THE_REST.to_owned(), Backlog::default());
    }

    fn set(&self, job: String, backlog: Backlog) {
        let label = OfJob { job };
        for (family, value) in [
            (&self.lag, backlog.lag),
            (&self.escrowed, backlog.escrowed),
            (&self.given_up, backlog.given_up),
            (&self.staged, backlog.staged),
            (&self.references, backlog.references),
        ] {
            family.get_or_create(&label).set(whole(value));
        }
    }
}

/// One entry for each of the first jobs, and one for the rest together.
fn bounded(jobs: impl Iterator<Item = (String, Backlog)>) -> BTreeMap<String, Backlog> {
    let mut entries: BTreeMap<String, Backlog> = BTreeMap::new();
    for (place, (job, more)) in jobs.enumerate() {
        let label = if place < MOST_JOBS {
            job
        } else {
            THE_REST.to_owned()
        };
        let sum = entries.entry(label).or_default();
        *sum = Backlog {
            lag: sum.lag.max(more.lag),
            escrowed: sum.escrowed + more.escrowed,
            given_up: sum.given_up + more.given_up,
            staged: sum.staged + more.staged,
            references: sum.references + more.references,
        };
    }
    entries
}

/// Seconds since the job's next cycle is due; `None` while it is not due, or runs: a job stays due until
/// its cycle has ended, on whichever node that is. Whoever waits for a database that takes nothing has not begun it.
fn lag(app: &App, reader: &Reader<'_>, job: &Job, now: Timestamp) -> Result<Option<u64>, Problem> {
    let Some(due) = job.next_due.filter(|_| job.is_due(now)) else {
        return Ok(None);
    };
    let runs = job.running.is_some() && app.runner.is_worked_on(reader, job)?;
    Ok((!runs).then(|| now.milliseconds_since(due) / 1000))
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use syncline_directory::tenants::{self, NewTenant};
    use syncline_model::job::{
        CONTINUOUS_MODE, Counts, CycleKind, CyclePhase, JobStatus, RunningCycle, ScheduleState,
        Watermark,
    };
    use syncline_model::{AppId, CycleId, JobId};
    use syncline_store::{Database, NodeId};

    use super::*;
    use crate::app::Settings;
    use crate::data_dir::DataDir;
    use crate::metrics::Metrics;

    #[test]
    fn jobs_beyond_the_hundredth_share_one_label() {
        let backlog = |lag| Backlog {
            lag,
            escrowed: 2,
            given_up: 1,
            staged: 1,
            references: 3,
        };
        let all = bounded((0..103).map(|place| (format!("job-{place:03}"), backlog(place))));
        assert_eq!(all.len(), MOST_JOBS + 1);
        assert_eq!(all["job-099"], backlog(99));
        let rest = Backlog {
            lag: 102,
            escrowed: 6,
            given_up: 3,
            staged: 3,
            references: 9,
        };
        assert_eq!(all[THE_REST], rest);
    }

    /// A job that is due since a minute.
    pub(crate) fn due(app: &App) -> Job {
        let now = app.clock.now();
        let new = NewTenant {
            id: None,
            domain: "contoso.example".to_owned(),
            display_name: "Contoso".to_owned(),
        };
        app.store
            .write(|tx| {
                let tenant = tenants::create(tx, app.ids.as_ref(), now, new)?.tenant.id;
                let app_id = AppId(app.ids.random_uuid());
                let job = Job {
                    id: JobId::compose("Azure2Azure", tenant, app_id),
                    tenant,
                    service_principal: app.ids.object_id(),
                    app_id,
                    template: "Azure2Azure".to_owned(),
                    created_at: now,
                    interval_seconds: 2400,
                    state: ScheduleState::Active,
                    started_at: Some(now),
                    settings: Vec::new(),
                    status: JobStatus::default(),
                    next_due: Some(now.plus_seconds(-60)),
                    watermark: None,
                    running: None,
                    force_deletes: false,
                    configuration_generation: 0,
                    schema_digest: 0,
                    evaluated_generation: 0,
                    decided_generation: 0,
                    pause_requested: false,
                    references_waiting: 0,
                    matching: 0,
                    removed_in_between: 0,
                    semantics: 0,
                    groups_to_walk: false,
                    clock_read_at: None,
                };
                tx.insert_job(&job)?;
                Ok::<_, Problem>(job)
            })
            .unwrap()
    }

    #[test]
    fn a_job_that_another_node_works_on_does_not_lag() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        let Some(url) = syncline_testkit::postgres_url(&path) else {
            eprintln!("not run: it needs a PostgreSQL server");
            return;
        };
        let data = DataDir::new(path).with_database(Some(Database::Postgres(url)));
        data.create().unwrap();
        let app = App::open(data, Settings::default()).unwrap();
        let mut job = due(&app);
        let lags = |job: &Job| {
            let found = app
                .store
                .read(|reader| lag(&app, reader, job, app.clock.now()));
            found.unwrap().is_some_and(|seconds| seconds >= 60)
        };
        assert!(lags(&job));
        let lease = app
            .store
            .write(|tx| {
                let now = tx.lease_time(app.clock.now())?;
                let node = NodeId(app.ids.random_uuid());
                let until = now.plus_seconds(3600);
                tx.lease_job(job.tenant, &job.id, node, now, until)
            })
            .unwrap()
            .unwrap();
        // Perhaps it can not begin.
        assert!(lags(&job));
        job.running = Some(begun(&app));
        assert!(!lags(&job));
        app.store
            .write(|tx| tx.release_lease(job.tenant, &job.id, &lease))
            .unwrap();
        assert!(lags(&job));
    }

    /// A cycle that has begun.
    fn begun(app: &App) -> RunningCycle {
        RunningCycle {
            id: CycleId(app.ids.random_uuid()),
            kind: CycleKind::Initial,
            began: app.clock.now(),
            phase: CyclePhase::Source,
            counts: Counts::default(),
            skipped_by_reason: BTreeMap::new(),
            imported: 0,
            entitled: 0,
            total: 0,
            until: Watermark {
                sequence: 0,
                token: None,
            },
            cursor: String::new(),
            configuration_generation: 0,
            references_failed: 0,
            awaiting_consent: 0,
            in_parts: false,
            reevaluates: false,
            by_clock: false,
            walks_groups: false,
            removed_before: 0,
            passed_over: 0,
            removed: 0,
            due: None,
            in_between: false,
            left_staged: None,
            force_deletes: false,
            has_own_permission: true,
            had_links: false,
        }
    }

    #[test]
    fn a_job_whose_cycle_can_not_begin_goes_on_to_lag() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = App::open(data, Settings::default()).unwrap();
        let job = due(&app);
        app.store.let_write(false).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| app.tend(job.tenant, &job.id));
            while !app.runner.is_running(&job.id) {
                std::thread::yield_now();
            }
            let found = app
                .store
                .read(|reader| lag(&app, reader, &job, app.clock.now()));
            let waits = app.runner.is_running(&job.id);
            app.store.let_write(true).unwrap();
            let _ = waiting.join().unwrap();
            assert!(waits && found.unwrap().is_some_and(|seconds| seconds >= 60));
        });
    }

    #[test]
    fn jobs_that_follow_changes_are_counted_and_those_that_are_behind() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = App::open(data, Settings::default()).unwrap();
        let mut job = due(&app);
        let counted = |following: u64, behind: u64| {
            let text = Metrics::new(app.clock.now()).render(&app).unwrap();
            for (name, count) in [("following", following), ("behind", behind)] {
                let line = format!("\nsyncline_jobs_{name} {count}\n");
                assert!(text.contains(&line), "{line}{text}");
            }
        };
        counted(0, 0);
        let in_step = |job: &mut Job| {
            app.store.write(|tx| {
                job.settings = vec![(CONTINUOUS_MODE.to_owned(), "True".to_owned())];
                job.watermark = Some(Watermark {
                    sequence: tx.sequence(job.tenant)?,
                    token: None,
                });
                tx.update_job(job)
            })
        };
        in_step(&mut job).unwrap();
        counted(1, 0);
        app.store
            .write(|tx| tx.pass_over_sequences(job.tenant, 1))
            .unwrap();
        counted(1, 1);
        in_step(&mut job).unwrap();
        counted(1, 0);
    }

    #[test]
    fn a_job_that_can_not_be_read_is_counted_as_such_beside_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = App::open(data, Settings::default()).unwrap();
        let job = due(&app);
        let another = Job {
            id: JobId("another".to_owned()),
            ..job.clone()
        };
        app.store.write(|tx| tx.insert_job(&another)).unwrap();
        syncline_testkit::spoil(&app.data.database_file(), "job", 2);
        let text = Metrics::new(app.clock.now()).render(&app).unwrap();
        for line in [
            "\nsyncline_jobs{status=\"NotRun\"} 1\n".to_owned(),
            "\nsyncline_jobs{status=\"Unreadable\"} 1\n".to_owned(),
            format!("\nsyncline_job_escrowed_objects{{job=\"{}\"}} 0\n", job.id),
        ] {
            assert!(text.contains(&line), "{line}{text}");
        }
    }

    #[test]
    fn jobs_that_are_gone_have_no_figures() {
        let mut registry = Registry::default();
        let jobs = Jobs::register(&mut registry);
        let backlog = Backlog {
            escrowed: 3,
            ..Backlog::default()
        };
        jobs.set("a".to_owned(), backlog);
        jobs.forget_each();
        jobs.set("b".to_owned(), backlog);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        assert!(
            text.contains("job_escrowed_objects{job=\"b\"} 3\n"),
            "{text}"
        );
        assert!(!text.contains("job=\"a\""), "{text}");
    }
}
