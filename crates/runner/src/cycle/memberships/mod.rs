//! The members of groups: those memberships that changed in the source, then those of objects that came
//! into the target. Where it is not known what changed in groups that are linked, all of them are due.

mod failing;

use syncline_connector::Cursor;
use syncline_model::job::{CycleKind, CyclePhase, RunningCycle};
use syncline_model::{EntityKind, Job, ObjectId, Problem};
use syncline_store::MembershipsDue;

use super::phases::{Next, onwards};
use crate::Runner;
use crate::memberships::{Flowing, Walked, Wanted, walk};
use crate::page::Page;
use crate::settle::{self, Event, Ledger};
use crate::unavailable::unavailable;
use failing::{Noted, Reasons, after_failure, again};

/// Each object whose memberships are due is looked up for itself.
const WALKS_AT_ONCE: usize = 500;

/// Where the phase is, as its cursor says.
enum Place {
    /// Makes linked groups due, behind a source object.
    Linked(Option<ObjectId>),
    /// Follows changes, behind a cursor of the source's.
    Changes(String),
    /// Walks, behind a source object.
    Due(Option<ObjectId>),
}

impl Place {
    fn of(cycle: &RunningCycle) -> Self {
        match cycle.cursor.split_once(':') {
            Some(("linked", after)) => Self::Linked(after.parse().ok()),
            Some(("changes", cursor)) => Self::Changes(cursor.to_owned()),
            Some((_, after)) => Self::Due(after.parse().ok()),
            None if cycle.walks_groups => Self::Linked(None),
            None => Self::Changes(String::new()),
        }
    }

    fn cursor(&self) -> String {
        let behind = |after: &Option<ObjectId>| after.map_or_else(String::new, |id| id.to_string());
        match self {
            Self::Linked(after) => format!("linked:{}", behind(after)),
            Self::Changes(cursor) => format!("changes:{cursor}"),
            Self::Due(after) => format!("due:{}", behind(after)),
        }
    }
}

/// On with what became due since this phase was over, where members flow, and then with removals again.
pub(super) fn only_due(page: &Page<'_, '_>) -> Next {
    match Flowing::of(page.configuration) {
        Some(_) => Next::Place(CyclePhase::Memberships, Place::Due(None).cursor()),
        None => Next::Phase(CyclePhase::Staged),
    }
}

/// One page: looks at up to `limit` memberships.
pub(super) fn step(
    runner: &Runner,
    page: &mut Page<'_, '_>,
    job: &Job,
    cycle: &mut RunningCycle,
    limit: usize,
    ledger: &mut Ledger,
) -> Result<(Vec<Event>, Next), Problem> {
    let configuration = page.configuration;
    let Some(flowing) = Flowing::of(configuration) else {
        return Ok((Vec::new(), onwards(page, cycle)));
    };
    let limit = limit.max(1);
    let work = Work {
        runner,
        flowing: &flowing,
        limit,
    };
    let mut place = Place::of(cycle);
    // Mostly little has changed and nothing is due: then one page does for all.
    loop {
        let (events, next) = match place {
            Place::Linked(after) => (Vec::new(), work.linked(page, after)?),
            Place::Changes(cursor) => work.changes(page, job, cycle, cursor, ledger)?,
            Place::Due(after) => return work.due(page, cycle, after, ledger),
        };
        cycle.cursor = next.cursor();
        if !events.is_empty() || !matches!(next, Place::Due(_)) {
            return Ok((events, Next::Page));
        }
        place = next;
    }
}

/// That the target lets no groups in is one failure of the cycle, however many groups and memberships wait for it: a job
/// that keeps people in step is not to be quarantined for it.
pub(super) fn count_refused(cycle: &RunningCycle, ledger: &mut Ledger) {
    if cycle.references_failed == 0 && ledger.references_failed == 0 {
        ledger.references_failed = 1;
    }
}

struct Work<'w> {
    runner: &'w Runner,
    flowing: &'w Flowing<'w>,
    /// So many memberships are looked at in a page.
    limit: usize,
}

/// A step of one walk, and which of the wanted memberships are its.
struct Step {
    due: MembershipsDue,
    next: Option<MembershipsDue>,
    wanted: std::ops::Range<usize>,
}

