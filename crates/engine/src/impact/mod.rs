//! Whom a change of a job's configuration can concern, and whom the time that has passed: told before anything is asked of the target,
//! so that nobody else has to be evaluated again.
//!
//! INVARIANT: an object for which [`Impact::concerns`] says no, and which is as an older
//! configuration wants it, is as the new one wants it, too. It may say yes in vain, never no.

mod clock;
mod delta;
mod kept;
mod mapping;
mod scope;

use std::sync::Arc;

use syncline_model::link::LinkState;
use syncline_model::{EntityKind, Link, Timestamp};

use crate::decide::foresee::Foreseen;
use crate::{JobFacts, Lifecycle, Rule, Subject};
use clock::ByClock;
use delta::Delta;
pub use kept::{Kept, KeptFlow};

const KINDS: [EntityKind; 2] = [EntityKind::User, EntityKind::Group];

/// What decisions are made with.
#[derive(Clone, Debug)]
pub struct Side {
    pub rules: Arc<Vec<Rule>>,
    pub facts: JobFacts,
}

impl Side {
    /// The rule that decides about objects of a kind; none when they are left alone.
    fn rule(&self, kind: EntityKind) -> Option<&Rule> {
        Rule::deciding(&self.rules, kind).filter(|rule| rule.enabled)
    }
}

/// Whether any mapping of these rules goes by the clock: then time alone can make decisions outdated.
pub fn go_by_clock(rules: &[Rule]) -> bool {
    Rule::all_deciding(rules).any(|(_, rule)| !ByClock::of(rule).is_nothing())
}

/// What a new configuration changes, against all those that objects may have been decided by. A clone shares what was
/// compared.
#[derive(Clone, Debug)]
pub struct Impact {
    new: Side,
    old: Arc<Vec<Compared>>,
    /// What goes by the clock, where time has passed.
    by_clock: Vec<(EntityKind, ByClock)>,
    /// When everybody was looked at last for whom the clock is read.
    last_look: Option<Timestamp>,
}

/// What objects may have been decided with, and what is another thing now for each kind of them.
type Compared = (Side, Vec<(EntityKind, Change)>);

/// What changed for one kind of object.
#[derive(Debug)]
enum Change {
    /// Nothing that matters.
    Nothing,
    /// Everything may be different.
    Everything,
    Some(Box<Delta>),
}

impl Impact {
    /// Of `new`, on objects that were decided by any of `old`.
    pub fn of(old: Vec<Side>, new: Side) -> Self {
        let compared = old.into_iter().map(|old| {
            let changes = KINDS.map(|kind| (kind, change(&old, &new, kind)));
            (old, Vec::from(changes))
        });
        Self {
            old: Arc::new(compared.collect()),
            new,
            by_clock: Vec::new(),
            last_look: None,
        }
    }

    /// The same, and time has passed since objects were decided. `last_look`: when everybody was looked at last for whom the
    /// clock is read, where that is known.
    #[must_use]
    pub fn with_time_passed(mut self, last_look: Option<Timestamp>) -> Self {
        self.last_look = last_look;
        let by_clock = KINDS.map(|kind| (kind, self.new.rule(kind).map(ByClock::of)));
        let by_clock = by_clock.into_iter();
        let by_clock = by_clock.filter_map(|(kind, it)| Some((kind, it?)));
        self.by_clock = by_clock.filter(|(_, it)| !it.is_nothing()).collect();
        self
    }

    /// About so many bytes it takes in memory.
    pub fn bytes(&self) -> usize {
        let sides = self.old.iter().map(|(old, _)| old);
        let rules = sides.chain([&self.new]).flat_map(|it| it.rules.iter());
        rules.map(|rule| rule.bytes).fold(0, usize::saturating_add)
    }

    /// Whether nobody is concerned.
    pub fn is_nothing(&self) -> bool {
        let mut changes = self.changes();
        self.by_clock.is_empty() && changes.all(|(_, change)| matches!(change, Change::Nothing))
    }

    /// Whether objects that are not linked can be concerned: then the source has to be gone through.
    pub fn concerns_unlinked(&self) -> bool {
        let by_clock = self.by_clock.iter().any(|(_, it)| it.concerns_unlinked());
        by_clock
            || self.changes().any(|(_, change)| match change {
                Change::Nothing => false,
                Change::Everything => true,
                Change::Some(delta) => delta.concerns_unlinked(),
            })
    }

