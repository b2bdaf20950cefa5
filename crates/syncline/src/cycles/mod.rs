//! Cycles as this process runs them: watched for figures and traces, and stopped at a page when the
//! process ends.

mod began;
mod ended;
mod running;
mod watched;

use syncline_model::job::CycleReport;
use syncline_model::{JobId, Problem, TenantId};
use syncline_runner::{Observer, Silent};

use crate::app::App;
pub use running::Running;
use watched::Watched;

impl App {
    /// Runs a cycle of a job, or joins the one in progress, on the caller's thread.
    pub fn run_cycle(
        &self,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<CycleReport, Problem> {
        let watched = Watched::new(self, tenant, job, observer);
        let outcome = self.runner.run_cycle(tenant, job, &watched);
        watched.ended(&outcome);
        outcome
    }

    /// As [`App::run_cycle`], for the scheduler: what another node runs is helped with, and not
    /// waited for.
    pub fn tend(&self, tenant: TenantId, job: &JobId) -> Result<Option<CycleReport>, Problem> {
        self.watch(tenant, job, |watched| {
            self.runner.tend(tenant, job, watched)
        })
    }

    /// The same for a job in continuous mode whose source has changed.
    pub fn follow(&self, tenant: TenantId, job: &JobId) -> Result<Option<CycleReport>, Problem> {
        self.watch(tenant, job, |watched| {
            self.runner.follow(tenant, job, watched)
        })
    }

    /// Ends a cycle as failed that panics whenever it is tried.
    pub fn break_off(&self, tenant: TenantId, job: &JobId) -> Result<Option<CycleReport>, Problem> {
        self.watch(tenant, job, |watched| {
            self.runner.break_off(tenant, job, watched)
        })
    }

    fn watch(
        &self,
        tenant: TenantId,
        job: &JobId,
        run: impl FnOnce(&Watched<'_>) -> Result<Option<CycleReport>, Problem>,
    ) -> Result<Option<CycleReport>, Problem> {
        let watched = Watched::new(self, tenant, job, &Silent);
        match run(&watched) {
            Ok(Some(report)) => {
                watched.ended(&Ok(report.clone()));
                Ok(Some(report))
            }
            Ok(None) => {
                watched.taken_over();
                Ok(None)
            }
            Err(problem) => {
                watched.ended(&Err(problem.clone()));
                Err(problem)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Settings;
    use crate::data_dir::DataDir;

    #[test]
    fn a_cycle_that_never_began_counts_as_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = App::open(data, Settings::default()).unwrap();
        let unknown = app.run_cycle(TenantId::NIL, &JobId("none".to_owned()), &Silent);
        assert!(unknown.is_err());
        assert_eq!(app.cycles.count(), 0);
        let figures = app.metrics.render(&app).unwrap();
        assert!(!figures.contains("state=\"Broken\"} 1\n"), "{figures}");
    }
}
