//! Removals that a call does not carry out: whoever is gone can not be called back by whoever looks at
//! what the gate holds.

use syncline_engine::Evidence;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::{IdSet, ObjectId, Problem};

use super::OnDemandSubject;
use crate::page::Page;
use crate::settle;
use crate::view::Decided;

/// What a call carries out, and what the log's word is for those it does not.
pub(super) struct Split {
    pub(super) carried: Vec<Decided>,
    pub(super) held: Vec<Evidence>,
}

/// Leaves out what the gate holds already, whoever asks; and the removal of whoever is named only as a member: the
/// call is about the membership. That one is staged, so that the next cycle counts it with others.
pub(super) fn split(
    page: &mut Page<'_, '_>,
    subjects: &[OnDemandSubject],
    decided: Vec<Decided>,
) -> Result<Split, Problem> {
    let removals = decided.iter().filter(|it| it.decision.action.is_removal());
    let removals: IdSet<ObjectId> = removals.map(|it| it.decision.source).collect();
    if removals.is_empty() {
        return Ok(Split {
            carried: decided,
            held: Vec::new(),
        });
    }
    let asked: IdSet<ObjectId> = subjects.iter().map(|it| it.id).collect();
    let sources = settle::in_order(removals.iter().copied().collect());
    let staged = page.tx.staged_for(page.tenant, page.job, &sources)?;
    let held = staged.iter().filter(|row| row.held);
    let held: IdSet<ObjectId> = held.map(|row| row.source).collect();
    let waits = |source: &ObjectId| {
        removals.contains(source) && (held.contains(source) || !asked.contains(source))
    };
    let (wait, carried): (Vec<Decided>, Vec<Decided>) = decided
        .into_iter()
        .partition(|it| waits(&it.decision.source));
    settle::put_staged(page, &wait)?;
    let told = wait.into_iter().map(|it| match it.decision.source {
        source if held.contains(&source) => settle::held(it.decision.evidence),
        _ => put_aside(it.decision.evidence),
    });
    Ok(Split {
        held: told.collect(),
        carried,
    })
}

/// Nobody has counted it yet, or carries it out.
fn put_aside(mut evidence: Evidence) -> Evidence {
    evidence.outcome = EvidenceOutcome::PutAside;
    evidence
}
