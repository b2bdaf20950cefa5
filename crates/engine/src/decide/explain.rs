//! Builds the evidence of a decision.

use std::borrow::Cow;

use syncline_model::link::LinkState;
use syncline_model::predicate::Attributes;
use syncline_model::{Attr, Attrs, EntityKind, Entry, Link, ObjectId, Text, Value};

use super::Case;
use super::scoping_view::NO_ALTERNATIVE_SECURITY_ID;
use super::source_view::SourceView;
use crate::evidence::{
    Evidence, EvidenceForm, EvidenceOutcome, Import, Matching, Modified, Name, Packed, Packing,
    Scoping,
};
use crate::rule::Mapping;
use crate::{Action, Change, Lifecycle, SkipReason, TargetObject};

/// The name of an attribute that no mapping fills.
static NAMELESS: Text = Text::fixed("");
/// Stands for a value that must not be written down.
pub const REDACTED: Text = Text::fixed("[Redact]");

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

/// The evidence; packed, when that is asked for and the log will tell it. What is packed stands in no
/// list of the evidence any more.
pub(super) fn evidence(
    case: &Case<'_>,
    action: &Action,
    explained: Explained,
) -> (Evidence, Option<Packed>) {
    let Explained {
        matching, target, ..
    } = explained;
    let mut evidence = outline(case, action, target);
    let scoping = scoping(case, action);
    // Who is left as he is is not in the log, a removal waits and is decided again, and who comes back and is let go is told
    // of twice.
    let is_packed = !action.is_silent() && !action.is_removal() && !action.restores_released();
    if case.form == EvidenceForm::Packed && is_packed {
        let mut packing = Packing::of(&evidence);
        each_imported(case, |name, value| packing.imported(name, value));
        packing.explained(scoping.as_ref(), matching.as_ref());
        each_modified(case, action, |name, old, new| {
            packing.modified(name, old.map(Text::as_str), new.map(Text::as_str));
        });
        let packed = packing.finish();
        return (evidence, Some(packed));
    }
    evidence.imported.reserve(case.rule.imported.len());
    each_imported(case, |name, value| {
        evidence.imported.push((name.text.clone(), value.clone()));
    });
    evidence.scoping = scoping;
    evidence.matching = matching;
    each_modified(case, action, |name, old, new| {
        evidence.modified.push(Modified {
            name: name.text.clone(),
            old: old.cloned(),
            new: new.cloned(),
        });
    });
    (evidence, None)
}

/// Evidence without what was imported, asked and modified.
fn outline(case: &Case<'_>, action: &Action, target: Option<Entry>) -> Evidence {
    let subject = case.subject;
    let (source_display_name, source_name) = names(
        subject.kind,
        subject.entry.as_ref().map(|entry| &entry.attrs),
        |attr| case.rule.hides(attr),
    );
    let created = match action {
        Action::Create { attrs, .. } => Some(attrs),
        _ => None,
    };
    let target_attrs = created.or(target.as_ref().map(|entry| &entry.attrs));
    let (target_display_name, target_name) = names(case.rule.target, target_attrs, |attr| {
        case.rule.mapping(attr).is_some_and(Mapping::is_redacted)
    });
    Evidence {
        kind: subject.kind,
        source: subject.id,
        source_display_name,
        source_name: if source_name.is_empty() {
            subject.id.text()
        } else {
            source_name
        },
        import: match (subject.lifecycle, case.link) {
            (Lifecycle::SoftDeleted | Lifecycle::HardDeleted, _) => Import::Delete,
            (Lifecycle::Live, None) => Import::Add,
            (Lifecycle::Live, Some(_)) => Import::Update,
        },
        imported: Vec::new(),
        scoping: None,
        matching: None,
        target: match action {
            // A linked object that is gone is created anew; its old id is nobody's now.
            Action::Create { .. } => None,
            _ => target
                .map(|entry| entry.id)
                .or(case.link.map(|link| link.target)),
        },
        target_display_name,
        target_name,
        outcome: outcome(case, action),
        keeping: action.keeping(case.link),
        modified: Vec::new(),
        references: Vec::new(),
        source_system: case.facts.source_system.clone(),
        target_system: case.facts.target_system.clone(),
    }
}

/// Display name, and the name an object is known by: sign-in name of a user, display name of a
/// group. What must not be written down is left out here, too.
fn names(
    kind: EntityKind,
    attrs: Option<&Attrs>,
    is_redacted: impl Fn(Attr) -> bool,
) -> (Text, Text) {
    let text = |attr| {
        let value = attrs.and_then(|attrs| attrs.get(attr));
        match value.and_then(Value::to_text) {
            Some(_) if is_redacted(attr) => REDACTED,
            text => text.unwrap_or_default(),
        }
    };
    let display_name = text(Attr::DISPLAY_NAME);
    let name = if kind == EntityKind::User {
        text(Attr::USER_PRINCIPAL_NAME)
    } else {
        display_name.clone()
    };
    (display_name, name)
}

