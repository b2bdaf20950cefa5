//! What a connector that can not answer means for the cycle.

use syncline_engine::Fault;
use syncline_model::{Problem, ProblemKind};

/// A connector that can not answer at all ends the cycle, not one object.
pub(crate) fn unavailable(fault: Fault) -> Problem {
    Problem::new(ProblemKind::Unavailable, fault.code, fault.message)
}
