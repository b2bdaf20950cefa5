//! References written, removed and waiting.

use syncline_model::Text;

use super::{Draft, Kind, Status};
use crate::Evidence;
use crate::evidence::{ReferenceEvidence, ReferenceState};

/// So many objects are named of each state: a page of a large group's members has thousands.
pub const NAMED: usize = 100;

/// `None` when there was none to write.
pub(super) fn step(evidence: &Evidence) -> Option<Draft> {
    if evidence.references.is_empty() {
        return None;
    }
    let waiting = evidence
        .references
        .iter()
        .filter(|it| it.state == ReferenceState::Waiting)
        .count();
    let all = &evidence.references;
    let mut names: Vec<&Text> = Vec::new();
    for reference in all {
        if !names.contains(&&reference.name) {
            names.push(&reference.name);
        }
    }
    let details = names
        .into_iter()
        .map(|name| (name.clone(), Text::from(told(all, name))))
        .collect();
    Some(Draft {
        name: "ReferenceResolution",
        kind: Kind::ReferenceResolution,
        status: if waiting > 0 {
            Status::Warning
        } else {
            Status::Success
        },
        description: match waiting {
            0 if all.len() > 1 => format!("{} references are written", all.len()),
            0 => "References are written".to_owned(),
            _ => format!(
                "{waiting} of {} references wait; they are written by themselves later",
                all.len()
            ),
        },
        details,
    })
}

/// What became of the references of one name: `set to a, b and 3 more; removed, was c`.
fn told(references: &[ReferenceEvidence], name: &Text) -> String {
    let of_name = || references.iter().filter(|it| it.name == *name);
    let set = of_name().filter_map(|it| match it.state {
        ReferenceState::Set(target) => Some(target.to_string()),
        _ => None,
    });
    let removed = of_name().filter_map(|it| match it.state {
        ReferenceState::Removed(target) => Some(target.to_string()),
        _ => None,
    });
    let waiting = of_name().filter(|it| it.state == ReferenceState::Waiting);
    let waiting = waiting.map(|it| match it.source {
        Some(source) => source.to_string(),
        None => "the object referred to".to_owned(),
    });
    let parts = [
        named(set).map(|it| format!("set to {it}")),
        named(removed).map(|it| format!("removed, was {it}")),
        named(waiting).map(|it| format!("waits until {it} is in the target")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn named(mut objects: impl Iterator<Item = String>) -> Option<String> {
    let shown: Vec<String> = objects.by_ref().take(NAMED).collect();
    let more = objects.count();
    let shown = (!shown.is_empty()).then(|| shown.join(", "))?;
    Some(match more {
        0 => shown,
        _ => format!("{shown} and {more} more"),
    })
}
