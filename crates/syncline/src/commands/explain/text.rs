//! An explanation for people: what keeps the job from going on, how it stands, and why.

use serde_json::Value as Json;
use syncline_model::JobId;
use syncline_runner::{Obstacle, Verdict};

use super::{Explained, InSource, References};
use crate::commands::logs;
use crate::report;

pub fn of(explained: &Explained) -> String {
    let mut text = String::new();
    for obstacle in &explained.obstacles {
        text.push_str(&format!("{}\n", standstill(explained, obstacle)));
    }
    text.push_str(&format!("{}\n", verdict(explained)));
    if let Some(reason) = &explained.reason {
        text.push_str(&format!("{}: {}\n", reason.code, reason.reason));
        text.push_str(&format!("What to do: {}\n", reason.advice));
    }
    if explained.matching_anew {
        text.push_str("Everybody is matched anew: whose the target object is is known when the next cycle has ended.\n");
    }
    text.push_str(&who(explained));
    if let Some(escrow) = &explained.escrow {
        let next = match &escrow.next_attempt {
            Some(at) => format!("tried again at {at}"),
            None => "not tried again by itself".to_owned(),
        };
        text.push_str(&format!(
            "failed     first {}, attempts {}; {next}\n",
            escrow.first_failed, escrow.attempts
        ));
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

fn name(explained: &Explained) -> String {
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
fn standstill(explained: &Explained, obstacle: &Obstacle) -> String {
    let job = &explained.job_id;
    match obstacle {
        Obstacle::Paused => format!(
            "Everything stands still: the job is paused. `syncline jobs start --job {job}` lets it go on."
        ),
        Obstacle::Disabled { reason } => format!(
            "Everything stands still ({reason}). {}",
            report::disabled(&JobId(job.clone())).trim_end()
        ),
        Obstacle::Quarantine {
            reason,
            message,
            next_attempt,
        } => format!(
            "Everything stands still: the job is in quarantine ({reason}), and tries again at {}. {} `syncline jobs show --job {job}` says more.",
            next_attempt.to_seconds_text(),
            message.as_deref().unwrap_or_default()
        ),
        Obstacle::Refused { message, .. } => {
            format!("Everything stands still: the target does not let the job in. {message}")
        }
        Obstacle::Unusable { message, .. } => format!(
            "Everything stands still: the job cannot work as it is configured: {message}. `syncline jobs show --job {job}` says what to do."
        ),
    }
}

fn verdict(explained: &Explained) -> String {
    let who = name(explained);
    let job = &explained.job_id;
    let (target, since) = match &explained.target {
        Some(it) if it.name.is_empty() => (it.id.to_string(), it.since.as_str()),
        Some(it) => (it.name.clone(), it.since.as_str()),
        None => (String::new(), ""),
    };
    let next = match &explained.next_due {
        Some(at) => format!("the next cycle is due at {at}"),
        None => "no cycle is due".to_owned(),
    };
    match explained.verdict {
        Verdict::InTarget => format!(
            "{who} is in the target as {target}, linked since {since}, and kept in step{}.",
            would(explained)
        ),
        Verdict::DeletedInTarget => format!(
            "{who} is linked since {since}, but somebody has deleted the target object {target}: it is in the target's recycle bin{}.",
            would(explained)
        ),
        Verdict::GoneFromTarget => format!(
            "{who} is linked since {since}, but somebody has deleted the target object {target} for good{}.",
            would(explained)
        ),
        Verdict::Removed => format!(
            "{who} is not in the target: the job removed {target} at {since}, and it waits in the target's recycle bin{}.",
            would(explained)
        ),
        Verdict::RemovedForGood => format!(
            "{who} is not in the target: the job removed {target} at {since}, and it is gone from the recycle bin{}.",
            would(explained)
        ),
        Verdict::Released => format!(
            "{who} is not kept in step since {since}: the target object {target} stays as it is{}.",
            would(explained)
        ),
        Verdict::Held => format!(
            "The removal of {who} is held by the deletion threshold: the target object {target} stays until then. If it is meant, {}.",
            report::way_out(&JobId(job.clone()), 1)
        ),
        Verdict::PutAside => format!(
            "{who} is in the target as {target}; the cycle in progress has put a delete or disable aside until it has counted them all."
        ),
        Verdict::Failed if explained.target.is_some() => {
            format!("{who} is in the target as {target}, but failed, and is tried again.")
        }
        Verdict::Failed => format!("{who} is not in the target: it failed, and is tried again."),
        Verdict::GivenUp => format!(
            "{who} failed for 4 weeks and was given up. `syncline jobs restart --job {job} --scope Escrows` tries it again."
        ),
        Verdict::WouldFail => {
            format!("{who} is not in the target, and would fail in the next cycle; {next}.")
        }
        Verdict::Skipped => format!("{who} is not in the target: it is skipped."),
        Verdict::NotMapped => format!(
            "{who} is not in the target: the job's schema has no object mapping for a {}.",
            explained.source.kind
        ),
        Verdict::NotStarted => format!(
            "{who} is not in the target: nothing was decided yet, for the job was never started. `syncline jobs start --job {job}` starts it."
        ),
        Verdict::InCycle => format!(
            "{who} is not in the target yet: a cycle goes on and has not come to it, or it changed since."
        ),
        Verdict::Changed => format!(
            "{who} is not in the target yet: it, or the configuration, changed since the last cycle; {next}."
        ),
        Verdict::Unknown => format!("{who} is not in the target, and nothing can be decided now."),
    }
}

/// What the next cycle would make of somebody who is linked; nothing when nothing differs.
fn would(explained: &Explained) -> &'static str {
    let Some(decision) = &explained.decision else {
        return "";
    };
    match field(decision, "/provisioningAction") {
        "create" => "; the next cycle would create it again",
        "update" => "; the next cycle would bring it in step",
        "disable" => "; the next cycle would disable it",
        "delete" => "; the next cycle would delete it",
        _ => "",
    }
}

fn who(explained: &Explained) -> String {
    let source = &explained.source;
    let state = match source.state {
        InSource::Live => "live in the source",
        InSource::InRecycleBin => "in the recycle bin of the source",
        InSource::Gone => "gone from the source",
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
        text.push_str(&format!(
            "{what:<10} {} ({whose} {})\n",
            it.name, it.attribute
        ));
    }
    let more = references.count - references.value.len();
    if more > 0 {
        text.push_str(&format!("           … and {more} more\n"));
    }
    text
}

fn log(explained: &Explained) -> String {
    let job = &explained.job_id;
    let id = &explained.source.id;
    match &explained.last_entry {
        None => "\nThe log has no entry of it.\n".to_owned(),
        Some(entry) => format!(
            "\nThe log said last, at {}: {} {}. `syncline logs --job {job} --user {id}` shows all.\n",
            field(entry, "/activityDateTime"),
            field(entry, "/provisioningAction"),
            field(entry, "/provisioningStatusInfo/status")
        ),
    }
}

fn field<'j>(json: &'j Json, pointer: &str) -> &'j str {
    let found = json.pointer(pointer).and_then(Json::as_str);
    found.unwrap_or_default()
}
