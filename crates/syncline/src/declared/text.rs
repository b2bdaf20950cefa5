//! A difference for people.

use super::changes::Change;
use super::difference::{Difference, Differences};
use super::file::State;

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
    if let Some(refused) = &difference.refused {
        text.push_str(&format!("  ! the job could not work: {refused}\n"));
    }
    text.push_str(&next(difference, applied));
    text
}

/// What becomes of a thing; its first letter says whether it is new, other or gone.
pub fn line(change: &Change, difference: &Difference) -> String {
    let Difference { source, target, .. } = difference;
    let allows = |to: bool| match to {
        true => ("+", "lets"),
        false => ("-", "no longer lets"),
    };
    match change {
        Change::UsersAllowed { to } => {
            let (sign, lets) = allows(*to);
            format!("{sign} {target} {lets} users of {source} be synchronized into it")
        }
        Change::GroupsAllowed { to } => {
            let (sign, lets) = allows(*to);
            format!("{sign} {target} {lets} groups of {source} be synchronized into it")
        }
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
        Change::SetTarget => format!("~ target: none → {target}"),
        Change::CreateJob => "+ its job".to_owned(),
        Change::Scope { from, to } => format!("~ scope: {from} → {to}"),
        Change::AccidentalDeletionThreshold { from, to } => {
            format!("~ accidental-deletion threshold: {from} → {to}")
        }
        Change::Assign { kind, name, .. } => format!("+ assigned: {} {name}", kind.graph_name()),
        Change::Unassign { kind, name, .. } => {
            format!("- no longer assigned: {} {name}", kind.graph_name())
        }
        Change::SaveSchema { new: true } => "+ the schema of the file".to_owned(),
        Change::SaveSchema { new: false } => "~ schema: as the file has it".to_owned(),
        Change::State { to: State::Started } => "~ started".to_owned(),
        Change::State { to: State::Paused } => "~ paused".to_owned(),
    }
}

fn next(difference: &Difference, applied: bool) -> String {
    let Some(job) = &difference.job_id else {
        return String::new();
    };
    match (applied, difference.active, difference.changes.is_empty()) {
        (true, false, _) => format!(
            "  The job does not run. Next:\n    syncline plan --job {job}         what its next cycle would do\n    syncline jobs start --job {job}\n"
        ),
        (true, true, false) => format!(
            "  The next cycle follows it. Next:\n    syncline plan --job {job}         what that would do\n"
        ),
        _ => String::new(),
    }
}
