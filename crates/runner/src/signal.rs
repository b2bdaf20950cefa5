//! What stops the work on a cycle although nothing is broken. It is met in the middle of reading and writing, and so is a
//! [`Problem`] on its way to whoever answers it, which tells it by its code.

use syncline_model::{Problem, ProblemKind};

/// Why the work on a cycle stopped here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Another node has taken the work over meanwhile: the cycle goes on there.
    LeaseLost,
    /// The same, of a part of the full read alone. Nobody outside of a cycle sees it.
    PartLeaseLost,
    /// There is no such cycle any more: its job was restarted or deleted.
    CycleAbandoned,
    /// The page can not be carried out as it was decided, or should not be decided here: its transaction ends, and another
    /// one decides again. Nobody outside of a cycle sees it.
    PageGivenUp,
}

impl Signal {
    /// The code of the problem that it is on its way.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LeaseLost => "LeaseLost",
            Self::PartLeaseLost => "PartLeaseLost",
            Self::CycleAbandoned => "CycleAbandoned",
            Self::PageGivenUp => "PageGivenUp",
        }
    }

    /// Whether a problem is this one.
    pub fn is(self, problem: &Problem) -> bool {
        problem.code == self.code()
    }

    pub(crate) fn problem(self, kind: ProblemKind, message: impl Into<String>) -> Problem {
        Problem::new(kind, self.code(), message)
    }
}

/// The problem that [`Signal::PageGivenUp`] is.
pub(crate) fn given_up() -> Problem {
    Signal::PageGivenUp.problem(ProblemKind::Conflict, "the page is decided again")
}
