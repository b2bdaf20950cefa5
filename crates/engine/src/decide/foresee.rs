//! What can be told of one object before anything is asked of the target: enough to see whether two
//! configurations can decide about it differently.

use syncline_model::{Attr, Timestamp};

use super::flow::{self, Flowing};
use super::standing::Standing;
use super::{Case, context, meter};
use crate::evidence::EvidenceForm;
use crate::{JobFacts, Rule, Subject};

/// One object under one configuration.
pub(crate) struct Foreseen<'a>(Case<'a>);

impl<'a> Foreseen<'a> {
    pub(crate) fn of(
        rule: &'a Rule,
        facts: &'a JobFacts,
        subject: &'a Subject,
        now: Timestamp,
    ) -> Self {
        Self(Case {
            rule,
            facts,
            subject,
            link: None,
            standing: Standing::of(rule, facts, subject),
            context: context(facts, now),
            meter: meter(),
            form: EvidenceForm::Open,
        })
    }

    /// Belongs in the target.
    pub(crate) fn wanted(&self) -> bool {
        self.0.standing.wanted()
    }

    /// Left as it is by the category or input filters, in the target or not.
    pub(crate) fn is_left_alone(&self) -> bool {
        !self.0.standing.concerned
    }

    /// Nobody can tell whether it is in scope.
    pub(crate) fn is_undecidable(&self) -> bool {
        self.0.standing.undecidable().is_some()
    }

    /// Would be created if it were not linked, as far as its standing goes.
    pub(crate) fn may_be_created(&self) -> bool {
        self.0.standing.reason_not_to_create().is_none()
    }

    /// Is not to be in the target, by the mapping that says so, which does not fail.
    pub(crate) fn asks_soft_delete(&self) -> bool {
        flow::is_soft_deleted(&self.0) == Ok(true)
    }

    /// Whether the mapping of a target attribute reads the clock for it.
    pub(crate) fn reads_clock(&self, target: Attr) -> bool {
        let mapping = self.0.rule.mapping(target);
        mapping.is_some_and(|it| flow::reads_clock(&self.0, it))
    }

    /// What the mapping of a target attribute yields for it; `None` without such a mapping, and for an
    /// error, which is no value that one could compare.
    pub(crate) fn mapping(&self, target: Attr) -> Option<Flowing> {
        flow::evaluate(&self.0, self.0.rule.mapping(target)?).ok()
    }
}
