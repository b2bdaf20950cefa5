//! What a configuration keeps beside its job: its target, its scope, its threshold, who is notified.

use serde_json::{Map, Value, json};
use syncline_runner::Secrets;
use syncline_store::{LinkFilter, Reader};

use super::changes::Change;
use super::ends::Ends;
use super::file::{Configuration, Scope, Threshold};
use super::notifications::Notifications;
use super::present::Present;
use crate::failure::Failure;

const TARGET: &str = "CompanyId";
const SKIP: &str = "SkipOutOfScopeDeletions";
const SETTINGS: &str = "SyncNotificationSettings";

/// Keys and the values that they are to have.
pub type Pairs = Vec<(String, String)>;

/// The changes, and what they write.
///
/// # Errors
/// When a value would not be taken, and when the configuration has another target.
pub fn compare(
    reader: &Reader<'_>,
    wanted: &Configuration,
    ends: &Ends,
    present: &Present,
) -> Result<(Vec<Change>, Pairs), Failure> {
    let mut changes = Vec::new();
    let mut pairs = Vec::new();
    let mut set = |key: &str, value: String| pairs.push((key.to_owned(), value));
    if let Some(change) = target(reader, wanted, ends, present)? {
        changes.push(change);
        set(TARGET, ends.target.id.to_string());
        set("AuthenticationType", "SyncPolicy".to_owned());
    }
    let from = present.scope();
    if let Some(to) = wanted.scope.filter(|to| *to != from) {
        changes.push(Change::Scope { from, to });
        set("SyncAll", (to == Scope::All).to_string());
    }
    let from = present.secrets.switch(SKIP);
    if let Some(to) = wanted.skip_out_of_scope_deletions.filter(|to| *to != from) {
        changes.push(Change::SkipOutOfScopeDeletions { to });
        set(SKIP, to.to_string());
    }
    let before = present.secrets.values.get(SETTINGS);
    let before = before.and_then(|text| serde_json::from_str(text).ok());
    let before: Map<String, Value> = before.unwrap_or_default();
    let mut settings = before.clone();
    let (from, broken) = present.threshold();
    let to = wanted.accidental_deletion_threshold;
    if let Some(to) = to.filter(|to| *to != from || broken) {
        changes.push(Change::AccidentalDeletionThreshold { from, to });
        set_threshold(&mut settings, to);
    }
    if let Some(said) = &wanted.notifications {
        let from = Notifications::of(&before);
        let to = from.with(said);
        if to != from {
            to.set(&mut settings);
            changes.push(Change::Notifications { from, to });
        }
    }
    if settings != before {
        set(SETTINGS, Value::Object(settings).to_string());
    }
    for (key, value) in &pairs {
        Secrets::check(key, value, ends.source.id).map_err(|problem| {
            Failure::new(format!("the configuration `{}`: {}", wanted.name, problem.message))
                .with_help("what is stored for it is wrong besides what the file says; `PUT …/synchronization/secrets` with the whole value mends it")
        })?;
    }
    Ok((changes, pairs))
}

/// A job keeps its target: what it has linked is there.
fn target(
    reader: &Reader<'_>,
    wanted: &Configuration,
    ends: &Ends,
    present: &Present,
) -> Result<Option<Change>, Failure> {
    if present.service_principal.is_none() {
        return Ok(Some(Change::CreateConfiguration));
    }
    let refused = |has: &str| {
        Failure::new(format!(
            "the configuration `{}` of {} {has}, and may not go to {}",
            wanted.name,
            ends.source.default_domain(),
            ends.target.default_domain()
        ))
        .with_help("a job keeps its target, for what it has linked is there: give the configuration in the file another name, and it becomes one of its own")
    };
    match present.secrets.values.get(TARGET) {
        Some(company) if company.parse() == Ok(ends.target.id) => Ok(None),
        Some(company) => Err(refused(&format!("goes to the tenant {company}"))),
        None => {
            if let Some(job) = &present.job {
                let any = LinkFilter::default();
                let linked = reader.links_like(job.tenant, &job.id, any, None, 1)?;
                if !linked.is_empty() {
                    return Err(refused("has links into the target that it had before"));
                }
            }
            Ok(Some(Change::SetTarget))
        }
    }
}

/// Gives the settings another threshold, and leaves all else in them as it is.
fn set_threshold(settings: &mut Map<String, Value>, threshold: Threshold) {
    let mut set = |name: &str, value| settings.insert(name.to_owned(), value);
    set("DeleteThresholdEnabled", json!(threshold != Threshold::Off));
    if let Threshold::At(number) = threshold {
        set("DeleteThresholdValue", json!(number));
    }
}
