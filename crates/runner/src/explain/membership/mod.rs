//! Why one person is or is not in one group in the target: what the source says, how both ends stand, and what a cycle
//! would make of the membership now. That is what a cycle itself goes by ([`standing`]); here it gets one word.

mod looked_at;
mod nested;
mod next_cycle;
mod report;

use syncline_connector::{Cursor, Held, Membership};
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::job::Watermark;
use syncline_model::{EntityKind, Job, JobId, ObjectId, Problem, TenantId, Timestamp};
use syncline_store::{Escrow, MembershipStage, MembershipsDue, Reader};

pub use next_cycle::Which;
pub use report::{
    HeldBy, InSource, InTarget, MembersKept, MembershipExplanation, MembershipVerdict,
};

use self::next_cycle::{NextCycle, as_it_begins, with_extensions};
use super::report::Explanation;
use crate::Runner;
use crate::configuration::Configuration;
use crate::ends::EndState;
use crate::memberships::{Flowing, LeftOut, MembershipFate, Standing, WaitsFor, standing};
use crate::unavailable::unavailable;
use crate::view::View;

/// Changes of memberships that no cycle has seen: so many are looked through.
const MOST_CHANGES: usize = 10_000;
const CHANGES_AT_ONCE: usize = 1_000;

impl Runner {
    /// Why this person is or is not in this group in the job's target; the ids may be those of the target objects, too.
    ///
    /// # Errors
    /// 404 for a job that this tenant has not, and for a person or a group that neither the source nor the job knows.
    pub fn explain_membership(
        &self,
        tenant: TenantId,
        job: &JobId,
        member: ObjectId,
        group: ObjectId,
    ) -> Result<MembershipExplanation, Problem> {
        self.store.read(|reader| {
            let job = reader.known_job(tenant, job)?;
            let member = self.explain_on(reader, &job, EntityKind::User, member)?;
            let group = self.explain_on(reader, &job, EntityKind::Group, group)?;
            self.explain_membership_on(reader, &job, member, group)
        })
    }

    /// The same of ends that were explained on the same snapshot. Writes nothing.
    pub fn explain_membership_on(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        member: Explanation,
        group: Explanation,
    ) -> Result<MembershipExplanation, Problem> {
        let membership = Membership {
            group: group.id,
            member: member.id,
        };
        let mut explanation = MembershipExplanation {
            member,
            group,
            verdict: MembershipVerdict::Unknown,
            in_source: None,
            in_target: None,
            flow: None,
            held_by: None,
            somebody_elses: None,
            not_before: None,
            more_changes: false,
            next: None,
        };
        let now = self.clock.now();
        let mut job = as_it_begins(job, now);
        if let Some(mut configuration) = self.opening(reader, &job)?.admitted {
            with_extensions(reader, &mut job, &mut configuration)?;
            let asked = Asked {
                runner: self,
                job: &job,
                membership,
                view: self.view_of(reader, &job, &configuration),
                next: NextCycle::of(reader, &job, now)?,
            };
            explanation.next = Some(asked.next.which);
            asked.answer(&mut explanation)?;
        }
        Ok(explanation)
    }
}

/// Who is asked about, and where that is read.
struct Asked<'a, 'v, 'c> {
    runner: &'a Runner,
    job: &'a Job,
    membership: Membership,
    view: View<'v, 'c>,
    next: NextCycle,
}

