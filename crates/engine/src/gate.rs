//! The accidental-deletion gate: deletes and disables of a cycle are counted first; at the
//! threshold they are held until an administrator lets them through.

use crate::notification_settings;

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
    /// From the job's `SyncNotificationSettings` secret, and what is wrong with it. Settings that can
    /// not be read leave the gate on: the safe side.
    pub fn in_force(settings: Option<&str>) -> (Self, Option<String>) {
        let Some(text) = settings else {
            return (Self::default(), None);
        };
        match notification_settings::read(text) {
            Ok(gate) => (gate, None),
            Err(wrong) => (notification_settings::safest(text), Some(wrong)),
        }
    }

    /// Entra holds a cycle when the threshold is met, not only when it is passed.
    pub fn verdict(&self, removals: u64) -> Verdict {
        if self.enabled && removals > 0 && removals >= self.threshold {
            Verdict::Held
        } else {
            Verdict::Open
        }
    }
}
