//! Two renderings of one [`Evidence`]: the provisioning log's, and the on-demand answer's. Step
//! names and detail keys are Entra's, so that tools that read its logs read ours.

mod export;
mod import;
mod matching;
mod references;
mod scoping;
mod summary;
mod synchronization;

pub use references::NAMED;
pub use summary::{
    ErrorInformation, error_information, provisioning_action, reportable_identifier, status,
};

use syncline_model::Text;

use crate::Evidence;

/// One step (`provisioningStep`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvisioningStep {
    pub name: &'static str,
    /// `provisioningStepType`: camel case in the log, Pascal case on demand.
    pub step_type: &'static str,
    /// `provisioningResult`, cased alike.
    pub status: &'static str,
    pub description: String,
    pub details: Vec<(Text, Text)>,
}

/// The steps as `auditLogs/provisioning` shows them.
pub fn log(evidence: &Evidence) -> Vec<ProvisioningStep> {
    render(evidence, Face::Log)
}

/// The steps as the answer of `provisionOnDemand` shows them.
pub fn on_demand(evidence: &Evidence) -> Vec<ProvisioningStep> {
    render(evidence, Face::OnDemand)
}

/// Who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Face {
    Log,
    OnDemand,
}

/// `provisioningStepType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Import,
    Scoping,
    Matching,
    Processing,
    ReferenceResolution,
    Export,
}

/// `provisioningResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Success,
    Failure,
    Skipped,
    Warning,
}

/// A step before it is cased for its reader.
struct Draft {
    name: &'static str,
    kind: Kind,
    status: Status,
    description: String,
    details: Vec<(Text, Text)>,
}

fn render(evidence: &Evidence, face: Face) -> Vec<ProvisioningStep> {
    let drafts = [
        Some(import::step(evidence)),
        scoping::step(evidence, face),
        matching::step(evidence),
        synchronization::step(evidence, face),
        export::step(evidence),
        references::step(evidence),
    ];
    drafts
        .into_iter()
        .flatten()
        .map(|draft| ProvisioningStep {
            name: draft.name,
            step_type: draft.kind.name(face),
            status: draft.status.name(face),
            description: draft.description,
            details: draft.details,
        })
        .collect()
}

impl Kind {
    fn name(self, face: Face) -> &'static str {
        let (camel, pascal) = match self {
            Self::Import => ("import", "Import"),
            Self::Scoping => ("scoping", "Scoping"),
            Self::Matching => ("matching", "Matching"),
            Self::Processing => ("processing", "Processing"),
            Self::ReferenceResolution => ("referenceResolution", "ReferenceResolution"),
            Self::Export => ("export", "Export"),
        };
        if face == Face::Log { camel } else { pascal }
    }
}

impl Status {
    fn name(self, face: Face) -> &'static str {
        let (camel, pascal) = match self {
            Self::Success => ("success", "Success"),
            Self::Failure => ("failure", "Failure"),
            Self::Skipped => ("skipped", "Skipped"),
            Self::Warning => ("warning", "Warning"),
        };
        if face == Face::Log { camel } else { pascal }
    }
}

fn boolean(it: bool) -> Text {
    Text::fixed(if it { "True" } else { "False" })
}
