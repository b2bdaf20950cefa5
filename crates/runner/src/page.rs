//! One page: what it works on, and carrying its operations out.

use syncline_connector::Draft;
use syncline_engine::{Action, Fault, Operation, Outcome, SkipReason, Subject};
use syncline_model::{JobId, Problem, TenantId, Timestamp};
use syncline_store::Tx;

use crate::bin::Bin;
use crate::configuration::Configuration;
use crate::view::{Decided, View};

/// What a page works on: the transaction, and the job it belongs to.
pub(crate) struct Page<'p, 't> {
    pub(crate) tx: &'p mut Tx<'t>,
    pub(crate) tenant: TenantId,
    pub(crate) job: &'p JobId,
    pub(crate) configuration: &'p Configuration,
    pub(crate) now: Timestamp,
    pub(crate) bin: Option<&'p Bin>,
}

impl Page<'_, '_> {
    /// What the page sees from inside its transaction.
    pub(crate) fn view(&self) -> View<'_, '_> {
        View {
            reader: self.tx,
            tenant: self.tenant,
            job: self.job,
            configuration: self.configuration,
            now: self.now,
        }
    }

    /// Decides about every subject, in order. A subject listed twice is decided once.
    pub(crate) fn decide(&self, subjects: &[Subject]) -> Result<Vec<Decided>, Problem> {
        self.view().decide(subjects)
    }

    /// Lets go of what is not needed any more: on another thread, if one waits for that.
    pub(crate) fn discard(&self, what: impl Send + 'static) {
        if let Some(bin) = self.bin {
            bin.put(what);
        }
    }

    /// As [`Page::apply`], with what was worked out ahead. Should the whole fail, it is tried again
    /// without: a unique value may have been taken since.
    pub(crate) fn apply_drafted(
        &mut self,
        operations: &[Operation],
        drafts: &[Option<Draft>],
    ) -> Result<Vec<Outcome>, Problem> {
        if drafts.iter().any(Option::is_some) {
            let target = &self.configuration.connected.target;
            let attempt = self
                .tx
                .savepoint(|tx| target.apply_drafted(tx, operations, drafts))?;
            if let Ok(outcomes) = attempt
                && outcomes.len() == operations.len()
            {
                return Ok(outcomes);
            }
        }
        self.apply(operations)
    }

    /// Carries operations out. A batch the target can not take as a whole is halved until the
    /// object that breaks it stands alone: one bad row never aborts a page.
    pub(crate) fn apply(&mut self, operations: &[Operation]) -> Result<Vec<Outcome>, Problem> {
        if operations.is_empty() {
            return Ok(Vec::new());
        }
        let target = &self.configuration.connected.target;
        let attempt = self.tx.savepoint(|tx| target.apply(tx, operations))?;
        match attempt {
            Ok(outcomes) if outcomes.len() == operations.len() => Ok(outcomes),
            Ok(_) => Err(Problem::internal(
                "the target answered fewer outcomes than it was asked operations",
            )),
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

/// A connector that can not answer at all ends the cycle, not one object.
pub(crate) fn unavailable(fault: Fault) -> Problem {
    Problem::new(
        syncline_model::ProblemKind::Unavailable,
        fault.code,
        fault.message,
    )
}

/// Whether nothing at all is to be written down for this decision in a cycle.
pub(crate) fn is_silent(action: &Action) -> bool {
    matches!(
        action,
        Action::Unchanged { adopt: false, .. } | Action::Skip(SkipReason::RedundantExport)
    )
}
