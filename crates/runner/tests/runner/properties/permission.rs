//! The permission to remove as many as one likes: for one cycle, until somebody takes it back.

use syncline_model::Job;

/// Who has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    Nobody,
    /// The next cycle.
    Given,
    /// One of so many cycles: there was one in progress when it was given, or that one broke off.
    Perhaps(u32),
}

impl Permission {
    pub fn given(job: &Job) -> Self {
        match job.running {
            Some(_) => Self::Perhaps(2),
            None => Self::Given,
        }
    }

    /// A cycle that another configuration began does not go on, and what it had goes with it.
    pub fn when_a_cycle_begins(self, job: &Job) -> Self {
        let is_given_up = job.running.is_some() && job.to_go_on().is_none();
        match self {
            Self::Perhaps(1) if is_given_up => Self::Nobody,
            as_before => as_before,
        }
    }

    pub fn when_it_ends(self, goes_on: bool) -> Self {
        match self {
            Self::Given if goes_on => Self::Perhaps(1),
            Self::Perhaps(cycles) if goes_on => Self::Perhaps(cycles),
            Self::Perhaps(2) => Self::Perhaps(1),
            _ => Self::Nobody,
        }
    }
}
