//! What pages did, in numbers.

use std::collections::BTreeMap;

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::{Action, Decision};
use syncline_model::job::Counts;
use syncline_model::{EntityKind, ObjectId};

use crate::view::Decided;

/// Why an object that left the scope keeps its target object: the Delete action or the mapping of
/// `IsSoftDeleted` is off, or `SkipOutOfScopeDeletions` is on.
const DELETIONS_OFF: &str = "DeletionsOff";

/// What one or more pages did, to be added to the job and its cycle.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) counts: Counts,
    /// Removals that were carried out, as the deletion threshold counts them: also those that are shown as updates,
    /// because they change more than that an account is on.
    pub(crate) removed: u64,
    pub(crate) skipped_by_reason: BTreeMap<String, u64>,
    /// Change of the number of live links, by `"<source> to <target>"`.
    pub(crate) entries: BTreeMap<String, i64>,
    /// Change of the number of waiting references.
    pub(crate) waiting: i64,
    /// Subjects that were in scope and active.
    pub(crate) entitled: u64,
    /// References that could not be written, of objects that are counted as something else.
    pub(crate) references_failed: u64,
    /// Of those that are escrowed, whose kind the target lets nothing in of.
    pub(crate) awaiting_consent: u64,
    /// Users who have no link now that they were decided: skipped, failed, or staged. The walk of a first
    /// cycle notes them.
    pub(crate) unlinked: Vec<ObjectId>,
}

impl Ledger {
    pub(super) fn skip(&mut self, reason: &str) {
        self.counts.skipped += 1;
        *self.skipped_by_reason.entry(reason.to_owned()).or_default() += 1;
    }

    pub(super) fn note_unlinked<'d>(&mut self, decided: impl Iterator<Item = &'d Decided>) {
        let users = decided.filter(|it| it.decision.kind == EntityKind::User);
        self.unlinked.extend(users.map(|it| it.decision.source));
    }
}

/// Counts a decision as a cycle that carries it out does.
pub(crate) fn count(decision: &Decision, references_written: bool, ledger: &mut Ledger) {
    let action = &decision.action;
    ledger.removed += u64::from(action.is_removal());
    let counts = &mut ledger.counts;
    match action {
        Action::Create { .. } => counts.created += 1,
        action if action.only_disables() => counts.disabled += 1,
        Action::Update { .. } | Action::Disable { .. } => counts.updated += 1,
        Action::SoftDelete { .. } | Action::HardDelete { .. } => counts.deleted += 1,
        Action::Restore { .. } => counts.restored += 1,
        Action::Unchanged { adopt: false, .. } if !references_written => counts.unchanged += 1,
        Action::Unchanged { .. } => counts.updated += 1,
        Action::Release { changes, .. } if !changes.is_empty() => counts.updated += 1,
        Action::Release { .. } => match decision.evidence.outcome {
            EvidenceOutcome::Skipped(reason) => ledger.skip(reason.code()),
            _ => ledger.skip(DELETIONS_OFF),
        },
        Action::Skip(reason) => ledger.skip(reason.code()),
        Action::Fail(_) => counts.escrowed += 1,
    }
    if matches!(
        action,
        Action::Create { .. }
            | Action::Update { .. }
            | Action::Disable { .. }
            | Action::Restore { lets_go: false, .. }
            | Action::Unchanged { .. }
            | Action::Fail(_)
    ) {
        ledger.entitled += 1;
    }
}
