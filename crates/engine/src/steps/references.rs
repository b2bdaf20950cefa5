//! References written, removed and waiting.

use syncline_model::Text;

use super::{Draft, Kind, Status};
use crate::Evidence;
use crate::evidence::ReferenceState;

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
    let details = evidence
        .references
        .iter()
        .map(|reference| {
            let state = match reference.state {
                ReferenceState::Set(target) => format!("set to {target}"),
                ReferenceState::Removed(target) => format!("removed, was {target}"),
                ReferenceState::Waiting => match reference.source {
                    Some(source) => format!("waits until {source} is in the target"),
                    None => "waits until the object referred to is in the target".to_owned(),
                },
            };
            (reference.name.clone(), Text::from(state))
        })
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
            0 => "References are written".to_owned(),
            _ => format!(
                "{waiting} of {} references wait; they are written by themselves later",
                evidence.references.len()
            ),
        },
        details,
    })
}
