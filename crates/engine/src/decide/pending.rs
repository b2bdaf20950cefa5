//! Half a decision, and what goes on when the target has answered.

use syncline_model::{Link, Text, Timestamp};

use super::standing::Standing;
use super::unique::Answer;
use super::{Case, Step, context, meter, unique};
use crate::evidence::EvidenceForm;
use crate::{Failure, JobFacts, LookupQuery, Rule, Subject, TargetObject};

/// Half a decision, waiting for one look-up in the target.
#[derive(Debug)]
pub struct Pending<'a> {
    pub query: LookupQuery,
    pub(super) subject: &'a Subject,
    pub(super) link: Option<&'a Link>,
    pub(super) standing: Standing,
    pub(super) form: EvidenceForm,
    pub(super) asked: Asked,
}

/// Which question the pending look-up answers.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// The object the link points to.
    Linked,
    /// By the matching mapping at this place of the precedence list.
    Matching { at: usize, attribute: (Text, Text) },
    /// The same, by somebody who fails whatever is found.
    InVain {
        at: usize,
        attribute: (Text, Text),
        failure: Failure,
    },
    /// Whether a value of a mapping that must be unique is taken.
    Unique(unique::Choice),
}

impl<'a> Pending<'a> {
    /// The other half: decides with what the target answered. May ask for one more look-up (a
    /// linked object that is gone is matched again; matching attributes are tried in turn; so are
    /// the values of `SelectUniqueValue`).
    pub fn resume(
        self,
        rule: &'a Rule,
        facts: &'a JobFacts,
        found: &[TargetObject],
        now: Timestamp,
    ) -> Step<'a> {
        self.answered(rule, facts, found, None, now)
    }

    /// The same when nobody was found, but the value asked for is promised to another object that is
    /// still to be created: it counts as taken. To any question but [`LookupQuery::Taken`] a promise
    /// says nothing.
    pub fn resume_promised(self, rule: &'a Rule, facts: &'a JobFacts, now: Timestamp) -> Step<'a> {
        self.answered(rule, facts, &[], Some(Answer::Promised), now)
    }

    /// The same when the target does not say who has the value asked for, as nobody of this source could have it: it
    /// counts as taken. To any other question it says nothing either.
    pub fn resume_withheld(self, rule: &'a Rule, facts: &'a JobFacts, now: Timestamp) -> Step<'a> {
        self.answered(rule, facts, &[], Some(Answer::Withheld), now)
    }

    fn answered(
        self,
        rule: &'a Rule,
        facts: &'a JobFacts,
        found: &[TargetObject],
        instead: Option<Answer>,
        now: Timestamp,
    ) -> Step<'a> {
        let Self {
            subject,
            link,
            standing,
            form,
            asked,
            ..
        } = self;
        let case = Case {
            rule,
            facts,
            subject,
            link,
            standing,
            context: context(facts, now),
            meter: meter(),
            form,
        };
        match asked {
            Asked::Linked => match found.first() {
                Some(target) => case.resume_linked(target),
                None => case.begin_unlinked(),
            },
            Asked::Matching { at, attribute } => case.resume_matching(at, attribute, found),
            Asked::InVain {
                at,
                attribute,
                failure,
            } => case.resume_in_vain(at, attribute, failure, found),
            Asked::Unique(choice) => {
                let told = if found.is_empty() {
                    Answer::Free
                } else {
                    Answer::Taken
                };
                case.resume_choosing(choice, instead.unwrap_or(told))
            }
        }
    }
}
