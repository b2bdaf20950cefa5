//! The removals, counted and carried out, or held.

use syncline_engine::gate::Verdict;
use syncline_model::{EntityKind, ObjectId, Problem};

use super::report::Plan;
use super::steps::{Steps, Way};
use super::tally::Tally;
use crate::view::Decided;

impl Steps<'_, '_> {
    /// As in a cycle: all of them go through, or, when they reach the gate, none.
    pub(super) fn staged(&self, way: &mut Way, plan: &mut Plan) -> Result<(), Problem> {
        let gate = self.configuration.gate;
        let counted = |way: &Way| {
            let at_the_gate = way.tally.removals.len() as u64;
            at_the_gate.saturating_add(plan.removed_before)
        };
        let is_held = |id: &&ObjectId| way.held.contains(*id);
        let held = way.tally.removals.keys().filter(is_held).count() as u64;
        if !self.job.force_deletes && gate.depends_on(held, counted(way)) {
            self.lapse(way)?;
        }
        let closed = !self.job.force_deletes && gate.verdict(counted(way)) != Verdict::Open;
        way.makes_room = !closed && !way.tally.removals.is_empty();
        plan.removals = self.decide_removals(way, closed)?;
        plan.held = closed && plan.removals > 0;
        Ok(())
    }

    /// What is held since an earlier cycle and no removal any more is carried out before the others are counted.
    fn lapse(&self, way: &mut Way) -> Result<(), Problem> {
        let held = way.held.iter();
        let held = held.filter_map(|id| Some((*way.tally.removals.get(id)?, *id)));
        let held: Vec<(EntityKind, ObjectId)> = held.collect();
        for some in held.chunks(self.page_size()) {
            for (kind, id) in some {
                if self.configuration.rule_for(*kind).is_none() {
                    way.tally.removals.remove(id);
                }
            }
            let mut decided = self.decided_again(way, some)?;
            decided.retain(|it| !is_removal(it));
            way.tally.page(&self.view(), decided, false)?;
            self.told(way)?;
        }
        Ok(())
    }

    /// Removals are decided again, and carried out, or held behind a closed gate; how many of them
    /// still are removals then.
    fn decide_removals(&self, way: &mut Way, closed: bool) -> Result<u64, Problem> {
        let mut removals: Vec<(EntityKind, ObjectId)> = std::mem::take(&mut way.tally.removals)
            .into_iter()
            .map(|(id, kind)| (kind, id))
            .collect();
        removals.sort_by_key(|(_, id)| *id);
        let mut still = 0;
        for some in removals.chunks(self.page_size()) {
            let mut decided = self.decided_again(way, some)?;
            still += decided.iter().filter(|it| is_removal(it)).count() as u64;
            if closed {
                let (kept, others): (Vec<_>, Vec<_>) = decided.into_iter().partition(is_removal);
                way.tally.ledger.counts.staged += kept.len() as u64;
                kept.iter()
                    .for_each(|it| way.tally.note(&it.decision, None));
                decided = others;
            }
            way.tally.page(&self.view(), decided, false)?;
            self.told(way)?;
        }
        Ok(still)
    }

    fn decided_again(
        &self,
        way: &mut Way,
        some: &[(EntityKind, ObjectId)],
    ) -> Result<Vec<Decided>, Problem> {
        let subjects = self.mapped(some.to_vec())?;
        let Tally {
            waiting, promised, ..
        } = &mut way.tally;
        self.view_behind(waiting).decide_beside(&subjects, promised)
    }
}

fn is_removal(decided: &Decided) -> bool {
    decided.decision.action.is_removal()
}
