//! Builds the evidence of a decision.

use syncline_model::predicate::Attributes;
use syncline_model::{Attr, Attrs, EntityKind, Entry, ObjectId, Text, Value};

use super::Case;
use super::source_view::{NO_ALTERNATIVE_SECURITY_ID, SourceView};
use crate::evidence::{Evidence, EvidenceOutcome, Import, Matching, Modified, Scoping};
use crate::rule::Mapping;
use crate::{Action, Change, Lifecycle, SkipReason, TargetObject};

/// Stands for a value that must not be written down.
pub(crate) const REDACTED: Text = Text::fixed("[Redact]");

/// What was asked of the target and what it showed.
#[derive(Clone, Debug, Default)]
pub(super) struct Explained {
    matching: Option<Matching>,
    target: Option<Entry>,
    pub(super) target_in_bin: bool,
    pub(super) target_references: Vec<(Attr, Vec<ObjectId>)>,
}

impl Explained {
    pub(super) fn linked(target: &TargetObject) -> Self {
        Self {
            matching: Some(Matching {
                attribute: None,
                found: vec![target.entry.id],
            }),
            target: Some(target.entry.clone()),
            target_in_bin: target.soft_deleted,
            target_references: target.references.clone(),
        }
    }

    pub(super) fn matched(attribute: (Text, Text), found: &[TargetObject]) -> Self {
        let only = match found {
            [only] => Some(only),
            _ => None,
        };
        Self {
            matching: Some(Matching {
                attribute: Some(attribute),
                found: found.iter().map(|target| target.entry.id).collect(),
            }),
            target: only.map(|target| target.entry.clone()),
            target_in_bin: only.is_some_and(|target| target.soft_deleted),
            target_references: only
                .map(|target| target.references.clone())
                .unwrap_or_default(),
        }
    }
}

pub(super) fn evidence(case: &Case<'_>, action: &Action, explained: Explained) -> Evidence {
    let subject = case.subject;
    let (source_display_name, source_name) = names(
        subject.kind,
        subject.entry.as_ref().map(|entry| &entry.attrs),
    );
    let created = match action {
        Action::Create { attrs } => Some(attrs),
        _ => None,
    };
    let target_attrs = created.or(explained.target.as_ref().map(|entry| &entry.attrs));
    let (target_display_name, target_name) = names(case.rule.target, target_attrs);
    Evidence {
        kind: subject.kind,
        source: subject.id,
        source_display_name,
        source_name: if source_name.is_empty() {
            subject.id.to_string().into()
        } else {
            source_name
        },
        import: match (subject.lifecycle, case.link) {
            (Lifecycle::SoftDeleted | Lifecycle::HardDeleted, _) => Import::Delete,
            (Lifecycle::Live, None) => Import::Add,
            (Lifecycle::Live, Some(_)) => Import::Update,
        },
        imported: imported(case),
        scoping: scoping(case, action),
        matching: explained.matching,
        target: match action {
            // A linked object that is gone is created anew; its old id is nobody's now.
            Action::Create { .. } => None,
            _ => explained
                .target
                .map(|entry| entry.id)
                .or(case.link.map(|link| link.target)),
        },
        target_display_name,
        target_name,
        outcome: outcome(case, action),
        modified: modified(case, action),
        references: Vec::new(),
        source_system: case.facts.source_system.clone(),
        target_system: case.facts.target_system.clone(),
    }
}

/// Display name, and the name an object is known by: sign-in name of a user, display name of a
/// group.
fn names(kind: EntityKind, attrs: Option<&Attrs>) -> (Text, Text) {
    let text = |attr| {
        let value = attrs.and_then(|attrs| attrs.get(attr));
        value.and_then(Value::to_text).unwrap_or_default()
    };
    let display_name = text(Attr::DISPLAY_NAME);
    let name = if kind == EntityKind::User {
        text(Attr::USER_PRINCIPAL_NAME)
    } else {
        display_name.clone()
    };
    (display_name, name)
}

