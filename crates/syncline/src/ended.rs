//! Why a transaction ended that was to replace something, and whether that is known.

use syncline_model::{Problem, ProblemKind};
use syncline_store::StoreError;

use crate::failure::Failure;

/// It was not replaced, unless that is unanswered.
#[derive(Debug)]
pub struct Ended {
    pub failure: Failure,
    /// Nobody knows whether it was.
    pub unanswered: bool,
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self {
            failure,
            unanswered: false,
        }
    }
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self {
            unanswered: matches!(error, StoreError::Unanswered(_)),
            failure: error.into(),
        }
    }
}

impl From<Problem> for Ended {
    fn from(problem: Problem) -> Self {
        Self {
            unanswered: problem.kind == ProblemKind::OutcomeUnknown,
            failure: problem.into(),
        }
    }
}
