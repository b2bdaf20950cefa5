//! Members of synchronized groups: written where the target does not have them as the source does.

mod became;
mod gone_ends;
mod told;

use std::collections::BTreeMap;

use syncline_engine::{Failure, Fault, Operation, Outcome};
use syncline_model::{Attr, EntityKind, IdMap, Ids, ObjectId, Problem};

use self::became::Became;
use self::gone_ends::with_gone_ends;
use self::told::events;
use super::Ledger;
use super::escrow::{Before, escrow_since};
use super::log::Event;
use super::references::forget_released;
use crate::memberships::{Flowing, Resolved, Wanted, Write, resolved};
use crate::page::Page;
use crate::unavailable::unavailable;

pub(crate) use became::{Failing, Why};

/// What became of memberships.
pub(crate) struct Settled {
    pub(crate) events: Vec<Event>,
    /// Those that could not be written yet, by their place among the wanted ones.
    pub(crate) failed: BTreeMap<usize, Failing>,
    /// The target lets no groups in: nothing was written, and none of it is counted.
    pub(crate) refused: bool,
}

/// Makes the target's memberships as they are wanted.
pub(crate) fn carry_out(
    page: &mut Page<'_, '_>,
    flowing: &Flowing<'_>,
    wanted: &[Wanted],
    ids: &dyn Ids,
    ledger: &mut Ledger,
) -> Result<Settled, Problem> {
    let Resolved {
        writes,
        waiting,
        links,
        beside: _,
    } = {
        let view = page.view();
        resolved(&view, flowing, wanted, &view)?
    };
    let operations: Vec<Operation> = writes
        .iter()
        .map(|write| operation(flowing.kind, write))
        .collect();
    let refused = refused(page, flowing.kind, &operations)?;
    let outcomes = match &refused {
        Some(fault) => vec![Outcome::Failed(fault.clone()); operations.len()],
        None => page.apply(&operations)?,
    };

    let mut became = Became::of_waiting(flowing, waiting);
    let gone = became.take(&writes, outcomes, &links, refused.is_some(), ledger);
    let ends = with_gone_ends(page, flowing.kind, gone, &links)?;
    forget_released(page, became.take_gone(ends, ledger))?;
    let Became {
        mut said,
        failed,
        escrowed,
    } = became.in_order();
    if refused.is_some() {
        let groups: Vec<ObjectId> = escrowed.iter().map(|(source, ..)| *source).collect();
        let awaited = super::awaited::told(page, &groups)?;
        // Nothing was written of any.
        said.retain(|group, _| !awaited.has(group));
    }
    let before = failing_before(page, &escrowed)?;
    let no_more = escrow_since(page, &escrowed, &before)?;
    let mut events = events(page, said, &links, ids)?;
    super::tell_given_up(&mut events, &no_more, &page.configuration.timetable);
    Ok(Settled {
        events,
        failed,
        refused: refused.is_some(),
    })
}

/// Since when memberships of these could not be written, and when they were to be tried again. Each of them is found to
/// be as it should be before its memberships are tried, and is not in escrow then: it would fail for the first time in
/// every cycle.
fn failing_before(
    page: &Page<'_, '_>,
    escrowed: &[(ObjectId, EntityKind, Failure)],
) -> Result<IdMap<ObjectId, Before>, Problem> {
    let sources: Vec<ObjectId> = escrowed.iter().map(|(source, ..)| *source).collect();
    if sources.is_empty() {
        return Ok(IdMap::default());
    }
    let due = page
        .tx
        .memberships_due_of(page.tenant, page.job, &sources)?;
    let due = due.into_iter().flatten();
    Ok(due
        .filter_map(|row| {
            let before = Before {
                first_failed: row.first_failed?,
                due: row.not_before,
            };
            Some((row.source, before))
        })
        .collect())
}

/// Why the target takes none of these, as long as it lets no groups in.
fn refused(
    page: &Page<'_, '_>,
    kind: EntityKind,
    operations: &[Operation],
) -> Result<Option<Fault>, Problem> {
    if operations.is_empty() {
        return Ok(None);
    }
    let target = &page.configuration.connected.target;
    target.refuses(page.tx, kind).map_err(unavailable)
}

fn operation(kind: EntityKind, write: &Write) -> Operation {
    let (target, attr, to) = (write.target.group, Attr::MEMBERS, write.target.member);
    if write.adds {
        Operation::AddReference {
            kind,
            target,
            attr,
            to,
        }
    } else {
        Operation::RemoveReference {
            kind,
            target,
            attr,
            to,
        }
    }
}
