//! Where a source object stands: entitled, enabled and deleted are three separate facts.

use crate::{Failure, JobFacts, Lifecycle, Rule, SkipReason, Subject};
use syncline_model::{Attr, Text};

use super::scoping_view::ScopingView;
use super::{eligibility, scope};

/// The facts about one source object that do not depend on the target.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) lifecycle: Lifecycle,
    /// Why objects like this one are never synchronized.
    pub(super) ineligible: Option<SkipReason>,
    /// Holds a role of the configuration.
    pub(super) assigned: bool,
    /// Everyone is in scope by assignment.
    pub(super) sync_all: bool,
    /// `accountEnabled`; objects without that attribute are enabled.
    pub(super) enabled: bool,
    pub(super) filter_passed: bool,
    /// What the category and input filters leave out is left alone, and never deprovisioned.
    pub(super) concerned: bool,
    /// Whether the mapping of `IsSoftDeleted` has asked that it leaves, for the mappings that tell the target of that. No
    /// standing begins so.
    pub(super) asked_to_leave: bool,
    /// Why nobody can tell whether the object is in scope.
    pub(super) stuck: Option<String>,
    /// Every clause in words, and whether it holds.
    pub(super) clauses: Vec<(Text, bool)>,
}

impl Standing {
    pub(super) fn of(rule: &Rule, facts: &JobFacts, subject: &Subject) -> Self {
        let scoping = scope::evaluate(&rule.scope, &ScopingView { subject });
        Self {
            lifecycle: subject.lifecycle,
            ineligible: subject.entry.as_ref().and_then(eligibility::why_not),
            assigned: !subject.assigned_roles.is_empty(),
            sync_all: facts.sync_all,
            enabled: subject
                .entry
                .as_ref()
                .and_then(|entry| entry.bool(Attr::ACCOUNT_ENABLED))
                .unwrap_or(true),
            filter_passed: scoping.passed,
            concerned: scoping.concerned,
            asked_to_leave: false,
            stuck: scoping.stuck,
            clauses: scoping.clauses,
        }
    }

    /// By assignment alone.
    pub(super) fn entitled(&self) -> bool {
        self.sync_all || self.assigned
    }

    /// Present and enabled in the source.
    pub(super) fn active(&self) -> bool {
        self.lifecycle == Lifecycle::Live && self.enabled
    }

    /// Belongs in the target. Says nothing about being enabled.
    pub(super) fn wanted(&self) -> bool {
        self.lifecycle == Lifecycle::Live
            && self.ineligible.is_none()
            && self.entitled()
            && self.filter_passed
    }

    /// Why this object can not be decided: it would be wanted, if only somebody could tell.
    pub(super) fn undecidable(&self) -> Option<Failure> {
        let stuck = self.stuck.as_ref()?;
        let asked =
            self.lifecycle == Lifecycle::Live && self.ineligible.is_none() && self.entitled();
        asked.then(|| Failure::undecidable_scope(stuck))
    }

    /// Why an object that is not linked gets no target object; `None` when it gets one.
    pub(super) fn reason_not_to_create(&self) -> Option<SkipReason> {
        if self.ineligible.is_some() {
            return self.ineligible;
        }
        if !self.active() || !self.entitled() {
            return Some(SkipReason::NotEffectivelyEntitled);
        }
        (!self.filter_passed).then_some(SkipReason::NotInProvisioningScope)
    }
}
