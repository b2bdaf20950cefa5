//! The accidental-deletion gate: deletes and disables of a cycle are counted first; at the
//! threshold they are held until an administrator lets them through.

/// The gate of a job. On at 500 unless it was switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    pub enabled: bool,
    pub threshold: u64,
}

/// What becomes of a cycle's removals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Open,
    Held,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            enabled: true,
            threshold: 500,
        }
    }
}

impl Gate {
    /// Entra holds a cycle when the threshold is met, not only when it is passed.
    pub fn verdict(&self, removals: u64) -> Verdict {
        if self.enabled && removals > 0 && removals >= self.threshold {
            Verdict::Held
        } else {
            Verdict::Open
        }
    }
}
