//! An explanation for people: what keeps the job from going on, how it stands, and why.

use serde_json::Value as Json;
use syncline_model::JobId;
use syncline_runner::{Bringer, Bringing, EndState, Obstacle, Verdict};

use super::{Explained, Linked, Next, References};
use crate::commands::logs;
use crate::{output, report};

pub fn of(explained: &Explained) -> String {
    let mut text = String::new();
    for obstacle in &explained.obstacles {
        text.push_str(&format!("{}\n", standstill(explained, obstacle)));
    }
    text.push_str(&format!("{}\n", verdict(explained)));
    if let Some(reason) = &explained.reason {
        text.push_str(&format!("{}: {}\n", reason.code, reason.reason));
        if !would_succeed(explained) {
            text.push_str(&format!("What to do: {}\n", reason.advice));
        }
    }
    if explained.matching_anew {
        text.push_str("Everybody is matched anew: whose the target object is is known when the next cycle has ended.\n");
    }
    text.push_str(&who(explained));
    if let Some(escrow) = &explained.escrow {
        let next = match &escrow.next_attempt {
            Some(at) => format!("tried again at {at}"),
            None if escrow.given_up => "not tried again by itself".to_owned(),
            None => "tried again when the job goes on".to_owned(),
        };
        let (first_failed, attempts) = (&escrow.first_failed, escrow.attempts);
        // Waiting is no attempt that failed.
        text.push_str(&match explained.verdict {
            Verdict::AwaitsConsent => format!("waits      since {first_failed}; {next}\n"),
            _ => format!("failed     first {first_failed}, attempts {attempts}; {next}\n"),
        });
    }
    for other in &explained.other_jobs {
        text.push_str(&format!(
            "other job  {} keeps the target object {} in step, for the source object {}\n",
            other.job, other.target, other.source
        ));
    }
    text.push_str(&references("waits for", &explained.waits_for, "its"));
    text.push_str(&references("waited for", &explained.waited_for, "as"));
    if let Some(decision) = &explained.decision {
        let action = field(decision, "/provisioningAction");
        let status = field(decision, "/provisioningStatusInfo/status");
        text.push_str(&format!(
            "\nA cycle would decide now: {action} {status}\n{}",
            logs::details(decision, false)
        ));
    }
    text.push_str(&log(explained));
    text
}

pub(super) fn name(explained: &Explained) -> String {
    let source = &explained.source;
    let name = match source.name.is_empty() {
        true => &source.display_name,
        false => &source.name,
    };
    match name.is_empty() {
        true => source.id.to_string(),
        false => name.clone(),
    }
}

/// Why everything stands still, and what to do.
pub(super) fn standstill(explained: &Explained, obstacle: &Obstacle) -> String {
    let job = &explained.job_id;
    match obstacle {
        Obstacle::NotStarted => format!(
            "Everything stands still: the job was never started. `syncline jobs start --job {job}` starts it."
        ),
        Obstacle::Paused => format!(
            "Everything stands still: the job is paused. `syncline jobs start --job {job}` lets it go on."
        ),
        Obstacle::Disabled { reason } => format!(
            "Everything stands still ({reason}). {}",
            report::disabled(&JobId(job.clone())).trim_end()
        ),
        Obstacle::Quarantine {
            reason,
            let_in_again: true,
            ..
        } => format!(
            "Everything stands still: the job is in quarantine ({reason}), for the target did not let it in. It does now: a scheduler lets the job go on in a moment, and `syncline jobs start --job {job}` does so at once."
        ),
        Obstacle::Quarantine {
            reason,
            message,
            next_attempt,
            ..
        } => format!(
            "Everything stands still: the job is in quarantine ({reason}), and tries again at {}. {} `syncline jobs show --job {job}` says more.",
            next_attempt,
            message.as_deref().unwrap_or_default()
        ),
        Obstacle::Refused { message, .. } => {
            format!("Everything stands still: the target does not let the job in. {message}")
        }
        Obstacle::Unusable { message, .. } => format!(
            "Everything stands still: the job cannot work as it is configured: {}. `syncline jobs show --job {job}` says what to do.",
            message.trim_end_matches('.')
        ),
    }
}

