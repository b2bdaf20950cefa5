//! A page of the walk through the source, read and decided before its transaction: from a snapshot,
//! without holding up any writer, on as many nodes as there are.
//!
//! INVARIANT: what is carried out must be what would be decided inside the transaction. So the page
//! is refused when the cycle, its place or the configuration are not those it was prepared for; and
//! it is decided again, inside, when a link it relied on has changed, when an object it would take
//! over has found another owner, when the target has been given what it is to keep, or when anything in it
//! fails. A source object that has changed since needs nothing: its change is behind the cycle's watermark and
//! comes in the next one.

use std::sync::Arc;

use syncline_connector::{Cursor, SubjectPage};
use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::{SkipReason, Subject};
use syncline_model::job::{CycleKind, CyclePhase, RunningCycle, Watermark};
use syncline_model::{CycleId, EntityKind, Job, ObjectId, Problem};
use syncline_store::Reader;

use super::forward::Forward;
use super::{Work, kept, reevaluation};
use crate::Runner;
use crate::configuration::Configuration;
use crate::page::Page;
use crate::unavailable::unavailable;
use crate::view::{Decided, View, claim};

/// For so long objects may be passed over before a page is carried out, if only to move the cursor.
const WITHOUT_A_PAGE_MS: u64 = 1000;

/// What a page is read for.
pub(super) struct Place {
    pub(super) cycle: CycleId,
    pub(super) phase: CyclePhase,
    /// Since when and until when changes are read; `None`: everything is.
    pub(super) changes: Option<(Watermark, Watermark)>,
    /// Whether those whom the page refers to are brought forward.
    pub(super) brings_forward: bool,
}

impl Place {
    /// What the next page of a cycle is read for.
    pub(super) fn of(job: &Job, cycle: &RunningCycle) -> Self {
        let changes = match (cycle.kind, &job.watermark) {
            (CycleKind::Incremental, Some(since)) => Some((since.clone(), cycle.until.clone())),
            _ => None,
        };
        Self {
            cycle: cycle.id,
            phase: cycle.phase,
            changes,
            // Whom the cycle has looked at under another schema may not be noted.
            brings_forward: cycle.kind == CycleKind::Initial
                && cycle.phase == CyclePhase::Source
                && cycle.configuration_generation == job.configuration_generation,
        }
    }
}

pub(super) struct Prepared {
    pub(super) cycle: CycleId,
    pub(super) phase: CyclePhase,
    pub(super) configuration: Arc<Configuration>,
    pub(super) from: String,
    /// So many objects it was to have at most.
    pub(super) limit: usize,
    pub(super) next: Option<Cursor>,
    /// Those that were read. Who must be decided again is read again.
    pub(super) subjects: Vec<(EntityKind, ObjectId)>,
    /// Those that are created with them, because they refer to them.
    pub(super) brought: Vec<(EntityKind, ObjectId)>,
    /// Objects that were read and are not among them: nothing has changed for them.
    pub(super) passed_over: u64,
    /// Used up when the page is carried out.
    pub(super) decided: Option<Vec<Decided>>,
}

impl Runner {
    /// Prepares the page that begins at `from`; in a part of the walk, none goes beyond `last`.
    pub(super) fn prepare(
        &self,
        work: &Work<'_>,
        from: &str,
        last: &str,
        limit: usize,
        forward: &mut Forward,
    ) -> Result<Prepared, Problem> {
        let began = self.clock.now();
        let mut prepared = self.prepare_next(work, from, last, limit, forward)?;
        // Where next to nobody is concerned, or nearly all are dead, a page of the walk is not worth a transaction. But
        // now and then there must be one: it keeps the lease, and asks whether to stop.
        while prepared.subjects.is_empty()
            && self.clock.now().milliseconds_since(began) < WITHOUT_A_PAGE_MS
            && prepared.passed_over < reevaluation::AT_ONCE
            && matches!(
                prepared.phase,
                CyclePhase::Source | CyclePhase::Reevaluation
            )
            && let Some(next) = &prepared.next
        {
            let further = self.prepare_next(work, &next.0, last, limit, forward)?;
            let same = further.cycle == prepared.cycle && further.phase == prepared.phase;
            if !same || further.configuration.generation != prepared.configuration.generation {
                break;
            }
            prepared = Prepared {
                from: prepared.from,
                passed_over: prepared.passed_over + further.passed_over,
                ..further
            };
        }
        Ok(prepared)
    }

