//! Patterns as predicates hold them. What a pattern means is told by whoever compiled it: the
//! language of patterns lives a level higher, and predicates must not depend on it.

use std::fmt;
use std::sync::Arc;

use crate::Meter;
use crate::meter::Exhausted;

/// A compiled pattern.
pub trait TextPattern: fmt::Debug + Send + Sync {
    /// As somebody wrote it.
    fn text(&self) -> &str;

    /// Whether it matches anywhere in `text`. The work is charged to `meter`, and is not done when
    /// there is not enough left.
    fn is_match(&self, text: &str, meter: &Meter) -> Result<bool, TooMuchWork>;
}

/// A pattern could not be tried within its bound, or a comparison not be made: neither a match nor none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooMuchWork {
    /// None of a comparison.
    pub pattern: Option<String>,
    /// What to do about it.
    pub advice: String,
}

impl fmt::Display for TooMuchWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pattern {
            Some(pattern) => write!(f, "the pattern `{pattern}` takes")?,
            None => f.write_str("comparing takes")?,
        }
        write!(f, " too much work here: {}", self.advice)
    }
}

impl std::error::Error for TooMuchWork {}

impl From<Exhausted> for TooMuchWork {
    /// Comparisons are charged where predicates are evaluated.
    fn from(_: Exhausted) -> Self {
        Self {
            pattern: None,
            advice: "compare with fewer values".to_owned(),
        }
    }
}

/// A pattern shared by the clones of a predicate. Equal when written alike.
#[derive(Clone, Debug)]
pub struct Pattern(pub Arc<dyn TextPattern>);

impl Pattern {
    pub fn new(pattern: impl TextPattern + 'static) -> Self {
        Self(Arc::new(pattern))
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.text() == other.0.text()
    }
}
