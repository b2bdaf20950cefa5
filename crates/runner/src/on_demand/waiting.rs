//! Memberships that are not as in the source when a call is over: that a group itself matches is not all that is to be
//! said of it then.

use std::collections::BTreeMap;

use syncline_connector::Membership;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::{Evidence, SkipReason};
use syncline_model::{EntityKind, Job, ObjectId, Problem, Timestamp};
use syncline_store::{MembershipsDue, Reader, Store};

use super::OnDemandSubject;
use crate::configuration::Configuration;
use crate::memberships::{
    Flowing, LeftOut, Links, MembershipFate, WaitsFor, Wanted, is_kept, resolved, standing,
};
use crate::page::Page;
use crate::settle::Event;
use crate::unavailable::unavailable;
use crate::view::View;

/// So many of those who wait are looked at at once, before the call.
const AT_ONCE: usize = 1000;
/// Of a group whose members nobody has named so many who wait are looked at in the call.
const MOST_ASKED: usize = 100;

/// Members, of groups whose members nobody has named, who wait for the end of a removal. Looked for before the call's
/// transaction: thousands may wait, most of them for other groups or because of what they have there already, and while a
/// call writes nobody else does. In there each of these is gone to by himself; whoever begins to wait between the two is
/// told the next time.
#[derive(Default)]
pub(super) struct Waiting(BTreeMap<ObjectId, Vec<ObjectId>>);

impl Waiting {
    pub(super) fn before(
        store: &Store,
        job: &Job,
        configuration: &Configuration,
        subjects: &[OnDemandSubject],
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let groups = subjects
            .iter()
            .filter(|it| it.kind == EntityKind::Group && it.members.is_empty());
        let mut found: BTreeMap<ObjectId, Vec<ObjectId>> =
            groups.map(|it| (it.id, Vec::new())).collect();
        let Some(flowing) = Flowing::of(configuration).filter(|_| !found.is_empty()) else {
            return Ok(Self::default());
        };
        let mut after = None;
        loop {
            let read = store.read(|reader| {
                let view = view_of(reader, job, configuration, now);
                let rows = reader.memberships_held(job.tenant, &job.id, after, AT_ONCE)?;
                let wants_more = found.iter_mut().filter(|(_, it)| it.len() < MOST_ASKED);
                for (group, members) in wants_more {
                    let asked = memberships(*group, &rows);
                    let exist = flowing.source.exist(reader, &asked).map_err(unavailable)?;
                    let those = asked.into_iter().zip(exist).filter(|(_, exists)| *exists);
                    let wanted: Vec<Wanted> = those.map(Wanted::changed).collect();
                    let room = MOST_ASKED.saturating_sub(members.len());
                    let waiting = who_waits(&view, &flowing, *group, &wanted)?;
                    members.extend(waiting.into_iter().take(room));
                }
                after = rows.last().map(|row| row.source);
                Ok::<_, Problem>(rows.len())
            })?;
            let is_enough = found.values().all(|members| members.len() == MOST_ASKED);
            if read < AT_ONCE || is_enough {
                return Ok(Self(found));
            }
        }
    }
}

/// As the reading before the call's transaction shows it.
fn view_of<'v, 'c>(
    reader: &'v Reader<'c>,
    job: &'v Job,
    configuration: &'v Configuration,
    now: Timestamp,
) -> View<'v, 'c> {
    View {
        reader,
        tenant: job.tenant,
        job: &job.id,
        configuration,
        now,
        drafter: None,
        forgotten: None,
    }
}

/// Of these members of a group, those whose membership waits. Of a group that is not kept in step they are all: nobody
/// knows yet whom it has when the call has brought it.
fn who_waits(
    view: &View<'_, '_>,
    flowing: &Flowing<'_>,
    group: ObjectId,
    wanted: &[Wanted],
) -> Result<Vec<ObjectId>, Problem> {
    let link = view.of(&[group])?.remove(&group);
    if !link.is_some_and(|it| is_kept(&it)) {
        return Ok(wanted.iter().map(|it| it.membership.member).collect());
    }
    let waiting = resolved(view, flowing, wanted, view)?.waiting.into_iter();
    Ok(waiting.map(|(write, _)| write.source.member).collect())
}

fn memberships(group: ObjectId, rows: &[MembershipsDue]) -> Vec<Membership> {
    let members = rows.iter().map(|row| row.source);
    members.map(|member| Membership { group, member }).collect()
}

