//! Members of synchronized groups: written where the target does not have them as the source does.

use std::collections::BTreeMap;

use syncline_engine::evidence::{EvidenceOutcome, ReferenceEvidence, ReferenceState};
use syncline_engine::{Failure, Fault, FaultKind, Operation, Outcome, steps};
use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, IdMap, IdSet, Ids, Link, ObjectId, Problem};

use super::Ledger;
use super::drain::evidence;
use super::escrow::{Before, escrow_since};
use super::log::Event;
use super::references::{failure, forget_released, is_in_target, name};
use crate::memberships::{Flowing, Resolved, WaitsFor, Wanted, Write, resolved};
use crate::page::Page;
use crate::unavailable::unavailable;
use crate::view::absent::Absent;

/// What became of memberships.
pub(crate) struct Settled {
    pub(crate) events: Vec<Event>,
    /// Those that could not be written yet, by their place among the wanted ones.
    pub(crate) failed: BTreeMap<usize, Failing>,
    /// The target lets no groups in: nothing was written, and none of it is counted.
    pub(crate) refused: bool,
}

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

/// What the log says of one group.
#[derive(Default)]
struct Said {
    written: Vec<ReferenceEvidence>,
    failure: Option<Failure>,
}

/// Makes the target's memberships as they are wanted.
pub(crate) fn carry_out(
    page: &mut Page<'_, '_>,
    flowing: &Flowing<'_>,
    wanted: &[Wanted],
    ids: &dyn Ids,
    ledger: &mut Ledger,
) -> Result<Settled, Problem> {
    let Resolved {
        writes,
        waiting,
        links,
        beside: _,
    } = {
        let view = page.view();
        resolved(&view, flowing, wanted, &view)?
    };
    let operations: Vec<Operation> = writes
        .iter()
        .map(|write| operation(flowing.kind, write))
        .collect();
    let refused = refused(page, flowing.kind, &operations)?;
    let outcomes = match &refused {
        Some(fault) => vec![Outcome::Failed(fault.clone()); operations.len()],
        None => page.apply(&operations)?,
    };

    let mut said: BTreeMap<ObjectId, Said> = BTreeMap::new();
    let mut failed: BTreeMap<usize, Failing> = BTreeMap::new();
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
        failed.insert(write.at, failing);
    }
    let mut escrowed: Vec<(ObjectId, EntityKind, Failure)> = Vec::new();
    let mut gone: Vec<(Write, Failure)> = Vec::new();
    let mut not_now: IdSet<ObjectId> = IdSet::default();
    for (write, outcome) in writes.iter().zip(outcomes) {
        if let Outcome::Stands(_) = outcome {
            continue;
        }
        let Outcome::Failed(fault) = outcome else {
            let said = said.entry(write.source.group).or_default();
            said.written.push(told(write));
            if write.adds {
                ledger.counts.references_set += 1;
            } else {
                ledger.counts.references_removed += 1;
            }
            continue;
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
        failed.insert(write.at, Failing { why, end: None });
        let failure = failure(fault);
        let group = links.get(&write.source.group);
        escrowed.extend(group.map(|link| (link.source, link.kind, failure.clone())));
        let said = said.entry(write.source.group).or_default();
        said.failure.get_or_insert(failure);
        // What is said of more than one membership is said of all of a group: it is one failure, however large the group.
        let is_counted = why != Why::NotNow || not_now.insert(write.source.group);
        ledger.references_failed += u64::from(is_counted && refused.is_none());
    }
    let mut released: Vec<Link> = Vec::new();
    let mut gone_ends: IdSet<ObjectId> = IdSet::default();
    for (write, failure, end) in with_gone_ends(page, flowing.kind, gone, &links)? {
        if end.state == LinkState::Released {
            released.push(end.clone());
            continue;
        }
        failed.insert(write.at, Failing::of(Why::Gone, (end.kind, end.source)));
        escrowed.push((end.source, end.kind, end_is_gone()));
        let said = said.entry(write.source.group).or_default();
        said.failure.get_or_insert(failure);
        // It is one that is gone, however many memberships it has.
        ledger.references_failed += u64::from(gone_ends.insert(end.source));
    }
    forget_released(page, released)?;
    escrowed.sort_unstable_by_key(|(source, ..)| *source);
    escrowed.dedup_by_key(|(source, ..)| *source);
    if refused.is_some() {
        let groups: Vec<ObjectId> = escrowed.iter().map(|(source, ..)| *source).collect();
        let awaited = super::awaited::told(page, &groups)?;
        // Nothing was written of any.
        said.retain(|group, _| !awaited.has(group));
    }
    let before = failing_before(page, &escrowed)?;
    let no_more = escrow_since(page, &escrowed, &before)?;
    let mut events = events(page, said, &links, ids)?;
    super::tell_given_up(&mut events, &no_more, &page.configuration.timetable);
    Ok(Settled {
        events,
        failed,
        refused: refused.is_some(),
    })
}

