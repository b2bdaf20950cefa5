//! What people are told beforehand, and whether the log says the same afterwards.

use std::collections::{BTreeMap, BTreeSet};

use syncline_engine::Evidence;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::{EntityKind, ObjectId};

use super::facts::Life;
use super::history::History;

impl History {
    /// What would be decided of everybody who was hired, as they are explained.
    pub fn explained(&self) -> BTreeMap<ObjectId, Evidence> {
        let world = &self.world;
        let hired = self.people.iter().filter(|it| it.life != Life::NotHired);
        hired
            .map(|facts| {
                let id = world.person(&facts.name).id;
                let kind = EntityKind::User;
                let explained = world.runner.explain(world.contoso.id, &world.job, kind, id);
                (id, explained.unwrap().evidence.unwrap())
            })
            .collect()
    }

    /// The cycle since then has decided the same of whom the log tells, but for removals that are held, and
    /// references.
    pub fn check_explained(&self, explained: &BTreeMap<ObjectId, Evidence>, before: usize) {
        let log: Vec<Evidence> = self.world.log().into_iter().skip(before).collect();
        let updated: BTreeSet<ObjectId> = log
            .iter()
            .filter(|it| matches!(it.outcome, EvidenceOutcome::Updated { .. }))
            .map(|it| it.source)
            .collect();
        for evidence in log {
            let Some(told) = explained.get(&evidence.source) else {
                continue;
            };
            match evidence.outcome {
                EvidenceOutcome::Staged => {
                    assert!(is_removal(told), "held, and told as {told:?}");
                    assert_eq!(told.modified, evidence.modified);
                }
                EvidenceOutcome::ReferencesOnly => {}
                // Of whoever is as he should be, or was made so, nothing but a reference can fail: to him who is gone from the target.
                EvidenceOutcome::Failed(failure)
                    if failure.code == "InvalidAnchor"
                        && (is_unchanged(told) || updated.contains(&evidence.source)) => {}
                done => {
                    assert_eq!(told.outcome, done);
                    assert_eq!(told.modified, evidence.modified);
                }
            }
        }
    }
}

fn is_unchanged(told: &Evidence) -> bool {
    told.outcome == EvidenceOutcome::Unchanged { adopted: false }
}

/// Whether the deletion threshold counts it. An account may be switched off with other changes: that is told as an update.
fn is_removal(told: &Evidence) -> bool {
    match told.outcome {
        EvidenceOutcome::SoftDeleted | EvidenceOutcome::HardDeleted | EvidenceOutcome::Disabled => {
            true
        }
        EvidenceOutcome::Updated { .. } => told.modified.iter().any(|it| {
            it.name.as_str() == "accountEnabled"
                && it.old.as_ref().is_some_and(|old| old.as_str() == "True")
                && it.new.as_ref().is_some_and(|new| new.as_str() == "False")
        }),
        _ => false,
    }
}
