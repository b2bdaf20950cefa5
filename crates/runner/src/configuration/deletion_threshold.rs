//! The accidental-deletion threshold of a job, for those who ask which one is in force.

use serde::{Deserialize, Serialize};
use syncline_engine::gate::Gate;

use super::secrets::Secrets;

/// From so many deletes and disables on, a cycle holds them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletionThreshold {
    pub enabled: bool,
    pub value: u64,
    /// What is wrong with the settings that are stored. They are not followed then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl DeletionThreshold {
    /// Of a job with these settings.
    pub fn of(secrets: &Secrets, settings: &[(String, String)]) -> Self {
        Self::from_gate(secrets.gate(settings))
    }

    pub(crate) fn from_gate((gate, problem): (Gate, Option<String>)) -> Self {
        Self {
            enabled: gate.enabled,
            value: gate.threshold,
            problem,
        }
    }
}

impl Default for DeletionThreshold {
    fn default() -> Self {
        Self::from_gate((Gate::default(), None))
    }
}
