//! Adds up what a plan's decisions would do.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use syncline_engine::evidence::Modified;
use syncline_engine::{Action, Decision, Failure};
use syncline_model::{Attr, EntityKind, ObjectId, Problem, Text};

use super::changed_groups::ChangedGroups;
use super::refusals::Refusals;
use super::report::{AttributePlan, Example, PlannedChange, PlannedObject};
use super::taken_up;
use super::waiting::Waiting;
use crate::refused_kinds::RefusedKinds;
use crate::settle::{self, Ledger, standing_target};
use crate::shown::Shown;
use crate::view::promised::Promised;
use crate::view::{Decided, View};

/// What is to be known of whoever comes back as he was.
const LET_GO_STILL: &str =
    "was let go before it was deleted; comes back as it was, and is not kept in step";

/// Examples of each attribute.
const EXAMPLES: usize = 3;

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) ledger: Ledger,
    pub(super) waiting: Waiting,
    /// Deletes and disables put aside until they are counted, and what waits until everybody was matched.
    pub(super) removals: HashMap<ObjectId, EntityKind>,
    attributes: BTreeMap<Text, AttributePlan>,
    pub(super) shown: Shown,
    pub(super) groups: ChangedGroups,
    /// Objects that were let go and would be kept in step again.
    pub(super) taken_up: u64,
    /// Target objects that were taken over, and the anchors of those created, as hashes; by whom.
    adopted: HashMap<ObjectId, ObjectId>,
    anchors: HashMap<u64, ObjectId>,
    /// Unique values of those who would be created: in a cycle, what an earlier page has created shows
    /// in the target.
    pub(super) promised: Promised,
    /// Creates that the target would refuse.
    pub(super) refusals: Refusals,
    pub(super) refused: RefusedKinds,
}

impl Tally {
    pub(super) fn new(show: usize, refused: RefusedKinds) -> Self {
        Self {
            shown: Shown::new(show),
            refused,
            groups: ChangedGroups::new(show),
            ..Self::default()
        }
    }

    /// A page of decisions; with `stage`, removals are put aside, and what waits until everybody was matched.
    pub(super) fn page(
        &mut self,
        view: &View<'_, '_>,
        decided: Vec<Decided>,
        stage: bool,
    ) -> Result<(), Problem> {
        let (aside, mut carried) = if stage {
            settle::put_aside(self.waiting.walk, decided)
        } else {
            (Vec::new(), decided)
        };
        for it in &carried {
            self.removals.remove(&it.decision.source);
        }
        for it in &aside {
            self.removals.insert(it.decision.source, it.decision.kind);
        }
        for it in &mut carried {
            self.refuse_second_claim(&mut it.decision);
            self.refused.refuse(&mut it.decision);
        }
        let (mut carried, again) = self.refusals.of_page(view, carried)?;
        self.waiting.put_off(view, &again)?;
        for it in &carried {
            self.promised.follow(&it.decision);
        }
        let targets: Vec<Option<ObjectId>> =
            carried.iter().map(|it| target(&it.decision)).collect();
        let ends = carried.iter().zip(&targets);
        let taken_up: Vec<bool> = ends
            .map(|(it, target)| taken_up::is_taken_up(view.now, it, *target))
            .collect();
        let counts = &mut self.ledger.counts;
        let references = self
            .waiting
            .page(view, &aside, &carried, &targets, counts)?;
        let become_of = references.into_iter().zip(taken_up);
        for (decided, (references, is_taken_up)) in carried.iter_mut().zip(become_of) {
            let decision = &mut decided.decision;
            if references.failed && !references.written && decision.action.is_silent() {
                **decision = decision.clone().failed(Failure::new(
                    "InvalidAnchor",
                    "a reference leads to an object that is gone from the target".to_owned(),
                ));
            }
            settle::count(decision, references.written, &mut self.ledger);
            self.taken_up += u64::from(is_taken_up);
            let remark = match decision.action.restores_released() {
                true => Some(LET_GO_STILL),
                false => is_taken_up.then(|| taken_up::reason(view.configuration, decision.kind)),
            };
            self.note(decision, remark);
        }
        Ok(())
    }

