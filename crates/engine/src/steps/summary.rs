//! What a log entry says as a whole: action, status, error information.

use syncline_model::Text;

use crate::evidence::{EvidenceOutcome as Outcome, Import, ReferenceState};
use crate::failure::{Category, category, recommended_action};
use crate::{Evidence, SkipReason};

/// `provisioningErrorInfo`. Skipped objects have one too: their code says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorInformation {
    pub error_code: String,
    /// `failure` or `nonServiceFailure`.
    pub error_category: &'static str,
    pub reason: String,
    pub recommended_action: String,
    pub additional_details: Option<String>,
}

/// `provisioningAction`. Of a failed object the one that was attempted.
pub fn provisioning_action(evidence: &Evidence) -> &'static str {
    match &evidence.outcome {
        Outcome::Created => "create",
        Outcome::Updated { .. }
        | Outcome::Restored
        | Outcome::ReferencesOnly
        | Outcome::Unchanged { adopted: true } => "update",
        Outcome::Disabled => "disable",
        Outcome::SoftDeleted | Outcome::HardDeleted => "delete",
        Outcome::Staged | Outcome::PutAside => "stagedDelete",
        Outcome::Failed(_) if removal(evidence) || evidence.import == Import::Delete => "delete",
        Outcome::Failed(_) if evidence.target.is_none() => "create",
        Outcome::Failed(_) => "update",
        Outcome::Skipped(_) | Outcome::Unchanged { adopted: false } | Outcome::Released => "other",
    }
}

fn removal(evidence: &Evidence) -> bool {
    evidence
        .modified
        .iter()
        .any(|it| it.name == "IsSoftDeleted" && it.new.as_deref() == Some("True"))
}

/// Whether a removal that is held is the one of a right to sign in: the object itself would stay.
pub(super) fn disables(evidence: &Evidence) -> bool {
    let mut modified = evidence.modified.iter();
    !removal(evidence)
        && modified.any(|it| it.name == "accountEnabled" && it.new.as_deref() == Some("False"))
}

/// `provisioningStatusInfo/status`.
pub fn status(evidence: &Evidence) -> &'static str {
    match &evidence.outcome {
        Outcome::Failed(_) => "failure",
        Outcome::Skipped(_) | Outcome::Unchanged { adopted: false } | Outcome::Released => {
            "skipped"
        }
        // Held removals and references that wait need nobody's repair, but are not done either.
        Outcome::Staged | Outcome::PutAside => "warning",
        Outcome::ReferencesOnly
            if evidence
                .references
                .iter()
                .any(|it| it.state == ReferenceState::Waiting) =>
        {
            "warning"
        }
        _ => "success",
    }
}

/// `None` when all is well.
pub fn error_information(evidence: &Evidence) -> Option<ErrorInformation> {
    match &evidence.outcome {
        Outcome::Failed(failure) => Some(ErrorInformation {
            error_code: failure.code.clone(),
            error_category: category_name(&failure.code),
            reason: failure.reason.clone(),
            recommended_action: failure.recommended_action.clone(),
            additional_details: None,
        }),
        Outcome::Skipped(_) | Outcome::Unchanged { adopted: false } | Outcome::Released => {
            let (code, reason) = skip_reason(evidence);
            Some(ErrorInformation {
                error_code: code.to_owned(),
                error_category: category_name(code),
                reason: reason.to_owned(),
                recommended_action: recommended_action(code).to_owned(),
                additional_details: None,
            })
        }
        Outcome::ReferencesOnly if status(evidence) == "warning" => {
            let code = "UnableToResolveReferenceAttributeValue";
            Some(ErrorInformation {
                error_code: code.to_owned(),
                error_category: category_name(code),
                reason: "the object referred to is not in the target".to_owned(),
                recommended_action: recommended_action(code).to_owned(),
                additional_details: None,
            })
        }
        _ => None,
    }
}

/// What the object is called in the target, or else in the source.
pub fn reportable_identifier(evidence: &Evidence) -> &Text {
    if evidence.target_name.is_empty() {
        &evidence.source_name
    } else {
        &evidence.target_name
    }
}

fn category_name(code: &str) -> &'static str {
    match category(code) {
        Category::Failure => "failure",
        Category::NonServiceFailure => "nonServiceFailure",
    }
}

/// The code and the sentence of an object for which nothing was done.
pub(super) fn skip_reason(evidence: &Evidence) -> (&'static str, &'static str) {
    let reason = match &evidence.outcome {
        Outcome::Skipped(reason) => *reason,
        Outcome::Released => return SkipReason::RELEASED,
        _ => SkipReason::RedundantExport,
    };
    (reason.code(), reason.sentence())
}
