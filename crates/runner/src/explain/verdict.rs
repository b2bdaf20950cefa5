//! One word for how it stands: what the job remembers goes before what it would decide.

use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::Job;
use syncline_model::link::LinkState;

use super::report::{Explanation, TargetState, Verdict};
use crate::configuration::Configuration;

pub(super) fn of(
    job: &Job,
    explanation: &Explanation,
    admitted: Option<&Configuration>,
) -> Verdict {
    if explanation.staged {
        // A cycle puts removals aside until it has counted them; what is left then is held.
        let holds = job.status.quarantine.as_ref();
        return match job.running.is_none() || holds.is_some_and(|it| it.only_holds_removals()) {
            true => Verdict::Held,
            false => Verdict::PutAside,
        };
    }
    if let Some(escrow) = &explanation.escrow {
        return match escrow.is_given_up() {
            true => Verdict::GivenUp,
            false => Verdict::Failed,
        };
    }
    if let Some(link) = &explanation.link {
        return match (link.state, explanation.target) {
            (LinkState::Live, Some(TargetState::InRecycleBin)) => Verdict::DeletedInTarget,
            (LinkState::Live, Some(TargetState::Gone)) => Verdict::GoneFromTarget,
            (LinkState::Live, _) => Verdict::InTarget,
            (LinkState::SoftDeleted, Some(TargetState::Gone)) => Verdict::RemovedForGood,
            (LinkState::SoftDeleted, _) => Verdict::Removed,
            (LinkState::Released, _) => Verdict::Released,
        };
    }
    match (&explanation.evidence, admitted) {
        (None, Some(configuration)) if configuration.rule_for(explanation.kind).is_none() => {
            Verdict::NotMapped
        }
        (None, _) => Verdict::Unknown,
        (Some(evidence), _) => match evidence.outcome {
            EvidenceOutcome::Skipped(_) => Verdict::Skipped,
            _ if job.started_at.is_none() => Verdict::NotStarted,
            _ if job.running.is_some() => Verdict::InCycle,
            EvidenceOutcome::Failed(_) => Verdict::WouldFail,
            _ => Verdict::Changed,
        },
    }
}
