//! References (managers, members): written when the object they name is in the target, waiting
//! until then.

use syncline_engine::evidence::{ReferenceEvidence, ReferenceState};
use syncline_engine::rule::{FlowType, MappingSource};
use syncline_engine::{Action, Failure, Fault, FaultKind, Operation, Outcome, Reference, Rule};
use syncline_model::link::LinkState;
use syncline_model::{
    Attr, EntityKind, IdMap, IdSet, Link, ObjectId, Problem, Schema, Text, Timestamp,
};
use syncline_store::WaitingReference;

use super::links::delta;
use super::owed::put_back;
use super::{Ledger, is_matching};
use crate::beside;
use crate::page::Page;
use crate::view::Decided;

/// What became of the references of a page's decisions.
pub(super) struct Referred {
    /// By decision: whether one was written.
    pub(super) written: Vec<bool>,
    /// By decision: why one could not be written.
    pub(super) failures: Vec<Option<Failure>>,
    /// Objects whose target object was found to be gone: to be looked at soon.
    pub(super) lost: Vec<Failed>,
}

/// Somebody who is put in escrow.
pub(super) type Failed = (ObjectId, EntityKind, Failure);

/// One write of a reference.
pub(crate) struct Write {
    /// The decision it belongs to.
    pub(crate) at: usize,
    operation: Operation,
    pub(crate) attr: Attr,
    /// The source object referred to, when one is.
    pub(crate) source: Option<ObjectId>,
    pub(crate) state: ReferenceState,
    /// Who was referred to until now, where there can be one only: the log names both.
    replaces: Option<ObjectId>,
    /// The target object was seen to refer to nobody, where there can be one only: the log says that as well.
    fills: bool,
}

/// Writes the references of a page's decisions.
pub(super) fn settle(
    page: &mut Page<'_, '_>,
    carried: &mut [Decided],
    targets: &[Option<ObjectId>],
    ledger: &mut Ledger,
) -> Result<Referred, Problem> {
    let references = || {
        carried
            .iter()
            .flat_map(|decided| &decided.decision.references)
    };
    let sources: Vec<ObjectId> = references()
        .flat_map(|it| it.sources.iter().copied())
        .collect();
    let mut present = links_in_target(page, sources)?;
    let absent = references().flat_map(|it| it.sources.iter().copied());
    let absent = absent.filter(|source| !present.contains_key(source));
    let others = beside::in_target(&page.view(), absent.collect())?;
    present.extend(others.iter().map(|(source, link)| (*source, link.clone())));
    let current: Vec<ObjectId> = references()
        .filter(|it| it.sources.iter().any(|id| !present.contains_key(id)))
        .flat_map(|it| it.current.iter().copied())
        .collect();
    let known = known_sources(page, current)?;

    let mut redecided = Vec::new();
    let mut waiting = Vec::new();
    let mut writes = Vec::new();
    for (at, (decided, target)) in carried.iter_mut().zip(targets).enumerate() {
        let Some(target) = *target else { continue };
        let rule = page.configuration.rule_for(decided.decision.kind);
        if decided.link.is_some() {
            redecided.extend(flowing(rule, decided).map(|attr| (decided.decision.source, attr)));
        }
        let decision = &mut decided.decision;
        let kind = rule.map_or(decision.kind, |rule| rule.target);
        for reference in &decision.references {
            for source in &reference.sources {
                if !present.contains_key(source) {
                    waiting.push(WaitingReference {
                        waits_for: *source,
                        source: decision.source,
                        kind: decision.kind,
                        attr: reference.attr,
                    });
                    decision.evidence.references.push(ReferenceEvidence {
                        name: name(reference.attr),
                        source: Some(*source),
                        state: ReferenceState::Waiting,
                        fills: false,
                    });
                }
            }
            writes.extend(wanted(at, kind, target, reference, &present, &known));
        }
    }
    ledger.waiting -= delta(
        page.tx
            .delete_waiting_at(page.tenant, page.job, &redecided)?,
    );
    // Those who wait for one object are neighbours there, and written once per page of the store.
    waiting.sort_unstable();
    ledger.waiting += delta(page.tx.insert_waiting(page.tenant, page.job, &waiting)?);
    // A job finds out alone about those whom it has; about others those do that have them.
    present.retain(|source, _| !others.contains_key(source));
    write(page, carried, writes, &present, ledger)
}

