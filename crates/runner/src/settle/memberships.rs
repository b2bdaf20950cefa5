//! Members of synchronized groups: written where the target does not have them as the source does.

use std::collections::BTreeMap;

use syncline_engine::evidence::{EvidenceOutcome, ReferenceEvidence, ReferenceState};
use syncline_engine::{Failure, FaultKind, LookupQuery, Operation, Outcome, steps};
use syncline_model::{Attr, EntityKind, IdMap, IdSet, Ids, Link, ObjectId, Problem};

use super::Ledger;
use super::drain::evidence;
use super::log::Event;
use super::references::{failure, in_order, name};
use crate::memberships::{Flowing, Links as _, Resolved, Wanted, Write, resolved};
use crate::page::{Page, unavailable};

/// What became of memberships.
pub(crate) struct Settled {
    pub(crate) events: Vec<Event>,
    /// Those that could not be written yet, by their place among the wanted ones.
    pub(crate) failed: BTreeMap<usize, Failing>,
}

/// Why a membership could not be written yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failing {
    /// Others can not be written now either, or it is not known yet what becomes of its group.
    pub(crate) holds: bool,
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
    let ends = wanted
        .iter()
        .flat_map(|it| [it.membership.group, it.membership.member]);
    let links = page.view().of(&in_order(ends.collect()))?;
    let losing = wanted.iter().filter(|it| !it.adds);
    let losing = in_order(losing.map(|it| it.membership.group).collect());
    let staged = page.tx.staged_among(page.tenant, page.job, &losing)?;
    let Resolved {
        mut writes,
        waiting,
    } = resolved(wanted, &links, |group| staged.contains(group));
    let asked: Vec<_> = writes.iter().map(|write| write.target).collect();
    let held = flowing.target.held(page.tx, &asked).map_err(unavailable)?;
    let mut held = held.into_iter();
    writes.retain(|write| held.next().is_some_and(|held| write.changes(held)));
    let operations: Vec<Operation> = writes
        .iter()
        .map(|write| operation(flowing.kind, write))
        .collect();
    let outcomes = page.apply(&operations)?;

    let mut said: BTreeMap<ObjectId, Said> = BTreeMap::new();
    let waiting = waiting.into_iter().map(|at| (at, Failing { holds: true }));
    let mut failed: BTreeMap<usize, Failing> = waiting.collect();
    let mut escrowed: Vec<(ObjectId, EntityKind, Failure)> = Vec::new();
    let mut gone: Vec<Write> = Vec::new();
    for (write, outcome) in writes.iter().zip(outcomes) {
        let said = said.entry(write.source.group).or_default();
        let Outcome::Failed(fault) = outcome else {
            said.written.push(told(write));
            if write.adds {
                ledger.counts.references_set += 1;
            } else {
                ledger.counts.references_removed += 1;
            }
            continue;
        };
        let holds = fault.transient;
        let ends = if fault.kind == FaultKind::NotFound {
            gone.push(*write);
            &[][..]
        } else {
            &[write.source.group][..]
        };
        let failure = failure(fault);
        let ends = ends.iter().filter_map(|end| links.get(end));
        escrowed.extend(ends.map(|link| (link.source, link.kind, failure.clone())));
        said.failure.get_or_insert_with(|| failure.clone());
        failed.insert(write.at, Failing { holds });
        ledger.references_failed += 1;
    }
    escrowed.extend(gone_ends(page, flowing.kind, &gone, &links)?);
    escrowed.sort_unstable_by_key(|(source, ..)| *source);
    escrowed.dedup_by_key(|(source, ..)| *source);
    super::escrow(page, &escrowed)?;
    let events = events(page, said, &links, ids)?;
    Ok(Settled { events, failed })
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
    }
}

/// Of memberships of which one end is gone: those ends, to be looked at soon. They are made anew then, and
/// their memberships are due.
fn gone_ends(
    page: &Page<'_, '_>,
    kind: EntityKind,
    writes: &[Write],
    links: &IdMap<ObjectId, Link>,
) -> Result<Vec<(ObjectId, EntityKind, Failure)>, Problem> {
    let groups = in_order(writes.iter().map(|write| write.target.group).collect());
    let queries: Vec<LookupQuery> = groups
        .iter()
        .map(|target| LookupQuery::Linked {
            kind,
            target: *target,
        })
        .collect();
    let target = &page.configuration.connected.target;
    let found = target.find(page.tx, &queries).map_err(unavailable)?;
    let there = groups.into_iter().zip(found);
    let there = there.filter(|(_, found)| found.iter().any(|it| !it.soft_deleted));
    let there: IdSet<ObjectId> = there.map(|(group, _)| group).collect();
    let ends = writes.iter().filter_map(|write| {
        let is_there = there.contains(&write.target.group);
        let end = if is_there {
            write.source.member
        } else {
            write.source.group
        };
        let link = links.get(&end)?;
        let failure = Failure {
            transient: true,
            ..Failure::new(
                "InvalidAnchor",
                "The target object does not exist any more, or is in the recycle bin.".to_owned(),
            )
        };
        Some((link.source, link.kind, failure))
    });
    Ok(ends.collect())
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
