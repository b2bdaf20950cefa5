//! `QuarantineTooManyDeletesThreshold`: the setting of a job from which number of deletes and disables on a cycle holds
//! them. Graph has it beside the threshold in the secrets ([`super::notification_settings`]).

use syncline_expression::closest;

use super::Gate;
use super::words::{MOST_TOLD, cut, is_about_deleting};

pub const DELETES_THRESHOLD: &str = "QuarantineTooManyDeletesThreshold";

impl Gate {
    /// With what the settings of the job ask for, and what is wrong with these. It is never looser by them: one that can
    /// not be read leaves the gate on, and a number that somebody evidently meant counts where it lets less through.
    pub fn with_settings(self, settings: &[(String, String)]) -> (Self, Option<String>) {
        let mut gate = self;
        for (name, value) in settings.iter().filter(|(name, _)| is_meant(name)) {
            let asked = match (check(name, value), number(value)) {
                (Ok(()), asked) => asked,
                (Err(_), meant) => {
                    let first = Self::default().threshold;
                    Some(meant.map_or(first, |it| it.min(first)))
                }
            };
            gate = asked.map_or(gate, |asked| gate.at_most(asked));
        }
        (gate, wrong(settings))
    }

    fn at_most(self, removals: u64) -> Self {
        let threshold = match self.enabled {
            true => self.threshold.min(removals),
            false => removals,
        };
        Self {
            enabled: true,
            threshold,
        }
    }
}

/// Whether a job may have this setting, as far as it is about deletes. Empty stands for none.
///
/// # Errors
/// What is wrong with it, in words.
pub fn check(name: &str, value: &str) -> Result<(), String> {
    if name.eq_ignore_ascii_case(DELETES_THRESHOLD) {
        if value.is_empty() || number(value).is_some() {
            return Ok(());
        }
        return Err(format!(
            "the setting `{DELETES_THRESHOLD}` of the job is `{}`, not a whole number of 0 or more",
            cut(value)
        ));
    }
    if value.is_empty() || !is_meant(name) {
        return Ok(());
    }
    let hint = match closest(name, [DELETES_THRESHOLD]) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!(
            "of deletes it has `{DELETES_THRESHOLD}` alone, and the secrets have `SyncNotificationSettings` and `SkipOutOfScopeDeletions`"
        ),
    };
    Err(format!(
        "`{}` is no setting of a job that is read; {hint}",
        cut(name)
    ))
}

/// What is wrong with settings that are stored: they were taken before they were checked.
pub fn wrong(settings: &[(String, String)]) -> Option<String> {
    let found = settings
        .iter()
        .filter_map(|(name, value)| check(name, value).err());
    let found: Vec<String> = found.take(MOST_TOLD).collect();
    (!found.is_empty()).then(|| found.join("; "))
}

/// Whether a setting is this one or is taken for it by whoever sends it, who relies on it then.
pub fn is_meant(name: &str) -> bool {
    is_about_deleting(name) || closest(name, [DELETES_THRESHOLD]).is_some()
}

fn number(value: &str) -> Option<u64> {
    value.trim().parse().ok()
}