/// Groups of a call whose memberships wait, and why. Of members who are named it is asked one by one, of the others as far as
/// is noted already.
pub(super) fn of_groups(
    page: &Page<'_, '_>,
    configuration: &Configuration,
    subjects: &[OnDemandSubject],
    before: &Waiting,
) -> Result<Vec<(ObjectId, SkipReason)>, Problem> {
    let Some(flowing) = Flowing::of(configuration) else {
        return Ok(Vec::new());
    };
    let mut waiting = Vec::new();
    for subject in subjects.iter().filter(|it| it.kind == EntityKind::Group) {
        let reason = match subject.members.is_empty() {
            true => of_all(page, &flowing, subject.id, before)?,
            false => of_named(page, &flowing, subject)?,
        };
        waiting.extend(reason.map(|reason| (subject.id, reason)));
    }
    Ok(waiting)
}

fn of_named(
    page: &Page<'_, '_>,
    flowing: &Flowing<'_>,
    subject: &OnDemandSubject,
) -> Result<Option<SkipReason>, Problem> {
    let view = page.view();
    let mut left = None;
    for (_, member) in &subject.members {
        let membership = Membership {
            group: subject.id,
            member: *member,
        };
        let found = standing(&view, flowing, membership)?;
        if !found.is_in_source && !flowing.removes {
            continue;
        }
        match found.fate {
            MembershipFate::Waits(WaitsFor::Held(_) | WaitsFor::OtherJob) => {
                return Ok(Some(SkipReason::MembershipsHeld));
            }
            // The group is told of by itself, and whoever is gone and in no group has left it.
            MembershipFate::LeftOut(LeftOut::Stands(_) | LeftOut::GroupNotKept) => {}
            MembershipFate::LeftOut(LeftOut::SomebodyElses(end)) if end == subject.id => {}
            MembershipFate::LeftOut(_) if !found.is_in_source => {}
            MembershipFate::Waits(WaitsFor::Undecided(_))
            | MembershipFate::Written
            | MembershipFate::LeftOut(_) => left = Some(SkipReason::MembershipsLeft),
        }
    }
    Ok(left)
}

/// What is noted of the group, and of those who wait for the end of a removal and are members of it.
fn of_all(
    page: &Page<'_, '_>,
    flowing: &Flowing<'_>,
    group: ObjectId,
    before: &Waiting,
) -> Result<Option<SkipReason>, Problem> {
    let (tenant, job) = (page.tenant, page.job);
    let due = page.tx.memberships_due_of(tenant, job, &[group])?;
    let due = due.into_iter().flatten().next();
    if due.is_some_and(|it| it.waits_for_removal()) {
        return Ok(Some(SkipReason::MembershipsHeld));
    }
    let members = before.0.get(&group).map_or(&[][..], Vec::as_slice);
    let waiting = page.tx.memberships_due_of(tenant, job, members)?;
    let waiting = waiting.into_iter().flatten();
    let waiting: Vec<MembershipsDue> = waiting.filter(|it| it.waits_for_removal()).collect();
    let asked = memberships(group, &waiting);
    let exist = flowing.source.exist(page.tx, &asked);
    let exist = exist.map_err(unavailable)?;
    let members = asked.into_iter().zip(exist).filter(|(_, exists)| *exists);
    for (membership, _) in members {
        if let MembershipFate::Waits(_) = standing(&page.view(), flowing, membership)?.fate {
            return Ok(Some(SkipReason::MembershipsHeld));
        }
    }
    Ok(due.map(|_| SkipReason::MembershipsLeft))
}

/// The same in the words of the answer: instead of that nothing differs, or behind what was done with the group. Where it is
/// told already that its memberships failed, or its own removal waits, that is told and no more.
pub(super) fn tell(
    waiting: Vec<(ObjectId, SkipReason)>,
    silent: &mut [Evidence],
    events: &[Event],
) -> Vec<Evidence> {
    let mut behind = Vec::new();
    for (group, reason) in waiting {
        let outcome = EvidenceOutcome::Skipped(reason);
        let done = || events.iter().filter(|it| it.evidence.source == group);
        let failed = |it: &Event| matches!(it.evidence.outcome, EvidenceOutcome::Failed(_));
        if done().any(failed) {
            continue;
        }
        if let Some(last) = done().next_back() {
            // What a cycle sees to is no news of a group that has come.
            if reason == SkipReason::MembershipsLeft {
                continue;
            }
            let mut evidence = last.evidence.clone();
            evidence.outcome = outcome;
            evidence.modified.clear();
            evidence.references.clear();
            behind.push(evidence);
            continue;
        }
        let redundant = EvidenceOutcome::Skipped(SkipReason::RedundantExport);
        let own = silent.iter_mut().find(|it| it.source == group);
        if let Some(own) = own.filter(|it| it.outcome == redundant) {
            own.outcome = outcome;
        }
    }
    behind
}
