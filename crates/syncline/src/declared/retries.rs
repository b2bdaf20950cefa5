//! When what failed is tried again: settings of the job.

use serde::{Deserialize, Serialize};
use syncline_engine::escrow::{self, GIVE_UP_AFTER, RETRY_AFTER, RETRY_EVERY, Timetable};
use syncline_model::Job;

/// What a file says of it: ISO 8601 durations.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Wanted {
    /// After the first failure.
    pub after: Option<Vec<String>>,
    /// Further tries.
    pub every: Option<String>,
    /// After the first failure.
    pub give_up_after: Option<String>,
}

impl Wanted {
    /// As settings of a job.
    fn settings(&self) -> Vec<(String, String)> {
        let after = self.after.as_ref().map(|all| all.join(","));
        [
            (RETRY_AFTER, after),
            (RETRY_EVERY, self.every.clone()),
            (GIVE_UP_AFTER, self.give_up_after.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
    }

    /// # Errors
    /// What is expected of a value that no job may have.
    pub fn check(&self) -> Result<(), String> {
        for (name, value) in self.settings() {
            let key = match name.as_str() {
                RETRY_AFTER => "after",
                RETRY_EVERY => "every",
                _ => "giveUpAfter",
            };
            let refused =
                |expected| format!("`retries.{key}` cannot be `{value}`: expected {expected}");
            if value.is_empty() {
                return Err(refused("a duration, e.g. P1D".to_owned()));
            }
            escrow::check(&name, &value).map_err(refused)?;
        }
        Ok(())
    }

    /// The timetable of a job with what the file says; `None`: of a new one.
    pub fn of(&self, job: Option<&Job>) -> Timetable {
        let mut settings = job.map(|job| job.settings.clone()).unwrap_or_default();
        let wanted = self.settings();
        settings.retain(|(known, _)| wanted.iter().all(|(name, _)| name != known));
        settings.extend(wanted);
        Timetable::of(&settings)
    }
}

/// A timetable as a file has it.
pub mod timetable {
    use serde::de::Error as _;
    use serde::{Deserializer, Serializer};

    use super::{Deserialize as _, Serialize as _, Shown, Timetable};

    pub fn serialize<S: Serializer>(it: &Timetable, serializer: S) -> Result<S::Ok, S::Error> {
        Shown::from(it).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timetable, D::Error> {
        let wanted = super::Wanted::deserialize(deserializer)?;
        wanted.check().map_err(D::Error::custom)?;
        Ok(wanted.of(None))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    after: Vec<String>,
    every: String,
    give_up_after: String,
}

impl From<&Timetable> for Shown {
    fn from(timetable: &Timetable) -> Self {
        let [(_, after), (_, every), (_, give_up_after)] = timetable.settings();
        Self {
            after: after.split(',').map(str::to_owned).collect(),
            every,
            give_up_after,
        }
    }
}
