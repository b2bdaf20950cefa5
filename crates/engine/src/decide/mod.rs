//! The decision table, in two halves around one look-up.
//!
//! ```text
//! source object                      link       target                → action
//! mapping off, or another type       any        –                     → Skip EntityTypeNotSupported
//! not wanted                         none       –                     → Skip, with the reason
//! wanted                             of an earlier matching           → as if not linked; one that is disabled
//!                                               0 found               → as if linked
//! nobody can tell                    none, or of an earlier matching  → Fail, once it is known whom matching finds
//! wanted, enabled                    none       0 found               → Create
//!                                               1 found, free         → Update | Unchanged, adopting
//!                                               1 found, in the bin   → Restore, adopting
//!                                               1 found, of another   → Fail DuplicateSourceEntries
//!                                               several found         → Fail DuplicateTargetEntries
//! wanted                             any        live                  → Update | Disable | Unchanged
//!                                               in the bin            → Restore
//!                                               gone                  → as if not linked
//! wanted, asked to leave by mapping  any        live, deletes off     → Release, then Unchanged; that the account is
//!                                                                       switched off flows with it
//! not wanted                         any        live, deletes on      → SoftDelete
//!                                               live, deletes off     → Release, then Unchanged; what reads
//!                                                                       IsSoftDeleted flows with it
//!                                               in the bin            → Unchanged; Restore, still released, who was
//!                                                                       released, deleted with his source, and is
//!                                                                       kept now
//!                                               gone                  → Skip, with the reason
//! deleted for good                   any        there                 → HardDelete
//! ```
//!
//! Where a mapping fails, the object does: but for an account that is to be switched off, which is (Disable, and what fails
//! besides).
//!
//! *Wanted* is live, eligible, entitled and in scope; being *enabled* only matters for an object
//! that was never linked. The three facts are never one flag: a user disabled first and unassigned
//! later is still soft-deleted.

pub(crate) mod coerce;
mod computed;
mod diff;
mod eligibility;
mod explain;
mod flow;
pub(crate) mod foresee;
mod linked;
mod matching;
mod pending;
mod references;
mod scope;
mod scoping_view;
mod source_view;
mod standing;
pub(crate) mod trace;
mod unique;

use syncline_expression::Context;
use syncline_model::link::LinkState;
use syncline_model::{Link, Meter, Text, Timestamp};

use crate::evidence::EvidenceForm;
use crate::{
    Action, Decision, Failure, JobFacts, Lifecycle, LookupQuery, Rule, SkipReason, Subject,
    TargetObject,
};
pub(crate) use diff::only_disables;
use explain::Explained;
pub use explain::REDACTED;
use matching::{Found, NextLookup};
use pending::Asked;
pub use pending::Pending;
use standing::Standing;

/// Where deciding stands.
#[derive(Debug)]
pub enum Step<'a> {
    Decided(Box<Decision>),
    Lookup(Box<Pending<'a>>),
}

/// The first half. `link` is what the job remembers of this source object; `form` is what the evidence
/// will have.
pub fn begin<'a>(
    rule: &'a Rule,
    facts: &'a JobFacts,
    subject: &'a Subject,
    link: Option<&'a Link>,
    now: Timestamp,
    form: EvidenceForm,
) -> Step<'a> {
    let case = Case {
        rule,
        facts,
        subject,
        link,
        standing: Standing::of(rule, facts, subject),
        context: context(facts, now),
        meter: meter(),
        form,
    };
    if !rule.enabled || subject.kind != rule.source {
        return case.skip(SkipReason::EntityTypeNotSupported);
    }
    if let Some(failure) = case.standing.undecidable() {
        return case.fail_unmatched(failure, 0, Explained::default());
    }
    let Some(link) = link else {
        return case.begin_unlinked();
    };
    if link.state == LinkState::Released && !case.standing.wanted() && !case.follows_deletion() {
        return case.conclude(
            Action::Unchanged {
                target: link.target,
                adopt: false,
            },
            Explained::default(),
        );
    }
    if link.matching < facts.matching && case.standing.wanted() {
        return case.begin_anew();
    }
    case.ask_linked(link)
}

