//! What is written down of a page: outcomes, links, references, escrows, staged work and the log,
//! all in the page's transaction.

mod awaited;
mod beside;
mod drain;
mod escrow;
mod freed;
mod ledger;
mod links;
mod log;
mod memberships;
mod misled;
mod operate;
mod out_of_escrow;
mod owed;
mod put_aside;
mod references;
mod referrers;
mod staged;
mod switched_off;
mod unwanted;

use std::collections::HashSet;

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::{Action, Decision, Evidence, Failure, Outcome};
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, IdSet, Ids, Link, ObjectId, Problem, Timestamp};

pub(crate) use beside::tell_again;
pub(crate) use drain::{Slice, drain, drain_slice, foresee, names};
pub(crate) use ledger::{Ledger, count};
pub(crate) use links::{Arrival, Fate, Wrong, fate, moved, settle as links};
pub(crate) use log::{Event, append};
pub(crate) use memberships::{Why, carry_out as memberships};
pub(crate) use misled::leading;
pub(crate) use operate::{changing, operate};
pub(crate) use out_of_escrow::memberships_due;
pub(crate) use owed::owed;
pub(crate) use put_aside::{is_matching, put_aside, still_to_come};
pub(crate) use references::{flowing, forgotten, in_order, is_in_target, wanted};
pub(crate) use referrers::{Led, Misled, Referrers, misled_by, owners};
pub(crate) use staged::{held, put_staged, unstage};
pub(crate) use switched_off::instead;
pub(crate) use unwanted::{is_given_at_creation, unwanted};

use self::escrow::{escrow, tell_given_up};
use self::put_aside::stage;
use self::references::{Failed, with_lost};
use crate::configuration::Configuration;
use crate::page::Page;
use crate::signal::given_up;
use crate::view::Decided;

/// What becomes of deletes and disables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removals {
    /// Put aside until they are counted, with what waits until everybody was matched.
    Stage,
    /// Carried out at once.
    CarryOut,
}

/// Carries a page's decisions out and writes everything down. Returns what the log has to say;
/// nothing for objects that are as they should be.
pub(crate) fn carry_out(
    page: &mut Page<'_, '_>,
    decided: Vec<Decided>,
    removals: Removals,
    ids: &dyn Ids,
    ledger: &mut Ledger,
) -> Result<Vec<Event>, Problem> {
    let (staged, mut carried) = match removals {
        Removals::Stage => put_aside(page.walk, decided),
        Removals::CarryOut => (Vec::new(), decided),
    };
    let anew = stage(page, staged, ledger)?;

    let awaited = awaited::refuse(page, &mut carried, ledger)?;
    let mut outcomes = operate(page, &mut carried)?;
    let switched_off = switched_off::alone(page, &mut carried, &mut outcomes)?;
    let mut failures: Vec<Failed> = switched_off.failures().collect();
    let settled = come_to(&mut carried, outcomes);
    failures.extend(failed(&carried));

    // All of a page at once: whoever loses his target object to somebody beside him has no link to be written.
    let anew = anew.iter().map(|(it, target)| (it, Some(*target)));
    let linked = anew.chain(carried.iter().zip(settled.iter().copied()));
    let wrong = links::settle(page, linked, ledger)?;
    let referred = references::settle(page, &mut carried, &settled, ledger)?;
    let let_go = if wrong.is_empty() {
        misled::LetGo::default()
    } else {
        let decided = settles_references(page.configuration, &carried, &settled);
        misled::let_go(page, &wrong, &decided, ids, ledger)?
    };
    let mut owed = owed::settle(page, &carried, &settled, ids, ledger)?;
    let sources: Vec<(EntityKind, ObjectId)> = carried
        .iter()
        .map(|it| (it.decision.kind, it.decision.source))
        .collect();
    let mut events = Vec::with_capacity(carried.len());
    let outcomes = referred.written.into_iter().zip(referred.failures);
    for (decided, (written, failure)) in carried.into_iter().zip(outcomes) {
        let mut decision = decided.decision;
        let mut reference_event = None;
        if let Some(failure) = failure {
            failures.push((decision.source, decision.kind, failure.clone()));
            reference_event = reference_failed(&mut decision, failure, written, ledger)?;
        }
        if switched_off.has(&decision.source) {
            switched_off::count(ledger);
        } else {
            count(&decision, written, ledger);
        }
        let silent = decision.action.is_silent();
        // Who is matched anew after a restart, with whom he has, is told of although nothing differs.
        let differs_not = EvidenceOutcome::Unchanged { adopted: false };
        if written && (silent || decision.evidence.outcome == differs_not) {
            decision.evidence.outcome = EvidenceOutcome::ReferencesOnly;
        }
        let is_told = (!silent || written) && !awaited.was_told(&decision);
        let refused = switched_off.refused(&decision.evidence);
        let let_go = links::let_go_again(page, &decision);
        let own_event = is_told.then_some((decision.evidence, decision.packed));
        let beside = reference_event.into_iter().chain(refused).chain(let_go);
        events.extend(
            own_event
                .into_iter()
                .chain(beside.map(|evidence| (evidence, None)))
                .map(|(evidence, packed)| Event {
                    id: ids.object_id(),
                    evidence,
                    packed,
                }),
        );
    }
    // Who is owed something still has failed as before, and goes on by the same timetable.
    failures.extend(owed.failures);
    forget_settled(page, &sources, &failures)?;
    failures.extend(let_go.failures);
    owed.lost.extend(referred.lost);
    with_lost(&mut failures, owed.lost);
    events.extend(owed.events);
    events.extend(let_go.events);
    let given_up = escrow(page, &failures)?;
    tell_given_up(&mut events, &given_up, &page.configuration.timetable);
    Ok(events)
}

