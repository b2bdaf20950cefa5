//! Removals that wait until they are counted, and what waits for their end.

use syncline_engine::Evidence;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::{ObjectId, Problem, Timestamp};
use syncline_store::{MembershipsDue, Staged};

use super::references::in_order;
use crate::memberships::is_over;
use crate::page::Page;
use crate::view::Decided;

/// Lets these wait until their removal is counted and let through.
pub(crate) fn put_staged(page: &mut Page<'_, '_>, decided: &[Decided]) -> Result<(), Problem> {
    if decided.is_empty() {
        return Ok(());
    }
    let rows: Vec<Staged> = decided
        .iter()
        .map(|it| Staged {
            source: it.decision.source,
            kind: it.decision.kind,
            held: false,
            staged_at: page.stages_at,
        })
        .collect();
    page.tx.put_staged(page.tenant, page.job, &rows)?;
    // Something has changed of those who were staged before: what is held because of it may be another thing now.
    let sources: Vec<ObjectId> = rows.iter().map(|row| row.source).collect();
    let when = gone_through(page);
    page.tx
        .wake_held_memberships(page.tenant, page.job, &sources, when)?;
    Ok(())
}

/// These are not staged any more: carried out, or no longer wanted.
pub(crate) fn unstage(page: &mut Page<'_, '_>, sources: &[ObjectId]) -> Result<(), Problem> {
    // Few of a page are: of nobody else anything is looked for.
    let staged = page
        .tx
        .staged_among(page.tenant, page.job, &in_order(sources.to_vec()))?;
    let sources: Vec<ObjectId> = sources
        .iter()
        .copied()
        .filter(|it| staged.contains(it))
        .collect();
    if sources.is_empty() {
        return Ok(());
    }
    let when = gone_through(page);
    page.tx
        .delete_staged(page.tenant, page.job, &sources, when)?;
    Ok(())
}

/// When memberships that waited for the end of a removal are gone through: by this cycle, unless that is over with them.
fn gone_through(page: &Page<'_, '_>) -> Timestamp {
    if is_over(page.walk) {
        page.now
    } else {
        MembershipsDue::AT_ONCE
    }
}

/// The log's word for a removal that the gate holds back.
pub(crate) fn held(mut evidence: Evidence) -> Evidence {
    evidence.outcome = EvidenceOutcome::Staged;
    evidence
}