/// Everything a decision depends on.
struct Case<'a> {
    rule: &'a Rule,
    facts: &'a JobFacts,
    subject: &'a Subject,
    link: Option<&'a Link>,
    standing: Standing,
    /// What expressions may draw on beside the source object.
    context: Context,
    /// What the mappings may still take.
    meter: Meter,
    form: EvidenceForm,
}

/// The work that all mappings of one object may take together, or one step of deciding about it: a
/// tenth of a second at most. Hundreds of mappings, each within its own bound, would hold up the cycle.
fn meter() -> Meter {
    Meter::new(4 * Meter::DEFAULT)
}

fn context(facts: &JobFacts, now: Timestamp) -> Context {
    Context {
        now,
        default_domain: Some(facts.source_default_domain.clone()),
        seed: 0,
    }
}

impl<'a> Case<'a> {
    /// Not linked (or linked to an object that is gone): create or adopt what is wanted and
    /// enabled, leave out the rest.
    fn begin_unlinked(&self) -> Step<'a> {
        if let Some(reason) = self.standing.reason_not_to_create() {
            return self.skip(reason);
        }
        match self.asks_soft_delete() {
            Ok(true) => self.skip(SkipReason::NotEffectivelyEntitled),
            Ok(false) => self.match_from(0),
            Err(failure) => self.fail_unmatched(failure, 0, Explained::default()),
        }
    }

    /// Linked by an earlier matching, and wanted: who it is in the target, matching says. What leaves is left to
    /// its link.
    fn begin_anew(&self) -> Step<'a> {
        match (self.asks_soft_delete(), self.link) {
            (Ok(true), Some(link)) => self.ask_linked(link),
            (Ok(_), _) => self.match_from(0),
            (Err(failure), _) => self.fail_unmatched(failure, 0, Explained::default()),
        }
    }

    /// Asks for the object that the link points to.
    fn ask_linked(&self, link: &Link) -> Step<'a> {
        let query = LookupQuery::Linked {
            kind: link.kind,
            target: link.target,
        };
        self.ask(query, Asked::Linked)
    }

    /// Asks by the next matching attribute that has a value; creates when all were asked.
    fn match_from(&self, at: usize) -> Step<'a> {
        match matching::next_lookup(self, at) {
            Ok(NextLookup::Ask {
                at,
                query,
                attribute,
            }) => self.ask(query, Asked::Matching { at, attribute }),
            Ok(NextLookup::NoValue) => match self.link {
                Some(link) if !self.standing.active() => self.ask_linked(link),
                _ => self.skip(SkipReason::ImportSkipped),
            },
            Ok(NextLookup::Exhausted) => self.create(),
            Err(failure) => self.fail_unmatched(failure, at, Explained::default()),
        }
    }

    /// Fails before it is known whom matching finds. Once a restart has made links old, that is asked for all the
    /// same, by mappings from place `at`: whom it finds is nobody else's, and no old link may remove him.
    fn fail_unmatched(&self, failure: Failure, at: usize, explained: Explained) -> Step<'a> {
        let matching = self.facts.matching;
        let is_matched = self.link.is_some_and(|link| link.matching == matching);
        if matching == 0 || is_matched {
            return self.fail(failure, explained);
        }
        match matching::next_possible_lookup(self, at) {
            NextLookup::Ask {
                at,
                query,
                attribute,
            } => {
                let asked = Asked::InVain {
                    at,
                    attribute,
                    failure,
                };
                self.ask(query, asked)
            }
            NextLookup::NoValue | NextLookup::Exhausted => self.fail(failure, explained),
        }
    }

    fn resume_in_vain(
        &self,
        at: usize,
        attribute: (Text, Text),
        failure: Failure,
        found: &[TargetObject],
    ) -> Step<'a> {
        let explained = Explained::matched(attribute, found);
        if found.is_empty() {
            return self.fail_unmatched(failure, at + 1, explained);
        }
        self.fail(failure, explained)
    }

    fn resume_matching(
        &self,
        at: usize,
        attribute: (Text, Text),
        found: &[TargetObject],
    ) -> Step<'a> {
        let explained = Explained::matched(attribute, found);
        match matching::judge(self, found) {
            Found::Nothing => match matching::next_lookup(self, at + 1) {
                Ok(NextLookup::Ask {
                    at,
                    query,
                    attribute,
                }) => self.ask(query, Asked::Matching { at, attribute }),
                Ok(NextLookup::NoValue | NextLookup::Exhausted) => self.create_matched(explained),
                Err(failure) => self.fail_unmatched(failure, at + 1, explained),
            },
            Found::Free(target) => self.keep_in_step(target, true, explained),
            Found::Conflict(failure) => self.fail(failure, explained),
        }
    }

    fn create(&self) -> Step<'a> {
        self.create_matched(Explained::default())
    }

    fn create_matched(&self, explained: Explained) -> Step<'a> {
        // Somebody disabled gets no new target object; the one he had is switched off.
        if let Some(link) = self.link
            && !self.standing.active()
        {
            return self.ask_linked(link);
        }
        if !self.rule.flow.add {
            return self.conclude(Action::Skip(SkipReason::ActionDisabled), explained);
        }
        self.choose(unique::Choice::new(explained))
    }

    /// The next look-up of a value that must be unique, or the creation when all are chosen.
    fn choose(&self, mut choice: unique::Choice) -> Step<'a> {
        match choice.next(self) {
            Ok(Some(query)) => self.ask(query, Asked::Unique(choice)),
            Ok(None) => match flow::create(self, &choice.chosen) {
                Ok(create) => self.conclude(create, choice.explained),
                Err(failure) => self.fail(failure, choice.explained),
            },
            Err(failure) => self.fail(failure, choice.explained),
        }
    }

    fn resume_choosing(&self, mut choice: unique::Choice, answer: unique::Answer) -> Step<'a> {
        choice.answer(answer);
        self.choose(choice)
    }

    /// What the `IsSoftDeleted` mapping says of this object; false without that mapping.
    fn asks_soft_delete(&self) -> Result<bool, Failure> {
        flow::is_soft_deleted(self)
    }

    /// Whether a soft delete may be sent.
    fn may_delete(&self) -> bool {
        self.rule.flow.delete && !self.is_kept()
    }

    /// `SkipOutOfScopeDeletions` keeps objects that only left the scope, and so do the category and input filters; they
    /// do not keep objects whose source is deleted.
    fn is_kept(&self) -> bool {
        let left_scope = self.subject.lifecycle == Lifecycle::Live;
        left_scope && (self.facts.skip_out_of_scope_deletions || !self.standing.concerned)
    }

    /// Whether the category or input filters keep the object's target object as it is.
    fn is_left_alone(&self) -> bool {
        self.subject.lifecycle == Lifecycle::Live && !self.standing.concerned
    }

    /// Whether the source object was deleted and the deletion is to be carried out, or to be shown.
    fn follows_deletion(&self) -> bool {
        match self.subject.lifecycle {
            Lifecycle::Live => false,
            Lifecycle::SoftDeleted => self.rule.flow.delete || self.rule.marks_unwanted(),
            Lifecycle::HardDeleted => self.rule.flow.delete,
        }
    }

    fn ask(&self, query: LookupQuery, asked: Asked) -> Step<'a> {
        Step::Lookup(Box::new(Pending {
            query,
            subject: self.subject,
            link: self.link,
            standing: self.standing.clone(),
            form: self.form,
            asked,
        }))
    }

    fn skip(&self, reason: SkipReason) -> Step<'a> {
        self.conclude(Action::Skip(reason), Explained::default())
    }

    fn fail(&self, failure: Failure, explained: Explained) -> Step<'a> {
        self.conclude(Action::Fail(failure), explained)
    }

    fn conclude(&self, action: Action, explained: Explained) -> Step<'a> {
        Step::Decided(Box::new(self.decision(action, explained)))
    }

    fn decision(&self, action: Action, explained: Explained) -> Decision {
        let references = references::wanted(self, &action, &explained);
        let (evidence, packed) = explain::evidence(self, &action, explained);
        Decision {
            source: self.subject.id,
            kind: self.subject.kind,
            action,
            references,
            evidence,
            packed,
            besides: None,
        }
    }
}
