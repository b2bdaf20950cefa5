//! What was found in the target.

use syncline_model::Text;

use super::{Draft, Kind, Status};
use crate::Evidence;

/// `None` when the target was not asked.
pub(super) fn step(evidence: &Evidence) -> Option<Draft> {
    let matching = evidence.matching.as_ref()?;
    let kind = evidence.kind.engine_name();
    let system = &evidence.target_system;
    let mut details = Vec::new();
    if let Some((attribute, value)) = &matching.attribute {
        details.push((Text::fixed("JoiningProperty"), attribute.clone()));
        details.push((Text::fixed("JoiningPropertyValue"), value.clone()));
    }
    let (name, description) = match matching.found.as_slice() {
        [] => (
            "EntryImportObjectNotFound",
            format!("No matching {kind} was found in {system}"),
        ),
        [one] => {
            details.push((Text::fixed("objectId"), one.to_string().into()));
            let name = if evidence.target_name.is_empty() {
                one.to_string().into()
            } else {
                evidence.target_name.clone()
            };
            (
                "EntryImport",
                format!("Retrieved {kind} '{name}' from {system}"),
            )
        }
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            details.push((Text::fixed("objectId"), ids.join(", ").into()));
            (
                "EntryImport",
                format!("Retrieved {} matching objects from {system}", several.len()),
            )
        }
    };
    Some(Draft {
        name,
        kind: Kind::Matching,
        status: Status::Success,
        description,
        details,
    })
}
