//! Runs one case.

use std::collections::BTreeSet;

use syncline_model::link::LinkState;
use syncline_model::{Attr, Attrs, EntityKind, Entry, Link, ObjectId, Timestamp, Value};
use uuid::Uuid;

use super::coverage::Reached;
use super::{Case, object};
use crate::decide::trace;
use crate::evidence::EvidenceForm;
use crate::rule::Mapping;
use crate::schema::Types;
use crate::{
    Action, Decision, JobFacts, Lifecycle, LookupQuery, Rule, Step, Subject, TargetObject, begin,
};

const SOURCE: ObjectId = ObjectId(Uuid::from_u128(1));
const TARGET: ObjectId = ObjectId(Uuid::from_u128(2));

pub(super) struct Run<'a> {
    pub(super) case: &'a Case,
    pub(super) facts: &'a JobFacts,
    pub(super) rules: &'a [Rule],
    pub(super) types: Types<'a>,
    pub(super) now: Timestamp,
}

impl Run<'_> {
    /// What is wrong with the case; nothing when it is as expected.
    pub(super) fn problems(&self, reached: &mut BTreeSet<Reached>) -> Vec<String> {
        let found = [EntityKind::User, EntityKind::Group]
            .into_iter()
            .find(|kind| kind.engine_name().eq_ignore_ascii_case(&self.case.object));
        let Some(kind) = found else {
            let object = &self.case.object;
            return vec![format!("`{object}` is no object; write `User` or `Group`")];
        };
        let rule = Rule::position(self.rules, kind)
            .and_then(|at| Some((at, self.rules.get(at)?)))
            .filter(|(_, rule)| rule.enabled);
        let Some((at, rule)) = rule else {
            let problem = format!("the schema synchronizes no {}", kind.engine_name());
            return if self.case.in_scope {
                vec![problem]
            } else {
                Vec::new()
            };
        };
        let mut problems = Vec::new();
        let subject = self.subject(kind, &mut problems);
        let current = self.current(rule, &mut problems);
        if !problems.is_empty() {
            return problems;
        }
        reached.extend(trace::of(rule, self.facts, &subject, self.now).map(|way| (at, way)));
        let decision = self.decide(rule, &subject, current.as_ref());
        self.judge(rule, &decision, current.as_ref())
    }

    fn subject(&self, kind: EntityKind, problems: &mut Vec<String>) -> Subject {
        let types = self.types.source.of(kind);
        let mut entry = Entry::new(kind, SOURCE);
        entry.attrs = object::source(types, &self.case.source, problems);
        if kind == EntityKind::User && !entry.attrs.contains(Attr::ACCOUNT_ENABLED) {
            entry.attrs.set(Attr::ACCOUNT_ENABLED, true);
        }
        if kind == EntityKind::Group && !entry.attrs.contains(Attr::SECURITY_ENABLED) {
            entry.attrs.set(Attr::SECURITY_ENABLED, true);
        }
        Subject {
            id: SOURCE,
            kind,
            lifecycle: Lifecycle::Live,
            entry: Some(entry),
            assigned_roles: self.case.roles.clone(),
            references: object::references(types, &self.case.references, problems),
        }
    }

    fn current(&self, rule: &Rule, problems: &mut Vec<String>) -> Option<TargetObject> {
        let json = self.case.current.as_ref()?;
        let mut entry = Entry::new(rule.target, TARGET);
        entry.attrs = object::attributes(self.types.target.of(rule.target), json, problems);
        Some(TargetObject {
            entry,
            soft_deleted: false,
            references: Vec::new(),
            linked_source: Some(SOURCE),
        })
    }

    /// Decides with a target that holds the current object or nothing.
    fn decide(&self, rule: &Rule, subject: &Subject, current: Option<&TargetObject>) -> Decision {
        let link = current.map(|target| Link {
            source: SOURCE,
            target: target.entry.id,
            kind: rule.target,
            state: LinkState::Live,
            since: self.now,
            matching: 0,
            was_released: false,
        });
        let form = EvidenceForm::Open;
        let mut step = begin(rule, self.facts, subject, link.as_ref(), self.now, form);
        loop {
            match step {
                // What fails is what the mappings are tried for.
                Step::Decided(mut decision) => {
                    return match decision.besides.take() {
                        Some(failure) => decision.failed(*failure),
                        None => *decision,
                    };
                }
                Step::Lookup(pending) => {
                    let linked = matches!(pending.query, LookupQuery::Linked { .. });
                    let found: Vec<TargetObject> =
                        current.filter(|_| linked).cloned().into_iter().collect();
                    step = pending.resume(rule, self.facts, &found, self.now);
                }
            }
        }
    }

    fn judge(
        &self,
        rule: &Rule,
        decision: &Decision,
        current: Option<&TargetObject>,
    ) -> Vec<String> {
        let before = current
            .map(|target| target.entry.attrs.clone())
            .unwrap_or_default();
        let after = match &decision.action {
            Action::Create { attrs, .. } => Some(attrs.clone()),
            Action::Update { changes, .. } | Action::Disable { changes, .. } => {
                let mut after = before;
                for change in changes {
                    after.put(change.attr, change.new.clone());
                }
                Some(after)
            }
            Action::Unchanged { .. } => Some(before),
            Action::Fail(failure) => return self.judge_failure(&failure.code, &failure.reason),
            _ => None,
        };
        if let Some(expected) = &self.case.fails {
            return vec![format!("should fail with `{expected}`, and does not")];
        }
        match (self.case.in_scope, after) {
            (true, Some(after)) => self.compare(rule, &after),
            (false, None) => Vec::new(),
            (true, None) => vec![format!(
                "should be in scope, and is not: {}",
                reason(decision)
            )],
            (false, Some(_)) => vec!["should not be in scope, and is".to_owned()],
        }
    }

    fn judge_failure(&self, code: &str, reason: &str) -> Vec<String> {
        match &self.case.fails {
            Some(expected) if reason.contains(expected) || code == expected => Vec::new(),
            Some(expected) => vec![format!(
                "should fail with `{expected}`, and fails with {code}: {reason}"
            )],
            None => vec![format!("fails with {code}: {reason}")],
        }
    }

    fn compare(&self, rule: &Rule, after: &Attrs) -> Vec<String> {
        let types = self.types.target.of(rule.target);
        let mut problems = Vec::new();
        for (name, json) in &self.case.target {
            let expected = object::property(types, name)
                .and_then(|it| Ok((it.attr, object::value(it, json)?)));
            match expected {
                Err(problem) => problems.push(problem),
                Ok((attr, expected)) => {
                    let found = after.get(attr);
                    let redacted = rule.mapping(attr).is_some_and(Mapping::is_redacted);
                    if found != expected.as_ref() && redacted {
                        problems.push(format!("{name}: got another value than expected [Redact]"));
                    } else if found != expected.as_ref() {
                        problems.push(format!(
                            "{name}: expected {}, got {}",
                            shown(expected.as_ref()),
                            shown(found)
                        ));
                    }
                }
            }
        }
        problems
    }
}

/// Why an object is not in scope: the skip reason, and the clauses that do not hold.
fn reason(decision: &Decision) -> String {
    let mut reason = match &decision.action {
        Action::Skip(reason) => reason.code().to_owned(),
        other => format!("{other:?}").chars().take(60).collect(),
    };
    let clauses = decision.evidence.scoping.iter().flat_map(|it| &it.clauses);
    let failed: Vec<&str> = clauses
        .filter(|(_, holds)| !holds)
        .map(|(words, _)| words.as_str())
        .collect();
    if !failed.is_empty() {
        reason.push_str(&format!(" ({} is false)", failed.join(", ")));
    }
    reason
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None => "no value".to_owned(),
        Some(value) => syncline_expression::sample::json_of(value).to_string(),
    }
}
