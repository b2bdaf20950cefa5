//! References (managers, members): written when the object they name is linked, waiting until then.

use std::collections::{HashMap, HashSet};

use syncline_engine::evidence::{
    EvidenceOutcome, Import, Matching, ReferenceEvidence, ReferenceState,
};
use syncline_engine::{Evidence, Operation, Outcome, Reference};
use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, Ids, Link, ObjectId, Problem, Schema};
use syncline_store::WaitingReference;

use super::Ledger;
use super::links::delta;
use super::log::Event;
use crate::page::{Decided, Page, unavailable};

/// Writes the references of a page's decisions. Says for each decision whether one was written.
pub(super) fn settle(
    page: &mut Page<'_, '_>,
    carried: &mut [Decided],
    targets: &[Option<ObjectId>],
    ledger: &mut Ledger,
) -> Result<Vec<bool>, Problem> {
    let mut written = vec![false; carried.len()];
    let resolved = live_targets(
        page,
        carried.iter().flat_map(|it| {
            it.decision
                .references
                .iter()
                .flat_map(|reference| reference.sources.iter().copied())
        }),
    )?;

    let mut redecided = Vec::new();
    let mut waiting = Vec::new();
    let mut operations = Vec::new();
    // Which decision an operation belongs to, and what the log says when it worked.
    let mut owners: Vec<(usize, ReferenceEvidence)> = Vec::new();
    for (at, (decided, target)) in carried.iter_mut().zip(targets).enumerate() {
        let Some(target) = *target else { continue };
        let decision = &mut decided.decision;
        if decided.link.is_some() && !decision.references.is_empty() {
            redecided.push(decision.source);
        }
        let kind = page
            .configuration
            .rule_for(decision.kind)
            .map_or(decision.kind, |rule| rule.target);
        for reference in &decision.references {
            let name = reference.attr.core_name().unwrap_or_default().to_owned();
            for source in reference
                .sources
                .iter()
                .filter(|source| !resolved.contains_key(source))
            {
                waiting.push(WaitingReference {
                    waits_for: *source,
                    source: decision.source,
                    kind: decision.kind,
                    attr: reference.attr,
                });
                decision.evidence.references.push(ReferenceEvidence {
                    name: name.clone(),
                    source: Some(*source),
                    state: ReferenceState::Waiting,
                });
            }
            for (operation, source, state) in wanted(kind, target, reference, &resolved) {
                operations.push(operation);
                owners.push((
                    at,
                    ReferenceEvidence {
                        name: name.clone(),
                        source,
                        state,
                    },
                ));
            }
        }
    }

    ledger.waiting -= delta(
        page.tx
            .delete_waiting_of(page.tenant, page.job, &redecided)?,
    );
    ledger.waiting += delta(page.tx.insert_waiting(page.tenant, page.job, &waiting)?);
    let outcomes = page.apply(&operations)?;
    for ((at, evidence), outcome) in owners.into_iter().zip(outcomes) {
        // A reference that could not be written is not worth failing the whole object: it stays
        // different from the source and is written when the object is looked at again.
        if matches!(outcome, Outcome::Failed(_)) {
            continue;
        }
        match evidence.state {
            ReferenceState::Set(_) => ledger.counts.references_set += 1,
            ReferenceState::Removed(_) => ledger.counts.references_removed += 1,
            ReferenceState::Waiting => {}
        }
        written[at] = true;
        carried[at].decision.evidence.references.push(evidence);
    }
    Ok(written)
}

/// What must be written so that the target's reference equals the source's.
fn wanted(
    kind: EntityKind,
    target: ObjectId,
    reference: &Reference,
    resolved: &HashMap<ObjectId, ObjectId>,
) -> Vec<(Operation, Option<ObjectId>, ReferenceState)> {
    let mut operations = Vec::new();
    let desired: Vec<(ObjectId, ObjectId)> = reference
        .sources
        .iter()
        .filter_map(|source| resolved.get(source).map(|linked| (*source, *linked)))
        .collect();
    for (source, to) in &desired {
        if !reference.current.contains(to) {
            let operation = Operation::AddReference {
                kind,
                target,
                attr: reference.attr,
                to: *to,
            };
            operations.push((operation, Some(*source), ReferenceState::Set(*to)));
        }
    }
    let single = Schema::core()
        .of(kind)
        .property(reference.attr)
        .is_none_or(|property| !property.multi_valued);
    if single && !desired.is_empty() {
        // Writing the new one replaces the old one.
        return operations;
    }
    for to in &reference.current {
        if !desired.iter().any(|(_, wanted)| wanted == to) {
            let operation = Operation::RemoveReference {
                kind,
                target,
                attr: reference.attr,
                to: *to,
            };
            operations.push((operation, None, ReferenceState::Removed(*to)));
        }
    }
    operations
}