    /// Whether linked objects can be concerned that the source has deleted.
    pub fn concerns_deleted(&self) -> bool {
        let by_clock = self.by_clock.iter().any(|(_, it)| it.concerns_unwanted());
        by_clock
            || self.changes().any(|(_, change)| match change {
                Change::Nothing => false,
                Change::Everything => true,
                Change::Some(delta) => delta.removal,
            })
    }

    /// Whether members of groups are followed that were not, or removed when they leave: nobody told what
    /// changed in the meantime.
    pub fn begins_to_follow_members(&self) -> bool {
        let flow = |side: &Side| side.rule(EntityKind::Group).and_then(Rule::members);
        let follows = |side: &Side| flow(side).is_some_and(|it| it.follows);
        let removes = |side: &Side| flow(side).is_some_and(|it| it.removes);
        let (does_follow, does_remove) = (follows(&self.new), removes(&self.new));
        self.old
            .iter()
            .any(|(old, _)| does_follow && !follows(old) || does_remove && !removes(old))
    }

    /// Whether the job now speaks of other tenants than before: nothing of what is known is of use.
    pub fn is_of_another_job(&self) -> bool {
        self.old.iter().any(|(old, _)| {
            old.facts.source_tenant != self.new.facts.source_tenant
                || old.facts.target_tenant != self.new.facts.target_tenant
        })
    }

    /// Whether an object has to be evaluated again. `link` is what the job remembers of it; `failed`: it waits
    /// for another try, or was given up.
    pub fn concerns(
        &self,
        subject: &Subject,
        link: Option<&Link>,
        failed: bool,
        now: Timestamp,
    ) -> bool {
        self.concerned_by_time(subject, link, failed, now)
            || self.old.iter().any(|(old, changes)| {
                let change = changes.iter().find(|(kind, _)| *kind == subject.kind);
                match change {
                    None | Some((_, Change::Nothing)) => false,
                    Some((_, Change::Everything)) => true,
                    Some((_, Change::Some(delta))) => {
                        self.differs(old, delta, subject, link, failed, now)
                    }
                }
            })
    }

    fn concerned_by_time(
        &self,
        subject: &Subject,
        link: Option<&Link>,
        failed: bool,
        now: Timestamp,
    ) -> bool {
        let mut by_clock = self.by_clock.iter();
        let Some((_, by_clock)) = by_clock.find(|(kind, _)| *kind == subject.kind) else {
            return false;
        };
        if link.is_none() && !by_clock.concerns_unlinked() {
            return false;
        }
        self.new.rule(subject.kind).is_some_and(|rule| {
            let at = |time| Foreseen::of(rule, &self.new.facts, subject, time);
            let is = at(now);
            let turned = || {
                let last_look = self.last_look;
                last_look.is_none_or(|last_look| by_clock.differs(&at(last_look), &is))
            };
            by_clock.concerns(&is, subject, link)
                && match link {
                    // They have a timetable, and are given up at its end. That their time has come is news all the same, as a
                    // change of theirs would be: a leaver who was given up long ago is to be switched off.
                    _ if failed => turned(),
                    // Left out as before, and logged at each look.
                    None if is.asks_soft_delete() => false,
                    // Left out as well, but for whom is found in the target by now.
                    None if !rule.flow.add => turned(),
                    _ => true,
                }
        })
    }

    fn differs(
        &self,
        old: &Side,
        delta: &Delta,
        subject: &Subject,
        link: Option<&Link>,
        failed: bool,
        now: Timestamp,
    ) -> bool {
        // Cheap, and often the whole answer.
        match link {
            None if !(failed || delta.concerns_unlinked()) => return false,
            Some(_) if !delta.concerns_linked() => return false,
            _ => {}
        }
        // It is not as the old configuration wants it, and only the target may know what was wrong: a mapping that
        // is gone is nobody's to compare. Of those who are gone themselves, it can only be their removal.
        if failed && (subject.lifecycle == Lifecycle::Live || delta.removal) {
            return true;
        }
        let (Some(old_rule), Some(new_rule)) =
            (old.rule(subject.kind), self.new.rule(subject.kind))
        else {
            return true;
        };
        let was = Foreseen::of(old_rule, &old.facts, subject, now);
        let is = Foreseen::of(new_rule, &self.new.facts, subject, now);
        if was.is_undecidable() || is.is_undecidable() {
            return true;
        }
        let Some(link) = link else {
            return is.may_be_created() && (delta.creation || !was.may_be_created());
        };
        // The filters that leave objects alone do not keep one whose source is deleted.
        let looked_at_again =
            subject.lifecycle == Lifecycle::Live && was.is_left_alone() != is.is_left_alone();
        if was.wanted() != is.wanted() || looked_at_again {
            return true;
        }
        if is.wanted() {
            // Whose target object is not there is decided as if he were not linked.
            if delta.creation && link.state != LinkState::Live {
                return true;
            }
            // Whoever is asked to leave goes as those do who are not wanted: deleted, or switched off by what tells of it.
            let asked = || was.asks_soft_delete() || is.asks_soft_delete();
            return delta.upkeep || delta.changes_a_value(&was, &is) || delta.removal && asked();
        }
        // Nobody looks after an object that was released, until its source is deleted.
        let let_go = link.state == LinkState::Released && subject.lifecycle == Lifecycle::Live;
        delta.removal && !let_go
    }

