//! What a target in memory was told to fail with.

use std::fmt;

use syncline_engine::{Fault, Operation};
use syncline_model::policy::PolicyRefusal;

type Which = Box<dyn Fn(&Operation) -> Option<Fault> + Send + Sync>;

#[derive(Default)]
pub(super) struct Trouble {
    pub(super) refusal: Option<PolicyRefusal>,
    pub(super) lookups: Option<Fault>,
    pub(super) applies: Option<Fault>,
    pub(super) answers: Option<Fault>,
    pub(super) operations: Option<Which>,
}

impl Trouble {
    /// What this operation fails with, if it is to fail.
    pub(super) fn of(&self, operation: &Operation) -> Option<Fault> {
        self.operations.as_ref().and_then(|which| which(operation))
    }
}

impl fmt::Debug for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trouble")
            .field("refusal", &self.refusal)
            .field("lookups", &self.lookups)
            .field("applies", &self.applies)
            .field("answers", &self.answers)
            .finish_non_exhaustive()
    }
}