    /// What an earlier page would have taken or made is found taken.
    fn refuse_second_claim(&mut self, decision: &mut Decision) {
        let source = decision.source;
        let failure = match &decision.action {
            Action::Create { attrs, .. } => {
                let Some(anchor) = attrs.get(Attr::ALTERNATIVE_SECURITY_IDS) else {
                    return;
                };
                let mut hasher = DefaultHasher::new();
                anchor.display_text().hash(&mut hasher);
                // Whoever is tried once more had it before.
                let holder = *self.anchors.entry(hasher.finish()).or_insert(source);
                (holder != source).then(|| {
                    Failure::new(
                        Failure::DUPLICATE_SOURCE,
                        "another source object has the same matching value".to_owned(),
                    )
                })
            }
            action => action.adopts().and_then(|target| {
                let holder = *self.adopted.entry(target).or_insert(source);
                (holder != source).then(|| Failure::duplicate_source(target, holder))
            }),
        };
        if let Some(failure) = failure {
            *decision = decision.clone().failed(failure);
        }
    }

    /// Remembers what would be done, for the tables, with what else is to be known of it.
    pub(super) fn note(&mut self, decision: &Decision, remark: Option<&str>) {
        if decision.action.is_silent() || matches!(decision.action, Action::Skip(_)) {
            return;
        }
        let evidence = &decision.evidence;
        let creating = matches!(decision.action, Action::Create { .. });
        let switched_off = self.refusals.has_switched_off(&decision.source);
        let written: Vec<&Modified> = evidence
            .modified
            .iter()
            .filter(|it| !switched_off || it.name == "accountEnabled")
            .collect();
        // Deleting and restoring are counted as what they are.
        for modified in written.iter().filter(|it| it.name != "IsSoftDeleted") {
            self.attribute(modified, creating, &evidence.source_name);
        }
        let action = match switched_off {
            true => "disable",
            false => word(&decision.action),
        };
        self.shown.add(action, || PlannedObject {
            id: decision.source,
            kind: decision.kind.engine_name().to_owned(),
            name: evidence.source_name.clone(),
            action: action.to_owned(),
            reason: match &decision.action {
                Action::Fail(failure) => Some(format!("{}: {}", failure.code, failure.reason)),
                _ => remark.map(str::to_owned),
            },
            changes: written.into_iter().map(PlannedChange::from).collect(),
        });
    }

    fn attribute(&mut self, modified: &Modified, creating: bool, object: &Text) {
        let known = self.attributes.entry(modified.name.clone());
        let attribute = known.or_insert_with(|| AttributePlan {
            name: modified.name.clone(),
            ..AttributePlan::default()
        });
        if creating {
            attribute.created += 1;
        } else if modified.new.is_none() {
            attribute.cleared += 1;
        } else {
            attribute.changed += 1;
        }
        if !creating && attribute.examples.len() < EXAMPLES {
            attribute.examples.push(Example {
                object: object.clone(),
                old: modified.old.clone(),
                new: modified.new.clone(),
            });
        }
    }

    /// Most changes first.
    pub(super) fn attributes(&mut self) -> Vec<AttributePlan> {
        let mut attributes: Vec<AttributePlan> =
            std::mem::take(&mut self.attributes).into_values().collect();
        attributes.sort_by_key(|it| std::cmp::Reverse((it.changed + it.cleared, it.created)));
        attributes
    }
}

/// The target object of a decision once it is carried out; one that is not made yet goes by the id
/// of its source object, which is nobody's in the target.
fn target(decision: &Decision) -> Option<ObjectId> {
    match &decision.action {
        Action::Create { .. } => Some(decision.source),
        Action::Update { target, .. }
        | Action::Disable { target, .. }
        | Action::SoftDelete { target }
        | Action::Restore { target, .. }
        | Action::HardDelete { target } => Some(*target),
        action => standing_target(action),
    }
}

fn word(action: &Action) -> &'static str {
    match action {
        Action::Create { .. } => "create",
        Action::Update { .. } => "update",
        // Silent ones are not told: it is linked to what is there, and nothing differs.
        Action::Unchanged { .. } => "link",
        Action::Disable { .. } => "disable",
        Action::SoftDelete { .. } | Action::HardDelete { .. } => "delete",
        Action::Restore { .. } => "restore",
        Action::Release { .. } if action.only_disables() => "disable",
        Action::Release { .. } if action.writes() => "update",
        Action::Release { .. } => "release",
        Action::Skip(_) => "skip",
        Action::Fail(_) => "fail",
    }
}
