//! Who is to be written to about a job: kept beside its threshold, as Graph's clients send it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

const ENABLED: &str = "Enabled";
const RECIPIENTS: &str = "Recipients";

/// What is in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notifications {
    pub enabled: bool,
    /// Mail addresses, as they stand there.
    pub recipients: String,
}

/// What a file says of them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    pub enabled: Option<bool>,
    pub recipients: Option<String>,
}

impl Notifications {
    /// Of `SyncNotificationSettings`.
    pub fn of(settings: &Map<String, Value>) -> Self {
        let enabled = match settings.get(ENABLED) {
            Some(Value::Bool(it)) => *it,
            // Some clients write them as text.
            Some(Value::String(text)) => text.trim().eq_ignore_ascii_case("true"),
            _ => false,
        };
        let recipients = settings.get(RECIPIENTS).and_then(Value::as_str);
        Self {
            enabled,
            recipients: recipients.unwrap_or_default().to_owned(),
        }
    }

    /// As they are with what a file says.
    pub fn with(&self, wanted: &Wanted) -> Self {
        let recipients = wanted.recipients.as_deref().map(str::trim);
        Self {
            enabled: wanted.enabled.unwrap_or(self.enabled),
            recipients: recipients.unwrap_or(&self.recipients).to_owned(),
        }
    }

    /// Writes them into the settings, and leaves all else there as it is.
    pub fn set(&self, settings: &mut Map<String, Value>) {
        settings.insert(ENABLED.to_owned(), json!(self.enabled));
        settings.insert(RECIPIENTS.to_owned(), json!(self.recipients));
    }
}

impl fmt::Display for Notifications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = match self.recipients.as_str() {
            "" => "nobody",
            recipients => recipients,
        };
        write!(f, "{}, to {to}", if self.enabled { "on" } else { "off" })
    }
}
