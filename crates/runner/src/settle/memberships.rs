//! Members of synchronized groups: written where the target does not have them as the source does.

use std::collections::BTreeMap;

use syncline_engine::evidence::{EvidenceOutcome, ReferenceEvidence, ReferenceState};
use syncline_engine::{Failure, FaultKind, Operation, Outcome};
use syncline_model::{Attr, EntityKind, IdMap, Ids, Link, ObjectId, Problem};

use super::Ledger;
use super::drain::evidence;
use super::log::Event;
use super::references::{failure, in_order, name};
use crate::memberships::{Flowing, Wanted, Write, resolved};
use crate::page::{Page, unavailable};

/// What became of memberships.
pub(crate) struct Settled {
    pub(crate) events: Vec<Event>,
    /// Those that could not be written, by their place among the wanted ones.
    pub(crate) failed: BTreeMap<usize, Failure>,
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
    let links = links(page, wanted)?;
    let mut writes = resolved(wanted, &links);
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
    let mut failed = BTreeMap::new();
    let mut escrowed: Vec<(ObjectId, EntityKind, Failure)> = Vec::new();
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
        // An end that is gone is made anew when its object is looked at: soon. Its memberships are due then.
        let gone = fault.kind == FaultKind::NotFound;
        let failure = failure(fault);
        let member = gone.then_some(write.source.member);
        for end in member.into_iter().chain([write.source.group]) {
            let link = links.get(&end);
            escrowed.extend(link.map(|link| (link.source, link.kind, failure.clone())));
        }
        said.failure.get_or_insert_with(|| failure.clone());
        failed.insert(write.at, failure);
        ledger.references_failed += 1;
    }
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

/// The links of both ends, in whatever state.
fn links(page: &Page<'_, '_>, wanted: &[Wanted]) -> Result<IdMap<ObjectId, Link>, Problem> {
    let ends = wanted.iter().flat_map(|(it, _)| [it.group, it.member]);
    let ends = in_order(ends.collect());
    let links = page.tx.links_for(page.tenant, page.job, &ends)?;
    let links = links.into_iter().flatten();
    Ok(links.map(|link| (link.source, link)).collect())
}

/// One event for each group, and another one for what failed in it.
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
        if !said.written.is_empty() {
            let mut written = evidence;
            written.references = said.written;
            events.push(Event::new(ids.object_id(), written));
        }
    }
    Ok(events)
}
