//! Members of groups in a plan: the same walks as a cycle's, with the links that there would be.

use std::collections::BTreeMap;

use syncline_connector::{Cursor, Membership};
use syncline_model::job::{CycleKind, Watermark};
use syncline_model::{EntityKind, IdSet, ObjectId, Problem, Timestamp};
use syncline_store::{MembershipStage, MembershipsDue};

use super::tally::Tally;
use crate::memberships::{Flowing, Links as _, Wanted, resolved, walk};
use crate::page::unavailable;
use crate::view::View;

const AT_ONCE: usize = 1000;

/// Counts what a cycle would write of memberships; `changes` says behind which watermark, and up to which.
pub(super) fn count(
    view: &View<'_, '_>,
    kind: CycleKind,
    changes: Option<(&Watermark, &Watermark)>,
    tally: &mut Tally,
    mut goes_on: impl FnMut(&Tally) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let Some(flowing) = Flowing::of(view.configuration) else {
        return Ok(());
    };
    let mut counted = IdSet::default();
    if let (Some((since, until)), true) = (changes, flowing.follows) {
        let mut cursor = Some(Cursor::default());
        while let Some(from) = cursor {
            let found = flowing
                .source
                .changes(view.reader, since, until, &from, AT_ONCE)
                .map_err(unavailable)?;
            write(view, &flowing, &found.changes, tally, Some(&mut counted))?;
            goes_on(tally)?;
            cursor = found.next;
        }
    }
    for (source, kind_of) in due(view, tally)? {
        let mut next = Some(MembershipsDue::of(kind_of, source));
        while let Some(step) = next {
            // A first cycle goes through all groups, and so meets each membership there once.
            let once = kind == CycleKind::Initial;
            if once && step.stage == MembershipStage::Groups {
                break;
            }
            let links = tally.waiting.foreseen(view);
            let walked = walk(view, &flowing, &step, &links, AT_ONCE)?;
            let counted = (!once).then_some(&mut counted);
            write(view, &flowing, &walked.wanted, tally, counted)?;
            goes_on(tally)?;
            next = walked.next;
        }
    }
    Ok(())
}

/// Those that are due since earlier cycles, and those that would come into the target.
fn due(view: &View<'_, '_>, tally: &Tally) -> Result<BTreeMap<ObjectId, EntityKind>, Problem> {
    let mut due = tally.waiting.due().clone();
    let mut after = None;
    loop {
        let now = Timestamp(view.now.0.saturating_add(1));
        let rows = view
            .reader
            .memberships_due(view.tenant, view.job, now, after, AT_ONCE)?;
        after = rows.last().map(|row| row.source);
        due.extend(rows.iter().map(|row| (row.source, row.kind)));
        if rows.len() < AT_ONCE {
            return Ok(due);
        }
    }
}

fn write(
    view: &View<'_, '_>,
    flowing: &Flowing<'_>,
    wanted: &[Wanted],
    tally: &mut Tally,
    mut counted: Option<&mut IdSet<Membership>>,
) -> Result<(), Problem> {
    let ends: Vec<ObjectId> = wanted
        .iter()
        .flat_map(|(it, _)| [it.group, it.member])
        .collect();
    let links = tally.waiting.foreseen(view).of(&ends)?;
    let writes = resolved(wanted, &links);
    let asked: Vec<Membership> = writes.iter().map(|write| write.target).collect();
    let held = flowing
        .target
        .held(view.reader, &asked)
        .map_err(unavailable)?;
    let counts = &mut tally.ledger.counts;
    for (write, held) in writes.iter().zip(held) {
        if !write.changes(held) {
            continue;
        }
        let again = counted.as_mut().is_some_and(|it| !it.insert(write.source));
        if again {
            continue;
        }
        if write.adds {
            counts.references_set += 1;
        } else {
            counts.references_removed += 1;
        }
    }
    Ok(())
}