fn imported(case: &Case<'_>) -> Vec<(Text, Text)> {
    let view = SourceView {
        subject: case.subject,
        standing: &case.standing,
    };
    let mut shown = Vec::with_capacity(case.rule.imported.len());
    for attribute in &case.rule.imported {
        let value = view.value(attribute.attr);
        if value.is_none() && !attribute.always {
            continue;
        }
        let text = match value {
            Some(_) if attribute.redacted => REDACTED,
            Some(value) => value.display_text(),
            None if attribute.attr == Attr::ALTERNATIVE_SECURITY_IDS => NO_ALTERNATIVE_SECURITY_ID,
            None => Text::default(),
        };
        shown.push((attribute.name.clone(), text));
    }
    shown
}

/// Objects of a type that is not synchronized are not asked whether they are in scope.
fn scoping(case: &Case<'_>, action: &Action) -> Option<Scoping> {
    if *action == Action::Skip(SkipReason::EntityTypeNotSupported) {
        return None;
    }
    let standing = &case.standing;
    Some(Scoping {
        active: standing.active(),
        assigned: standing.assigned,
        sync_all: standing.sync_all,
        has_role: standing.entitled(),
        filter_passed: standing.filter_passed,
        clauses: standing.clauses.clone(),
    })
}

fn outcome(case: &Case<'_>, action: &Action) -> EvidenceOutcome {
    match action {
        Action::Create { .. } => EvidenceOutcome::Created,
        Action::Update { adopt, .. } => EvidenceOutcome::Updated { adopted: *adopt },
        Action::Disable { .. } => EvidenceOutcome::Disabled,
        Action::SoftDelete { .. } => EvidenceOutcome::SoftDeleted,
        Action::Restore { .. } => EvidenceOutcome::Restored,
        Action::HardDelete { .. } => EvidenceOutcome::HardDeleted,
        Action::Release { .. } if case.is_left_alone() => {
            EvidenceOutcome::Skipped(SkipReason::LeftAlone)
        }
        Action::Release { .. } => EvidenceOutcome::Released,
        Action::Unchanged { adopt, .. } => EvidenceOutcome::Unchanged { adopted: *adopt },
        Action::Skip(reason) => EvidenceOutcome::Skipped(*reason),
        Action::Fail(failure) => EvidenceOutcome::Failed(failure.clone()),
    }
}

fn modified(case: &Case<'_>, action: &Action) -> Vec<Modified> {
    let soft_deleted = |old: &'static str, new: &'static str| Modified {
        name: Text::fixed("IsSoftDeleted"),
        old: Some(Text::fixed(old)),
        new: Some(Text::fixed(new)),
    };
    match action {
        Action::Create { attrs } => {
            let mut set = Vec::with_capacity(case.rule.mappings.len());
            for mapping in &case.rule.mappings {
                let value = attrs.get(mapping.target);
                set.extend(
                    value.map(|value| shown(Some(mapping), mapping.target, None, Some(value))),
                );
            }
            set
        }
        Action::Update { changes, .. } | Action::Disable { changes, .. } => changed(case, changes),
        Action::Restore { changes, .. } => {
            let mut all = vec![soft_deleted("True", "False")];
            all.extend(changed(case, changes));
            all
        }
        Action::SoftDelete { .. } => vec![soft_deleted("False", "True")],
        _ => Vec::new(),
    }
}

fn changed(case: &Case<'_>, changes: &[Change]) -> Vec<Modified> {
    changes
        .iter()
        .map(|change| property(case, change.attr, change.old.as_ref(), change.new.as_ref()))
        .collect()
}

fn property(case: &Case<'_>, attr: Attr, old: Option<&Value>, new: Option<&Value>) -> Modified {
    shown(case.rule.mapping(attr), attr, old, new)
}

fn shown(
    mapping: Option<&Mapping>,
    attr: Attr,
    old: Option<&Value>,
    new: Option<&Value>,
) -> Modified {
    let shown = |value: &Value| {
        if mapping.is_some_and(Mapping::is_redacted) {
            REDACTED
        } else if attr == Attr::ALTERNATIVE_SECURITY_IDS {
            // As Entra shows it: the anchor itself is nobody's business.
            format!("({} values)", value.as_slice().len()).into()
        } else {
            value.display_text()
        }
    };
    Modified {
        name: mapping
            .map(|mapping| mapping.property.shown_name())
            .unwrap_or_default(),
        old: old.map(shown),
        new: new.map(shown),
    }
}
