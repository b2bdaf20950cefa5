//! What a page's decisions ask of the target, and what it answers.

use syncline_engine::{Action, Change, Operation, Outcome};
use syncline_model::{EntityKind, ObjectId, Problem};

use crate::page::Page;
use crate::signal::given_up;
use crate::view::Decided;

/// Runs the operations of a page's decisions, whose values go into them; `None` where a decision
/// needs none.
pub(crate) fn operate(
    page: &mut Page<'_, '_>,
    decided: &mut [Decided],
) -> Result<Vec<Option<Outcome>>, Problem> {
    let mut operations = Vec::new();
    let mut drafts = Vec::new();
    let mut rules = Vec::new();
    let mut of: Vec<Option<usize>> = Vec::with_capacity(decided.len());
    for it in decided {
        let kind = page.configuration.target_kind(it.decision.kind);
        match operation(kind, &mut it.decision.action) {
            Some(operation) => {
                of.push(Some(operations.len()));
                operations.push(operation);
                drafts.push(it.draft.take());
                rules.push(page.configuration.rule_for(it.decision.kind));
            }
            None => of.push(None),
        }
    }
    let mut outcomes = page.apply_drafted(&operations, &drafts)?;
    let drafted = drafts.iter().any(Option::is_some);
    retry_conflicts(page, &operations, drafted, &mut outcomes)?;
    for ((outcome, operation), rule) in outcomes.iter_mut().zip(&operations).zip(rules) {
        if let (Outcome::Failed(fault), Some(rule)) = (outcome, rule) {
            *fault = rule.hiding(operation, fault.clone());
        }
    }
    page.discard(operations);
    page.discard(drafts);
    Ok(of
        .into_iter()
        .map(|at| at.and_then(|at| outcomes.get(at).cloned()))
        .collect())
}

/// A value that was taken may be free now that the rest of the page is done: a name that is handed
/// on. Tried again as long as it helps.
fn retry_conflicts(
    page: &mut Page<'_, '_>,
    operations: &[Operation],
    drafted: bool,
    outcomes: &mut [Outcome],
) -> Result<(), Problem> {
    loop {
        let conflicts: Vec<usize> = outcomes
            .iter()
            .enumerate()
            .filter(|(_, it)| is_passing_conflict(it))
            .map(|(at, _)| at)
            .collect();
        if drafted && !conflicts.is_empty() {
            // The drafts hold what the operations asked for.
            return Err(given_up());
        }
        let again: Vec<Operation> = conflicts.iter().map(|at| operations[*at].clone()).collect();
        let mut helped = false;
        for (at, outcome) in conflicts.into_iter().zip(page.apply(&again)?) {
            helped |= matches!(outcome, Outcome::Done(_));
            outcomes[at] = outcome;
        }
        if !helped {
            return Ok(());
        }
    }
}

fn is_passing_conflict(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(fault) if fault.is_passing_conflict())
}

fn operation(kind: EntityKind, action: &mut Action) -> Option<Operation> {
    match action {
        Action::Create { attrs, left_empty } => Some(Operation::Create {
            kind,
            attrs: std::mem::take(attrs),
            left_empty: std::mem::take(left_empty),
        }),
        Action::SoftDelete { target } => Some(Operation::SoftDelete {
            kind,
            target: *target,
        }),
        Action::HardDelete { target } => Some(Operation::HardDelete {
            kind,
            target: *target,
        }),
        action => changing(kind, action),
    }
}

/// The operation of an action that sets attributes of what is in the target; `None` of any other.
pub(crate) fn changing(kind: EntityKind, action: &Action) -> Option<Operation> {
    let set = |changes: &[Change]| {
        let set = changes.iter().map(|it| (it.attr, it.new.clone()));
        set.collect::<Vec<_>>()
    };
    let update = |target: ObjectId, changes: &[Change]| Operation::Update {
        kind,
        target,
        set: set(changes),
    };
    match action {
        Action::Update {
            target, changes, ..
        }
        | Action::Disable { target, changes } => Some(update(*target, changes)),
        // Nothing but that it is let go.
        Action::Release { changes, .. } if changes.is_empty() => None,
        Action::Release { target, changes } => Some(update(*target, changes)),
        Action::Restore {
            target, changes, ..
        } => Some(Operation::Restore {
            kind,
            target: *target,
            set: set(changes),
        }),
        Action::Create { .. }
        | Action::SoftDelete { .. }
        | Action::HardDelete { .. }
        | Action::Unchanged { .. }
        | Action::Skip(_)
        | Action::Fail(_) => None,
    }
}
