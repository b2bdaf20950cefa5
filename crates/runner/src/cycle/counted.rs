//! The place of a cycle in its staged removals, with what was decided of all of them when they were counted.

use syncline_engine::SEMANTICS;
use syncline_engine::gate::{Gate, Verdict};
use syncline_model::job::{CyclePhase, RunningCycle};
use syncline_model::{Job, ObjectId, Problem, Timestamp};
use syncline_store::Reader;

use crate::configuration::secrets::Secrets;
use crate::configuration::{Configuration, known_extensions};
use crate::page::Page;

/// Before the id of one up to whom nobody was counted: an older version begins with the first again.
const PASSED: &str = "passed ";

/// The verdict of a closed gate that somebody has opened: an older version takes it for a closed one.
const FORCED: &str = "forced";
const OPEN: &str = "open";

/// `<verdict>:<when>:<id>`, as text in the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    /// They are let through.
    pub(super) open: bool,
    /// Only because somebody has said so.
    forced: bool,
    /// Whatever was staged later is not among them. `None` in cycles that an older version began.
    through: Option<Timestamp>,
    /// Behind whom it goes on.
    pub(super) from: Option<ObjectId>,
    /// Up to there, some were among them.
    pub(super) met: bool,
    /// See [`RunningCycle::left_staged`].
    left: Option<(Timestamp, Timestamp)>,
}

/// When what is staged now is staged, beside the cycle in progress or by it: later than what that has counted, so that it
/// waits for the next count, and later than what that leaves to the next cycle.
pub(crate) fn stages_at(cycle: Option<&RunningCycle>, now: Timestamp) -> Timestamp {
    let behind = cycle.and_then(|cycle| {
        let counted = match cycle.phase {
            CyclePhase::Staged => Counted::read(&cycle.cursor).and_then(|it| it.through),
            _ => None,
        };
        counted.max(cycle.left_staged.map(|(_, through)| through))
    });
    behind.map_or(now, |it| now.max(Timestamp(it.0.saturating_add(1))))
}

/// An older version left the permission to let removals through with the job until its cycle ended, and its verdict does not
/// say whether that is why it is open. A cycle that it began has the permission as its own from here on, so that the next
/// one does not have it as well; unless it holds removals already, for which the permission came too late. What it lets
/// through without one is counted again: there may have been one that was taken back since. Says whether it is such a cycle.
pub(super) fn take_over_permission(job: &mut Job) -> bool {
    if job.to_go_on().is_none_or(|it| it.has_own_permission) {
        return false;
    }
    let Some(cycle) = &mut job.running else {
        return false;
    };
    cycle.has_own_permission = true;
    if cycle.in_between {
        return true;
    }
    let taken = match cycle.phase {
        CyclePhase::Staged => Counted::read(&cycle.cursor),
        _ => None,
    };
    if cycle.counts.staged == 0 && taken.is_none_or(|it| it.open) {
        cycle.force_deletes |= std::mem::take(&mut job.force_deletes);
    }
    if let Some(place) = cycle.cursor.strip_prefix(OPEN).filter(|_| taken.is_some()) {
        cycle.cursor = match cycle.force_deletes {
            true => format!("{FORCED}{place}"),
            false => String::new(),
        };
    }
    true
}

impl Counted {
    /// The verdict is taken once, before the first is carried out, and kept; but not one that somebody has taken back:
    /// those that are left are counted then, with those that are gone.
    pub(super) fn of(
        page: &Page<'_, '_>,
        job: &Job,
        cycle: &RunningCycle,
    ) -> Result<Self, Problem> {
        let left = cycle.left_staged;
        if let Some(taken) = Self::taken(job, cycle) {
            return Ok(Self { left, ..taken });
        }
        let newest = page.tx.newest_staged(page.tenant, page.job)?;
        let (counted, gate) = count(page, job, cycle)?;
        let are_few = gate.verdict(counted) == Verdict::Open;
        let is_permitted = is_permitted(page.tx, job, cycle, page.configuration)?;
        Ok(Self {
            open: are_few || is_permitted,
            forced: !are_few && is_permitted,
            // Another node's clock may be ahead.
            through: Some(newest.map_or(page.now, |it| it.max(page.now))),
            from: None,
            met: false,
            left,
        })
    }