    /// What changed, in words, each once: `User: the scope narrows`, `User: the mapping of city`, and of the time that has
    /// passed `User: the time, by which the mapping of city goes`.
    pub fn words(&self) -> Vec<String> {
        let mut words = self.words_of_time();
        for (old, changes) in self.old.iter() {
            for (kind, change) in changes {
                for what in self.changed(old, *kind, change) {
                    let line = format!("{}: {what}", kind.engine_name());
                    if !words.contains(&line) {
                        words.push(line);
                    }
                }
            }
        }
        words
    }

    fn words_of_time(&self) -> Vec<String> {
        let of_kind = |(kind, by_clock): &(EntityKind, ByClock)| {
            let rule = self.new.rule(*kind)?;
            let mappings = by_clock.targets().filter_map(|it| rule.mapping(it));
            let names: Vec<&str> = mappings.map(|it| it.name()).collect();
            let (kind, names) = (kind.engine_name(), names.join(", "));
            Some(format!(
                "{kind}: the time, by which the mapping of {names} goes"
            ))
        };
        self.by_clock.iter().filter_map(of_kind).collect()
    }

    fn changed(&self, old: &Side, kind: EntityKind, change: &Change) -> Vec<String> {
        if old.rule(kind).is_some() && self.new.rule(kind).is_none() {
            // Nobody has to be evaluated for it, and it is much to know all the same.
            return vec!["switched off".to_owned()];
        }
        let delta = match change {
            Change::Nothing => return Vec::new(),
            Change::Everything => return vec!["everything".to_owned()],
            Change::Some(delta) => delta,
        };
        let mut words = Vec::new();
        match (delta.widens, delta.narrows) {
            (true, true) => words.push("the scope changes".to_owned()),
            (true, false) => words.push("the scope widens".to_owned()),
            (false, true) => words.push("the scope narrows".to_owned()),
            (false, false) => {}
        }
        for target in &delta.mappings {
            let mapping = [&self.new, old]
                .into_iter()
                .find_map(|side| side.rule(kind)?.mapping(*target));
            words.extend(mapping.map(|it| format!("the mapping of {}", it.name())));
        }
        if delta.mappings.is_empty() && (delta.upkeep || delta.removal || delta.creation) {
            words.push("what is done to target objects".to_owned());
        }
        words
    }

    fn changes(&self) -> impl Iterator<Item = &(EntityKind, Change)> {
        self.old.iter().flat_map(|(_, changes)| changes)
    }
}

fn change(old: &Side, new: &Side, kind: EntityKind) -> Change {
    let Some(is) = new.rule(kind) else {
        // Left alone from now on, linked or not.
        return Change::Nothing;
    };
    let Some(was) = old.rule(kind) else {
        return Change::Everything;
    };
    if was.target != is.target
        || !same_world(&old.facts, &new.facts)
        || !scope::asks_no_more(&was.scope, &is.scope)
    {
        return Change::Everything;
    }
    let delta = Delta::between((was, &old.facts), (is, &new.facts));
    if delta.is_nothing() {
        Change::Nothing
    } else {
        Change::Some(Box::new(delta))
    }
}

/// Everything that any mapping may draw on; the switches are compared one by one.
fn same_world(one: &JobFacts, other: &JobFacts) -> bool {
    one.source_tenant == other.source_tenant
        && one.source_default_domain == other.source_default_domain
        && one.target_tenant == other.target_tenant
        && one.target_initial_domain == other.target_initial_domain
}