impl Asked<'_, '_, '_> {
    fn answer(&self, explanation: &mut MembershipExplanation) -> Result<(), Problem> {
        let configuration = self.view.configuration;
        if let Some(source) = configuration.connected.source.memberships() {
            explanation.in_source = Some(nested::in_source(&self.view, source, self.membership)?);
        }
        let Some(flowing) = Flowing::of(configuration) else {
            explanation.verdict = MembershipVerdict::MembersNotMapped;
            return Ok(());
        };
        explanation.flow = Some(MembersKept::of(&flowing));
        let found = standing(&self.view, &flowing, self.membership)?;
        explanation.in_target = found.in_target.map(InTarget::of);
        if let MembershipFate::Waits(WaitsFor::Held((_, end))) = found.fate {
            explanation.held_by = Some(self.held_by(end)?);
        }
        if let MembershipFate::LeftOut(LeftOut::SomebodyElses(end)) = found.fate {
            explanation.somebody_elses = Some(end).filter(|_| found.is_in_source);
        }
        if let Some(verdict) = not_there(explanation, &found) {
            explanation.in_target = None;
            explanation.verdict = verdict;
            return Ok(());
        }
        explanation.verdict = match settled(&flowing, &found) {
            Some(verdict) => verdict,
            None => self.when(&flowing, &found, explanation)?,
        };
        Ok(())
    }

    /// The removal of this end that is staged, by this job or another one.
    fn held_by(&self, end: ObjectId) -> Result<HeldBy, Problem> {
        let (reader, tenant, job) = (self.view.reader, self.view.tenant, self.view.job);
        let own = reader.staged_for(tenant, job, &[end])?.pop();
        let mut held = HeldBy {
            id: end,
            of_group: end == self.membership.group,
            other_job: None,
            by_threshold: own.is_some_and(|it| it.held),
        };
        if own.is_none() {
            let others = reader.links_of_other_jobs(tenant, job, &[end])?;
            let other = others.into_iter().find(|(_, _, is_staged)| *is_staged);
            if let Some((other, ..)) = other {
                let staged = reader.staged_for(tenant, &other, &[end])?;
                held.by_threshold = staged.iter().any(|it| it.held);
                held.other_job = Some(other);
            }
        }
        Ok(held)
    }

    /// Of a membership that is to be written: when a cycle does that.
    fn when(
        &self,
        flowing: &Flowing<'_>,
        found: &Standing,
        explanation: &mut MembershipExplanation,
    ) -> Result<MembershipVerdict, Problem> {
        let adds = found.is_in_source;
        let (reader, tenant, job) = (self.view.reader, self.view.tenant, self.view.job);
        let target = &self.view.configuration.connected.target;
        if target
            .refuses(reader, flowing.kind)
            .map_err(unavailable)?
            .is_some()
        {
            return Ok(MembershipVerdict::GroupsNotLetIn);
        }
        if flowing.follows && self.is_gone_through(explanation)? {
            return self.due(adds, explanation);
        }
        // Whoever is not kept in step goes by the group alone.
        let ends = [self.membership.group, self.membership.member];
        let ends = if flowing.follows {
            &ends[..]
        } else {
            &ends[..1]
        };
        let rows = reader.memberships_due_of(tenant, job, ends)?;
        let rows = rows.into_iter().flatten();
        let walked = rows.filter_map(|row| self.comes_to_it(&row, found));
        let walked: Vec<Timestamp> = walked.collect();
        // A group that comes out of escrow has its memberships gone through, whatever it has failed for. As it is, it may
        // be known to stay there.
        let escrow = explanation.group.escrow.as_ref();
        let tried = escrow.and_then(|row| self.next_attempt(row));
        let comes_out = tried.filter(|_| !would_fail(&explanation.group));
        if walked.iter().any(|at| self.is_due(*at)) || comes_out.is_some_and(|at| self.is_tried(at))
        {
            return self.due(adds, explanation);
        }
        if let Some(next) = walked.into_iter().chain(tried).min() {
            explanation.not_before = Some(next);
            return Ok(MembershipVerdict::Refused);
        }
        Ok(match escrow {
            Some(_) if has_failed_for_members(&explanation.group) => MembershipVerdict::GivenUp,
            _ if !flowing.follows => MembershipVerdict::GivenOnce,
            _ => MembershipVerdict::NotLookedAt,
        })
    }

    /// Of what the next cycle comes to: an end of it may be decided about before that.
    fn due(
        &self,
        adds: bool,
        explanation: &mut MembershipExplanation,
    ) -> Result<MembershipVerdict, Problem> {
        Ok(match self.is_decided_first(adds, explanation)? {
            true => MembershipVerdict::Undecided,
            false => MembershipVerdict::Due,
        })
    }

    /// Whether the next cycle comes to what waits for this time.
    fn is_due(&self, at: Timestamp) -> bool {
        let timetable = &self.view.configuration.timetable;
        timetable.is_due(at, self.next.begins)
    }

    /// The same of what is in escrow.
    fn is_tried(&self, at: Timestamp) -> bool {
        !self.next.in_between && self.is_due(at)
    }

    /// When what is in escrow is tried again; `None` once it was given up. What waits until the target lets its kind in
    /// is tried by each scheduled cycle, also where an earlier version has given it up.
    fn next_attempt(&self, row: &Escrow) -> Option<Timestamp> {
        let at = match row.awaits_consent() {
            true => self.view.now,
            false => row.next_attempt,
        };
        (!row.is_given_up()).then_some(at)
    }

    /// When a walk through the memberships of an end comes to this one; `None` where it has passed it, or waits for the
    /// end of a removal.
    fn comes_to_it(&self, row: &MembershipsDue, found: &Standing) -> Option<Timestamp> {
        let adds = found.is_in_source;
        let Membership { group, member } = self.membership;
        let is_before = |other: ObjectId| row.place.is_none_or(|place| place < other);
        // Who leaves is looked for among those whom the target has, and by their ids.
        let is_before_there = |end: fn(&Membership) -> ObjectId| {
            let end = found.ends.as_ref().map(end);
            end.is_none_or(is_before)
        };
        let is_to_come = match row.stage {
            MembershipStage::Members if row.source == group => !adds || is_before(member),
            MembershipStage::Leavers if row.source == group => {
                !adds && is_before_there(|it| it.member)
            }
            MembershipStage::Groups if row.source == member => !adds || is_before(group),
            MembershipStage::LeftGroups if row.source == member => {
                !adds && is_before_there(|it| it.group)
            }
            _ => false,
        };
        let at = match is_to_come {
            true => Some(row.not_before),
            false => row.again,
        };
        at.filter(|at| *at != MembershipsDue::HELD)
    }

    /// Whether the next cycle goes through all groups, or the source tells that this membership has changed.
    fn is_gone_through(&self, explanation: &mut MembershipExplanation) -> Result<bool, Problem> {
        let (reader, job, configuration) = (self.view.reader, self.job, self.view.configuration);
        let Some(since) = &job.watermark else {
            return Ok(true);
        };
        let goes_on = job.to_go_on().is_some_and(|it| it.walks_groups);
        if goes_on || job.groups_to_walk || self.extent_walks_groups(configuration)? {
            return Ok(true);
        }
        let source = &configuration.connected.source;
        let until = source.watermark(reader).map_err(unavailable)?;
        let changed = self.changed(since, &until)?;
        explanation.more_changes |= changed.is_none();
        Ok(changed == Some(true))
    }

    fn extent_walks_groups(&self, configuration: &Configuration) -> Result<bool, Problem> {
        let extent = self
            .runner
            .extent(self.view.reader, self.job, configuration, false)?;
        Ok(extent.walks_groups())
    }

    /// Whether this membership is among what has changed; `None` where that is too much.
    fn changed(&self, since: &Watermark, until: &Watermark) -> Result<Option<bool>, Problem> {
        let Some(source) = self.view.configuration.connected.source.memberships() else {
            return Ok(Some(false));
        };
        let mut cursor = Cursor::default();
        for _ in 0..MOST_CHANGES / CHANGES_AT_ONCE {
            let reader = self.view.reader;
            let found = source.changes(reader, since, until, &cursor, CHANGES_AT_ONCE);
            let found = found.map_err(unavailable)?;
            if found.changes.iter().any(|(it, _)| *it == self.membership) {
                return Ok(Some(true));
            }
            match found.next {
                Some(next) => cursor = next,
                None => return Ok(Some(false)),
            }
        }
        Ok(None)
    }
}

