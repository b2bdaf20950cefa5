//! One page: decide about a batch of subjects, with all of the page's look-ups going out together.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::{
    Action, Decision, Failure, Fault, Lifecycle, LookupQuery, Operation, Outcome, Pending,
    SkipReason, Step, Subject, TargetObject, begin,
};
use syncline_model::{Attr, JobId, Link, ObjectId, Problem, TenantId, Timestamp};
use syncline_store::Tx;

use crate::configuration::Configuration;

/// What a page works on: the transaction, and the job it belongs to.
pub(crate) struct Page<'p, 't> {
    pub(crate) tx: &'p mut Tx<'t>,
    pub(crate) tenant: TenantId,
    pub(crate) job: &'p JobId,
    pub(crate) configuration: &'p Configuration,
    pub(crate) now: Timestamp,
}

/// A decision, and what it was made with.
pub(crate) struct Decided {
    pub(crate) decision: Decision,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) link: Option<Link>,
    pub(crate) linked_target: LinkedTarget,
}

/// What the target showed of the object that the link points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkedTarget {
    /// No link, or no need to ask.
    NotAsked,
    Live,
    InRecycleBin,
    /// Deleted for good, by whomever.
    Gone,
}

impl LinkedTarget {
    fn of(found: &[TargetObject]) -> Self {
        match found.first() {
            None => Self::Gone,
            Some(object) if object.soft_deleted => Self::InRecycleBin,
            Some(_) => Self::Live,
        }
    }
}

impl Page<'_, '_> {
    /// Decides about every subject, in order. A subject listed twice is decided once.
    pub(crate) fn decide(&mut self, subjects: &[Subject]) -> Result<Vec<Decided>, Problem> {
        let mut seen = std::collections::HashSet::new();
        let subjects: Vec<&Subject> = subjects
            .iter()
            .filter(|subject| seen.insert(subject.id))
            .collect();
        let ids: Vec<ObjectId> = subjects.iter().map(|subject| subject.id).collect();
        let links = self.tx.links_for(self.tenant, self.job, &ids)?;

        let facts = &self.configuration.connected.facts;
        let mut decided: Vec<Option<Decision>> = Vec::with_capacity(subjects.len());
        let mut linked_targets = vec![LinkedTarget::NotAsked; subjects.len()];
        let mut pending: Vec<(usize, Box<Pending>)> = Vec::new();
        for (at, (subject, link)) in subjects.iter().zip(&links).enumerate() {
            let Some(rule) = self.configuration.rule_for(subject.kind) else {
                // Kinds are read from the rules, so only an on-demand call can name another one.
                return Err(Problem::bad_request(format!(
                    "the schema has no object mapping for {}",
                    subject.kind.engine_name()
                )));
            };
            match begin(rule, facts, subject, link.as_ref(), self.now) {
                Step::Decided(decision) => decided.push(Some(*decision)),
                Step::Lookup(lookup) => {
                    decided.push(None);
                    pending.push((at, lookup));
                }
            }
        }

        while !pending.is_empty() {
            let queries: Vec<LookupQuery> = pending
                .iter()
                .map(|(_, lookup)| lookup.query.clone())
                .collect();
            let mut found = self
                .configuration
                .connected
                .target
                .find(self.tx, &queries)
                .map_err(unavailable)?;
            self.mark_linked(&mut found)?;
            let asked = std::mem::take(&mut pending);
            for ((at, lookup), found) in asked.into_iter().zip(found) {
                if matches!(lookup.query, LookupQuery::Linked { .. }) {
                    linked_targets[at] = LinkedTarget::of(&found);
                }
                let Some(rule) = self.configuration.rule_for(subjects[at].kind) else {
                    continue;
                };
                match lookup.resume(rule, facts, &found, self.now) {
                    Step::Decided(decision) => decided[at] = Some(*decision),
                    Step::Lookup(again) => pending.push((at, again)),
                }
            }
        }

        let mut page: Vec<Decided> = Vec::with_capacity(subjects.len());
        for (at, (decision, link)) in decided.into_iter().zip(links).enumerate() {
            page.extend(decision.map(|decision| Decided {
                decision,
                lifecycle: subjects[at].lifecycle,
                link,
                linked_target: linked_targets[at],
            }));
        }
        refuse_second_claims(&mut page);
        self.respect_other_jobs(&mut page)?;
        Ok(page)
    }

