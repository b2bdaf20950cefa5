//! References that waited and whose object came into the target.

use std::collections::HashSet;

use syncline_engine::evidence::{
    EvidenceOutcome, Import, Matching, ReferenceEvidence, ReferenceState,
};
use syncline_engine::{Evidence, Failure, FaultKind, Operation, Outcome};
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, Ids, ObjectId, Problem, Text};
use syncline_store::WaitingReference;

use super::Ledger;
use super::links::delta;
use super::log::Event;
use super::references::{failure, links_in_target, name};
use crate::page::{Page, unavailable};

/// A reference that was tried.
struct Tried {
    row: WaitingReference,
    target: ObjectId,
    to: ObjectId,
    failure: Option<Failure>,
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
    let links = links_in_target(page, ends)?;

    let (ready, asleep): (Vec<WaitingReference>, Vec<WaitingReference>) = ready
        .into_iter()
        .partition(|row| links.contains_key(&row.waits_for));
    let asleep: Vec<ObjectId> = asleep.iter().map(|row| row.waits_for).collect();
    page.tx.delete_ready(page.tenant, page.job, &asleep)?;

    let mut operations = Vec::new();
    let mut tried: Vec<Tried> = Vec::new();
    for row in &ready {
        // Where the one who waited is not kept in step any more, nothing is written; the row goes.
        let owner = links
            .get(&row.source)
            .filter(|link| link.state == LinkState::Live);
        let (Some(owner), Some(to)) = (owner, links.get(&row.waits_for)) else {
            continue;
        };
        let kind = page
            .configuration
            .rule_for(row.kind)
            .map_or(row.kind, |rule| rule.target);
        operations.push(Operation::AddReference {
            kind,
            target: owner.target,
            attr: row.attr,
            to: to.target,
        });
        tried.push(Tried {
            row: *row,
            target: owner.target,
            to: to.target,
            failure: None,
        });
    }
    let outcomes = page.apply(&operations)?;
    ledger.waiting -= delta(page.tx.delete_waiting(page.tenant, page.job, &ready)?);

    // What could not be written waits in escrow: its object is decided anew, references and all.
    let mut escrowed = Vec::new();
    for (it, outcome) in tried.iter_mut().zip(outcomes) {
        match outcome {
            Outcome::Done(_) => ledger.counts.references_set += 1,
            Outcome::Failed(fault) => {
                let gone = fault.kind == FaultKind::NotFound;
                let failure = failure(fault);
                escrowed.push((it.row.source, it.row.kind, failure.clone()));
                if let (true, Some(link)) = (gone, links.get(&it.row.waits_for)) {
                    escrowed.push((link.source, link.kind, failure.clone()));
                }
                it.failure = Some(failure);
                ledger.references_failed += 1;
            }
        }
    }
    super::escrow(page, &escrowed)?;
    Ok((events(page, tried, ids)?, true))
}

/// Log events for references tried without anything else having changed.
fn events(
    page: &mut Page<'_, '_>,
    tried: Vec<Tried>,
    ids: &dyn Ids,
) -> Result<Vec<Event>, Problem> {
    let sources: Vec<(EntityKind, ObjectId)> = tried
        .iter()
        .map(|it| (it.row.kind, it.row.source))
        .collect();
    let names = page
        .configuration
        .connected
        .source
        .names(page.tx, &sources)
        .map_err(unavailable)?;
    let facts = &page.configuration.connected.facts;
    let events = tried.into_iter().zip(names).map(|(it, names)| {
        let (outcome, references) = match it.failure {
            Some(failure) => (EvidenceOutcome::Failed(failure), Vec::new()),
            None => {
                let reference = ReferenceEvidence {
                    name: name(it.row.attr),
                    source: Some(it.row.waits_for),
                    state: ReferenceState::Set(it.to),
                };
                (EvidenceOutcome::ReferencesOnly, vec![reference])
            }
        };
        let evidence = Evidence {
            kind: it.row.kind,
            source: it.row.source,
            source_display_name: names.display_name,
            source_name: names.name,
            import: Import::Update,
            imported: Vec::new(),
            scoping: None,
            matching: Some(Matching {
                attribute: None,
                found: vec![it.target],
            }),
            target: Some(it.target),
            target_display_name: Text::default(),
            target_name: Text::default(),
            outcome,
            modified: Vec::new(),
            references,
            source_system: facts.source_system.clone(),
            target_system: facts.target_system.clone(),
        };
        Event::new(ids.object_id(), evidence)
    });
    Ok(events.collect())
}
