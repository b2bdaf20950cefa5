//! What must hold after any cycle, and what a cycle leaves behind.

use syncline_engine::Evidence;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::Link;
use syncline_model::job::{CycleReport, CycleState};
use syncline_model::link::LinkState;
use syncline_store::{LogFilter, LogRow, StoreError};

use super::World;

/// Everything a cycle writes, but for the job's own row.
#[derive(Clone, Debug, PartialEq)]
pub struct Traces {
    pub source_sequence: u64,
    pub target_sequence: u64,
    pub links: Vec<Link>,
    pub log: usize,
    pub waiting: u64,
    pub staged: u64,
    pub escrows: u64,
}

impl World {
    pub fn traces(&self) -> Traces {
        let (tenant, job) = (self.contoso.id, &self.job);
        self.store
            .read(|reader| {
                Ok::<_, StoreError>(Traces {
                    source_sequence: reader.sequence(tenant)?,
                    target_sequence: reader.sequence(self.fabrikam.id)?,
                    links: reader.links(tenant, job, None, 100_000)?,
                    log: reader
                        .log(tenant, &LogFilter::default(), None, 100_000)?
                        .looked_at,
                    waiting: reader.count_waiting(tenant, job)?,
                    staged: reader.count_staged(tenant, job)?,
                    escrows: reader.count_escrows(tenant, job)?,
                })
            })
            .unwrap()
    }

    /// The source objects that the log says were created, once for each time.
    pub fn created_in_log(&self) -> Vec<syncline_model::ObjectId> {
        self.log_rows()
            .iter()
            .filter_map(|row| Evidence::decode(&row.evidence))
            .filter(|evidence| evidence.outcome == EvidenceOutcome::Created)
            .map(|evidence| evidence.source)
            .collect()
    }

    pub fn log_rows(&self) -> Vec<LogRow> {
        let (tenant, all) = (self.contoso.id, LogFilter::default());
        let page = self
            .store
            .read(|reader| reader.log_ascending(tenant, &all, None, 100_000));
        page.unwrap().rows
    }

    /// The provisioning log, oldest first. Every row can be read.
    pub fn log(&self) -> Vec<Evidence> {
        self.log_rows()
            .iter()
            .map(|row| Evidence::decode(&row.evidence).expect("a row that can be read"))
            .collect()
    }

    /// What the log says of one person, oldest first.
    pub fn outcomes(&self, name: &str) -> Vec<EvidenceOutcome> {
        let source = self.person(name).id;
        self.log()
            .into_iter()
            .filter(|evidence| evidence.source == source)
            .map(|evidence| evidence.outcome)
            .collect()
    }

    /// What must hold after a cycle, whoever ran it.
    pub fn check_aftermath(&self, report: &CycleReport) {
        let traces = self.traces();
        let job = self.stored_job();
        assert_eq!(
            job.references_waiting, traces.waiting,
            "waiting references, counted and kept"
        );
        assert_eq!(report.counts.references_pending, traces.waiting);
        let live = traces
            .links
            .iter()
            .filter(|link| link.state == LinkState::Live)
            .count() as u64;
        let shown: u64 = job.status.synchronized_entries.values().sum();
        assert_eq!(shown, live, "synchronized entries, counted and shown");
        self.log();
        // Everybody is in Fabrikam at most once.
        self.guests();
        let skipped: u64 = report.skipped_by_reason.values().sum();
        assert_eq!(report.counts.skipped, skipped);
        if report.state == CycleState::Stopped {
            assert!(job.running.is_some(), "a pause keeps its checkpoint");
            return;
        }
        assert!(job.running.is_none());
        let noted = self
            .store
            .read(|reader| reader.any_evaluated(self.contoso.id, &self.job))
            .unwrap();
        assert!(!noted, "notes of the cycle are left over");
        if report.state != CycleState::Failed {
            assert_eq!(
                traces.staged, report.counts.staged,
                "staged work is left over"
            );
        }
    }
}