    /// What another job of this tenant keeps in step is neither taken from it nor deleted under it:
    /// two jobs that claim one target object are a conflict, and somebody who leaves this job's
    /// scope and is in the other's is handed over.
    fn respect_other_jobs(&mut self, page: &mut [Decided]) -> Result<(), Problem> {
        let claims: Vec<(usize, ObjectId)> = page
            .iter()
            .enumerate()
            .filter_map(|(at, it)| claim(&it.decision.action).map(|target| (at, target)))
            .collect();
        if claims.is_empty() {
            return Ok(());
        }
        let targets: Vec<ObjectId> = claims.iter().map(|(_, target)| *target).collect();
        let held = self
            .tx
            .live_links_of_other_jobs(self.tenant, self.job, &targets)?;
        for ((at, target), holder) in claims.into_iter().zip(held) {
            let Some((job, source)) = holder else {
                continue;
            };
            let decision = &mut page[at].decision;
            if let Action::SoftDelete { .. } = decision.action {
                decision.action = Action::Release { target };
                decision.evidence.outcome = EvidenceOutcome::Skipped(SkipReason::HandedOver);
                decision.references.clear();
            } else {
                let reason = format!(
                    "the target object {target} is kept in step by the job {job}, for the source object {source}"
                );
                *decision = decision.clone().failed(Failure::new("Conflict", reason));
            }
        }
        Ok(())
    }

    /// Tells the engine which of the found objects this job has linked already.
    fn mark_linked(&mut self, found: &mut [Vec<TargetObject>]) -> Result<(), Problem> {
        let targets: Vec<ObjectId> = found
            .iter()
            .flatten()
            .map(|object| object.entry.id)
            .collect();
        let links = self.tx.links_to(self.tenant, self.job, &targets)?;
        for (object, link) in found.iter_mut().flatten().zip(links) {
            object.linked_source = link.map(|link| link.source);
        }
        Ok(())
    }

    /// Carries operations out. A batch the target can not take as a whole is halved until the
    /// object that breaks it stands alone: one bad row never aborts a page.
    pub(crate) fn apply(&mut self, operations: &[Operation]) -> Result<Vec<Outcome>, Problem> {
        if operations.is_empty() {
            return Ok(Vec::new());
        }
        let target = &self.configuration.connected.target;
        let attempt = self.tx.savepoint(|tx| target.apply(tx, operations))?;
        match attempt {
            Ok(outcomes) if outcomes.len() == operations.len() => Ok(outcomes),
            Ok(_) => Err(Problem::internal(
                "the target answered fewer outcomes than it was asked operations",
            )),
            Err(fault) if operations.len() == 1 => Ok(vec![Outcome::Failed(fault)]),
            Err(_) => {
                let (left, right) = operations.split_at(operations.len() / 2);
                let mut outcomes = self.apply(left)?;
                outcomes.extend(self.apply(right)?);
                Ok(outcomes)
            }
        }
    }
}

/// The target object that a decision would take over, or delete.
fn claim(action: &Action) -> Option<ObjectId> {
    match action {
        Action::SoftDelete { target } => Some(*target),
        other => other.adopts(),
    }
}

/// Two source objects of one page that found the same unlinked target object, or would create one
/// with the same anchor: the first wins, the second fails and says who holds it (first link wins).
fn refuse_second_claims(page: &mut [Decided]) {
    let mut claimed: HashMap<ObjectId, ObjectId> = HashMap::new();
    let mut anchors: HashMap<String, ObjectId> = HashMap::new();
    for decided in page {
        let source = decided.decision.source;
        let failure = match &decided.decision.action {
            Action::Create { attrs } => {
                let Some(anchor) = attrs.get(Attr::ALTERNATIVE_SECURITY_IDS) else {
                    continue;
                };
                match anchors.entry(anchor.display_text()) {
                    Entry::Vacant(free) => {
                        free.insert(source);
                        None
                    }
                    Entry::Occupied(taken) => Some(Failure::new(
                        "DuplicateSourceEntries",
                        format!(
                            "the source object {} has the same matching value",
                            taken.get()
                        ),
                    )),
                }
            }
            action => action
                .adopts()
                .and_then(|target| match claimed.entry(target) {
                    Entry::Vacant(free) => {
                        free.insert(source);
                        None
                    }
                    Entry::Occupied(taken) => Some(Failure::duplicate_source(target, *taken.get())),
                }),
        };
        if let Some(failure) = failure {
            decided.decision = decided.decision.clone().failed(failure);
        }
    }
}

/// A connector that can not answer at all ends the cycle, not one object.
pub(crate) fn unavailable(fault: Fault) -> Problem {
    Problem::new(
        syncline_model::ProblemKind::Unavailable,
        fault.code,
        fault.message,
    )
}

/// Whether nothing at all is to be written down for this decision in a cycle.
pub(crate) fn is_silent(action: &Action) -> bool {
    matches!(
        action,
        Action::Unchanged { adopt: false, .. } | Action::Skip(SkipReason::RedundantExport)
    )
}