pub(super) fn verdict(explained: &Explained) -> String {
    let who = name(explained);
    let job = &explained.job_id;
    let target = explained.target.as_ref().map(named).unwrap_or_default();
    let since = explained.target.as_ref().map_or("", |it| it.since.as_str());
    let (would, absent) = (would(explained), absent(explained));
    let next = match &explained.next_due {
        Some(at) => format!("the next cycle is due at {at}"),
        None => "no cycle is due".to_owned(),
    };
    match explained.verdict {
        Verdict::InTarget => {
            let state = explained.target.as_ref().and_then(|it| it.state);
            let kept = match explained.next {
                Next::Skip => ", but not kept in step",
                Next::Unknown if state.is_some() => {
                    ", but not kept in step, for the job's schema has no object mapping for its kind"
                }
                Next::Unknown | Next::Fail | Next::Release => "",
                _ => ", and kept in step",
            };
            format!(
                "{who} {}, linked since {since}{kept}{would}.",
                presence(explained)
            )
        }
        Verdict::DeletedInTarget => format!(
            "{who} is linked since {since}, but somebody has deleted the target object {target}: it is in the target's recycle bin{would}."
        ),
        Verdict::GoneFromTarget => format!(
            "{who} is linked since {since}, but somebody has deleted the target object {target} for good{would}."
        ),
        Verdict::Removed => {
            let waits = match explained.target.as_ref().and_then(|it| it.state) {
                Some(_) => ", and waits in the target's recycle bin",
                None => "",
            };
            format!(
                "{who} is not kept in the target: {target} was removed at {since}{waits}{would}."
            )
        }
        Verdict::RemovedForGood => format!(
            "{who} is not in the target: {target} was removed at {since}, and is gone from the recycle bin{would}."
        ),
        Verdict::RestoredInTarget => format!(
            "{who} was removed at {since}, but somebody has restored the target object {target}{would}."
        ),
        Verdict::Released => {
            let left = match explained.target.as_ref().and_then(|it| it.state) {
                Some(EndState::Live) => "stays as it is",
                Some(EndState::InRecycleBin) => "is in the target's recycle bin",
                Some(EndState::Gone) => "was deleted for good",
                None => "is left alone",
            };
            format!(
                "{who} is not kept in step since {since}: the target object {target} {left}{would}."
            )
        }
        Verdict::Held => {
            let way_out = match explained.deletes_are_forced {
                true => "The next cycle lets it through".to_owned(),
                false => format!(
                    "If it is meant, {}",
                    report::way_out(&JobId(job.clone()), 1)
                ),
            };
            let what = match explained.next {
                Next::Delete | Next::DeleteForGood => "its deletion",
                Next::Disable | Next::Update => "that it is disabled there",
                _ => "its delete or disable",
            };
            format!(
                "{who} {}; {what} is held by the deletion threshold. {way_out}.",
                presence(explained)
            )
        }
        Verdict::PutAside => format!(
            "{who} {}; the cycle in progress has put aside what is to be done with it until it has counted all removals.",
            presence(explained)
        ),
        Verdict::Failed => {
            let now = match would_succeed(explained) {
                true => ". As far as can be told beforehand, it would not fail now",
                false => "",
            };
            format!(
                "{who} {}; it failed, and is tried again{now}.",
                presence(explained)
            )
        }
        Verdict::AwaitsConsent => {
            let then = match would_succeed(explained) {
                true => "waited until the target lets its kind in, and comes with the next cycle",
                false => {
                    "waits until the target lets its kind in, and comes with the first cycle after that"
                }
            };
            format!("{who} {}; it {then}.", presence(explained))
        }
        Verdict::GivenUp => format!(
            "{who} {}; it failed for too long, and is not tried again until the source or the configuration changes. `syncline jobs restart --job {job} --scope Escrows` tries it again.",
            presence(explained)
        ),
        Verdict::WouldFail => {
            format!("{who} {absent}, and would fail in the next cycle; {next}.")
        }
        Verdict::Skipped => format!("{who} is not in the target: it is skipped."),
        Verdict::NotMapped => format!(
            "{who} is not in the target: the job's schema has no object mapping for a {}.",
            explained.source.kind
        ),
        Verdict::NotStarted => {
            format!("{who} {absent}: nothing was decided yet.")
        }
        Verdict::InCycle => format!(
            "{who} {absent} yet: a cycle has begun and has not come to it, or it changed since."
        ),
        Verdict::Changed => {
            format!(
                "{who} {absent} yet: no cycle has looked at it, or it, the configuration or the target has changed since; {next}."
            )
        }
        Verdict::Unknown => format!("{who} {absent}, and nothing can be decided now."),
    }
}

fn named(target: &Linked) -> String {
    match target.name.is_empty() {
        true => target.id.to_string(),
        false => target.name.clone(),
    }
}