    /// Whether those that are held already close the gate, and none is carried out or held in this cycle yet.
    pub(super) fn depends_on_held(
        page: &Page<'_, '_>,
        job: &Job,
        cycle: &RunningCycle,
    ) -> Result<bool, Problem> {
        if Self::taken(job, cycle).is_some()
            || is_permitted(page.tx, job, cycle, page.configuration)?
        {
            return Ok(false);
        }
        let held = page.tx.count_held(page.tenant, page.job)?;
        if held == 0 {
            return Ok(false);
        }
        let (counted, gate) = count(page, job, cycle)?;
        Ok(gate.depends_on(held, counted))
    }

    /// The verdict of before, if it holds still.
    fn taken(job: &Job, cycle: &RunningCycle) -> Option<Self> {
        let taken = Self::read(&cycle.cursor);
        taken.filter(|it| !it.forced || job.lets_removals_through_in(cycle))
    }

    /// Whether what was staged then is one of those that were counted.
    pub(super) fn has(&self, staged_at: Timestamp) -> bool {
        let is_left = |(after, through)| staged_at > after && staged_at <= through;
        self.through.is_none_or(|through| staged_at <= through) && !self.left.is_some_and(is_left)
    }

    /// Once all of them are gone through: what was staged since is not for this cycle, when it comes here again.
    pub(super) fn leave(
        &self,
        page: &Page<'_, '_>,
        cycle: &mut RunningCycle,
    ) -> Result<(), Problem> {
        let newest = page.tx.newest_staged(page.tenant, page.job)?;
        if let (Some(through), Some(newest)) = (self.through, newest)
            && newest > through
        {
            // Whatever was staged between two such times was counted, and is not staged any more.
            let after = self.left.map_or(through, |(after, _)| after);
            cycle.left_staged = Some((after, newest));
        }
        Ok(())
    }

    /// `met`: see [`Counted::met`].
    pub(super) fn cursor(&self, last: ObjectId, met: bool) -> String {
        let verdict = match (self.open, self.forced) {
            (true, true) => FORCED,
            (true, false) => OPEN,
            (false, _) => "held",
        };
        let last = if met {
            last.to_string()
        } else {
            format!("{PASSED}{last}")
        };
        match self.through {
            Some(through) => format!("{verdict}:{}:{last}", through.0),
            None => format!("{verdict}:{last}"),
        }
    }

    fn read(cursor: &str) -> Option<Self> {
        let (verdict, place) = cursor.split_once(':')?;
        let (through, from) = match place.split_once(':') {
            Some((through, from)) => (through.parse().ok().map(Timestamp), from),
            None => (None, place),
        };
        let (met, from) = match from.strip_prefix(PASSED) {
            Some(from) => (false, from),
            None => (true, from),
        };
        Some(Self {
            open: [OPEN, FORCED].contains(&verdict),
            forced: verdict == FORCED,
            through,
            from: from.parse().ok(),
            met,
            left: None,
        })
    }
}

/// Whether somebody lets them through, however many. Not once the schema means something else than when the cycle began, to
/// the version that goes on with it or because an extension is another one: nobody has looked at what is removed by that.
pub(super) fn is_permitted(
    reader: &Reader<'_>,
    job: &Job,
    cycle: &RunningCycle,
    configuration: &Configuration,
) -> Result<bool, Problem> {
    let is_said = job.lets_removals_through_in(cycle) && job.semantics == SEMANTICS;
    Ok(is_said && !known_extensions::changed_since(reader, job, configuration)?)
}

/// How many removals there are, as the deletion threshold counts them, and the gate that they come to: as it is now, for
/// somebody may have lowered the threshold while this waited for its turn.
fn count(page: &Page<'_, '_>, job: &Job, cycle: &RunningCycle) -> Result<(u64, Gate), Problem> {
    let mut removals = page.tx.count_staged(page.tenant, page.job)?;
    if let Some(left) = cycle.left_staged {
        let others = page.tx.count_staged_between(page.tenant, page.job, left)?;
        removals = removals.saturating_sub(others);
    }
    let secrets = Secrets::load(page.tx, page.tenant, job.service_principal)?;
    // This cycle may have been here already, before others were tried once more.
    let counted = removals
        .saturating_add(job.removed_in_between)
        .saturating_add(cycle.removals());
    Ok((counted, secrets.gate(&job.settings).0))
}