impl Work<'_> {
    /// Makes a page of linked groups due.
    fn linked(&self, page: &mut Page<'_, '_>, after: Option<ObjectId>) -> Result<Place, Problem> {
        let (tenant, job) = (page.tenant, page.job);
        let links = page.tx.links(tenant, job, after, self.limit)?;
        let due = self.flowing.due_of_linked(&links);
        page.tx.put_memberships_due(tenant, job, &due)?;
        Ok(match links.last() {
            Some(last) if links.len() == self.limit => Place::Linked(Some(last.source)),
            _ => Place::Changes(String::new()),
        })
    }

    fn changes(
        &self,
        page: &mut Page<'_, '_>,
        job: &Job,
        cycle: &RunningCycle,
        cursor: String,
        ledger: &mut Ledger,
    ) -> Result<(Vec<Event>, Place), Problem> {
        let since = match (cycle.kind, &job.watermark) {
            (CycleKind::Incremental, Some(since)) if self.flowing.follows => since,
            _ => return Ok((Vec::new(), Place::Due(None))),
        };
        let cursor = Cursor(cursor);
        let found = self
            .flowing
            .source
            .changes(page.tx, since, &cycle.until, &cursor, self.limit)
            .map_err(unavailable)?;
        let wanted: Vec<Wanted> = found.changes.into_iter().map(Wanted::changed).collect();
        let ids = self.runner.ids.as_ref();
        let settled = settle::memberships(page, self.flowing, &wanted, ids, ledger)?;
        if settled.refused {
            count_refused(cycle, ledger);
        }
        // What could not be written is gone through again, mostly with its whole group.
        let mut failing = Noted::default();
        for (at, it) in &settled.failed {
            let group = wanted.get(*at).map(|it| it.membership.group);
            let group = group.map(|group| (EntityKind::Group, group));
            failing.note(it.end.or(group), it.why);
        }
        failing.make_due(page, cycle)?;
        let next = found.next.map(|next| Place::Changes(next.0));
        Ok((settled.events, next.unwrap_or(Place::Due(None))))
    }

    fn due(
        &self,
        page: &mut Page<'_, '_>,
        cycle: &mut RunningCycle,
        mut after: Option<ObjectId>,
        ledger: &mut Ledger,
    ) -> Result<(Vec<Event>, Next), Problem> {
        let (tenant, job, began) = (page.tenant, page.job, cycle.began);
        let at_once = self.limit.min(WALKS_AT_ONCE);
        let latest = page.configuration.timetable.latest(page.now);
        let mut rows = page
            .tx
            .memberships_due(tenant, job, began, latest, after, at_once)?;
        if rows.is_empty() && after.take().is_some() {
            // Others may have become due before that place meanwhile: of somebody provisioned on demand.
            rows = page
                .tx
                .memberships_due(tenant, job, began, latest, None, at_once)?;
        }
        if rows.is_empty() {
            return Ok((Vec::new(), onwards(page, cycle)));
        }
        let (wanted, steps) = self.walk(page, rows)?;
        let ids = self.runner.ids.as_ref();
        let settled = settle::memberships(page, self.flowing, &wanted, ids, ledger)?;
        if settled.refused {
            count_refused(cycle, ledger);
        }
        let mut done: Vec<ObjectId> = Vec::new();
        let mut put: Vec<MembershipsDue> = Vec::new();
        let mut others = Noted::default();
        // Those who are looked at again in this cycle come first in the next page.
        let mut place = after;
        let mut in_order = true;
        for step in steps {
            let mut own: Option<Reasons> = None;
            for failing in settled.failed.range(step.wanted).map(|(_, it)| it) {
                match failing.end {
                    Some(end) if end.1 != step.due.source => others.note(Some(end), failing.why),
                    _ => own = Some(Reasons::with(own, failing.why)),
                }
            }
            let next = match own {
                Some(reasons) => after_failure(page, cycle, &step.due, step.next, reasons),
                None => step.next.or_else(|| again(&step.due)),
            };
            in_order &= next.is_none_or(|next| next.not_before >= began);
            if in_order {
                place = Some(step.due.source);
            }
            match next {
                Some(next) => put.push(next),
                None => done.push(step.due.source),
            }
        }
        page.tx.put_memberships_due(tenant, job, &put)?;
        page.tx.delete_memberships_due(tenant, job, &done)?;
        others.make_due(page, cycle)?;
        cycle.cursor = Place::Due(place).cursor();
        Ok((settled.events, Next::Page))
    }

    /// A step of each of these walks, until so many memberships were looked at as a page may.
    fn walk(
        &self,
        page: &Page<'_, '_>,
        rows: Vec<MembershipsDue>,
    ) -> Result<(Vec<Wanted>, Vec<Step>), Problem> {
        let view = page.view();
        let mut wanted = Vec::new();
        let mut steps = Vec::new();
        let mut left = self.limit;
        for due in rows {
            if left == 0 {
                break;
            }
            let Walked {
                wanted: found,
                next,
                read,
            } = walk(&view, self.flowing, &due, &view, left)?;
            left = left.saturating_sub(read);
            let from = wanted.len();
            wanted.extend(found);
            steps.push(Step {
                due,
                next,
                wanted: from..wanted.len(),
            });
        }
        Ok((wanted, steps))
    }
}
