//! Objects of kinds that the target lets nothing in of. They are told once, when they begin to wait for that.

use syncline_engine::{Action, Decision, Failure};
use syncline_model::{IdSet, ObjectId, Problem};
use syncline_store::Escrow;

use super::Ledger;
use crate::page::Page;
use crate::refused_kinds::RefusedKinds;
use crate::view::Decided;

/// Those that waited before a page, and were told then.
#[derive(Default)]
pub(super) struct Awaited(IdSet<ObjectId>);

impl Awaited {
    /// Whether the log has that this one waits.
    pub(super) fn was_told(&self, decision: &Decision) -> bool {
        let waits = |failure: &Failure| failure.awaits_consent();
        let still = matches!(&decision.action, Action::Fail(failure) if waits(failure));
        still && self.has(&decision.source)
    }

    pub(super) fn has(&self, source: &ObjectId) -> bool {
        self.0.contains(source)
    }
}

/// Asks the target once, and fails what it would refuse of these.
pub(super) fn refuse(
    page: &Page<'_, '_>,
    decided: &mut [Decided],
    ledger: &mut Ledger,
) -> Result<Awaited, Problem> {
    let writes = decided.iter().filter(|it| it.decision.action.writes());
    let kinds = writes.map(|it| it.decision.kind);
    let refused = RefusedKinds::among(page.tx, page.configuration, kinds)?;
    if refused.is_empty() {
        return Ok(Awaited::default());
    }
    let mut waiting = Vec::new();
    for it in decided {
        if refused.refuse(&mut it.decision) {
            waiting.push(it.decision.source);
        }
    }
    ledger.awaiting_consent += waiting.len() as u64;
    told(page, &waiting)
}

/// Which of these wait already. On demand, whoever asks is told.
pub(super) fn told(page: &Page<'_, '_>, sources: &[ObjectId]) -> Result<Awaited, Problem> {
    if page.walk.is_none() || sources.is_empty() {
        return Ok(Awaited::default());
    }
    let rows = page.tx.escrows_for(page.tenant, page.job, sources)?;
    let rows = rows.into_iter().flatten().filter(is_told);
    Ok(Awaited(rows.map(|row| row.source).collect()))
}

/// Whether it waits until the target lets its kind in; but not what somebody has had tried anew since.
pub(super) fn is_told(row: &Escrow) -> bool {
    let failure = Failure::from_stored(&row.failure);
    row.attempts > 0 && failure.is_some_and(|it| it.awaits_consent())
}