/// Of an end that is linked, and whose target object somebody has deleted, or this job has: whatever the target keeps of a
/// membership then, the person is in no group there, and nobody in this one.
fn not_there(explanation: &MembershipExplanation, found: &Standing) -> Option<MembershipVerdict> {
    let (MembershipFate::Written
    | MembershipFate::LeftOut(
        LeftOut::Stands(_) | LeftOut::GroupNotKept | LeftOut::MemberNotThere,
    )) = found.fate
    else {
        return None;
    };
    let ends = found.ends?;
    let is_away = |end: &Explanation, target: ObjectId| {
        let is_linked = end.link.as_ref().is_some_and(|link| link.target == target);
        is_linked && matches!(end.target, Some(EndState::InRecycleBin | EndState::Gone))
    };
    let group_is_away = is_away(&explanation.group, ends.group);
    if !group_is_away && !is_away(&explanation.member, ends.member) {
        return None;
    }
    let is_kept = !matches!(found.fate, MembershipFate::LeftOut(LeftOut::GroupNotKept));
    let why = match is_kept && !group_is_away {
        true => MembershipVerdict::MemberNotThere,
        false => MembershipVerdict::GroupNotKept,
    };
    Some(match found.is_in_source {
        true => why,
        false => MembershipVerdict::NotMember,
    })
}

