//! For how long jobs wait for their next cycle.

use syncline_model::{Job, Problem, Timestamp};
use syncline_store::Reader;

use crate::app::App;

/// Seconds since the job's next cycle is due; `None` while it is not due, or runs: a job stays due until
/// its cycle has ended, on whichever node that is. Whoever waits for a database that takes nothing does not run, before the
/// first page or at a later one.
pub(super) fn lag(
    app: &App,
    reader: &Reader<'_>,
    job: &Job,
    now: Timestamp,
) -> Result<Option<u64>, Problem> {
    let Some(due) = job.next_due.filter(|_| job.is_due(now)) else {
        return Ok(None);
    };
    let runs = job.running.is_some()
        && !app.cycles.is_waiting(&job.id)
        && app.runner.is_worked_on(reader, job)?;
    Ok((!runs).then(|| now.milliseconds_since(due) / 1000))
}

#[cfg(test)]
mod tests {
    use syncline_model::CycleId;
    use syncline_model::job::{CycleKind, CyclePhase, RunningCycle, Watermark};
    use syncline_store::{Database, NodeId};

    use super::*;
    use crate::app::Settings;
    use crate::data_dir::DataDir;
    use crate::metrics::jobs::testing::{due, opened};

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
        let until = Watermark {
            sequence: 0,
            token: None,
        };
        RunningCycle::new(
            CycleId(app.ids.random_uuid()),
            CycleKind::Initial,
            CyclePhase::Source,
            app.clock.now(),
            until,
        )
    }

    /// Of a job whose cycle waits, because nothing can be written.
    fn lag_of_waiting(app: &App, job: &Job) -> Option<u64> {
        app.store.let_write(false).unwrap();
        std::thread::scope(|scope| {
            let cycle = scope.spawn(|| app.tend(job.tenant, &job.id));
            while !app.cycles.is_waiting(&job.id) && !cycle.is_finished() {
                std::thread::yield_now();
            }
            let found = app
                .store
                .read(|reader| lag(app, reader, job, app.clock.now()));
            let waits = app.cycles.is_waiting(&job.id) && app.runner.is_running(&job.id);
            app.store.let_write(true).unwrap();
            let _ = cycle.join().unwrap();
            assert!(waits);
            assert!(!app.cycles.is_waiting(&job.id));
            found.unwrap()
        })
    }

    #[test]
    fn a_job_whose_cycle_can_not_begin_goes_on_to_lag() {
        let folder = tempfile::tempdir().unwrap();
        let app = opened(&folder);
        let job = due(&app);
        assert!(lag_of_waiting(&app, &job).is_some_and(|seconds| seconds >= 60));
    }

    #[test]
    fn a_job_whose_cycle_waits_on_its_way_goes_on_to_lag() {
        let folder = tempfile::tempdir().unwrap();
        let app = opened(&folder);
        let mut job = due(&app);
        job.running = Some(begun(&app));
        app.store.write(|tx| tx.update_job(&job)).unwrap();
        assert!(lag_of_waiting(&app, &job).is_some_and(|seconds| seconds >= 60));
    }
}
