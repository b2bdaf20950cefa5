//! How many linked objects the source has no more, whose removal the gate holds: a page of them at a time, each once, and no
//! further than somebody asks.
//!
//! There may be as many as the tenant has people. So they are read from a snapshot, before the transaction that counts
//! with them ([`Runner::held_ahead`]): no writer waits for that.

use std::collections::BTreeMap;

use syncline_engine::Lifecycle;
use syncline_model::job::{CycleKind, RunningCycle};
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, Job, ObjectId, Problem};
use syncline_store::Reader;

use super::Work;
use super::short::short_of;
use crate::Runner;
use crate::configuration::Configuration;
use crate::unavailable::unavailable;

/// So many of those whose removal is held are looked at at once.
const AT_ONCE: usize = 1_000;

/// What was read of them so far.
#[derive(Debug, Default)]
pub(crate) struct HeldAndGone {
    after: Option<ObjectId>,
    are_all: bool,
    gone: BTreeMap<EntityKind, u64>,
}

impl Runner {
    /// As many as are to be known when the cycle writes its first page. What goes wrong is met again there, and told.
    pub(super) fn held_ahead(&self, work: &Work<'_>) -> HeldAndGone {
        let mut held = HeldAndGone::default();
        let _ = self.store.read(|reader| {
            let job = reader.job(work.tenant, work.job)?;
            // To open the configuration is work: only of a walk that asks.
            let Some(job) = job.filter(asks) else {
                return Ok(None);
            };
            let configuration = self.configuration_or_refusal(reader, &job)?;
            short_of(reader, &job, &configuration, &mut held)
        });
        held
    }
}

/// Whether the job's cycle is before its first page, which is refused where the source is short.
fn asks(job: &Job) -> bool {
    let asks = |it: &RunningCycle| {
        let is_first = it.kind == CycleKind::Initial && it.imported == 0;
        is_first && !job.lets_removals_through_in(it)
    };
    job.running.as_ref().is_some_and(asks)
}

impl HeldAndGone {
    /// Those of this kind: all, or so many as are `enough`.
    pub(super) fn of(
        &mut self,
        reader: &Reader<'_>,
        job: &Job,
        configuration: &Configuration,
        kind: EntityKind,
        enough: impl Fn(u64) -> bool,
    ) -> Result<u64, Problem> {
        let of_kind = |it: &Self| it.gone.get(&kind).copied().unwrap_or_default();
        self.read_until(reader, job, configuration, |it| enough(of_kind(it)))?;
        Ok(of_kind(self))
    }

    /// Those of any kind that the job reads: all, or so many as are `enough`.
    pub(super) fn of_any(
        &mut self,
        reader: &Reader<'_>,
        job: &Job,
        configuration: &Configuration,
        enough: impl Fn(u64) -> bool,
    ) -> Result<u64, Problem> {
        let of_any = |it: &Self| it.gone.values().sum();
        self.read_until(reader, job, configuration, |it| enough(of_any(it)))?;
        Ok(of_any(self))
    }

    fn read_until(
        &mut self,
        reader: &Reader<'_>,
        job: &Job,
        configuration: &Configuration,
        enough: impl Fn(&Self) -> bool,
    ) -> Result<(), Problem> {
        while !self.are_all && !enough(self) {
            self.read_on(reader, job, configuration)?;
        }
        Ok(())
    }

    fn read_on(
        &mut self,
        reader: &Reader<'_>,
        job: &Job,
        configuration: &Configuration,
    ) -> Result<(), Problem> {
        let rows = reader.staged(job.tenant, &job.id, self.after, AT_ONCE)?;
        let kinds = configuration.kinds();
        let held = rows
            .iter()
            .filter(|row| row.held && kinds.contains(&row.kind));
        let held: Vec<ObjectId> = held.map(|row| row.source).collect();
        let links = reader.links_for(job.tenant, &job.id, &held)?;
        let linked = links.iter().flatten();
        let linked = linked.filter(|link| link.state == LinkState::Live);
        let linked: Vec<_> = linked.map(|link| (link.kind, link.source)).collect();
        let source = &configuration.connected.source;
        let subjects = source.by_id(reader, &linked).map_err(unavailable)?;
        for subject in subjects.iter().filter(|it| it.lifecycle != Lifecycle::Live) {
            *self.gone.entry(subject.kind).or_default() += 1;
        }
        self.are_all = rows.len() < AT_ONCE;
        self.after = rows.last().map(|row| row.source).or(self.after);
        Ok(())
    }
}
