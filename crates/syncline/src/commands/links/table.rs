//! The words and columns that both lists share.

use std::path::Path;

use syncline_model::EntityKind;
use syncline_runner::{Obstacle, SourceState, TargetState};

use super::End;

/// Columns of a file of links.
pub(super) const LINKS: [&str; 11] = [
    "kind",
    "state",
    "since",
    "sourceId",
    "sourceName",
    "sourceDisplayName",
    "sourceState",
    "targetId",
    "targetName",
    "targetDisplayName",
    "targetState",
];

/// Columns of a file of accounts that nobody keeps in step.
pub(super) const ACCOUNTS: [&str; 11] = [
    "kind",
    "id",
    "name",
    "displayName",
    "accountEnabled",
    "why",
    "since",
    "sourceId",
    "sourceName",
    "sourceDisplayName",
    "sourceState",
];

pub(super) fn kind(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Group => "group",
        _ => "user",
    }
}

/// As JSON has it.
pub(super) fn source_state(state: SourceState) -> &'static str {
    match state {
        SourceState::Live => "live",
        SourceState::InRecycleBin => "inRecycleBin",
        SourceState::Gone => "gone",
    }
}

/// As JSON has it.
pub(super) fn target_state(state: TargetState) -> &'static str {
    match state {
        TargetState::Live => "live",
        TargetState::InRecycleBin => "inRecycleBin",
        TargetState::Gone => "gone",
    }
}

pub(super) fn source(end: &End<SourceState>) -> String {
    let name = name(end);
    match end.state {
        SourceState::Live => name,
        SourceState::InRecycleBin => format!("{name} (in the recycle bin)"),
        SourceState::Gone => format!("{name} (gone)"),
    }
}

pub(super) fn target(end: &End<Option<TargetState>>) -> String {
    let name = name(end);
    match end.state {
        None | Some(TargetState::Live) => name,
        Some(TargetState::InRecycleBin) => format!("{name} (in the recycle bin)"),
        Some(TargetState::Gone) => format!("{name} (gone)"),
    }
}

fn name<S>(end: &End<S>) -> String {
    let names = [&end.name, &end.display_name];
    let name = names.into_iter().find(|it| !it.is_empty());
    name.map_or_else(|| end.id.to_string(), Clone::clone)
}

/// How many there are besides those in the table, or where they are.
pub(super) fn ending(count: u64, shown: usize, file: Option<&Path>, what: &str) -> String {
    let so_many = |count: u64| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    let more = count.saturating_sub(shown as u64);
    match file {
        Some(file) => format!("{} written to {}.\n", so_many(count), file.display()),
        None if count == 0 => format!("There is no such {what}.\n"),
        None if more > 0 => {
            format!("… and {more} more; --top shows more of them, --csv FILE writes them all\n")
        }
        None => String::new(),
    }
}

pub(super) fn why_unreadable(obstacle: &Obstacle) -> &str {
    match obstacle {
        Obstacle::Refused { message, .. } | Obstacle::Unusable { message, .. } => message,
        // Those of the schedule do not keep anybody from reading.
        _ => "",
    }
}
