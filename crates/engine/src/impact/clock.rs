//! Whom the time that has passed can concern: those for whom a mapping reads the clock. Nothing else of a decision does:
//! a filter compares with what stands in it.
//!
//! INVARIANT: an evaluation that does not read the clock goes the same way at any time. So it says nothing that when somebody was
//! decided about last is not known: comparing the value of now with that of some time before would miss a value that came and
//! went in between, and was written.

use syncline_expression::Program;
use syncline_model::link::LinkState;
use syncline_model::schema::Mutability;
use syncline_model::{Attr, Link};

use super::mapping::flows_on_update;
use crate::decide::foresee::Foreseen;
use crate::rule::Mapping;
use crate::{Lifecycle, Rule, Subject};

/// The target attributes of a rule whose mappings go by the clock.
#[derive(Clone, Debug, Default)]
pub(super) struct ByClock {
    /// `IsSoftDeleted`: whether somebody is to be in the target at all.
    action: Vec<Attr>,
    /// By which somebody is looked for there.
    matching: Vec<Attr>,
    /// That flow to target objects that are there.
    upkeep: Vec<Attr>,
    /// Those of these that flow to those who are not wanted.
    marks: Vec<Attr>,
}

impl ByClock {
    pub(super) fn of(rule: &Rule) -> Self {
        let mut by_clock = Self::default();
        let goes_by_clock = |it: &&Mapping| it.program().is_some_and(Program::goes_by_clock);
        for mapping in rule.mappings.iter().filter(goes_by_clock) {
            let target = mapping.target;
            if target == Attr::IS_SOFT_DELETED {
                by_clock.action.push(target);
                continue;
            }
            if mapping.matching_priority > 0 {
                by_clock.matching.push(target);
            }
            let is_kept = mapping.property.mutability != Mutability::CreateOnly;
            if rule.flow.update && is_kept && flows_on_update(mapping) {
                by_clock.upkeep.push(target);
                if mapping.reads_is_soft_deleted() {
                    by_clock.marks.push(target);
                }
            }
        }
        by_clock
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.targets().next().is_none()
    }

    /// The target attributes, each once.
    pub(super) fn targets(&self) -> impl Iterator<Item = Attr> {
        let looked_for = self.matching.iter();
        let looked_for = looked_for.filter(|it| !self.upkeep.contains(it));
        self.action
            .iter()
            .chain(looked_for)
            .chain(&self.upkeep)
            .copied()
    }

    /// Whether somebody who is not linked may be created later, or found.
    pub(super) fn concerns_unlinked(&self) -> bool {
        !(self.action.is_empty() && self.matching.is_empty())
    }

    /// Whether it matters to linked objects that are not wanted.
    pub(super) fn concerns_unwanted(&self) -> bool {
        !(self.action.is_empty() && self.marks.is_empty())
    }

    pub(super) fn concerns(
        &self,
        foreseen: &Foreseen<'_>,
        subject: &Subject,
        link: Option<&Link>,
    ) -> bool {
        let reads_clock = |of: &[Attr]| of.iter().any(|target| foreseen.reads_clock(*target));
        // Nothing that the clock says helps whom nobody can decide about.
        if foreseen.is_undecidable() {
            return false;
        }
        let Some(link) = link else {
            return foreseen.may_be_created()
                && (reads_clock(&self.action) || reads_clock(&self.matching));
        };
        if !foreseen.wanted() {
            // Nobody looks after an object that was released, until its source is deleted.
            let let_go = link.state == LinkState::Released && subject.lifecycle == Lifecycle::Live;
            return !let_go && (reads_clock(&self.action) || reads_clock(&self.marks));
        }
        // Of whoever is asked to leave they are read otherwise than they are foreseen.
        let is_marked = || !self.marks.is_empty() && foreseen.asks_soft_delete();
        // Whose target object is not there is decided as if he were not linked.
        reads_clock(&self.upkeep)
            || reads_clock(&self.action)
            || is_marked()
            || link.state != LinkState::Live && reads_clock(&self.matching)
    }

    /// Whether the mappings yield something else at the one time than at the other.
    pub(super) fn differs(&self, one: &Foreseen<'_>, other: &Foreseen<'_>) -> bool {
        let mut targets = self.targets();
        targets.any(|target| one.mapping(target) != other.mapping(target))
    }
}
