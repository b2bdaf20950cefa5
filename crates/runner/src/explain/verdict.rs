//! One word for how it stands: what the job remembers goes before what it would decide.

use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::Job;
use syncline_model::link::LinkState;

use super::report::{Explanation, Verdict};
use crate::configuration::Configuration;
use crate::ends::EndState;

/// `is_removal`: whether what is decided now is a delete or disable; `None` where nothing is.
pub(super) fn of(
    job: &Job,
    explanation: &Explanation,
    is_removal: Option<bool>,
    admitted: Option<&Configuration>,
) -> Verdict {
    if let Some(staged) = &explanation.staged {
        // Whoever is wanted again is let go of by the next cycle, and so is what one that was given up has left.
        let is_mapped = admitted.is_none_or(|it| it.rule_for(explanation.kind).is_some());
        if staged.held && is_removal != Some(false) && is_mapped {
            return Verdict::Held;
        }
        if !staged.held && job.running.is_some() {
            return Verdict::PutAside;
        }
    }
    if let Some(escrow) = &explanation.escrow {
        return match (escrow.awaits_consent(), escrow.is_given_up()) {
            (true, _) => Verdict::AwaitsConsent,
            (false, true) => Verdict::GivenUp,
            (false, false) => Verdict::Failed,
        };
    }
    if let Some(link) = &explanation.link {
        return match (link.state, explanation.target) {
            (LinkState::Live, Some(EndState::InRecycleBin)) => Verdict::DeletedInTarget,
            (LinkState::Live, Some(EndState::Gone)) => Verdict::GoneFromTarget,
            (LinkState::Live, _) => Verdict::InTarget,
            (LinkState::SoftDeleted, Some(EndState::Live)) => Verdict::RestoredInTarget,
            (LinkState::SoftDeleted, Some(EndState::Gone)) => Verdict::RemovedForGood,
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