/// Carries the writes out and notes what became of them. `own`: the links of this job. While everybody is gone through,
/// whoever is referred to and is gone is still to come, and is waited for.
fn write(
    page: &mut Page<'_, '_>,
    carried: &mut [Decided],
    writes: Vec<Write>,
    own: &IdMap<ObjectId, Link>,
    ledger: &mut Ledger,
) -> Result<Referred, Problem> {
    let mut referred = Referred {
        written: vec![false; carried.len()],
        failures: vec![None; carried.len()],
        lost: Vec::new(),
    };
    let mut gone: Vec<Link> = Vec::new();
    let mut refused: Vec<WaitingReference> = Vec::new();
    let mut still_to_come: Vec<WaitingReference> = Vec::new();
    let is_matching = is_matching(page.walk);
    let operations: Vec<Operation> = writes.iter().map(|it| it.operation.clone()).collect();
    let outcomes = page.apply(&operations)?;
    for (write, outcome) in writes.into_iter().zip(outcomes) {
        if let Outcome::Failed(fault) = &outcome {
            let failure = failure(fault.clone());
            let decision = &mut carried[write.at].decision;
            let row = write.source.map(|source| WaitingReference {
                waits_for: source,
                source: decision.source,
                kind: decision.kind,
                attr: write.attr,
            });
            if let Some(link) = write.source.and_then(|source| own.get(&source))
                && fault.kind == FaultKind::NotFound
            {
                gone.push(link.clone());
                referred
                    .lost
                    .push((link.source, link.kind, failure.clone()));
                // As of all whom a job pointed at another target has not come to yet.
                if is_matching {
                    still_to_come.extend(row);
                    decision.evidence.references.push(ReferenceEvidence {
                        name: name(write.attr),
                        source: write.source,
                        state: ReferenceState::Waiting,
                        fills: false,
                    });
                    continue;
                }
            }
            referred.failures[write.at] = Some(failure);
            refused.extend(row);
            continue;
        }
        if let Outcome::Stands(_) = outcome {
            continue;
        }
        match write.state {
            ReferenceState::Set(_) => ledger.counts.references_set += 1,
            ReferenceState::Removed(_) => ledger.counts.references_removed += 1,
            ReferenceState::Waiting => {}
        }
        referred.written[write.at] = true;
        let decision = &mut carried[write.at].decision;
        let fills = write.fills && was_live(&decision.action);
        let evidence = &mut decision.evidence;
        evidence
            .references
            .extend(write.replaces.map(|to| ReferenceEvidence {
                name: name(write.attr),
                source: None,
                state: ReferenceState::Removed(to),
                fills: false,
            }));
        evidence.references.push(ReferenceEvidence {
            name: name(write.attr),
            source: write.source,
            state: write.state,
            fills,
        });
    }
    forget_released(page, gone)?;
    put_back(page, refused, ledger)?;
    still_to_come.sort_unstable();
    let more = page
        .tx
        .insert_waiting(page.tenant, page.job, &still_to_come)?;
    ledger.waiting += delta(more);
    Ok(referred)
}

/// What must be written so that the target's reference equals the source's.
///
/// While one of the wanted objects is not linked, a reference that stands in the target may be the
/// one to it: its object may be in the recycle bin, or not be adopted yet after the links were
/// broken. It is only removed when it is known to lead to somebody else.
pub(crate) fn wanted(
    at: usize,
    kind: EntityKind,
    target: ObjectId,
    reference: &Reference,
    present: &IdMap<ObjectId, Link>,
    known: &IdMap<ObjectId, ObjectId>,
) -> Vec<Write> {
    let attr = reference.attr;
    let desired: Vec<(ObjectId, ObjectId)> = reference
        .sources
        .iter()
        .filter_map(|source| present.get(source).map(|link| (*source, link.target)))
        .collect();
    let mut writes = Vec::new();
    let replaced = reference.current.first().copied();
    let replaced = replaced.filter(|_| is_single(kind, attr));
    let fills = reference.current.is_empty() && is_single(kind, attr);
    for (source, to) in &desired {
        if !reference.current.contains(to) {
            writes.push(Write {
                at,
                operation: Operation::AddReference {
                    kind,
                    target,
                    attr,
                    to: *to,
                },
                attr,
                source: Some(*source),
                state: ReferenceState::Set(*to),
                replaces: replaced,
                fills,
            });
        }
    }
    if reference.adds_only || is_single(kind, attr) && !desired.is_empty() {
        // Writing the new one replaces the old one, where there can be one only.
        return writes;
    }
    let complete = desired.len() == reference.sources.len();
    for to in &reference.current {
        let is_desired = desired.iter().any(|(_, it)| it == to);
        let leads_elsewhere = known
            .get(to)
            .is_some_and(|source| !reference.sources.contains(source));
        if !is_desired && (complete || leads_elsewhere) {
            writes.push(Write {
                at,
                operation: Operation::RemoveReference {
                    kind,
                    target,
                    attr,
                    to: *to,
                },
                attr,
                source: None,
                state: ReferenceState::Removed(*to),
                replaces: None,
                fills: false,
            });
        }
    }
    writes
}

