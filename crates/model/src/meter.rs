//! Counts work against a bound: whatever runs what a stranger wrote is charged before it runs.

use std::cell::Cell;

/// What is left of the work that one evaluation may take. One unit is one byte made or read, or one
/// place of a pattern tried on one byte: about ten nanoseconds at most.
#[derive(Debug)]
pub struct Meter {
    left: Cell<usize>,
}

/// The work costs more than is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted;

impl Meter {
    /// What one object may take of one thing that is evaluated on it: some tens of milliseconds.
    pub const DEFAULT: usize = 4 * 1024 * 1024;

    pub fn new(work: usize) -> Self {
        Self {
            left: Cell::new(work),
        }
    }

    /// Charges this many units. Too many are not charged, so that something smaller may still follow.
    ///
    /// # Errors
    /// When less is left.
    #[inline]
    pub fn charge(&self, units: usize) -> Result<(), Exhausted> {
        let left = self.left.get().checked_sub(units).ok_or(Exhausted)?;
        self.left.set(left);
        Ok(())
    }

    /// Whether this many units could be charged.
    pub fn affords(&self, units: usize) -> bool {
        units <= self.left.get()
    }

    /// Units that may still be charged.
    pub fn left(&self) -> usize {
        self.left.get()
    }
}

impl Default for Meter {
    fn default() -> Self {
        Self::new(Self::DEFAULT)
    }
}
