//! Jobs and what waits in them, as the store has it when somebody asks.

mod backlog;
mod lag;
#[cfg(test)]
pub(super) mod testing;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use syncline_model::{Job, Problem};

use self::backlog::{Backlog, bounded};
use self::lag::lag;
use super::known::Known;
use super::waiting::Counted;
use super::whole;
use crate::app::App;

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
            "Jobs whose next cycle is due, and runs on no node or waits for the database",
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
            "For how long the next cycle has been due without running, or while it waits for the database, by `job` (`other`: jobs beyond the hundredth; the longest)",
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
        self.set("other".to_owned(), Backlog::default());
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

#[cfg(test)]
mod tests {
    use syncline_model::JobId;
    use syncline_model::job::{CONTINUOUS_MODE, Watermark};

    use super::testing::{due, opened};
    use super::*;
    use crate::metrics::Metrics;

    #[test]
    fn jobs_that_follow_changes_are_counted_and_those_that_are_behind() {
        let folder = tempfile::tempdir().unwrap();
        let app = opened(&folder);
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
        let app = opened(&folder);
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
