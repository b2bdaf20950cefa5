//! Members of groups in a plan: the same walks as a cycle's, with the links that there would be.

use std::collections::BTreeMap;

use syncline_connector::{Cursor, Membership};
use syncline_model::job::{CycleKind, Watermark};
use syncline_model::{EntityKind, IdSet, ObjectId, Problem, Timestamp};
use syncline_store::{MembershipStage, MembershipsDue};

use super::tally::Tally;
use crate::memberships::{Flowing, Links as _, Resolved, Wanted, resolved, walk};
use crate::unavailable::unavailable;
use crate::view::View;

const AT_ONCE: usize = 1000;

/// Counts what a cycle would write of memberships; `changes` says behind which watermark, and up to which.
pub(super) fn count(
    view: &View<'_, '_>,
    kind: CycleKind,
    walks_groups: bool,
    changes: Option<(&Watermark, &Watermark)>,
    tally: &mut Tally,
    mut goes_on: impl FnMut(&Tally) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let Some(flowing) = Flowing::of(view.configuration) else {
        return Ok(());
    };
    // What a target that lets no groups in has of them need not be worked out.
    if tally.refused.contains(EntityKind::Group) {
        return Ok(());
    }
    if walks_groups {
        linked_groups(view, &flowing, tally)?;
    }
    let mut counted = IdSet::default();
    if let (Some((since, until)), true) = (changes, flowing.follows) {
        let mut cursor = Some(Cursor::default());
        while let Some(from) = cursor {
            let found = flowing
                .source
                .changes(view.reader, since, until, &from, AT_ONCE)
                .map_err(unavailable)?;
            let wanted: Vec<Wanted> = found.changes.into_iter().map(Wanted::changed).collect();
            write(view, &flowing, &wanted, tally, &mut counted, false)?;
            goes_on(tally)?;
            cursor = found.next;
        }
    }
    let due = due(view, tally)?;
    walk_due(view, &flowing, kind, due, tally, &mut counted, goes_on)
}

/// The same for those who would come into the target behind the removals. None of what they bring was
/// counted: they were not there.
pub(super) fn count_late(
    view: &View<'_, '_>,
    kind: CycleKind,
    late: BTreeMap<ObjectId, EntityKind>,
    tally: &mut Tally,
    goes_on: impl FnMut(&Tally) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let Some(flowing) = Flowing::of(view.configuration) else {
        return Ok(());
    };
    if tally.refused.contains(EntityKind::Group) {
        return Ok(());
    }
    let mut counted = IdSet::default();
    walk_due(view, &flowing, kind, late, tally, &mut counted, goes_on)
}

fn walk_due(
    view: &View<'_, '_>,
    flowing: &Flowing<'_>,
    kind: CycleKind,
    due: BTreeMap<ObjectId, EntityKind>,
    tally: &mut Tally,
    counted: &mut IdSet<Membership>,
    mut goes_on: impl FnMut(&Tally) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let (groups, others): (Vec<_>, Vec<_>) = due
        .into_iter()
        .partition(|(_, kind)| *kind == EntityKind::Group);
    for (source, kind_of) in others.into_iter().chain(groups) {
        let mut next = Some(MembershipsDue::of(kind_of, source));
        while let Some(step) = next {
            // A first cycle goes through all groups, and so meets each membership there once: those need
            // not be kept in mind.
            let once = kind == CycleKind::Initial && kind_of == EntityKind::Group;
            if once && step.stage == MembershipStage::Groups {
                break;
            }
            let links = tally.waiting.links.foreseen(view, &tally.removals);
            let walked = walk(view, flowing, &step, &links, AT_ONCE)?;
            write(view, flowing, &walked.wanted, tally, counted, once)?;
            goes_on(tally)?;
            next = walked.next;
        }
    }
    Ok(())
}

/// Makes all groups due that are linked.
fn linked_groups(
    view: &View<'_, '_>,
    flowing: &Flowing<'_>,
    tally: &mut Tally,
) -> Result<(), Problem> {
    let mut after = None;
    loop {
        let links = view.reader.links(view.tenant, view.job, after, AT_ONCE)?;
        tally.waiting.note_due(&flowing.due_of_linked(&links));
        after = links.last().map(|link| link.source);
        if links.len() < AT_ONCE {
            return Ok(());
        }
    }
}

/// Those that are due since earlier cycles, and those that would come into the target. Those that wait for the end of a
/// removal among them: where the cycle ends it, it goes through them, and nothing would be written of the others. But of
/// what is put off as well, for it was refused, only where it does.
fn due(view: &View<'_, '_>, tally: &Tally) -> Result<BTreeMap<ObjectId, EntityKind>, Problem> {
    let mut due = tally.waiting.due().clone();
    let foreseen = tally.waiting.links.foreseen(view, &tally.removals);
    let mut after = None;
    loop {
        let now = Timestamp(view.now.0.saturating_add(1));
        let latest = view.configuration.timetable.latest(view.now);
        let rows =
            view.reader
                .memberships_due(view.tenant, view.job, now, latest, after, AT_ONCE)?;
        after = rows.last().map(|row| row.source);
        due.extend(rows.iter().map(|row| (row.source, row.kind)));
        if rows.len() < AT_ONCE {
            break;
        }
    }
    let mut after = None;
    loop {
        let rows = view
            .reader
            .memberships_held(view.tenant, view.job, after, AT_ONCE)?;
        after = rows.last().map(|row| row.source);
        let is_put_off = |row: &&MembershipsDue| row.not_before != MembershipsDue::HELD;
        let put_off: Vec<ObjectId> = rows
            .iter()
            .filter(is_put_off)
            .map(|row| row.source)
            .collect();
        let still = foreseen.staged(&put_off)?;
        let woken = rows.iter().filter(|row| !still.contains(&row.source));
        due.extend(woken.map(|row| (row.source, row.kind)));
        if rows.len() < AT_ONCE {
            return Ok(due);
        }
    }
}

/// Counts what is to be written and not `counted` before; what is met but `once` is not noted there.
fn write(
    view: &View<'_, '_>,
    flowing: &Flowing<'_>,
    wanted: &[Wanted],
    tally: &mut Tally,
    counted: &mut IdSet<Membership>,
    once: bool,
) -> Result<(), Problem> {
    let foreseen = tally.waiting.links.foreseen(view, &tally.removals);
    let Resolved {
        writes,
        links,
        beside,
        ..
    } = resolved(view, flowing, wanted, &foreseen)?;
    let writes = tally.waiting.links.possible(view, writes, &links)?;
    for write in &writes {
        let is_new = if once {
            !counted.contains(&write.source)
        } else {
            counted.insert(write.source)
        };
        if !is_new {
            continue;
        }
        let member = links.get(&write.source.member);
        let member = member.or(beside.get(&write.source.member));
        let kind = member.map_or(EntityKind::User, |link| link.kind);
        tally.groups.note(write, kind);
        let counts = &mut tally.ledger.counts;
        if write.adds {
            counts.references_set += 1;
        } else {
            counts.references_removed += 1;
        }
    }
    Ok(())
}
