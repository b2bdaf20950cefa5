//! A difference for people.

use super::changes::Change;
use super::difference::{Difference, Differences};
use super::file::State;
use super::schema_changes::SchemaChange;
use crate::commands::begins::Begins;

/// Of what is otherwise in a schema: nobody reads more at once.
const MOST_SHOWN: usize = 30;

pub fn text(all: &Differences) -> String {
    let mut text = String::new();
    for difference in &all.configurations {
        text.push_str(&one(difference, all.applied));
    }
    text
}

fn one(difference: &Difference, applied: bool) -> String {
    let Difference {
        name,
        source,
        target,
        changes,
        ..
    } = difference;
    let mut text = format!("{name}: {source} → {target}\n");
    if changes.is_empty() {
        text.push_str("  all is as the file says\n");
    }
    for change in changes {
        text.push_str(&format!("  {}\n", line(change, difference)));
    }
    if let Some((_, refused)) = &difference.refused {
        text.push_str(&format!("  ! the job could not work: {refused}\n"));
    }
    for remark in &difference.remarks {
        text.push_str(&format!("  ! {remark}\n"));
    }
    if applied && difference.refused.is_none() {
        text.push_str(&next(difference));
    }
    text
}

/// What becomes of a thing; the sign before it says whether that is new, other or gone.
pub fn line(change: &Change, difference: &Difference) -> String {
    let Difference { source, target, .. } = difference;
    match change {
        Change::UsersAllowed { to } => lets(*to, target, "users", source),
        Change::GroupsAllowed { to } => lets(*to, target, "groups", source),
        Change::InboundRedemption { to: true } => {
            format!("+ {target} redeems invitations of {source} automatically")
        }
        Change::InboundRedemption { to: false } => {
            format!("- {target} no longer redeems invitations of {source} automatically")
        }
        Change::OutboundRedemption { to: true } => {
            format!("+ {source} consents for its users that {target} does")
        }
        Change::OutboundRedemption { to: false } => {
            format!("- {source} no longer consents for its users that {target} does")
        }
        Change::CreateConfiguration => {
            "+ the configuration, an application with its service principal".to_owned()
        }
        Change::Rename { from, to } => format!("~ name: {from} → {to}"),
        Change::SetTarget => format!("~ target: none → {target}"),
        Change::CreateJob => "+ its job".to_owned(),
        Change::Scope { from, to } => format!("~ scope: {from} → {to}"),
        Change::AccidentalDeletionThreshold { from, to } => {
            format!("~ accidental-deletion threshold: {from} → {to}")
        }
        Change::Notifications { from, to } => {
            format!("~ notifications: {from} → {to}")
        }
        Change::Retries { from, to } => format!("~ retries: {from} → {to}"),
        Change::SkipOutOfScopeDeletions { to: true } => {
            "+ whoever leaves the scope stays in the target".to_owned()
        }
        Change::SkipOutOfScopeDeletions { to: false } => {
            "- whoever leaves the scope no longer stays in the target".to_owned()
        }
        Change::Interval { from, to } => format!("~ interval: {from} → {to}"),
        Change::Continuous { to: true } => "~ continuous mode: on".to_owned(),
        Change::Continuous { to: false } => "~ continuous mode: off".to_owned(),
        Change::Assign { kind, name, .. } => {
            format!("+ assigned: {} {name}", kind.graph_name())
        }
        Change::Unassign { kind, name, .. } => {
            format!("- no longer assigned: {} {name}", kind.graph_name())
        }
        Change::SaveSchema {
            new: true,
            differences,
        } => format!("+ the schema of the file{}", schema(differences)),
        Change::SaveSchema {
            new: false,
            differences,
        } => format!("~ schema: as the file has it{}", schema(differences)),
        Change::State { to: State::Started } => match (&difference.resumes, &difference.job_id) {
            (Some(resumed), Some(job)) => format!("~ started: the job {job} {}", resumed.text()),
            _ => "~ started".to_owned(),
        },
        Change::State { to: State::Paused } => "~ paused".to_owned(),
    }
}

/// In what a schema differs, each on a line of its own.
fn schema(differences: &[SchemaChange]) -> String {
    let mut text = String::new();
    for change in differences.iter().take(MOST_SHOWN) {
        text.push_str(&format!("\n      {}", change.text()));
    }
    if let Some(more) = differences.len().checked_sub(MOST_SHOWN + 1) {
        let more = more + 1;
        text.push_str(&format!("\n      and {more} more (--output json has all)"));
    }
    text
}

fn lets(to: bool, target: &str, whom: &str, source: &str) -> String {
    match to {
        true => format!("+ {target} lets {whom} of {source} be synchronized into it"),
        false => format!("- {target} no longer lets {whom} of {source} be synchronized into it"),
    }
}

/// What to do when it is written.
fn next(difference: &Difference) -> String {
    let Some(job) = &difference.job_id else {
        return String::new();
    };
    if !difference.started {
        return format!(
            "  The job is not started. Next:\n    syncline plan --job {job}         what its first cycle would do\n    syncline jobs start --job {job}\n"
        );
    }
    if let Some(quarantine) = &difference.quarantine
        && !difference.changes.is_empty()
    {
        return format!(
            "  The job is in quarantine ({}): the next cycle, which follows it, is due at {}. Next:\n    syncline plan --job {job}         what that would do\n    syncline jobs start --job {job}   makes it due at once\n",
            quarantine.reason, quarantine.next_attempt
        );
    }
    if difference.active && !difference.changes.is_empty() {
        // What it does cannot be looked at before that.
        if let Some(begins @ (Begins::Here | Begins::Elsewhere)) = difference.begins {
            return format!(
                "  The next cycle follows it: {}\n",
                begins.text(job.as_str())
            );
        }
        let nobody = difference.begins.and_then(|it| it.nobody(job));
        let nobody = nobody.map_or_else(String::new, |it| format!("  But {it}\n"));
        return format!(
            "  The next cycle follows it. Next:\n    syncline plan --job {job}         what that would do\n{nobody}"
        );
    }
    String::new()
}