/// Whether an object of the target has one such reference at most, which another one replaces.
pub(super) fn is_single(kind: EntityKind, attr: Attr) -> bool {
    let property = Schema::core().of(kind).property(attr);
    property.is_none_or(|property| !property.multi_valued)
}

/// Whether the target showed whom the object refers to. What is created had nobody, which says nothing new; and what is in
/// the recycle bin a target may show without them.
fn was_live(action: &Action) -> bool {
    !matches!(action, Action::Create { .. } | Action::Restore { .. })
}

/// The target attributes whose references this decision decided anew, listed in it or not: a
/// reference that is gone from both sides is not listed, and must not wait any longer.
pub(crate) fn flowing<'r>(
    rule: Option<&'r Rule>,
    decided: &Decided,
) -> impl Iterator<Item = Attr> + use<'r> {
    let creates = matches!(decided.decision.action, Action::Create { .. });
    let keeps_in_step = matches!(
        decided.decision.action,
        Action::Update { .. }
            | Action::Disable { .. }
            | Action::Restore { lets_go: false, .. }
            | Action::Unchanged { .. }
    );
    let mappings = rule
        .filter(move |rule| creates || (keeps_in_step && rule.flow.update))
        .map_or(&[][..], |rule| &rule.mappings);
    mappings.iter().filter_map(move |mapping| {
        let reference = matches!(mapping.source, MappingSource::Reference(_));
        let flows = creates || mapping.flow_type != FlowType::ObjectAddOnly;
        (reference && flows).then_some(mapping.target)
    })
}

/// Whether an object with such a link is in the target, so that references can name it. One that
/// was released is still there, though nobody keeps it in step.
pub(crate) fn is_in_target(state: LinkState) -> bool {
    match state {
        LinkState::Live | LinkState::Released => true,
        LinkState::SoftDeleted => false,
    }
}

/// Those who were released are looked at no more: where the target has found that one is gone, his link says
/// so, and nobody names him any more. Should he come back into scope, he comes into the target anew.
pub(super) fn forget_released(page: &mut Page<'_, '_>, mut gone: Vec<Link>) -> Result<(), Problem> {
    gone.sort_unstable_by_key(|link| link.source);
    gone.dedup_by_key(|link| link.source);
    let now = page.now;
    let gone: Vec<Link> = gone
        .iter()
        .filter_map(|link| forgotten(link, now))
        .collect();
    page.tx.put_links(page.tenant, page.job, &gone)?;
    Ok(())
}

/// The link of somebody whom the target was found not to have any more, if that changes it.
pub(crate) fn forgotten(link: &Link, now: Timestamp) -> Option<Link> {
    (link.state == LinkState::Released).then(|| Link {
        state: LinkState::SoftDeleted,
        since: now,
        ..link.clone()
    })
}

/// With these failures, those of whoever was found to be gone. Who has failed by himself goes on by that: it says more
/// than what others found out, and has a time of its own.
pub(super) fn with_lost(failures: &mut Vec<Failed>, mut lost: Vec<Failed>) {
    if lost.is_empty() {
        return;
    }
    let failed: IdSet<ObjectId> = failures.iter().map(|(source, ..)| *source).collect();
    lost.retain(|(source, ..)| !failed.contains(source));
    failures.extend(lost);
}

/// The links of those of these source objects that are in the target.
pub(super) fn links_in_target(
    page: &Page<'_, '_>,
    sources: Vec<ObjectId>,
) -> Result<IdMap<ObjectId, Link>, Problem> {
    let sources = in_order(sources);
    let links = page.tx.links_of_referred(page.tenant, page.job, &sources)?;
    Ok(links
        .into_iter()
        .flatten()
        .filter(|link| is_in_target(link.state))
        .map(|link| (link.source, link))
        .collect())
}

/// Each once, ascending: neighbours are read from one page of the store.
pub(crate) fn in_order(mut ids: Vec<ObjectId>) -> Vec<ObjectId> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// target id → source id, for those of these target objects that are linked.
fn known_sources(
    page: &Page<'_, '_>,
    targets: Vec<ObjectId>,
) -> Result<IdMap<ObjectId, ObjectId>, Problem> {
    let targets = in_order(targets);
    let own = page.tx.links_to(page.tenant, page.job, &targets)?;
    Ok(beside::sources_to(&page.view(), &targets, own)?
        .into_iter()
        .collect())
}

/// Why a reference could not be written. An end that is gone is found out, and made anew, when its
/// object is looked at: soon.
pub(super) fn failure(fault: Fault) -> Failure {
    let gone = fault.kind == FaultKind::NotFound;
    let failure = Failure::from(fault);
    Failure {
        transient: failure.transient || gone,
        ..failure
    }
}

pub(super) fn name(attr: Attr) -> Text {
    Text::fixed(attr.core_name().unwrap_or_default())
}