/// The target object that each of these decisions came to, if any. Those that could not be carried out have failed from
/// now on.
fn come_to(decided: &mut [Decided], outcomes: Vec<Option<Outcome>>) -> Vec<Option<ObjectId>> {
    let mut came_to = Vec::with_capacity(decided.len());
    for (decided, outcome) in decided.iter_mut().zip(outcomes) {
        let decision = &mut decided.decision;
        match outcome {
            Some(Outcome::Failed(fault)) => {
                decision.action = Action::Fail(Failure::from(fault));
                came_to.push(None);
            }
            Some(Outcome::Done(target) | Outcome::Stands(target)) => {
                decision.evidence.target = Some(target);
                came_to.push(Some(target));
            }
            None => came_to.push(standing_target(&decision.action)),
        }
        if let Action::Fail(failure) = &decision.action {
            decision.evidence.outcome = EvidenceOutcome::Failed(failure.clone());
            decision.references.clear();
        }
    }
    came_to
}

fn failed(decided: &[Decided]) -> impl Iterator<Item = Failed> {
    decided.iter().filter_map(|it| match &it.decision.action {
        Action::Fail(failure) => Some((it.decision.source, it.decision.kind, failure.clone())),
        _ => None,
    })
}

/// A reference could not be written: where nothing else became of the object, it has failed; else that stands, and the
/// reference is an event of its own, with the same scoping.
///
/// # Errors
/// The page is to be decided again: packed evidence can not tell of another event.
fn reference_failed(
    decision: &mut Decision,
    failure: Failure,
    others_written: bool,
    ledger: &mut Ledger,
) -> Result<Option<Evidence>, Problem> {
    let outcome = EvidenceOutcome::Failed(failure.clone());
    if decision.action.is_silent() && !others_written {
        decision.action = Action::Fail(failure);
        decision.evidence.outcome = outcome;
        return Ok(None);
    }
    if decision.packed.is_some() {
        return Err(given_up());
    }
    ledger.references_failed += 1;
    Ok(Some(Evidence {
        outcome,
        modified: Vec::new(),
        ..decision.evidence.clone()
    }))
}

/// Those of these decisions, each with the target object that it came to, that settle references.
pub(crate) fn settles_references(
    configuration: &Configuration,
    decided: &[Decided],
    targets: &[Option<ObjectId>],
) -> IdSet<ObjectId> {
    let came = decided.iter().zip(targets);
    let came = came.filter_map(|(it, target)| target.is_some().then_some(it));
    let settles = |it: &&Decided| {
        let rule = configuration.rule_for(it.decision.kind);
        flowing(rule, it).next().is_some()
    };
    came.filter(settles).map(|it| it.decision.source).collect()
}

/// The target object of a decision that needs no operation.
pub(crate) fn standing_target(action: &Action) -> Option<ObjectId> {
    match action {
        Action::Unchanged { target, .. } | Action::Release { target, .. } => Some(*target),
        _ => None,
    }
}

/// Objects that were decided are not staged any more, and those that did not fail are not escrowed
/// any more. (One whose delete failed is staged again when its next try comes.)
fn forget_settled(
    page: &mut Page<'_, '_>,
    decided: &[(EntityKind, ObjectId)],
    failures: &[(ObjectId, EntityKind, Failure)],
) -> Result<(), Problem> {
    if page.tx.any_escrow(page.tenant, page.job)? {
        let failed: HashSet<ObjectId> = failures.iter().map(|(source, ..)| *source).collect();
        let settled = || decided.iter().filter(|(_, it)| !failed.contains(it));
        let groups = settled().filter(|(kind, _)| *kind == EntityKind::Group);
        let groups: Vec<ObjectId> = groups.map(|(_, it)| *it).collect();
        out_of_escrow::have_memberships_due(page, &groups)?;
        let settled: Vec<ObjectId> = settled().map(|(_, it)| *it).collect();
        page.tx.delete_escrows(page.tenant, page.job, &settled)?;
    }
    if !page.tx.staged(page.tenant, page.job, None, 1)?.is_empty() {
        let decided: Vec<ObjectId> = decided.iter().map(|(_, it)| *it).collect();
        unstage(page, &decided)?;
    }
    Ok(())
}

/// A link as it stands after a decision.
fn link_after(decided: &Decided, target: ObjectId, state: LinkState, now: Timestamp) -> Link {
    Link {
        source: decided.decision.source,
        target,
        kind: decided.decision.kind,
        state,
        since: now,
        matching: match (&decided.link, &decided.decision.action) {
            (None, _) | (_, Action::Create { .. }) => decided.matching,
            (_, action) if action.adopts().is_some() => decided.matching,
            (Some(link), _) => link.matching,
        },
        was_released: false,
    }
}
