//! What was decided, and why.

use syncline_model::Text;

use super::{Draft, Face, Kind, Status, export, summary};
use crate::Evidence;
use crate::evidence::EvidenceOutcome as Outcome;

pub(super) fn step(evidence: &Evidence, face: Face) -> Option<Draft> {
    let kind = evidence.kind.engine_name();
    let name = &evidence.source_name;
    let target = &evidence.target_system;
    let decided = |step: &'static str, kind: Kind, description: String| {
        Some(Draft {
            name: step,
            kind,
            status: Status::Success,
            description,
            details: Vec::new(),
        })
    };
    let update =
        |description: String| decided("EntrySynchronizationUpdate", Kind::Processing, description);
    let delete =
        |description: String| decided("EntrySynchronizationDelete", Kind::Processing, description);
    match &evidence.outcome {
        Outcome::Created => decided(
            "EntrySynchronizationAdd",
            Kind::Matching,
            format!(
                "{kind} '{name}' will be created in {target} ({kind} is active and assigned in {}, but no matching \
                 {kind} was found in {target})",
                evidence.source_system
            ),
        ),
        Outcome::Updated { adopted: true } => update(format!(
            "{kind} '{name}' will be linked to the matching {kind} in {target} and updated"
        )),
        Outcome::Updated { adopted: false } => {
            update(format!("{kind} '{name}' will be updated in {target}"))
        }
        Outcome::Disabled => update(format!(
            "{kind} '{name}' will be disabled in {target}, as in the source"
        )),
        Outcome::Restored => update(format!(
            "{kind} '{name}' is in scope again and will be restored from the recycle bin of {target}"
        )),
        Outcome::ReferencesOnly => update(format!(
            "References of {kind} '{name}' will be updated in {target}"
        )),
        Outcome::SoftDeleted => delete(format!(
            "{kind} '{name}' is no longer in scope and will be moved to the recycle bin of {target}"
        )),
        Outcome::HardDeleted => delete(format!(
            "{kind} '{name}' was deleted for good and will be deleted for good in {target}"
        )),
        // Graph has one word for both, `stagedDelete`.
        Outcome::Staged if summary::disables(evidence) => update(format!(
            "The disabling of {kind} '{name}' in {target} is held: the accidental deletion threshold is met"
        )),
        Outcome::Staged => delete(format!(
            "The removal of {kind} '{name}' from {target} is held: the accidental deletion threshold is met"
        )),
        Outcome::PutAside if summary::disables(evidence) => update(format!(
            "The disabling of {kind} '{name}' in {target} is left to the next cycle, which counts it for the accidental deletion threshold"
        )),
        Outcome::PutAside => delete(format!(
            "The removal of {kind} '{name}' from {target} is left to the next cycle, which counts it for the accidental deletion threshold"
        )),
        Outcome::Unchanged { adopted: true } => update(format!(
            "{kind} '{name}' will be linked to the matching {kind} in {target}; nothing differs"
        )),
        Outcome::Unchanged { adopted: false } | Outcome::Skipped(_) | Outcome::Released => {
            Some(skip(evidence, face))
        }
        Outcome::Failed(_) if export::attempted(evidence) => decided(
            if evidence.target.is_some() {
                "EntrySynchronizationUpdate"
            } else {
                "EntrySynchronizationAdd"
            },
            Kind::Processing,
            format!("{kind} '{name}' was to be written to {target}"),
        ),
        Outcome::Failed(failure) => Some(Draft {
            name: if evidence.target.is_some() {
                "EntrySynchronizationUpdate"
            } else {
                "EntrySynchronizationAdd"
            },
            kind: Kind::Processing,
            status: Status::Failure,
            description: failure.reason.clone(),
            details: vec![
                (Text::fixed("ErrorCode"), failure.code.as_str().into()),
                (
                    Text::fixed("ReportableIdentifier"),
                    summary::reportable_identifier(evidence).clone(),
                ),
            ],
        }),
    }
}

fn skip(evidence: &Evidence, face: Face) -> Draft {
    let (code, reason) = summary::skip_reason(evidence);
    Draft {
        name: "EntrySynchronizationSkip",
        // The log calls it processing, the on-demand answer export.
        kind: if face == Face::Log {
            Kind::Processing
        } else {
            Kind::Export
        },
        status: Status::Skipped,
        description: reason.to_owned(),
        details: vec![
            (Text::fixed("SkipReason"), Text::fixed(code)),
            (
                Text::fixed("ReportableIdentifier"),
                summary::reportable_identifier(evidence).clone(),
            ),
        ],
    }
}