/// Whether it is in the target, as far as that can be read.
fn presence(explained: &Explained) -> String {
    let Some(target) = &explained.target else {
        return absent(explained).to_owned();
    };
    let name = named(target);
    match target.state {
        Some(EndState::Live) => format!("is in the target as {name}"),
        Some(EndState::InRecycleBin) => {
            format!("is not in the target, where {name} is in the recycle bin")
        }
        Some(EndState::Gone) => {
            format!("is not in the target, where {name} was deleted for good")
        }
        None => format!("is linked to the target object {name}"),
    }
}

/// Whether what failed would not any more. A target says that beforehand of creates alone.
fn would_succeed(explained: &Explained) -> bool {
    explained.escrow.is_some() && explained.next == Next::Create
}

/// What a cycle would make of somebody who is linked; nothing when nothing differs. Which one looks at him is not
/// said: what the target changed by itself is seen only when the source changes, or everything is read again.
fn would(explained: &Explained) -> String {
    let what = match explained.next {
        Next::Unknown | Next::Nothing | Next::Skip => return String::new(),
        Next::Update | Next::Restore if let Some(other) = another(explained) => {
            format!("link it to another target object, {other}")
        }
        Next::Create => "create it again".to_owned(),
        Next::Update => "bring it in step".to_owned(),
        Next::Disable => "disable it".to_owned(),
        Next::Delete => "delete it".to_owned(),
        Next::DeleteForGood => "delete it for good".to_owned(),
        Next::Restore if explained.let_go_again => {
            "restore it, and leave it as it is from then on".to_owned()
        }
        Next::Restore => "restore it".to_owned(),
        Next::Release => "leave it as it is from then on".to_owned(),
        Next::Fail => "fail with it".to_owned(),
    };
    format!("; the next cycle that looks at it would {what}")
}

/// The target object that it would be linked to, if that is another one than it is linked to.
fn another(explained: &Explained) -> Option<String> {
    let linked = explained.target.as_ref()?.id.to_string();
    let found = field(explained.decision.as_ref()?, "/targetIdentity/id");
    (!found.is_empty() && found != linked).then(|| found.to_owned())
}

/// How whoever has no link is not in the target: there may be an object that it would be linked to.
fn absent(explained: &Explained) -> &'static str {
    match explained.next {
        Next::Create | Next::Skip => "is not in the target",
        _ => "is not linked by this job",
    }
}

fn who(explained: &Explained) -> String {
    let source = &explained.source;
    let state = match source.state {
        EndState::Live => "live in the source",
        EndState::InRecycleBin => "in the recycle bin of the source",
        EndState::Gone => "gone from the source",
    };
    let mut text = format!(
        "{:<10} {} ({}), {state}",
        source.kind,
        name(explained),
        source.id
    );
    if !source.display_name.is_empty() && !source.name.is_empty() {
        text.push_str(&format!(", {}", source.display_name));
    }
    text.push('\n');
    text
}

fn references(what: &str, references: &References, whose: &str) -> String {
    let mut text = String::new();
    for it in &references.value {
        let mut brought: String = it.jobs.iter().map(bringer).collect();
        if it.more_jobs {
            brought.push_str(", and not all other jobs were asked whether they bring it");
        }
        text.push_str(&format!(
            "{what:<10} {} ({whose} {}){brought}\n",
            it.name, it.attribute
        ));
    }
    let more = references.count - references.value.len();
    if more > 0 {
        text.push_str(&format!("           … and {more} more\n"));
    }
    text
}

fn bringer(it: &Bringer) -> String {
    let job = &it.job;
    let but = match it.bringing {
        Bringing::Brings => return format!(", whom the job {job} brings"),
        Bringing::Fails => "but where it fails",
        Bringing::NotStarted => "but was never started",
        Bringing::Paused => "but is paused",
        Bringing::Disabled => "but is disabled",
    };
    format!(", whom the job {job} has in its scope, {but}")
}

fn log(explained: &Explained) -> String {
    let job = &explained.job_id;
    let id = &explained.source.id;
    let mut said = match &explained.last_entry {
        None => "\nThe log has no entry of it.\n".to_owned(),
        Some(entry) => format!(
            "\nThe log said last, at {}: {} {}. `syncline logs --job {job} --user {id}` shows all.\n",
            logs::when(entry),
            field(entry, "/provisioningAction"),
            field(entry, "/provisioningStatusInfo/status")
        ),
    };
    said.push_str(&output::unreadable("log entry", &explained.unreadable));
    said
}

pub(super) fn field<'j>(json: &'j Json, pointer: &str) -> &'j str {
    let found = json.pointer(pointer).and_then(Json::as_str);
    found.unwrap_or_default()
}
