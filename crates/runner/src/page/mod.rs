//! One page: what it works on, and carrying its operations out.

pub(crate) mod consent;

use syncline_connector::{Draft, Target};
use syncline_engine::{Fault, Operation, Outcome, Subject};
use syncline_model::job::{CycleKind, CyclePhase};
use syncline_model::{JobId, ObjectId, Problem, TenantId, Timestamp};
use syncline_store::{Escrow, StoreError, Tx};

use crate::configuration::Configuration;
use crate::signal::given_up;
use crate::threads::discarded::Discarded;
use crate::view::{Decided, View};

/// What a page works on: the transaction, and the job it belongs to.
pub(crate) struct Page<'p, 't> {
    pub(crate) tx: &'p mut Tx<'t>,
    pub(crate) tenant: TenantId,
    pub(crate) job: &'p JobId,
    pub(crate) configuration: &'p Configuration,
    /// By which it notes what it does.
    pub(crate) now: Timestamp,
    /// By which everybody in it is decided, as where a page is decided ahead: what the clock shows, also where what is noted
    /// has to come after what a clock that is ahead has noted.
    pub(crate) decides_at: Timestamp,
    /// When what it puts aside is staged: now, or behind what a cycle has counted.
    pub(crate) stages_at: Timestamp,
    /// The cycle and the phase that it belongs to; `None` on demand.
    pub(crate) walk: Option<(CycleKind, CyclePhase)>,
    pub(crate) discarded: Option<&'p Discarded>,
    /// What was decided ahead, and few changes, are carried out as a whole, or given up together with the transaction.
    /// Savepoints, which would let one object fail for itself, make the store keep a copy of every
    /// database page it touches.
    pub(crate) all_or_nothing: bool,
}

impl Page<'_, '_> {
    /// What the page sees from inside its transaction.
    pub(crate) fn view(&self) -> View<'_, '_> {
        View {
            reader: self.tx,
            tenant: self.tenant,
            job: self.job,
            configuration: self.configuration,
            now: self.decides_at,
            drafter: None,
            forgotten: None,
        }
    }

    /// Decides about every subject, in order. A subject listed twice is decided once.
    pub(crate) fn decide(&self, subjects: &[Subject]) -> Result<Vec<Decided>, Problem> {
        self.view().decide(subjects)
    }

    /// Up to `limit` escrowed objects that are due now by the job's timetable, by source id after `after`.
    pub(crate) fn due_escrows(
        &self,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Escrow>, Problem> {
        let latest = self.configuration.timetable.latest(self.now);
        let due = self
            .tx
            .due_escrows(self.tenant, self.job, self.now, latest, after, limit)?;
        Ok(due)
    }

    /// Lets go of what is not needed any more: on another thread, if one waits for that.
    pub(crate) fn discard(&self, what: Vec<impl Send + 'static>) {
        if let Some(discarded) = self.discarded {
            discarded.put(what);
        }
    }

    /// Carries operations out. A batch the target can not take as a whole is halved until the
    /// object that breaks it stands alone: one bad row never aborts a page.
    pub(crate) fn apply(&mut self, operations: &[Operation]) -> Result<Vec<Outcome>, Problem> {
        self.apply_drafted(operations, &[])
    }

    /// The same, with what was worked out ahead.
    pub(crate) fn apply_drafted(
        &mut self,
        operations: &[Operation],
        drafts: &[Option<Draft>],
    ) -> Result<Vec<Outcome>, Problem> {
        if operations.is_empty() {
            return Ok(Vec::new());
        }
        let target = &self.configuration.connected.target;
        if self.all_or_nothing {
            // Perhaps only because a unique value was taken since.
            let outcomes = target
                .apply_drafted(self.tx, operations, drafts)
                .map_err(|_| given_up())?;
            return if outcomes.len() == operations.len() {
                Ok(outcomes)
            } else {
                Err(given_up())
            };
        }
        let attempt = self.tx.savepoint(|tx| target.apply(tx, operations))?;
        match attempt {
            Ok(outcomes) if outcomes.len() == operations.len() => Ok(outcomes),
            Ok(_) => Err(Problem::internal(
                "the target answered fewer outcomes than it was asked operations",
            )),
            // That is over soon, and nobody's own failure: the page is tried again as a whole.
            Err(fault) if is_of_busy_database(target.as_ref(), &fault) => {
                Err(StoreError::Busy(fault.message).into())
            }
            Err(fault) if operations.len() == 1 => Ok(vec![Outcome::Failed(fault)]),
            Err(_) => {
                let (left, right) = operations.split_at(operations.len() / 2);
                let mut outcomes = self.apply(left)?;
                outcomes.extend(self.apply(right)?);
                Ok(outcomes)
            }
        }
    }
}

/// Whether it is the database of the page's own transaction that was busy: it refused a statement, and the transaction is as it
/// was before. Of any other target that is what became of the operation.
fn is_of_busy_database(target: &dyn Target, fault: &Fault) -> bool {
    fault.code == StoreError::BUSY && target.capability().transactional
}