/// Whether it is known beforehand that the next cycle that looks at a group fails of it.
fn would_fail(group: &Explanation) -> bool {
    let outcome = group.evidence.as_ref().map(|it| &it.outcome);
    matches!(outcome, Some(EvidenceOutcome::Failed(_)))
}

/// Whether what a group is listed as failed for are its memberships: by itself it is as it should be.
fn has_failed_for_members(group: &Explanation) -> bool {
    let outcome = group.evidence.as_ref().map(|it| &it.outcome);
    group.escrow.is_some() && outcome == Some(&EvidenceOutcome::Unchanged { adopted: false })
}

/// What is to be said whenever a cycle looks at it; `None` of what is to be written.
fn settled(flowing: &Flowing<'_>, found: &Standing) -> Option<MembershipVerdict> {
    let stays = !found.is_in_source && !flowing.removes;
    Some(match found.fate {
        MembershipFate::LeftOut(LeftOut::Stands(Held::ByOthers)) => {
            MembershipVerdict::AddedByOthers
        }
        MembershipFate::LeftOut(LeftOut::Stands(Held::FromSource)) => MembershipVerdict::InTarget,
        MembershipFate::LeftOut(_) if !found.is_in_source => match found.in_target {
            Some(Held::FromSource) => MembershipVerdict::GroupNotKept,
            Some(Held::ByOthers) => MembershipVerdict::AddedByOthers,
            Some(Held::Not) | None => MembershipVerdict::NotMember,
        },
        MembershipFate::Written | MembershipFate::Waits(_) if stays => MembershipVerdict::Kept,
        MembershipFate::LeftOut(LeftOut::Stands(Held::Not)) => MembershipVerdict::NotMember,
        MembershipFate::LeftOut(LeftOut::GroupNotKept) => MembershipVerdict::GroupNotKept,
        MembershipFate::LeftOut(LeftOut::MemberNotThere) => MembershipVerdict::MemberNotThere,
        MembershipFate::LeftOut(LeftOut::SomebodyElses(_)) => MembershipVerdict::SomebodyElses,
        MembershipFate::LeftOut(LeftOut::LetGo) => MembershipVerdict::LetGo,
        MembershipFate::Waits(WaitsFor::Held(_)) => MembershipVerdict::Held,
        MembershipFate::Waits(WaitsFor::Undecided(_)) => MembershipVerdict::Undecided,
        MembershipFate::Waits(WaitsFor::OtherJob) => MembershipVerdict::OtherJob,
        MembershipFate::Written => return None,
    })
}
