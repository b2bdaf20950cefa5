//! What was written to the target.

use syncline_model::Text;

use super::{Draft, Kind, Status, summary};
use crate::Evidence;
use crate::evidence::EvidenceOutcome as Outcome;

/// `None` when nothing was written.
pub(super) fn step(evidence: &Evidence) -> Option<Draft> {
    let kind = evidence.kind.engine_name();
    let system = &evidence.target_system;
    let identifier = summary::reportable_identifier(evidence);
    let (name, done) = match &evidence.outcome {
        Outcome::Created => ("EntryExportAdd", "created"),
        Outcome::Updated { .. } | Outcome::ReferencesOnly => ("EntryExportUpdate", "updated"),
        Outcome::Restored => ("EntryExportUpdate", "restored"),
        Outcome::Disabled => ("EntryExportDisable", "disabled"),
        Outcome::SoftDeleted => ("EntryExportDelete", "deleted"),
        Outcome::HardDeleted => ("EntryExportDelete", "deleted for good"),
        Outcome::Failed(failure) if attempted(evidence) => {
            return Some(Draft {
                name: if evidence.target.is_some() {
                    "EntryExportUpdate"
                } else {
                    "EntryExportAdd"
                },
                kind: Kind::Export,
                status: Status::Failure,
                description: format!(
                    "{kind} '{identifier}' could not be written to {system}: {}",
                    failure.reason
                ),
                details: details(evidence, Some(&failure.code)),
            });
        }
        _ => return None,
    };
    Some(Draft {
        name,
        kind: Kind::Export,
        status: Status::Success,
        description: format!("{kind} '{identifier}' was {done} in {system}"),
        details: details(evidence, None),
    })
}

/// Whether a failed object came as far as being written: then the log shows what was to be written.
pub(super) fn attempted(evidence: &Evidence) -> bool {
    matches!(evidence.outcome, Outcome::Failed(_)) && !evidence.modified.is_empty()
}

fn details(evidence: &Evidence, error: Option<&str>) -> Vec<(Text, Text)> {
    let mut details: Vec<(Text, Text)> = evidence
        .modified
        .iter()
        .map(|property| {
            (
                property.name.clone(),
                property.new.clone().unwrap_or_default(),
            )
        })
        .collect();
    if let Some(code) = error {
        details.push((Text::fixed("ErrorCode"), code.into()));
    }
    details.push((
        Text::fixed("ReportableIdentifier"),
        summary::reportable_identifier(evidence).clone(),
    ));
    details
}
