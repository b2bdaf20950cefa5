//! Deciding about a batch of subjects on what a view shows, with all of the batch's look-ups going
//! out together. A view can not write: decisions may be made outside of any transaction, ahead of
//! the page that carries them out.

pub(crate) mod absent;
mod ahead;
mod answers;
mod claims;
mod drafter;
mod holders;
mod in_steps;
pub(crate) mod promised;

pub(crate) use drafter::{Drafter, DrafterFor};
use syncline_connector::Draft;
use syncline_engine::evidence::{EvidenceForm, EvidenceOutcome};
use syncline_engine::{
    Action, Decision, Failure, Lifecycle, LookupQuery, Pending, SkipReason, Step, Subject,
    TargetObject, begin,
};
use syncline_model::link::LinkState;
use syncline_model::{IdMap, IdSet, JobId, Link, ObjectId, Problem, TenantId, Timestamp};
use syncline_store::Reader;

use crate::configuration::Configuration;
use crate::threads::courtesy;
use answers::Answer;
use claims::Claims;
use holders::Holders;
use promised::Promised;

/// What is decided on: a consistent view of the store, and the job it is decided for.
pub(crate) struct View<'v, 'c> {
    pub(crate) reader: &'v Reader<'c>,
    pub(crate) tenant: TenantId,
    pub(crate) job: &'v JobId,
    pub(crate) configuration: &'v Configuration,
    pub(crate) now: Timestamp,
    /// Works out what is decided ahead, on another thread.
    pub(crate) drafter: Option<DrafterFor<'v>>,
    /// Links that are not stored like this: a plan's, of those whom its cycle would have found gone, or who would
    /// have none any more.
    pub(crate) forgotten: Option<&'v IdMap<ObjectId, Option<Link>>>,
}

/// A decision, and what it was made with.
pub(crate) struct Decided {
    pub(crate) decision: Box<Decision>,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) link: Option<Link>,
    /// The job's matching it was made in.
    pub(crate) matching: u64,
    pub(crate) linked_target: LinkedTarget,
    /// What was worked out ahead of the page that carries it out.
    pub(crate) draft: Option<Draft>,
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

impl Decided {
    /// Whether it is linked, but by an earlier matching.
    pub(crate) fn is_linked_of_old(&self) -> bool {
        self.link
            .as_ref()
            .is_some_and(|link| link.matching < self.matching)
    }

    /// Whether this job has let go of the target object before.
    fn has_let_go_of(&self, target: ObjectId) -> bool {
        let link = self.link.as_ref();
        link.is_some_and(|link| link.state == LinkState::Released && link.target == target)
    }

    /// Whether it has a link by which this job keeps its target object in step.
    fn is_kept_in_step(&self) -> bool {
        let link = self.link.as_ref();
        link.is_some_and(|link| link.state == LinkState::Live)
    }

    /// Whether it was decided by a link of an earlier matching: nobody was found for the object, or it leaves.
    /// Whose target object that is, is known when everybody was matched.
    pub(crate) fn goes_by_old_link(&self) -> bool {
        let shown = matches!(
            self.linked_target,
            LinkedTarget::Live | LinkedTarget::InRecycleBin
        );
        self.is_linked_of_old() && shown
    }

    /// Whether the link of an earlier matching stays what is known of it: it is neither found anew nor made anew.
    pub(crate) fn keeps_old_link(&self) -> bool {
        let action = &self.decision.action;
        let is_anew = action.adopts().is_some() || matches!(action, Action::Create { .. });
        self.is_linked_of_old() && !is_anew
    }

    /// The target object that somebody who was linked by an earlier matching is matched with now.
    pub(crate) fn matched_anew(&self) -> Option<ObjectId> {
        let is_matched = self.is_linked_of_old() && !self.goes_by_old_link();
        self.decision.action.adopts().filter(|_| is_matched)
    }

    /// The target object that somebody is matched with who could not be brought in step with it, and so is not
    /// linked: it is nobody else's all the same.
    pub(crate) fn matched_in_vain(&self) -> Option<ObjectId> {
        let failed = matches!(self.decision.action, Action::Fail(_));
        self.decision.evidence.target.filter(|_| failed)
    }
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

impl View<'_, '_> {
    /// Decides about every subject, in order. A subject listed twice is decided once.
    pub(crate) fn decide(&self, subjects: &[Subject]) -> Result<Vec<Decided>, Problem> {
        self.decide_beside(subjects, &mut Promised::default())
    }

    /// The same beside others who were promised these values.
    pub(crate) fn decide_beside(
        &self,
        subjects: &[Subject],
        promised: &mut Promised,
    ) -> Result<Vec<Decided>, Problem> {
        let mut seen = IdSet::default();
        let subjects: Vec<&Subject> = subjects
            .iter()
            .filter(|subject| seen.insert(subject.id))
            .collect();
        self.decide_distinct(
            &subjects,
            &mut Claims::default(),
            promised,
            EvidenceForm::Open,
        )
    }

