//! The phases of a cycle, walked through without carrying anything out.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use syncline_connector::{Cursor, SubjectPage};
use syncline_engine::{Lifecycle, Subject};
use syncline_model::job::{Counts, CycleKind, CyclePhase, Watermark};
use syncline_model::{EntityKind, Job, ObjectId, Problem, Timestamp};
use syncline_store::Reader;

use super::memberships;
use super::report::Plan;
use super::tally::Tally;
use super::waiting::Waiting;
use crate::Runner;
use crate::configuration::Configuration;
use crate::cycle::Forward;
use crate::cycle::course::Course;
use crate::cycle::reevaluation::Extent;
use crate::memberships::Flowing;
use crate::observer::{Observer, Progress};
use crate::refused_kinds::RefusedKinds;
use crate::unavailable::unavailable;
use crate::view::View;

/// Larger pages are not quicker, and hold more decisions at once.
const LARGEST: usize = 2000;

pub(super) struct Steps<'s, 'c> {
    pub(super) runner: &'s Runner,
    pub(super) reader: &'s Reader<'c>,
    pub(super) job: &'s Job,
    pub(super) configuration: &'s Configuration,
    pub(super) extent: &'s Extent,
    pub(super) until: Watermark,
    pub(super) now: Timestamp,
    /// About how many objects will be read.
    pub(super) total: u64,
    pub(super) observer: &'s dyn Observer,
}

/// How far it is.
pub(super) struct Way {
    pub(super) tally: Tally,
    /// Whom a walk may meet again.
    evaluated: HashSet<ObjectId>,
    /// Removals that are held since an earlier cycle.
    pub(super) held: BTreeSet<ObjectId>,
    phase: CyclePhase,
    read: u64,
    /// The staged removals are let through. As in a cycle: what removes nobody makes no room.
    pub(super) makes_room: bool,
}

impl Way {
    fn enter(&mut self, phase: CyclePhase, kind: CycleKind) {
        self.phase = phase;
        self.tally.waiting.walk = Some((kind, phase));
    }
}