    fn prepare_next(
        &self,
        work: &Work<'_>,
        from: &str,
        last: &str,
        limit: usize,
        forward: &mut Forward,
    ) -> Result<Prepared, Problem> {
        let place = |job: &Job| {
            let cycle = job.running.as_ref().ok_or_else(super::page::restarted)?;
            Ok(Place::of(job, cycle))
        };
        let mut brought = Vec::new();
        let decide = |view: &View<'_, '_>, place: &Place, subjects| {
            let source = &view.configuration.connected.source;
            if !place.brings_forward || !source.capability().by_id {
                return view.decide_ahead(subjects, &mut forward.promised);
            }
            let decided;
            (decided, brought) = forward.decide(view, subjects)?;
            Ok(decided)
        };
        let prepared = self.prepare_at(work, from, last, limit, place, decide)?;
        Ok(Prepared {
            brought,
            ..prepared
        })
    }

    /// The same, of what `place` says of the job as it is in the snapshot, decided by `decide`.
    pub(super) fn prepare_at(
        &self,
        work: &Work<'_>,
        from: &str,
        last: &str,
        limit: usize,
        place: impl FnOnce(&Job) -> Result<Place, Problem>,
        decide: impl FnOnce(&View<'_, '_>, &Place, Vec<Subject>) -> Result<Vec<Decided>, Problem>,
    ) -> Result<Prepared, Problem> {
        let configuration = self.configured(work)?;
        let source = &configuration.connected.source;
        let (begin, last) = (Cursor(from.to_owned()), Cursor(last.to_owned()));
        source.prepare(&begin, limit).map_err(unavailable)?;
        self.store.read(|reader| {
            let now = self.clock.now();
            let job = work.job_row(reader)?;
            let place = place(&job)?;
            let phase = place.phase;
            let (SubjectPage { subjects, next }, passed_over) =
                self.read_page(reader, &job, &configuration, &place, (&begin, &last), limit)?;
            let ids = subjects.iter().map(|it| (it.kind, it.id)).collect();
            let view = View {
                reader,
                tenant: work.tenant,
                job: work.job,
                configuration: &configuration,
                now,
                drafter: work.drafter.map(|it| it.of(&configuration)),
                forgotten: None,
            };
            let decided = decide(&view, &place, subjects)?;
            Ok(Prepared {
                cycle: place.cycle,
                phase,
                configuration: Arc::clone(&configuration),
                from: from.to_owned(),
                limit,
                next,
                subjects: ids,
                brought: Vec::new(),
                passed_over,
                decided: Some(decided),
            })
        })
    }

    /// The objects of the page that begins at `from`, of a walk through all up to `last`, and how many were
    /// passed over.
    pub(super) fn read_page(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        configuration: &Configuration,
        place: &Place,
        (from, last): (&Cursor, &Cursor),
        limit: usize,
    ) -> Result<(SubjectPage, u64), Problem> {
        if place.phase == CyclePhase::Reevaluation {
            let concerned = self.concerned(reader, job, configuration, &from.0, limit)?;
            return Ok((concerned.page, concerned.passed_over));
        }
        let source = &configuration.connected.source;
        let kinds = configuration.kinds();
        let page = match &place.changes {
            Some((since, until)) => source.changes(reader, &kinds, since, until, from, limit),
            None => source.all(reader, &kinds, from, last, limit),
        };
        Ok((page.map_err(unavailable)?, 0))
    }
}

/// Whether decisions made from a snapshot are those that would be made now, as far as can be told
/// before they are carried out.
pub(super) fn still_holds(page: &Page<'_, '_>, decided: &[Decided]) -> Result<bool, Problem> {
    let sources: Vec<ObjectId> = decided.iter().map(|it| it.decision.source).collect();
    let links = page.tx.links_for(page.tenant, page.job, &sources)?;
    if links.iter().zip(decided).any(|(now, it)| *now != it.link) {
        return Ok(false);
    }
    // Handed over to another job: whether that one still has it is asked inside.
    let handed_over = EvidenceOutcome::Skipped(SkipReason::HandedOver);
    if decided
        .iter()
        .any(|it| it.decision.evidence.outcome == handed_over)
    {
        return Ok(false);
    }
    let claims: Vec<(ObjectId, ObjectId)> = decided
        .iter()
        .filter_map(|it| Some((claim(it)?, it.decision.source)))
        .collect();
    if !kept::still_there(page, decided)? {
        return Ok(false);
    }
    if claims.is_empty() {
        return Ok(true);
    }
    let targets: Vec<ObjectId> = claims.iter().map(|(target, _)| *target).collect();
    let own = page.tx.links_to(page.tenant, page.job, &targets)?;
    let others = page
        .tx
        .live_links_of_other_jobs(page.tenant, page.job, &targets)?;
    // Whoever has an old link to it makes room, but may have written there since.
    let taken = own
        .iter()
        .zip(&claims)
        .any(|(link, (_, source))| link.as_ref().is_some_and(|link| link.source != *source));
    Ok(!taken && others.iter().all(Option::is_none))
}
