//! The words and columns that both lists share.

use std::path::Path;

use serde::Serialize;
use syncline_runner::{End, EndState, Obstacle};

/// Columns of a file of links.
pub(super) const LINKS: [&str; 12] = [
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
    "waitsForMatching",
];

/// Columns of a file of accounts that nobody keeps in step.
pub(super) const ACCOUNTS: [&str; 12] = [
    "kind",
    "id",
    "name",
    "displayName",
    "accountEnabled",
    "why",
    "jobId",
    "since",
    "sourceId",
    "sourceName",
    "sourceDisplayName",
    "sourceState",
];

/// As JSON has it.
pub(super) fn word(value: impl Serialize) -> String {
    let json = serde_json::to_value(value).unwrap_or_default();
    json.as_str().unwrap_or_default().to_owned()
}

/// Id, names and state, as they stand in a file.
pub(super) fn cells(end: &End) -> [String; 4] {
    [
        end.id.to_string(),
        end.name.clone(),
        end.display_name.clone(),
        end.state.map(word).unwrap_or_default(),
    ]
}

/// One end for people.
pub(super) fn end(end: &End) -> String {
    let names = [&end.name, &end.display_name];
    let name = names.into_iter().find(|it| !it.is_empty());
    let name = name.map_or_else(|| end.id.to_string(), Clone::clone);
    match end.state {
        None | Some(EndState::Live) => name,
        Some(EndState::InRecycleBin) => format!("{name} (in the recycle bin)"),
        Some(EndState::Gone) => format!("{name} (gone)"),
    }
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
