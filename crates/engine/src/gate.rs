//! The accidental-deletion gate: deletes and disables of a cycle are counted first; at the
//! threshold they are held until an administrator lets them through.

use serde::Deserialize;

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

/// The part of `SyncNotificationSettings` that is about deletions; the rest is not read here.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct NotificationSettings {
    delete_threshold_enabled: Option<serde_json::Value>,
    delete_threshold_value: Option<serde_json::Value>,
}

impl Gate {
    /// From the job's `SyncNotificationSettings` secret, a JSON text. Text that can not be read
    /// leaves the gate on: the safe side.
    pub fn from_notification_settings(settings: Option<&str>) -> Self {
        let settings: NotificationSettings = settings
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let default = Self::default();
        Self {
            enabled: settings
                .delete_threshold_enabled
                .as_ref()
                .and_then(boolean)
                .unwrap_or(default.enabled),
            threshold: settings
                .delete_threshold_value
                .as_ref()
                .and_then(number)
                .unwrap_or(default.threshold),
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

/// Clients write Booleans and numbers as such or as text.
fn boolean(value: &serde_json::Value) -> Option<bool> {
    match value {
        serde_json::Value::Bool(it) => Some(*it),
        serde_json::Value::String(text) => text.to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

fn number(value: &serde_json::Value) -> Option<u64> {
    match value {
        serde_json::Value::Number(it) => it.as_u64(),
        serde_json::Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
