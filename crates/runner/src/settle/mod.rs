//! What is written down of a page: outcomes, links, references, escrows, staged work and the log,
//! all in the page's transaction.

mod awaited;
mod beside;
mod drain;
mod escrow;
mod freed;
mod links;
mod log;
mod memberships;
mod misled;
mod operate;
mod out_of_escrow;
mod owed;
mod references;
mod referrers;
mod staged;
mod switched_off;
mod unwanted;

use std::collections::{BTreeMap, HashSet};

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::{Action, Decision, Evidence, Failure, Outcome};
use syncline_model::job::{Counts, CycleKind, CyclePhase};
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, IdSet, Ids, Link, ObjectId, Problem, Timestamp};

pub(crate) use beside::tell_again;
pub(crate) use drain::{Slice, drain, drain_slice, foresee, names};
pub(crate) use links::{Arrival, Fate, Wrong, fate, moved, settle as links};
pub(crate) use log::{Event, append};
pub(crate) use memberships::{Why, carry_out as memberships};
pub(crate) use misled::leading;
pub(crate) use operate::{changing, operate};
pub(crate) use out_of_escrow::memberships_due;
pub(crate) use owed::owed;
pub(crate) use references::{flowing, forgotten, in_order, is_in_target, wanted};
pub(crate) use referrers::{Led, Misled, Referrers, misled_by, owners};
pub(crate) use staged::{held, put_staged, unstage};
pub(crate) use switched_off::instead;
pub(crate) use unwanted::{is_given_at_creation, unwanted};

use self::escrow::{escrow, tell_given_up};
use self::references::{Failed, with_lost};
use crate::configuration::Configuration;
use crate::page::{Page, given_up};
use crate::view::Decided;

/// Why an object that left the scope keeps its target object: the Delete action or the mapping of
/// `IsSoftDeleted` is off, or `SkipOutOfScopeDeletions` is on.
const DELETIONS_OFF: &str = "DeletionsOff";

/// What becomes of deletes and disables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removals {
    /// Put aside until they are counted, with what waits until everybody was matched.
    Stage,
    /// Carried out at once.
    CarryOut,
}

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
    fn skip(&mut self, reason: &str) {
        self.counts.skipped += 1;
        *self.skipped_by_reason.entry(reason.to_owned()).or_default() += 1;
    }

    fn note_unlinked<'d>(&mut self, decided: impl Iterator<Item = &'d Decided>) {
        let users = decided.filter(|it| it.decision.kind == EntityKind::User);
        self.unlinked.extend(users.map(|it| it.decision.source));
    }
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
    let mut settled: Vec<Option<ObjectId>> = Vec::with_capacity(carried.len());
    for (decided, outcome) in carried.iter_mut().zip(outcomes) {
        let decision = &mut decided.decision;
        match outcome {
            Some(Outcome::Failed(fault)) => {
                decision.action = Action::Fail(Failure::from(fault));
                settled.push(None);
            }
            Some(Outcome::Done(target) | Outcome::Stands(target)) => {
                decision.evidence.target = Some(target);
                settled.push(Some(target));
            }
            None => settled.push(standing_target(&decision.action)),
        }
        if let Action::Fail(failure) = &decision.action {
            decision.evidence.outcome = EvidenceOutcome::Failed(failure.clone());
            decision.references.clear();
            failures.push((decision.source, decision.kind, failure.clone()));
        }
    }

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
            let outcome = EvidenceOutcome::Failed(failure.clone());
            if decision.action.is_silent() && !written {
                decision.action = Action::Fail(failure);
                decision.evidence.outcome = outcome;
            } else {
                // What else became of the object stands; the reference is an event of its own, with the same
                // scoping: packed evidence can not tell that, so its page is decided again.
                if decision.packed.is_some() {
                    return Err(given_up());
                }
                ledger.references_failed += 1;
                reference_event = Some(Evidence {
                    outcome,
                    modified: Vec::new(),
                    ..decision.evidence.clone()
                });
            }
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

/// Who is still to be matched in the walk that matches everybody anew, by the link. Later, nobody is.
pub(crate) fn still_to_come(
    configuration: &Configuration,
    walk: Option<(CycleKind, CyclePhase)>,
) -> impl Fn(&Link) -> bool + use<> {
    let matching = configuration.connected.facts.matching;
    let is_matching = is_matching(walk);
    move |link| is_matching && link.matching < matching
}

/// Whether everybody is gone through still, each found in the target anew, or made there.
pub(crate) fn is_matching(walk: Option<(CycleKind, CyclePhase)>) -> bool {
    matches!(walk, Some((CycleKind::Initial, CyclePhase::Source)))
}

/// What a page puts aside, and what it carries out. Removals wait until they are counted. What goes by a link
/// of an earlier matching waits until everybody was matched, when it is known whose target object that is; so
/// does what goes by one beside somebody who is matched with the same target object, in vain or not.
pub(crate) fn put_aside(
    walk: Option<(CycleKind, CyclePhase)>,
    decided: Vec<Decided>,
) -> (Vec<Decided>, Vec<Decided>) {
    let is_matching = is_matching(walk);
    let matched: IdSet<ObjectId> = if decided.iter().any(Decided::goes_by_old_link) {
        let claimed = decided.iter().filter(|it| !it.goes_by_old_link());
        claimed
            .filter_map(|it| it.decision.action.adopts().or(it.matched_in_vain()))
            .collect()
    } else {
        IdSet::default()
    };
    let is_matched = |it: &Decided| {
        let link = it.link.as_ref();
        link.is_some_and(|link| matched.contains(&link.target))
    };
    // Who is released, or as he should be, stays as he is in the target, whosever that is.
    let stays = |it: &Decided| {
        let action = &it.decision.action;
        let is_in_step = action.is_silent() && it.decision.references.is_empty();
        matches!(action, Action::Release { changes, .. } if changes.is_empty()) || is_in_step
    };
    let waits =
        |it: &Decided| it.goes_by_old_link() && !stays(it) && (is_matching || is_matched(it));
    decided
        .into_iter()
        .partition(|it| it.decision.action.is_removal() || waits(it))
}

/// Puts decisions aside. Returns those who are matched anew, and to be switched off, with the target objects that
/// are theirs: that must be known before others lose theirs.
fn stage(
    page: &mut Page<'_, '_>,
    staged: Vec<Decided>,
    ledger: &mut Ledger,
) -> Result<Vec<(Decided, ObjectId)>, Problem> {
    // Found in the target, and to be switched off there: linked when that is carried out.
    let unlinked = staged.iter().filter(|it| it.link.is_none());
    ledger.note_unlinked(unlinked);
    put_staged(page, &staged)?;
    let anew = staged.into_iter();
    let anew = anew.filter_map(|it| Some((it.matched_anew()?, it)));
    Ok(anew.map(|(target, it)| (it, target)).collect())
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
