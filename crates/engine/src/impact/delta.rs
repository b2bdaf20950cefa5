//! What differs between two rules of one object kind, as far as decisions go. Names, order and
//! descriptions do not count.

use syncline_model::Attr;

use super::mapping::{self, Difference};
use super::scope::implies;
use crate::decide::foresee::Foreseen;
use crate::rule::Mapping;
use crate::{JobFacts, Rule};

/// Sorted by whom a difference can matter to.
#[derive(Debug, Default)]
pub(super) struct Delta {
    /// Somebody may have come into the scope, or gone out of it.
    pub(super) widens: bool,
    pub(super) narrows: bool,
    /// Those not linked who may be created: how they are matched and made.
    pub(super) creation: bool,
    /// Linked ones who are wanted: all of them.
    pub(super) upkeep: bool,
    /// The same, where the old and the new mapping of one of these attributes yield different
    /// values.
    pub(super) values: Vec<Attr>,
    /// Linked ones who are not wanted.
    pub(super) removal: bool,
    /// Target attributes whose mapping differs in any way, for people.
    pub(super) mappings: Vec<Attr>,
}

impl Delta {
    /// Between rules that are switched on, of the same kinds of objects.
    pub(super) fn between(old: (&Rule, &JobFacts), new: (&Rule, &JobFacts)) -> Self {
        let ((was, was_facts), (is, is_facts)) = (old, new);
        let mut delta = Self {
            widens: !implies(&is.scope, &was.scope) || is_facts.sync_all && !was_facts.sync_all,
            narrows: !implies(&was.scope, &is.scope) || was_facts.sync_all && !is_facts.sync_all,
            creation: was.flow.add != is.flow.add || order(was) != order(is) || {
                let needed = |rule: &Rule| -> Vec<Attr> {
                    rule.required.iter().map(|property| property.attr).collect()
                };
                needed(was) != needed(is)
            },
            upkeep: was.flow.add != is.flow.add || was.flow.update != is.flow.update,
            removal: was.flow.delete != is.flow.delete
                || was_facts.skip_out_of_scope_deletions != is_facts.skip_out_of_scope_deletions
                || was.marks_unwanted() != is.marks_unwanted(),
            ..Self::default()
        };
        for target in targets(was, is) {
            delta.compare(target, was.mapping(target), is.mapping(target));
        }
        delta
    }

    fn compare(&mut self, target: Attr, was: Option<&Mapping>, is: Option<&Mapping>) {
        if mapping::same(was, is) {
            return;
        }
        self.mappings.push(target);
        // Whoever failed or had no value to be matched by may fare better now.
        self.creation = true;
        if target == Attr::IS_SOFT_DELETED {
            // Not a value but an action: it decides about everybody.
            (self.upkeep, self.removal) = (true, true);
            return;
        }
        // What it says of those who are not wanted is another thing, too; or it says nothing more, and they failed by it.
        let mut sides = [was, is].into_iter().flatten();
        self.removal |= sides.any(Mapping::reads_is_soft_deleted);
        match mapping::difference(was, is) {
            Difference::None => {}
            Difference::Value => self.values.push(target),
            Difference::Any => self.upkeep = true,
        }
    }

    pub(super) fn is_nothing(&self) -> bool {
        !(self.concerns_linked() || self.concerns_unlinked())
    }

    /// Whether a linked object can be concerned. Somebody who was in the target before may come back.
    pub(super) fn concerns_linked(&self) -> bool {
        self.widens
            || self.narrows
            || self.upkeep
            || self.removal
            || self.creation
            || !self.values.is_empty()
    }

    /// Whether an object that is not linked can be. Nobody is when the scope only narrows: he is left
    /// out as before, or for another reason.
    pub(super) fn concerns_unlinked(&self) -> bool {
        self.widens || self.creation
    }

    /// Whether one of the changed mappings yields another value for an object.
    pub(super) fn changes_a_value(&self, was: &Foreseen<'_>, is: &Foreseen<'_>) -> bool {
        self.values.iter().any(|target| {
            let flowing = |it: &Foreseen<'_>| it.mapping(*target);
            let (old, new) = (flowing(was), flowing(is));
            old.is_none() || old != new
        })
    }
}

/// All target attributes of two rules, each once.
fn targets(was: &Rule, is: &Rule) -> Vec<Attr> {
    let mut targets: Vec<Attr> = was.mappings.iter().map(|it| it.target).collect();
    for mapping in &is.mappings {
        if !targets.contains(&mapping.target) {
            targets.push(mapping.target);
        }
    }
    targets
}

/// The matching attributes, as they are tried.
fn order(rule: &Rule) -> Vec<Attr> {
    rule.matching().iter().map(|it| it.target).collect()
}