/// Name and value of each imported attribute.
fn each_imported(case: &Case<'_>, mut tell: impl FnMut(Name<'_>, &Text)) {
    let view = SourceView {
        subject: case.subject,
        standing: &case.standing,
    };
    for attribute in &case.rule.imported {
        let value = view.value(attribute.attr);
        if value.is_none() && !attribute.always {
            continue;
        }
        let text = match &value {
            Some(_) if attribute.redacted => Cow::Owned(REDACTED),
            Some(value) => value.shown_text(),
            None if attribute.attr == Attr::ALTERNATIVE_SECURITY_IDS => {
                Cow::Owned(NO_ALTERNATIVE_SECURITY_ID)
            }
            None => Cow::Owned(Text::default()),
        };
        tell((&attribute.name).into(), &text);
    }
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
    // Who is matched anew after a restart, with whom he was kept in step with all along, is taken up by nobody: undoing
    // that must not let go of him.
    let is_taken_up = |target: &ObjectId| {
        let is_kept = |link: &Link| link.state == LinkState::Live && link.target == *target;
        !case.link.is_some_and(is_kept)
    };
    match action {
        Action::Create { .. } => EvidenceOutcome::Created,
        Action::Update { target, adopt, .. } => EvidenceOutcome::Updated {
            adopted: *adopt && is_taken_up(target),
        },
        Action::Disable { .. } => EvidenceOutcome::Disabled,
        Action::SoftDelete { .. } => EvidenceOutcome::SoftDeleted,
        Action::Restore { .. } => EvidenceOutcome::Restored,
        Action::HardDelete { .. } => EvidenceOutcome::HardDeleted,
        Action::Release { .. } if action.only_disables() => EvidenceOutcome::Disabled,
        Action::Release { .. } if action.writes() => EvidenceOutcome::Updated { adopted: false },
        Action::Release { .. } if case.is_left_alone() => {
            EvidenceOutcome::Skipped(SkipReason::LeftAlone)
        }
        Action::Release { .. } => EvidenceOutcome::Released,
        Action::Unchanged { target, adopt } => EvidenceOutcome::Unchanged {
            adopted: *adopt && is_taken_up(target),
        },
        Action::Skip(reason) => EvidenceOutcome::Skipped(*reason),
        Action::Fail(failure) => EvidenceOutcome::Failed(failure.clone()),
    }
}

/// Name, old and new value of each modified property.
fn each_modified(
    case: &Case<'_>,
    action: &Action,
    mut tell: impl FnMut(Name<'_>, Option<&Text>, Option<&Text>),
) {
    const SOFT_DELETED: Text = Text::fixed("IsSoftDeleted");
    const TRUE: Text = Text::fixed("True");
    const FALSE: Text = Text::fixed("False");
    match action {
        Action::Create { attrs, .. } => {
            for mapping in &case.rule.mappings {
                if let Some(value) = attrs.get(mapping.target) {
                    let new = shown(Some(mapping), mapping.target, value);
                    tell((&mapping.shown_name).into(), None, Some(&new));
                }
            }
        }
        Action::Update { changes, .. }
        | Action::Disable { changes, .. }
        | Action::Release { changes, .. } => {
            each_change(case, changes, tell);
        }
        Action::Restore { changes, .. } => {
            tell((&SOFT_DELETED).into(), Some(&TRUE), Some(&FALSE));
            each_change(case, changes, tell);
        }
        Action::SoftDelete { .. } => tell((&SOFT_DELETED).into(), Some(&FALSE), Some(&TRUE)),
        _ => {}
    }
}

fn each_change(
    case: &Case<'_>,
    changes: &[Change],
    mut tell: impl FnMut(Name<'_>, Option<&Text>, Option<&Text>),
) {
    for Change { attr, old, new } in changes {
        let mapping = case.rule.mapping(*attr);
        let [old, new] = [old, new].map(|value| Some(shown(mapping, *attr, value.as_ref()?)));
        let name = match mapping {
            Some(mapping) => Name::from(&mapping.shown_name),
            None => Name::from(&NAMELESS),
        };
        tell(name, old.as_deref(), new.as_deref());
    }
}

/// The value as the log shows it.
fn shown<'v>(mapping: Option<&Mapping>, attr: Attr, value: &'v Value) -> Cow<'v, Text> {
    if mapping.is_some_and(Mapping::is_redacted) {
        Cow::Owned(REDACTED)
    } else if attr == Attr::ALTERNATIVE_SECURITY_IDS {
        // As Entra shows it: the anchor itself is nobody's business.
        Cow::Owned(match value.as_slice().len() {
            1 => Text::fixed("(1 values)"),
            values => format!("({values} values)").into(),
        })
    } else {
        value.shown_text()
    }
}
