//! The accidental-deletion gate: deletes and disables of a cycle are counted first; at the
//! threshold they are held until an administrator lets them through.
//!
//! Graph has two places for the threshold: the secrets of the service principal ([`notification_settings`]), and the settings
//! of the job ([`deletes_setting`]). The stricter of both is in force, so that neither is passed over.

pub mod deletes_setting;
pub mod notification_settings;
mod words;

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
    /// What both places ask for together, and what is wrong with what is stored in either. `notifications`: the secret
    /// `SyncNotificationSettings`.
    pub fn of(
        notifications: Option<&str>,
        settings: &[(String, String)],
    ) -> (Self, Option<String>) {
        let (gate, wrong) = Self::in_force(notifications);
        let (gate, wrong_setting) = gate.with_settings(settings);
        let all: Vec<String> = wrong.into_iter().chain(wrong_setting).collect();
        (gate, (!all.is_empty()).then(|| all.join("; ")))
    }

    /// Whether it is closed, of so many removals, because so many of them are held since an earlier cycle. These may be none
    /// any more: the target may have removed their objects itself.
    pub fn depends_on(&self, held: u64, removals: u64) -> bool {
        let is_closed = |removals| self.verdict(removals) == Verdict::Held;
        is_closed(removals) && !is_closed(removals.saturating_sub(held))
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