impl<'c> Steps<'_, 'c> {
    pub(super) fn run(&self, plan: &mut Plan, show: usize) -> Result<(), Problem> {
        let mut way = Way {
            tally: Tally::new(show, RefusedKinds::of(self.reader, self.configuration)?),
            evaluated: HashSet::new(),
            held: BTreeSet::new(),
            phase: Course::first(plan.kind, false),
            read: 0,
            makes_room: false,
        };
        self.note_held(&mut way)?;
        if let Extent::Everything = self.extent {
            plan.affected = plan.objects;
        }
        let course = Course {
            kind: plan.kind,
            had_links: true,
            was_restarted: self.configuration.connected.facts.matching > 0,
            reevaluates: matches!(self.extent, Extent::Concerned(_)),
            members_flow: Flowing::of(self.configuration).is_some(),
        };
        let mut next = Some(Course::first(plan.kind, false));
        while let Some(phase) = next {
            way.enter(phase, plan.kind);
            self.phase(&mut way, plan)?;
            next = course.after(phase);
        }

        let mut tally = way.tally;
        let waiting = tally.waiting.change();
        plan.attributes = tally.attributes();
        plan.counts = tally.ledger.counts;
        plan.counts.references_pending = self.job.references_waiting.saturating_add_signed(waiting);
        plan.skipped_by_reason = tally.ledger.skipped_by_reason;
        let counts = &plan.counts;
        plan.evaluated = counts.created
            + counts.updated
            + counts.disabled
            + counts.deleted
            + counts.restored
            + counts.skipped
            + counts.escrowed
            + counts.staged
            + counts.unchanged;
        plan.taken_up = tally.taken_up;
        (plan.shown, plan.shown_of) = tally.shown.take();
        plan.groups_of = tally.groups.count();
        plan.groups = tally.groups.named(&self.view())?;
        Ok(())
    }

    fn phase(&self, way: &mut Way, plan: &mut Plan) -> Result<(), Problem> {
        match way.phase {
            CyclePhase::Escrows => self.escrows(way)?,
            CyclePhase::Source => self.source(way, plan.kind == CycleKind::Incremental)?,
            CyclePhase::Links => {
                if plan.kind == CycleKind::Initial {
                    self.links(way)?;
                    self.gone(way)?;
                }
                self.put_aside_by_old_links(way)?;
            }
            CyclePhase::Reevaluation => plan.affected = self.reevaluation(way)?,
            CyclePhase::References => {
                let counts = &mut way.tally.ledger.counts;
                way.tally.waiting.drain(&self.view(), counts)?;
            }
            CyclePhase::Memberships => self.memberships(way, plan.kind)?,
            CyclePhase::Staged => self.staged(way, plan)?,
            CyclePhase::Retries => self.retries(way, plan.kind)?,
        }
        Ok(())
    }

    pub(super) fn view(&self) -> View<'_, 'c> {
        View {
            reader: self.reader,
            tenant: self.job.tenant,
            job: &self.job.id,
            configuration: self.configuration,
            now: self.now,
            drafter: None,
            forgotten: None,
        }
    }

    /// The view of whoever decides after what was decided so far.
    pub(super) fn view_behind<'w>(&'w self, waiting: &'w Waiting) -> View<'w, 'c> {
        View {
            forgotten: Some(waiting.links.forgotten()),
            ..self.view()
        }
    }

    pub(super) fn page_size(&self) -> usize {
        self.runner.page_sizes.largest.min(LARGEST)
    }

    /// After every page: says how far it is, and stops when nobody wants to know any more.
    pub(super) fn told(&self, way: &Way) -> Result<(), Problem> {
        self.tell(way.phase, way.read, way.tally.ledger.counts)
    }

    fn tell(&self, phase: CyclePhase, read: u64, counts: Counts) -> Result<(), Problem> {
        self.observer.page_done(&Progress {
            phase,
            done: read,
            total: self.total.max(read),
            counts,
        });
        super::goes_on(self.observer)
    }

    /// Removals that wait since an earlier cycle are counted with those of this one.
    fn note_held(&self, way: &mut Way) -> Result<(), Problem> {
        let mut after = None;
        loop {
            let rows =
                self.reader
                    .staged(self.job.tenant, &self.job.id, after, self.page_size())?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = Some(last.source);
            let held = rows.iter().filter(|row| row.held);
            way.held.extend(held.map(|row| row.source));
            let rows = rows.into_iter().map(|row| (row.source, row.kind));
            way.tally.removals.extend(rows);
        }
    }

    fn escrows(&self, way: &mut Way) -> Result<(), Problem> {
        let mut after = None;
        loop {
            let due = self.reader.due_escrows(
                self.job.tenant,
                &self.job.id,
                self.now,
                self.configuration.timetable.latest(self.now),
                after,
                self.page_size(),
            )?;
            let mut due: BTreeMap<_, _> = due.iter().map(|row| (row.source, row.kind)).collect();
            // Who was found to be gone meanwhile is escrowed, and met if he comes behind.
            due.extend(way.tally.waiting.links.lost_behind(after));
            let due: Vec<(ObjectId, EntityKind)> = due.into_iter().take(self.page_size()).collect();
            let Some((last, _)) = due.last() else {
                return Ok(());
            };
            after = Some(*last);
            // As in a cycle, nobody is tried whose kind the target does not let in.
            let due = due
                .iter()
                .filter(|(_, kind)| !way.tally.refused.contains(*kind));
            let objects = due.map(|(id, kind)| (*kind, *id)).collect();
            let subjects = self.mapped(objects)?;
            way.evaluated.extend(subjects.iter().map(|it| it.id));
            self.decide(way, &subjects, true)?;
        }
    }

    /// These subjects, but for those that the schema has no mapping for.
    pub(super) fn mapped(
        &self,
        objects: Vec<(EntityKind, ObjectId)>,
    ) -> Result<Vec<Subject>, Problem> {
        let source = &self.configuration.connected.source;
        let mut subjects = source.by_id(self.reader, &objects).map_err(unavailable)?;
        subjects.retain(|it| self.configuration.rule_for(it.kind).is_some());
        Ok(subjects)
    }

    pub(super) fn decide(
        &self,
        way: &mut Way,
        subjects: &[Subject],
        stage: bool,
    ) -> Result<(), Problem> {
        if !subjects.is_empty() {
            let Tally {
                waiting, promised, ..
            } = &mut way.tally;
            let decided = self
                .view_behind(waiting)
                .decide_beside(subjects, promised)?;
            way.tally.page(&self.view(), decided, stage)?;
        }
        self.told(way)
    }

    fn source(&self, way: &mut Way, incremental: bool) -> Result<(), Problem> {
        let source = &self.configuration.connected.source;
        let kinds = self.configuration.kinds();
        let mut cursor = Cursor::default();
        let mut forward = Forward::default();
        loop {
            let limit = self.page_size();
            source.prepare(&cursor, limit).map_err(unavailable)?;
            let page = match (incremental, &self.job.watermark) {
                (true, Some(since)) => {
                    source.changes(self.reader, &kinds, since, &self.until, &cursor, limit)
                }
                _ => source.all(self.reader, &kinds, &cursor, &Cursor::default(), limit),
            };
            let SubjectPage { mut subjects, next } = page.map_err(unavailable)?;
            way.read += subjects.len() as u64;
            if incremental {
                subjects.retain(|it| way.evaluated.insert(it.id));
                self.decide(way, &subjects, true)?;
            } else {
                subjects.retain(|it| !way.evaluated.contains(&it.id));
                self.decide_with_forward(way, &mut forward, subjects)?;
            }
            match next {
                Some(next) => cursor = next,
                None => return Ok(()),
            }
        }
    }

    /// A page of a full read, with those whom it brings forward.
    fn decide_with_forward(
        &self,
        way: &mut Way,
        forward: &mut Forward,
        page: Vec<Subject>,
    ) -> Result<(), Problem> {
        let waiting = &way.tally.waiting;
        let view = self.view_behind(waiting);
        let is_linked = |source: &ObjectId| waiting.has_arrived(source);
        let promised = &mut way.tally.promised;
        let decide = |all: Vec<Subject>| view.decide_beside(&all, promised);
        let (decided, brought) = forward.decide_by(&view, page, is_linked, decide)?;
        way.evaluated.extend(brought.iter().map(|(_, id)| *id));
        way.tally.page(&self.view(), decided, true)?;
        self.told(way)
    }

    fn links(&self, way: &mut Way) -> Result<(), Problem> {
        let mut after = None;
        loop {
            let links =
                self.reader
                    .links(self.job.tenant, &self.job.id, after, self.page_size())?;
            let Some(last) = links.last() else {
                return Ok(());
            };
            after = Some(last.source);
            let planned = &way.tally.waiting.links;
            let links = links.iter().filter(|it| !planned.has_made_room(&it.source));
            let mut subjects = self.mapped(links.map(|link| (link.kind, link.source)).collect())?;
            subjects.retain(|it| it.lifecycle != Lifecycle::Live);
            self.decide(way, &subjects, true)?;
        }
    }

    /// What was put aside until everybody was matched is decided again; removals wait on.
    fn put_aside_by_old_links(&self, way: &mut Way) -> Result<(), Problem> {
        let matching = self.configuration.connected.facts.matching;
        if matching == 0 {
            return Ok(());
        }
        let aside = way.tally.removals.iter();
        let mut aside: Vec<(EntityKind, ObjectId)> = aside.map(|(id, kind)| (*kind, *id)).collect();
        aside.sort_by_key(|(_, id)| *id);
        for some in aside.chunks(self.page_size()) {
            let ids: Vec<ObjectId> = some.iter().map(|(_, id)| *id).collect();
            let links = way.tally.waiting.links.of(&self.view(), &ids)?;
            let is_old = |id: &ObjectId| links.get(id).is_none_or(|link| link.matching < matching);
            let by_old_links = some.iter().filter(|(_, id)| is_old(id)).copied();
            let subjects = self.mapped(by_old_links.collect())?;
            let Tally {
                waiting, promised, ..
            } = &mut way.tally;
            let view = self.view_behind(waiting);
            let mut decided = view.decide_beside(&subjects, promised)?;
            decided.retain(|it| !it.decision.action.is_removal());
            way.tally.page(&self.view(), decided, true)?;
            self.told(way)?;
        }
        Ok(())
    }

    /// Whom the configuration concerns; says how many.
    fn reevaluation(&self, way: &mut Way) -> Result<u64, Problem> {
        let Extent::Concerned(impact) = self.extent else {
            return Ok(0);
        };
        let (mut affected, mut from) = (0, String::new());
        loop {
            let concerned = self.runner.concerned_by(
                self.reader,
                self.job,
                self.configuration,
                Some(impact),
                &from,
                self.page_size(),
            )?;
            let SubjectPage { mut subjects, next } = concerned.page;
            affected += subjects.len() as u64;
            way.read += concerned.passed_over + subjects.len() as u64;
            subjects.retain(|it| way.evaluated.insert(it.id));
            self.decide(way, &subjects, true)?;
            match next {
                Some(next) => from = next.0,
                None => return Ok(affected),
            }
        }
    }

    fn memberships(&self, way: &mut Way, kind: CycleKind) -> Result<(), Problem> {
        let changes = match (kind, &self.job.watermark) {
            (CycleKind::Incremental, Some(since)) => Some((since, &self.until)),
            _ => None,
        };
        let (phase, read) = (way.phase, way.read);
        let tally = &mut way.tally;
        let walks_groups = self.extent.walks_groups() || self.job.groups_to_walk;
        memberships::count(&self.view(), kind, walks_groups, changes, tally, |tally| {
            self.tell(phase, read, tally.ledger.counts)
        })
    }

    /// Whom the target would refuse because of somebody else's name is decided once more.
    fn retries(&self, way: &mut Way, kind: CycleKind) -> Result<(), Problem> {
        let again = way.tally.refusals.for_the_last_time(way.makes_room);
        if again.is_empty() {
            return Ok(());
        }
        let due = way.tally.waiting.due().clone();
        for some in again.chunks(self.page_size()) {
            let subjects = self.mapped(some.to_vec())?;
            self.decide(way, &subjects, false)?;
        }
        let counts = &mut way.tally.ledger.counts;
        way.tally.waiting.drain(&self.view(), counts)?;
        let mut late = way.tally.waiting.due().clone();
        late.retain(|source, _| !due.contains_key(source));
        let (phase, read) = (way.phase, way.read);
        memberships::count_late(&self.view(), kind, late, &mut way.tally, |tally| {
            self.tell(phase, read, tally.ledger.counts)
        })
    }
}
