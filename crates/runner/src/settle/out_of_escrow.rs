//! Groups that come out of escrow because they are as they should be. What has failed may have been a membership: then the
//! escrow was all that told of it, and behind the timetable's end all that was left of it. So their memberships are due.

use syncline_model::{EntityKind, ObjectId, Problem, Timestamp};
use syncline_store::{Escrow, MembershipsDue};

use super::awaited;
use crate::memberships::Flowing;
use crate::page::Page;
use crate::view::View;

/// Of these groups, which were decided and have not failed, before their escrow is forgotten.
pub(super) fn have_memberships_due(
    page: &mut Page<'_, '_>,
    groups: &[ObjectId],
) -> Result<(), Problem> {
    let due = memberships_due(&page.view(), groups, page.now)?;
    page.tx.put_memberships_due(page.tenant, page.job, &due)?;
    Ok(())
}

/// What becomes due with these groups, by what is stored of them before.
pub(crate) fn memberships_due(
    view: &View<'_, '_>,
    groups: &[ObjectId],
    now: Timestamp,
) -> Result<Vec<MembershipsDue>, Problem> {
    if groups.is_empty() || Flowing::of(view.configuration).is_none() {
        return Ok(Vec::new());
    }
    // Mostly nobody has failed: then nobody is looked for.
    if !view.reader.any_escrow(view.tenant, view.job)? {
        return Ok(Vec::new());
    }
    let rows = view.reader.escrows_for(view.tenant, view.job, groups)?;
    let rows: Vec<Escrow> = rows.into_iter().flatten().collect();
    let sources: Vec<ObjectId> = rows.iter().map(|row| row.source).collect();
    let known = view
        .reader
        .memberships_due_of(view.tenant, view.job, &sources)?;
    let timetable = &view.configuration.timetable;
    let is_due = |row: &Escrow| timetable.is_due(row.next_attempt, now);
    let rows = rows.iter().zip(known);
    Ok(rows
        .filter_map(|(row, known)| match known {
            None => Some(whole(row)),
            // The group was looked at ahead of its time: its memberships keep theirs.
            Some(_) if !is_due(row) => None,
            Some(known) if known.not_before > now => Some(whole(row)),
            Some(known) => tried_anew(row, known, now),
        })
        .collect())
}

fn whole(row: &Escrow) -> MembershipsDue {
    // Who was given up counts from now on, and so does what could not be tried until the target let it in.
    let counts_anew = row.is_given_up() || awaited::is_told(row);
    MembershipsDue {
        first_failed: (!counts_anew).then_some(row.first_failed),
        ..MembershipsDue::of(EntityKind::Group, row.source)
    }
}

/// A walk that is due anyway goes on from its place. Where somebody has had the group tried anew, what the walk has passed is
/// tried again behind it, and all of it counts from then on.
fn tried_anew(row: &Escrow, known: MembershipsDue, now: Timestamp) -> Option<MembershipsDue> {
    (row.attempts == 0).then(|| MembershipsDue {
        first_failed: known.first_failed.map(|_| row.first_failed),
        again: known.again.map(|again| again.min(now)),
        ..known
    })
}