    /// Decides about subjects of a page whose others have claimed this and were promised that.
    fn decide_distinct(
        &self,
        subjects: &[&Subject],
        claims: &mut Claims,
        promised: &mut Promised,
        form: EvidenceForm,
    ) -> Result<Vec<Decided>, Problem> {
        promised.all_decided();
        let ids: Vec<ObjectId> = subjects.iter().map(|subject| subject.id).collect();
        let links = self.links(&ids)?;

        let facts = &self.configuration.connected.facts;
        let mut decided: Vec<Option<Box<Decision>>> = Vec::with_capacity(subjects.len());
        let mut linked_targets = vec![LinkedTarget::NotAsked; subjects.len()];
        let mut pending: Vec<(usize, Box<Pending<'_>>)> = Vec::new();
        for (at, (subject, link)) in subjects.iter().copied().zip(&links).enumerate() {
            courtesy::give_way(at);
            let Some(rule) = self.configuration.rule_for(subject.kind) else {
                // Kinds are read from the rules, so only an on-demand call can name another one.
                return Err(Problem::bad_request(format!(
                    "the schema has no object mapping for {}",
                    subject.kind.engine_name()
                )));
            };
            match begin(rule, facts, subject, link.as_ref(), self.now, form) {
                Step::Decided(decision) => decided.push(Some(decision)),
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
            let answers = self.ask(queries)?;
            let asked = std::mem::take(&mut pending);
            for ((at, lookup), answer) in asked.into_iter().zip(answers) {
                courtesy::give_way(at);
                let Some(rule) = self.configuration.rule_for(subjects[at].kind) else {
                    continue;
                };
                let source = subjects[at].id;
                let step = match answer {
                    Answer::Withheld => lookup.resume_withheld(rule, facts, self.now),
                    Answer::Found(found)
                        if found.is_empty() && !promised.promise(&lookup.query, source) =>
                    {
                        lookup.resume_promised(rule, facts, self.now)
                    }
                    Answer::Found(found) => {
                        if matches!(lookup.query, LookupQuery::Linked { .. }) {
                            linked_targets[at] = LinkedTarget::of(&found);
                        }
                        lookup.resume(rule, facts, &found, self.now)
                    }
                };
                match step {
                    Step::Decided(decision) => {
                        promised.follow(&decision);
                        decided[at] = Some(decision);
                    }
                    Step::Lookup(again) => pending.push((at, again)),
                }
            }
        }

        let mut page: Vec<Decided> = Vec::with_capacity(subjects.len());
        let decided = decided.into_iter().zip(links);
        for (at, (decision, link)) in decided.enumerate() {
            page.extend(decision.map(|decision| Decided {
                decision,
                lifecycle: subjects[at].lifecycle,
                link,
                matching: facts.matching,
                linked_target: linked_targets[at],
                draft: None,
            }));
        }
        claims.refuse_second(&mut page);
        self.respect_other_jobs(&mut page)?;
        page.iter().for_each(|it| promised.follow(&it.decision));
        Ok(page)
    }

    /// The links of these source objects, in the order asked.
    fn links(&self, sources: &[ObjectId]) -> Result<Vec<Option<Link>>, Problem> {
        let mut links = self.reader.links_for(self.tenant, self.job, sources)?;
        for (source, link) in sources.iter().zip(&mut links) {
            if let Some(forgotten) = self.forgotten.and_then(|all| all.get(source)) {
                link.clone_from(forgotten);
            }
        }
        Ok(links)
    }

    /// What another job of this tenant keeps in step is neither taken from it nor deleted under it:
    /// two jobs that claim one target object are a conflict, and somebody who leaves this job's
    /// scope and is in the other's is handed over. But not to one that would do nothing for him.
    fn respect_other_jobs(&self, page: &mut [Decided]) -> Result<(), Problem> {
        let claims: Vec<(usize, ObjectId)> = page
            .iter()
            .enumerate()
            .filter_map(|(at, it)| claim(it).map(|target| (at, target)))
            .collect();
        if claims.is_empty() {
            return Ok(());
        }
        let targets: Vec<ObjectId> = claims.iter().map(|(_, target)| *target).collect();
        let held = self
            .reader
            .live_links_of_other_jobs(self.tenant, self.job, &targets)?;
        let mut holders = Holders::default();
        for ((at, target), holder) in claims.into_iter().zip(held) {
            let Some((job, source)) = holder else {
                continue;
            };
            // Whoever is in scope and asked to leave is looked at time and again. That he was handed over was told.
            let is_let_go = page[at].lifecycle == Lifecycle::Live && page[at].has_let_go_of(target);
            let decision = &mut page[at].decision;
            let leaves = matches!(
                decision.action,
                Action::SoftDelete { .. }
                    | Action::HardDelete { .. }
                    | Action::Disable { .. }
                    | Action::Release { .. }
                    | Action::Restore { lets_go: true, .. }
            );
            if leaves && !holders.keeps(self, &job, decision.kind)? {
                continue;
            }
            if leaves {
                let (action, outcome) = if is_let_go {
                    let adopt = false;
                    let action = Action::Unchanged { target, adopt };
                    (action, EvidenceOutcome::Unchanged { adopted: false })
                } else {
                    let changes = Vec::new();
                    let outcome = EvidenceOutcome::Skipped(SkipReason::HandedOver);
                    (Action::Release { target, changes }, outcome)
                };
                decision.action = action;
                decision.evidence.outcome = outcome;
                decision.evidence.modified.clear();
                decision.references.clear();
                decision.besides = None;
            } else {
                let reason = format!(
                    "the target object {target} is kept in step by the job {job}, for the source object {source}"
                );
                **decision = decision.clone().failed(Failure::new("Conflict", reason));
            }
        }
        Ok(())
    }
}

/// The target object that a decision would take over, bring back, or delete, or leave behind changed.
pub(crate) fn claim(decided: &Decided) -> Option<ObjectId> {
    match &decided.decision.action {
        Action::SoftDelete { target }
        | Action::HardDelete { target }
        | Action::Restore { target, .. } => Some(*target),
        action @ Action::Release { target, .. } => action.writes().then_some(*target),
        // Of somebody who is not wanted, and whom the link does not keep in step: his account may be another job's by now.
        Action::Disable { target, .. } => (!decided.is_kept_in_step()).then_some(*target),
        other => other.adopts(),
    }
}
