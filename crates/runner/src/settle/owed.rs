//! References that are given at creation only, and that the target did not take. Nobody decides them anew, as those
//! that flow later are. So they wait on, marked as refused, though the one whom they lead to is in the target, until
//! their owner is looked at again: by the timetable of escrows, or because something has changed. They are tried then,
//! and while what is ready is drained, which is in every cycle, only once the mark is gone: where their owner was put in
//! order and nobody would look at him again, or whom they lead to came into the target anew.

use syncline_engine::Action;
use syncline_model::{Ids, ObjectId, Problem};
use syncline_store::WaitingReference;

use super::Ledger;
use super::drain::{Tries, write};
use super::links::delta;
use super::references::in_order;
use super::unwanted::is_given_at_creation;
use crate::page::Page;
use crate::view::{Decided, View};

/// Lets references go on waiting that the target did not take.
///
/// INVARIANT: whoever owns one is put in escrow on the same page. With that escrow's end the store takes the mark away.
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
    ledger.waiting += delta(page.tx.insert_refused(page.tenant, page.job, &refused)?);
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
    let rows = owed(&page.view(), carried, targets)?;
    if rows.is_empty() {
        return Ok(Tries::default());
    }
    write(page, &rows, Vec::new(), ids, ledger)
}

/// What those of these decisions' objects are owed whose reference may be tried now. Who is created gets it with that.
pub(crate) fn owed(
    view: &View<'_, '_>,
    carried: &[Decided],
    targets: &[Option<ObjectId>],
) -> Result<Vec<WaitingReference>, Problem> {
    let settled = carried.iter().zip(targets).filter(|(it, target)| {
        let creates = matches!(it.decision.action, Action::Create { .. });
        target.is_some() && it.link.is_some() && !creates
    });
    let owners = in_order(settled.map(|(it, _)| it.decision.source).collect());
    Ok(view.reader.refused_of(view.tenant, view.job, &owners)?)
}
