//! Those who were brought forward (`forward.rs`), inside of the page's transaction.

use syncline_engine::Action;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::{EntityKind, IdSet, ObjectId, Problem};

use super::forward::{maps_managers, users};
use super::prepared::Prepared;
use crate::page::Page;
use crate::settle::{Event, Ledger};
use crate::view::Decided;

/// Those of a page of a full read whom the cycle has not looked at, with those brought forward who
/// are still to be created: the latter are noted.
pub(super) fn first_met(
    page: &mut Page<'_, '_>,
    prepared: &Prepared,
) -> Result<IdSet<ObjectId>, Problem> {
    let brought: Vec<ObjectId> = prepared.brought.iter().map(|(_, id)| *id).collect();
    let unlinked = unlinked(page, brought)?;
    let first = page
        .tx
        .note_first_evaluated(page.tenant, page.job, &unlinked)?;
    let mut met: IdSet<ObjectId> = prepared.subjects.iter().map(|(_, id)| *id).collect();
    if let Some((first, last)) = users(prepared.subjects.iter().copied()) {
        for id in page
            .tx
            .evaluated_between(page.tenant, page.job, first, last)?
        {
            met.remove(&id);
        }
    }
    let brought = unlinked.into_iter().zip(first);
    met.extend(brought.filter_map(|(id, first)| first.then_some(id)));
    Ok(met)
}

/// Whether all are to be created who were brought forward into a page that is decided again.
pub(super) fn to_be_created(prepared: &Prepared, decided: &[Decided]) -> bool {
    let brought: IdSet<ObjectId> = prepared.brought.iter().map(|(_, id)| *id).collect();
    decided.iter().all(|it| {
        !brought.contains(&it.decision.source)
            || matches!(it.decision.action, Action::Create { .. })
    })
}

/// Whether nobody has failed who was brought forward. Whoever can not be created now may be when the
/// walk comes to him: perhaps somebody before him holds his name until then.
pub(super) fn went_well(prepared: &Prepared, events: &[Event]) -> bool {
    let brought: IdSet<ObjectId> = prepared.brought.iter().map(|(_, id)| *id).collect();
    events.iter().all(|it| {
        !brought.contains(&it.evidence.source)
            || !matches!(it.evidence.outcome, EvidenceOutcome::Failed(_))
    })
}

/// Notes the people of a page of a full read who were looked at and are not linked: skipped, staged, or
/// failed. They, the configuration or the target may change while the walk goes on, and whoever
/// refers to them would bring them forward.
pub(super) fn note_unlinked(page: &mut Page<'_, '_>, ledger: &mut Ledger) -> Result<(), Problem> {
    let unlinked = std::mem::take(&mut ledger.unlinked);
    if unlinked.is_empty() || !maps_managers(page.configuration, EntityKind::User) {
        return Ok(());
    }
    page.tx.note_evaluated(page.tenant, page.job, &unlinked)?;
    Ok(())
}

/// Those of these source objects that have no link.
fn unlinked(page: &Page<'_, '_>, ids: Vec<ObjectId>) -> Result<Vec<ObjectId>, Problem> {
    let links = page.tx.links_for(page.tenant, page.job, &ids)?;
    let ids = ids.into_iter().zip(links);
    Ok(ids
        .filter_map(|(id, link)| link.is_none().then_some(id))
        .collect())
}
