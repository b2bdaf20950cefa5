//! Accounts that are switched off although the target refuses what else was to be written with that, or a mapping fails of it: a
//! value that nobody may have, or that somebody else has, would keep a leaver's account on for as long as it stays in the source.

use std::collections::BTreeMap;

use syncline_engine::evidence::{EvidenceOutcome, Modified};
use syncline_engine::{
    Action, Change, Decision, Evidence, Failure, Fault, FaultKind, Operation, Outcome,
};
use syncline_model::{Attr, EntityKind, ObjectId, Problem, Value};

use super::Ledger;
use crate::page::Page;
use crate::signal::given_up;
use crate::view::Decided;

/// What was refused, or failed, of those who were switched off all the same, by source object.
#[derive(Default)]
pub(super) struct SwitchedOff(BTreeMap<ObjectId, Refused>);

struct Refused {
    kind: EntityKind,
    failure: Failure,
    /// What was to be written besides, as far as that is known.
    modified: Vec<Modified>,
}

/// Writes the switching off alone, of those whose account is to be switched off and whose operation failed. Their decisions and
/// outcomes are those of that; the target refuses the rest still, and they are told of both. So are those who were decided to
/// be switched off alone, because a mapping fails.
///
/// INVARIANT: these are removals, so they were counted before, and the gate let them through.
pub(super) fn alone(
    page: &mut Page<'_, '_>,
    decided: &mut [Decided],
    outcomes: &mut [Option<Outcome>],
) -> Result<SwitchedOff, Problem> {
    let mut tried = Vec::new();
    let mut operations = Vec::new();
    for (at, (it, outcome)) in decided.iter().zip(outcomes.iter()).enumerate() {
        let Some(Outcome::Failed(fault)) = outcome else {
            continue;
        };
        let Some((target, only, action)) = switching_off(&it.decision.action, fault) else {
            continue;
        };
        // Removals wait and are decided again, and so are not packed: packed evidence can not be parted.
        if it.decision.packed.is_some() {
            return Err(given_up());
        }
        operations.push(operation(
            page.configuration.target_kind(it.decision.kind),
            target,
        ));
        tried.push((at, only, action, Failure::from(fault.clone())));
    }
    let mut switched_off = SwitchedOff::default();
    for (it, outcome) in decided.iter_mut().zip(outcomes.iter_mut()) {
        let decision = &mut it.decision;
        let Some(failure) = decision.besides.take() else {
            continue;
        };
        if let Some(Outcome::Done(target)) = *outcome {
            decision.evidence.target = Some(target);
            if decision.action.adopts().is_none() {
                *outcome = None;
            }
            switched_off.note(decision, *failure, Vec::new());
        }
    }
    let answers = page.apply(&operations)?;
    for ((at, only, action, failure), answer) in tried.into_iter().zip(answers) {
        let Outcome::Done(target) = answer else {
            continue;
        };
        let Decided { decision, link, .. } = &mut decided[at];
        let modified = part(decision, only);
        let is_linked_now = action.adopts().is_some();
        decision.evidence.target = Some(target);
        // Of whoever is linked now, it says already whether he was kept in step before.
        if !is_linked_now {
            decision.evidence.outcome = EvidenceOutcome::Disabled;
            decision.evidence.keeping = action.keeping(link.as_ref());
        }
        decision.action = action;
        decision.references.clear();
        // Of whoever was linked before, link and references stay as they are, as with any failure.
        outcomes[at] = is_linked_now.then_some(Outcome::Done(target));
        switched_off.note(decision, failure, modified);
    }
    Ok(switched_off)
}

impl SwitchedOff {
    fn note(&mut self, decision: &Decision, failure: Failure, modified: Vec<Modified>) {
        let refused = Refused {
            kind: decision.kind,
            failure,
            modified,
        };
        self.0.insert(decision.source, refused);
    }

    pub(super) fn has(&self, source: &ObjectId) -> bool {
        self.0.contains_key(source)
    }

    pub(super) fn failures(&self) -> impl Iterator<Item = (ObjectId, EntityKind, Failure)> {
        let refused = self.0.iter();
        refused.map(|(source, it)| (*source, it.kind, it.failure.clone()))
    }

    /// The log's word for what was refused, behind that for what was written.
    pub(super) fn refused(&self, written: &Evidence) -> Option<Evidence> {
        let refused = self.0.get(&written.source)?;
        Some(Evidence {
            outcome: EvidenceOutcome::Failed(refused.failure.clone()),
            modified: refused.modified.clone(),
            ..written.clone()
        })
    }
}

/// Counts one of these as what failed, which is tried again, and as what the gate counts.
pub(super) fn count(ledger: &mut Ledger) {
    ledger.removed += 1;
    ledger.counts.escrowed += 1;
    ledger.entitled += 1;
}

/// What is written in place of this action when the target refuses it so; `None` where nothing is.
pub(crate) fn instead(kind: EntityKind, action: &Action, fault: &Fault) -> Option<Operation> {
    let (target, ..) = switching_off(action, fault)?;
    Some(operation(kind, target))
}

fn operation(kind: EntityKind, target: ObjectId) -> Operation {
    Operation::Update {
        kind,
        target,
        set: vec![(Attr::ACCOUNT_ENABLED, Some(Value::Bool(false)))],
    }
}

fn switching_off(action: &Action, fault: &Fault) -> Option<(ObjectId, usize, Action)> {
    is_of_a_value(fault)
        .then(|| only_switching_off(action))
        .flatten()
}

/// Whether the target could take less: it is there, and so is the object.
fn is_of_a_value(fault: &Fault) -> bool {
    matches!(
        fault.kind,
        FaultKind::Invalid | FaultKind::Conflict | FaultKind::Forbidden
    )
}

/// Whose account it switches off by which of its changes, and the action that does nothing else; `None` of one that does
/// not, or nothing else anyway.
fn only_switching_off(action: &Action) -> Option<(ObjectId, usize, Action)> {
    let (Action::Update {
        target, changes, ..
    }
    | Action::Release { target, changes }) = action
    else {
        return None;
    };
    if !action.is_removal() || action.only_disables() {
        return None;
    }
    let at = changes
        .iter()
        .position(|it| it.attr == Attr::ACCOUNT_ENABLED)?;
    let changes: Vec<Change> = changes.get(at).cloned().into_iter().collect();
    let target = *target;
    let only = match action.adopts() {
        Some(_) => Action::Update {
            target,
            changes,
            adopt: true,
        },
        None => Action::Disable { target, changes },
    };
    Some((target, at, only))
}

/// Leaves in the evidence what is written, by its place among the changes. Returns the rest.
fn part(decision: &mut Decision, at: usize) -> Vec<Modified> {
    let mut rest = std::mem::take(&mut decision.evidence.modified);
    if at < rest.len() {
        decision.evidence.modified.push(rest.remove(at));
    }
    rest
}
