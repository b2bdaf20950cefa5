//! What became of each membership that a page was to write.

use std::collections::BTreeMap;

use syncline_engine::{Failure, FaultKind, Outcome};
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, IdMap, IdSet, Link, ObjectId};

use super::gone_ends::end_is_gone;
use super::told::{Said, told};
use crate::memberships::{Flowing, WaitsFor, Write};
use crate::settle::Ledger;
use crate::settle::references::failure;

/// Why a membership could not be written yet, the weakest reason first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// The removal of an end is staged, which wakes this when it is over.
    Held,
    /// The member is to be removed: by another job, or by this one where nobody is looked for in groups.
    Departing,
    /// The target refuses it.
    Refused,
    /// One end of it is gone from the target.
    Gone,
    /// Nobody knows yet: the target does not answer, or lets no groups in, or the removal of an end is to be decided.
    NotNow,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Failing {
    pub(crate) why: Why,
    /// The end that it is for; `None` where it says nothing of either.
    pub(crate) end: Option<(EntityKind, ObjectId)>,
}

impl Failing {
    fn of(why: Why, end: (EntityKind, ObjectId)) -> Self {
        let end = Some(end);
        Self { why, end }
    }
}

#[derive(Default)]
pub(super) struct Became {
    /// By group of the source.
    pub(super) said: BTreeMap<ObjectId, Said>,
    /// By the place among the wanted ones.
    pub(super) failed: BTreeMap<usize, Failing>,
    /// Objects of the source for which it failed, each once.
    pub(super) escrowed: Vec<(ObjectId, EntityKind, Failure)>,
}

impl Became {
    /// Those that can not be written yet, and are not tried.
    pub(super) fn of_waiting(
        flowing: &Flowing<'_>,
        waiting: impl IntoIterator<Item = (Write, WaitsFor)>,
    ) -> Self {
        let mut became = Self::default();
        for (write, reason) in waiting {
            // Members who are only given to their groups are never walked for: the group goes through all of its own again.
            let is_walked = |end: ObjectId| flowing.follows || end == write.source.group;
            let failing = match reason {
                WaitsFor::Held(end) if is_walked(end.1) => Failing::of(Why::Held, end),
                WaitsFor::Undecided(end) if is_walked(end.1) => Failing::of(Why::NotNow, end),
                WaitsFor::Held(_) | WaitsFor::Undecided(_) | WaitsFor::OtherJob => Failing {
                    why: Why::Departing,
                    end: None,
                },
            };
            became.failed.insert(write.at, failing);
        }
        became
    }

    /// What the target made of these. Returns those an end of which it does not know. `all_refused`: it lets no groups
    /// in, which is not counted.
    pub(super) fn take(
        &mut self,
        writes: &[Write],
        outcomes: Vec<Outcome>,
        links: &IdMap<ObjectId, Link>,
        all_refused: bool,
        ledger: &mut Ledger,
    ) -> Vec<(Write, Failure)> {
        let mut gone = Vec::new();
        let mut not_now: IdSet<ObjectId> = IdSet::default();
        for (write, outcome) in writes.iter().zip(outcomes) {
            let fault = match outcome {
                Outcome::Stands(_) => continue,
                Outcome::Done(_) => {
                    let said = self.said.entry(write.source.group).or_default();
                    said.written.push(told(write));
                    if write.adds {
                        ledger.counts.references_set += 1;
                    } else {
                        ledger.counts.references_removed += 1;
                    }
                    continue;
                }
                Outcome::Failed(fault) => fault,
            };
            if fault.kind == FaultKind::NotFound {
                gone.push((*write, failure(fault)));
                continue;
            }
            let why = if fault.transient {
                Why::NotNow
            } else {
                Why::Refused
            };
            self.failed.insert(write.at, Failing { why, end: None });
            let failure = failure(fault);
            let group = links.get(&write.source.group);
            let group = group.map(|link| (link.source, link.kind, failure.clone()));
            self.escrowed.extend(group);
            let said = self.said.entry(write.source.group).or_default();
            said.failure.get_or_insert(failure);
            // What is said of more than one membership is said of all of a group: it is one failure, however large the
            // group.
            let is_counted = why != Why::NotNow || not_now.insert(write.source.group);
            ledger.references_failed += u64::from(is_counted && !all_refused);
        }
        gone
    }

    /// Those an end of which is gone. Returns the ends that the job had released: it forgets them.
    pub(super) fn take_gone(
        &mut self,
        gone: Vec<(Write, Failure, &Link)>,
        ledger: &mut Ledger,
    ) -> Vec<Link> {
        let mut released = Vec::new();
        let mut gone_ends: IdSet<ObjectId> = IdSet::default();
        for (write, failure, end) in gone {
            if end.state == LinkState::Released {
                released.push(end.clone());
                continue;
            }
            let failing = Failing::of(Why::Gone, (end.kind, end.source));
            self.failed.insert(write.at, failing);
            self.escrowed.push((end.source, end.kind, end_is_gone()));
            let said = self.said.entry(write.source.group).or_default();
            said.failure.get_or_insert(failure);
            // It is one that is gone, however many memberships it has.
            ledger.references_failed += u64::from(gone_ends.insert(end.source));
        }
        released
    }

    /// With each object that failed once.
    pub(super) fn in_order(mut self) -> Self {
        self.escrowed.sort_unstable_by_key(|(source, ..)| *source);
        self.escrowed.dedup_by_key(|(source, ..)| *source);
        self
    }
}
