//! A page of the walk through the source, read and decided before its transaction: from a snapshot,
//! without holding up any writer, on as many nodes as there are.
//!
//! INVARIANT: what is carried out must be what would be decided inside the transaction. So the page
//! is refused when the cycle, its place or the configuration are not those it was prepared for; and
//! it is decided again, inside, when a link it relied on has changed, when an object it would take
//! over has found another owner, or when anything in it fails. A source object that has changed
//! since needs nothing: its change is behind the cycle's watermark and comes in the next one.

use std::sync::Arc;

use syncline_connector::{Cursor, SubjectPage};
use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::{SkipReason, Subject};
use syncline_model::job::{CycleKind, CyclePhase, Watermark};
use syncline_model::{CycleId, EntityKind, Job, ObjectId, Problem};

use super::forward::Forward;
use super::{Work, reevaluation};
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
        // Where next to nobody is concerned, a page of the walk is not worth a transaction. But now
        // and then there must be one: it keeps the lease, and asks whether to stop.
        while prepared.subjects.is_empty()
            && self.clock.now().milliseconds_since(began) < WITHOUT_A_PAGE_MS
            && prepared.passed_over < reevaluation::AT_ONCE
            && prepared.phase == CyclePhase::Reevaluation
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
            let changes = match (cycle.kind, &job.watermark) {
                (CycleKind::Incremental, Some(since)) => Some((since.clone(), cycle.until.clone())),
                _ => None,
            };
            Ok(Place {
                cycle: cycle.id,
                phase: cycle.phase,
                changes,
                // Whom the cycle has looked at under another schema may not be noted.
                brings_forward: cycle.kind == CycleKind::Initial
                    && cycle.phase == CyclePhase::Source
                    && cycle.configuration_generation == job.configuration_generation,
            })
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
        let cursor = Cursor(from.to_owned());
        source.prepare(&cursor, limit).map_err(unavailable)?;
        self.store.read(|reader| {
            let now = self.clock.now();
            let job = reader
                .job(work.tenant, work.job)?
                .ok_or_else(|| super::page::deleted(work.job))?;
            let place = place(&job)?;
            let phase = place.phase;
            let kinds = configuration.kinds();
            let mut passed_over = 0;
            let page = match &place.changes {
                _ if phase == CyclePhase::Reevaluation => {
                    let concerned = self.concerned(reader, &job, &configuration, from, limit)?;
                    passed_over = concerned.passed_over;
                    concerned.page
                }
                Some((since, until)) => source
                    .changes(reader, &kinds, since, until, &cursor, limit)
                    .map_err(unavailable)?,
                None => {
                    let last = Cursor(last.to_owned());
                    source
                        .all(reader, &kinds, &cursor, &last, limit)
                        .map_err(unavailable)?
                }
            };
            let SubjectPage { subjects, next } = page;
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
        .filter_map(|it| Some((claim(&it.decision.action)?, it.decision.source)))
        .collect();
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