/// source id → target id for those of these source objects whose link is live.
fn live_targets(
    page: &mut Page<'_, '_>,
    sources: impl Iterator<Item = ObjectId>,
) -> Result<HashMap<ObjectId, ObjectId>, Problem> {
    let sources: Vec<ObjectId> = sources.collect::<HashSet<_>>().into_iter().collect();
    Ok(live_links(page, &sources)?
        .into_iter()
        .map(|(source, link)| (source, link.target))
        .collect())
}

fn live_links(
    page: &mut Page<'_, '_>,
    sources: &[ObjectId],
) -> Result<HashMap<ObjectId, Link>, Problem> {
    let links = page.tx.links_for(page.tenant, page.job, sources)?;
    Ok(links
        .into_iter()
        .flatten()
        .filter(|link| link.state == LinkState::Live)
        .map(|link| (link.source, link))
        .collect())
}

/// Writes up to `limit` references whose object was linked meanwhile. Returns what the log has to
/// say, and whether there may be more.
pub(crate) fn drain(
    page: &mut Page<'_, '_>,
    limit: usize,
    ids: &dyn Ids,
    ledger: &mut Ledger,
) -> Result<(Vec<Event>, bool), Problem> {
    let ready = page.tx.ready_references(page.tenant, page.job, limit)?;
    if ready.is_empty() {
        page.tx.sweep_ready(page.tenant, page.job)?;
        return Ok((Vec::new(), false));
    }
    let ends: HashSet<ObjectId> = ready
        .iter()
        .flat_map(|row| [row.source, row.waits_for])
        .collect();
    let links = live_links(page, &ends.into_iter().collect::<Vec<_>>())?;

    let asleep: Vec<ObjectId> = ready
        .iter()
        .map(|row| row.waits_for)
        .filter(|id| !links.contains_key(id))
        .collect();
    page.tx.delete_ready(page.tenant, page.job, &asleep)?;
    let ready: Vec<WaitingReference> = ready
        .into_iter()
        .filter(|row| links.contains_key(&row.waits_for))
        .collect();

    let mut operations = Vec::new();
    let mut written: Vec<(WaitingReference, ObjectId, ObjectId)> = Vec::new();
    for row in &ready {
        // The one who waited is gone itself: the row is removed below, nothing is written.
        if let (Some(link), Some(to)) = (links.get(&row.source), links.get(&row.waits_for)) {
            let kind = page
                .configuration
                .rule_for(row.kind)
                .map_or(row.kind, |rule| rule.target);
            operations.push(Operation::AddReference {
                kind,
                target: link.target,
                attr: row.attr,
                to: to.target,
            });
            written.push((*row, link.target, to.target));
        }
    }
    let outcomes = page.apply(&operations)?;
    ledger.waiting -= delta(page.tx.delete_waiting(page.tenant, page.job, &ready)?);
    let done: Vec<_> = written
        .into_iter()
        .zip(outcomes)
        .filter(|(_, outcome)| matches!(outcome, Outcome::Done(_)))
        .map(|(row, _)| row)
        .collect();
    ledger.counts.references_set += done.len() as u64;
    Ok((events(page, &done, ids)?, true))
}

/// Log events for references written without anything else having changed.
fn events(
    page: &mut Page<'_, '_>,
    written: &[(WaitingReference, ObjectId, ObjectId)],
    ids: &dyn Ids,
) -> Result<Vec<Event>, Problem> {
    let sources: Vec<(EntityKind, ObjectId)> = written
        .iter()
        .map(|(row, ..)| (row.kind, row.source))
        .collect();
    let subjects = page
        .configuration
        .connected
        .source
        .by_id(page.tx, &sources)
        .map_err(unavailable)?;
    let facts = &page.configuration.connected.facts;
    Ok(written
        .iter()
        .zip(subjects)
        .map(|((row, target, to), subject)| {
            let text = |attr: Attr| {
                subject
                    .entry
                    .as_ref()
                    .and_then(|entry| entry.text(attr))
                    .unwrap_or_default()
                    .to_owned()
            };
            let display_name = text(Attr::DISPLAY_NAME);
            let name = if row.kind == EntityKind::User {
                text(Attr::USER_PRINCIPAL_NAME)
            } else {
                display_name.clone()
            };
            let evidence = Evidence {
                kind: row.kind,
                source: row.source,
                source_display_name: display_name,
                source_name: name,
                import: Import::Update,
                imported: Vec::new(),
                scoping: None,
                matching: Some(Matching {
                    attribute: None,
                    found: vec![*target],
                }),
                target: Some(*target),
                target_display_name: String::new(),
                target_name: String::new(),
                outcome: EvidenceOutcome::ReferencesOnly,
                modified: Vec::new(),
                references: vec![ReferenceEvidence {
                    name: row.attr.core_name().unwrap_or_default().to_owned(),
                    source: Some(row.waits_for),
                    state: ReferenceState::Set(*to),
                }],
                source_system: facts.source_system.clone(),
                target_system: facts.target_system.clone(),
            };
            Event {
                id: ids.object_id(),
                evidence,
            }
        })
        .collect())
}
