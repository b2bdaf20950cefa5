//! How a step of an evaluation ends: with a value, without one, or early.

use syncline_model::Value;
use syncline_model::meter::Exhausted;

use crate::diagnostic::{Code, EvaluationError};
use crate::limits::Limits;

/// Why an evaluation ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// `IgnoreFlowIfNullOrEmpty` found nothing. It drops the whole attribute, wherever it stands.
    Ignore,
    Error(EvaluationError),
}

/// What a function returns: a value, or none.
pub type Evaluated = Result<Option<Value>, Stop>;

pub(crate) fn too_large_value(limits: &Limits) -> Stop {
    let message = format!(
        "the expression makes too large a value; one value may have {} bytes",
        limits.value_bytes
    );
    Stop::Error(EvaluationError::new(Code::TooMuchWork, message))
}

impl From<Exhausted> for Stop {
    fn from(_: Exhausted) -> Self {
        let message = "the expression takes too much work on this object; shorten its texts with `Left`, or nest less".to_owned();
        Self::Error(EvaluationError::new(Code::TooMuchWork, message))
    }
}
