//! References that are given at creation only, and that the target did not take. Nobody decides them anew, as those
//! that flow later are. So they wait on, though the one whom they lead to is in the target, until their owner is
//! looked at again: by the timetable of escrows, or because something has changed. They are tried then, and never
//! while what is ready is drained, which is in every cycle.

use syncline_engine::Action;
use syncline_model::{IdSet, Ids, ObjectId, Problem};
use syncline_store::WaitingReference;

use super::Ledger;
use super::drain::{Tries, write};
use super::links::delta;
use super::references::in_order;
use super::unwanted::is_given_at_creation;
use crate::configuration::Configuration;
use crate::page::Page;
use crate::view::{Decided, View};

/// Those of these references that wait for the next look at their owner.
pub(crate) fn owed(
    view: &View<'_, '_>,
    rows: &[WaitingReference],
) -> Result<IdSet<WaitingReference>, Problem> {
    let at_creation = rows
        .iter()
        .filter(|row| is_given_at_creation(view.configuration, row.kind, row.attr));
    let at_creation: Vec<WaitingReference> = at_creation.copied().collect();
    let owners = at_creation.iter().map(|row| row.source).collect();
    let escrowed = escrowed(view, owners)?;
    let is_owed = |row: &WaitingReference| escrowed.contains(&row.source);
    Ok(at_creation.into_iter().filter(is_owed).collect())
}

/// Lets references go on waiting that the target did not take.
pub(super) fn put_back(
    page: &mut Page<'_, '_>,
    mut refused: Vec<WaitingReference>,
    ledger: &mut Ledger,
) -> Result<(), Problem> {
    refused.retain(|row| is_given_at_creation(page.configuration, row.kind, row.attr));
    if refused.is_empty() {
        return Ok(());
    }
    refused.sort_unstable();
    ledger.waiting += delta(page.tx.insert_waiting(page.tenant, page.job, &refused)?);
    // Should the escrow go without a look at the owner, as a restart lets it, they are drained as others are.
    let mut ready: Vec<ObjectId> = refused.iter().map(|row| row.waits_for).collect();
    ready.dedup();
    page.tx.wake_waiting(page.tenant, page.job, &ready)?;
    Ok(())
}

/// Tries again what those are owed who were just decided.
pub(super) fn settle(
    page: &mut Page<'_, '_>,
    carried: &[Decided],
    targets: &[Option<ObjectId>],
    ids: &dyn Ids,
    ledger: &mut Ledger,
) -> Result<Tries, Problem> {
    let owners = looked_at(&page.view(), carried, targets)?;
    if owners.is_empty() {
        return Ok(Tries::default());
    }
    let owners: Vec<ObjectId> = in_order(owners.into_iter().collect());
    let mut rows = page.tx.waiting_of(page.tenant, page.job, &owners)?;
    rows.retain(|row| is_given_at_creation(page.configuration, row.kind, row.attr));
    if rows.is_empty() {
        return Ok(Tries::default());
    }
    write(page, &rows, Vec::new(), ids, ledger)
}

/// Those of these decisions' objects that failed before, and whose reference may be tried now. Who is created gets
/// it with that.
pub(crate) fn looked_at(
    view: &View<'_, '_>,
    carried: &[Decided],
    targets: &[Option<ObjectId>],
) -> Result<IdSet<ObjectId>, Problem> {
    if !gives_any(view.configuration) {
        return Ok(IdSet::default());
    }
    let settled = carried.iter().zip(targets).filter(|(it, target)| {
        let creates = matches!(it.decision.action, Action::Create { .. });
        target.is_some() && it.link.is_some() && !creates
    });
    escrowed(view, settled.map(|(it, _)| it.decision.source).collect())
}

/// Whether any reference is given at creation only.
fn gives_any(configuration: &Configuration) -> bool {
    let mut mapped = configuration
        .rules
        .iter()
        .flat_map(|rule| rule.mappings.iter().map(|it| (rule.source, it.target)));
    mapped.any(|(kind, attr)| is_given_at_creation(configuration, kind, attr))
}

fn escrowed(view: &View<'_, '_>, owners: Vec<ObjectId>) -> Result<IdSet<ObjectId>, Problem> {
    if owners.is_empty() || !view.reader.any_escrow(view.tenant, view.job)? {
        return Ok(IdSet::default());
    }
    let owners = in_order(owners);
    let escrows = view.reader.escrows_for(view.tenant, view.job, &owners)?;
    Ok(escrows.into_iter().flatten().map(|it| it.source).collect())
}