/// Since when memberships of these could not be written, and when they were to be tried again. Each of them is found to
/// be as it should be before its memberships are tried, and is not in escrow then: it would fail for the first time in
/// every cycle.
fn failing_before(
    page: &Page<'_, '_>,
    escrowed: &[(ObjectId, EntityKind, Failure)],
) -> Result<IdMap<ObjectId, Before>, Problem> {
    let sources: Vec<ObjectId> = escrowed.iter().map(|(source, ..)| *source).collect();
    if sources.is_empty() {
        return Ok(IdMap::default());
    }
    let due = page
        .tx
        .memberships_due_of(page.tenant, page.job, &sources)?;
    let due = due.into_iter().flatten();
    Ok(due
        .filter_map(|row| {
            let before = Before {
                first_failed: row.first_failed?,
                due: row.not_before,
            };
            Some((row.source, before))
        })
        .collect())
}

/// Why the target takes none of these, as long as it lets no groups in.
fn refused(
    page: &Page<'_, '_>,
    kind: EntityKind,
    operations: &[Operation],
) -> Result<Option<Fault>, Problem> {
    if operations.is_empty() {
        return Ok(None);
    }
    let target = &page.configuration.connected.target;
    target.refuses(page.tx, kind).map_err(unavailable)
}

fn operation(kind: EntityKind, write: &Write) -> Operation {
    let (target, attr, to) = (write.target.group, Attr::MEMBERS, write.target.member);
    if write.adds {
        Operation::AddReference {
            kind,
            target,
            attr,
            to,
        }
    } else {
        Operation::RemoveReference {
            kind,
            target,
            attr,
            to,
        }
    }
}

fn told(write: &Write) -> ReferenceEvidence {
    let to = write.target.member;
    ReferenceEvidence {
        name: name(Attr::MEMBERS),
        source: write.adds.then_some(write.source.member),
        state: if write.adds {
            ReferenceState::Set(to)
        } else {
            ReferenceState::Removed(to)
        },
        fills: false,
    }
}

/// Each of these memberships with the end that is gone.
fn with_gone_ends<'l>(
    page: &Page<'_, '_>,
    kind: EntityKind,
    gone: Vec<(Write, Failure)>,
    links: &'l IdMap<ObjectId, Link>,
) -> Result<Vec<(Write, Failure, &'l Link)>, Problem> {
    let groups = gone.iter().map(|(write, _)| (kind, write.target.group));
    let absent = Absent::among(&page.view(), groups)?;
    let ends = gone.into_iter().filter_map(|(write, failure)| {
        let group = links.get(&write.source.group)?;
        if !absent.lives(&group.target) {
            return Some((write, failure, group));
        }
        let member = links.get(&write.source.member);
        // For another job's member there is nothing to be done here: that job finds out, and tells this one.
        let is_others = member.is_none_or(|link| !is_in_target(link.state)) && write.adds;
        (!is_others).then(|| (write, failure, member.unwrap_or(group)))
    });
    Ok(ends.collect())
}

/// Why an end is to be looked at soon. It is made anew then, or taken out of the recycle bin, and its
/// memberships are due.
fn end_is_gone() -> Failure {
    Failure {
        transient: true,
        ..Failure::new(
            "InvalidAnchor",
            "The target object does not exist any more, or is in the recycle bin.".to_owned(),
        )
    }
}

/// Events of each group, and another one for what failed in it.
fn events(
    page: &Page<'_, '_>,
    said: BTreeMap<ObjectId, Said>,
    links: &IdMap<ObjectId, Link>,
    ids: &dyn Ids,
) -> Result<Vec<Event>, Problem> {
    let groups: Vec<(EntityKind, ObjectId, ObjectId)> = said
        .keys()
        .filter_map(|group| links.get(group))
        .map(|link| (link.kind, link.source, link.target))
        .collect();
    let evidence = evidence(page.configuration, page.tx, &groups)?;
    let mut events = Vec::new();
    for (evidence, said) in evidence.into_iter().zip(said.into_values()) {
        if let Some(failure) = said.failure {
            let mut failed = evidence.clone();
            failed.outcome = EvidenceOutcome::Failed(failure);
            events.push(Event::new(ids.object_id(), failed));
        }
        // As many to a line as a line names.
        for some in said.written.chunks(steps::NAMED) {
            let mut written = evidence.clone();
            written.references = some.to_vec();
            events.push(Event::new(ids.object_id(), written));
        }
    }
    Ok(events)
}
