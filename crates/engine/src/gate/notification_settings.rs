//! `SyncNotificationSettings`: a JSON object as text, in which an administrator sets the
//! accidental-deletion threshold. Nobody is notified by mail: what is said about that is kept and not read.

use serde_json::{Map, Value};
use syncline_expression::closest;

use super::Gate;
use super::words::{MOST_TOLD, cut, is_about_deleting};

/// What Graph's portal and samples send. Others are kept and not read, unless one of these was meant.
const MEMBERS: &[&str] = &[
    "Enabled",
    "Recipients",
    "DeleteThresholdEnabled",
    "DeleteThresholdValue",
    "HumanResourcesLookaheadQueryEnabled",
];

const SWITCHES: &[&str] = &[
    "Enabled",
    "DeleteThresholdEnabled",
    "HumanResourcesLookaheadQueryEnabled",
];

impl Gate {
    /// From the job's `SyncNotificationSettings` secret, and what is wrong with it. Settings that can
    /// not be read leave the gate on: the safe side.
    pub fn in_force(settings: Option<&str>) -> (Self, Option<String>) {
        let Some(text) = settings else {
            return (Self::default(), None);
        };
        match read(text) {
            Ok(gate) => (gate, None),
            Err(wrong) => (safest(text), Some(wrong)),
        }
    }
}

/// The gate that these settings ask for; what they leave out is as at first.
///
/// # Errors
/// Everything that is wrong with them, in words.
pub fn read(text: &str) -> Result<Gate, String> {
    let members = members(text).ok_or("it is no JSON object as text")?;
    let wrong = members
        .iter()
        .filter_map(|(name, value)| trouble(name, value));
    let wrong: Vec<String> = wrong.take(MOST_TOLD).collect();
    if !wrong.is_empty() {
        return Err(wrong.join("; "));
    }
    let first = Gate::default();
    let enabled = members.get("DeleteThresholdEnabled").and_then(boolean);
    let threshold = members.get("DeleteThresholdValue").and_then(number);
    Ok(Gate {
        enabled: enabled.unwrap_or(first.enabled),
        threshold: threshold.unwrap_or(first.threshold),
    })
}

/// For settings that can not be read and are stored nevertheless. They switch nothing off, and a number
/// that somebody evidently meant counts where it lets less through.
pub fn safest(text: &str) -> Gate {
    let meant = members(text).and_then(|members| {
        let values = members
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("DeleteThresholdValue"));
        values.filter_map(|(_, value)| number(value)).min()
    });
    let first = Gate::default();
    Gate {
        enabled: true,
        threshold: meant.map_or(first.threshold, |it| it.min(first.threshold)),
    }
}

fn members(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(text).ok()
}

fn trouble(name: &str, value: &Value) -> Option<String> {
    if !MEMBERS.contains(&name) {
        let hint = match closest(name, MEMBERS.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if is_about_deleting(name) => format!("it has {}", MEMBERS.join(", ")),
            None => return None,
        };
        return Some(format!("`{}` is not a member of it; {hint}", cut(name)));
    }
    if value.is_null() {
        return None;
    }
    if SWITCHES.contains(&name) && boolean(value).is_none() {
        return Some(format!("`{name}` is {}, not true or false", shown(value)));
    }
    if name == "DeleteThresholdValue" && number(value).is_none() {
        return Some(format!(
            "`{name}` is {}, not a whole number of 0 or more",
            shown(value)
        ));
    }
    None
}

fn shown(value: &Value) -> String {
    cut(&value.to_string())
}

/// Clients write Booleans and numbers as such or as text.
fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(it) => Some(*it),
        Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(it) => it.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
