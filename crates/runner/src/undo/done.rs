//! What was done to one object, net: where it was before and where it was left, and of each value and
//! reference the one before the first change and the one after the last.

use std::collections::BTreeMap;

use syncline_engine::evidence::{EvidenceOutcome, Import, Modified, ReferenceState, Scoping};
use syncline_engine::{Evidence, SkipReason};
use syncline_model::{Attr, CycleId, ObjectId, Text};
use syncline_store::LogRow;

use super::manager::{Before, Manager};
use super::values::IS_SOFT_DELETED;

/// Where an object is, as far as the job is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    NotThere,
    InRecycleBin,
    /// The job keeps it in step.
    Kept,
    /// It is there, and the job does not keep it in step.
    LetGo,
    /// Deleted for good.
    Gone,
}

/// What was done to one source object's target object.
#[derive(Clone, Debug)]
pub(super) struct Done {
    /// The last entry about it, by which it is named; without what follows.
    pub(super) last: Evidence,
    /// The cycle of that entry.
    pub(super) cycle: CycleId,
    pub(super) target: Option<ObjectId>,
    pub(super) before: Standing,
    pub(super) after: Standing,
    /// It was made anew in place of one that is gone, or led to another one before.
    pub(super) is_another: bool,
    /// Whether the job kept it in step before, the log does not say: earlier versions said of everybody whom a restart
    /// had matched anew that he was taken up, and this one of whoever was linked to another object.
    pub(super) is_unsure: bool,
    /// By the name in the log, of each the first old value and the last new one.
    pub(super) values: Vec<Modified>,
    /// Members by the id in the target: whether each was one before, and afterwards.
    pub(super) members: BTreeMap<ObjectId, (bool, bool)>,
    pub(super) manager: Option<Manager>,
}

/// Whether an entry of this outcome is about a change in the target, or of a link.
pub(super) fn changes_something(outcome: &EvidenceOutcome) -> bool {
    told_by(outcome).is_some()
}

/// Where the object was before an entry and after it.
fn step(evidence: &Evidence) -> Option<(Standing, Standing)> {
    let (before, after) = told_by(&evidence.outcome)?;
    let Some(keeping) = evidence.keeping else {
        return Some((before, after));
    };
    let standing = |kept: bool| match kept {
        true => Standing::Kept,
        false => Standing::LetGo,
    };
    let is_there = matches!(after, Standing::Kept | Standing::LetGo);
    let after = if is_there {
        standing(keeping.after)
    } else {
        after
    };
    Some((standing(keeping.before), after))
}

/// The same, as far as an outcome tells it.
fn told_by(outcome: &EvidenceOutcome) -> Option<(Standing, Standing)> {
    Some(match outcome {
        EvidenceOutcome::Created => (Standing::NotThere, Standing::Kept),
        EvidenceOutcome::Updated { adopted: true }
        | EvidenceOutcome::Unchanged { adopted: true } => (Standing::LetGo, Standing::Kept),
        EvidenceOutcome::Updated { adopted: false }
        | EvidenceOutcome::Disabled
        | EvidenceOutcome::ReferencesOnly => (Standing::Kept, Standing::Kept),
        EvidenceOutcome::SoftDeleted => (Standing::Kept, Standing::InRecycleBin),
        EvidenceOutcome::Restored => (Standing::InRecycleBin, Standing::Kept),
        EvidenceOutcome::HardDeleted => (Standing::InRecycleBin, Standing::Gone),
        EvidenceOutcome::Released
        | EvidenceOutcome::Skipped(SkipReason::LeftAlone | SkipReason::HandedOver) => {
            (Standing::Kept, Standing::LetGo)
        }
        EvidenceOutcome::Unchanged { adopted: false }
        | EvidenceOutcome::Skipped(_)
        | EvidenceOutcome::Staged
        | EvidenceOutcome::Failed(_)
        | EvidenceOutcome::PutAside => return None,
    })
}

/// Found by a matching attribute although there was a link, of which nothing is said: earlier versions said nothing, and of
/// a link that led to another object there is nothing to be said.
fn was_matched_anew(evidence: &Evidence) -> bool {
    let matching = evidence.matching.as_ref();
    let is_matched = matching.is_some_and(|it| it.attribute.is_some());
    evidence.import == Import::Update && is_matched && evidence.keeping.is_none()
}

/// Of whoever was let go of and changed with that, earlier versions logged the change alone. But nobody is kept who is not
/// wanted.
fn lets_go(evidence: &Evidence) -> bool {
    let changes = matches!(
        evidence.outcome,
        EvidenceOutcome::Updated { adopted: false } | EvidenceOutcome::Disabled
    );
    let is_out_of_scope = |it: &Scoping| !(it.has_role && it.filter_passed);
    let is_unwanted = evidence.import == Import::Delete
        || evidence.scoping.as_ref().is_some_and(is_out_of_scope)
        || (evidence.imported.iter())
            .any(|(name, value)| name == IS_SOFT_DELETED && value == "True");
    changes && is_unwanted
}

/// Of these rows, all of one object side by side, oldest first: one for each object.
pub(super) fn of(rows: impl Iterator<Item = LogRow>) -> Vec<Done> {
    let mut dones: Vec<Done> = Vec::new();
    for row in rows {
        let Some(evidence) = Evidence::decode(&row.evidence) else {
            continue;
        };
        let Some((before, mut after)) = step(&evidence) else {
            continue;
        };
        if evidence.keeping.is_none() && lets_go(&evidence) {
            after = Standing::LetGo;
        }
        match dones.last_mut() {
            Some(done) if done.last.source == evidence.source => {
                done.follow(evidence, row.cycle, after);
            }
            _ => dones.push(Done::begin(evidence, row.cycle, before, after)),
        }
    }
    dones
}

impl Done {
    fn begin(evidence: Evidence, cycle: CycleId, before: Standing, after: Standing) -> Self {
        let mut done = Self {
            target: evidence.target,
            cycle,
            before,
            after,
            is_another: false,
            is_unsure: before == Standing::LetGo && was_matched_anew(&evidence),
            values: Vec::new(),
            members: BTreeMap::new(),
            manager: None,
            last: evidence,
        };
        done.take();
        done
    }

    fn follow(&mut self, evidence: Evidence, cycle: CycleId, after: Standing) {
        self.is_another |= evidence.target.is_some() && evidence.target != self.target;
        self.target = evidence.target.or(self.target);
        // Who is let go and changed with that is told of twice; and changes of who is let go keep nobody.
        let only_changes = matches!(
            evidence.outcome,
            EvidenceOutcome::Updated { adopted: false }
                | EvidenceOutcome::Disabled
                | EvidenceOutcome::ReferencesOnly
        );
        // The job deletes nobody it had let go: who is in the recycle bin is there still.
        let was_let_go = evidence.keeping.is_some_and(|it| !it.before);
        let stays_deleted = self.after == Standing::InRecycleBin
            && was_let_go
            && evidence.outcome == EvidenceOutcome::Released;
        let says = !only_changes || evidence.keeping.is_some() || after == Standing::LetGo;
        if says && !stays_deleted {
            self.after = after;
        }
        (self.last, self.cycle) = (evidence, cycle);
        self.take();
    }

    /// Takes over the last entry's values and references.
    fn take(&mut self) {
        for modified in std::mem::take(&mut self.last.modified) {
            match self.values.iter_mut().find(|it| it.name == modified.name) {
                Some(known) => known.new = modified.new,
                None => self.values.push(modified),
            }
        }
        let members = Attr::MEMBERS.core_name().unwrap_or_default();
        let manager = Attr::MANAGER.core_name().unwrap_or_default();
        for reference in std::mem::take(&mut self.last.references) {
            let (to, is_set) = match reference.state {
                ReferenceState::Set(to) => (to, true),
                ReferenceState::Removed(to) => (to, false),
                ReferenceState::Waiting => continue,
            };
            if reference.name == members {
                let membership = self.members.entry(to).or_insert((!is_set, is_set));
                membership.1 = is_set;
            } else if reference.name == manager {
                let first = Manager {
                    before: match (is_set, reference.fills) {
                        (false, _) => Before::Somebody(to),
                        (true, true) => Before::Nobody,
                        (true, false) => Before::Unknown,
                    },
                    after: None,
                };
                self.manager.get_or_insert(first).after = is_set.then_some(to);
            }
        }
        self.last.imported = Vec::new();
        self.last.scoping = None;
        self.last.matching = None;
    }

    /// By which the log and the report call it.
    pub(super) fn name(&self) -> &Text {
        &self.last.source_name
    }

    /// The job did not keep it in step before, and the log says so.
    pub(super) fn was_let_go(&self) -> bool {
        self.before == Standing::LetGo && !self.is_unsure
    }

    pub(super) fn source(&self) -> ObjectId {
        self.last.source
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syncline_engine::evidence::{Keeping, Matching, ReferenceEvidence};
    use syncline_model::{EntityKind, JobId, Timestamp};

    fn id(number: u128) -> ObjectId {
        ObjectId::from_bytes(number.to_be_bytes())
    }

    fn row(outcome: EvidenceOutcome, target: u128, values: &[(&str, &str, &str)]) -> LogRow {
        let modified = values.iter().map(|(name, old, new)| Modified {
            name: (*name).into(),
            old: Some((*old).into()),
            new: Some((*new).into()),
        });
        let evidence = Evidence {
            kind: EntityKind::User,
            source: id(1),
            source_display_name: "Ana".into(),
            source_name: "ana".into(),
            import: Import::Update,
            imported: Vec::new(),
            scoping: None,
            matching: None,
            target: Some(id(target)),
            target_display_name: "Ana".into(),
            target_name: "ana".into(),
            outcome,
            keeping: None,
            modified: modified.collect(),
            references: Vec::new(),
            source_system: "Contoso".into(),
            target_system: "Fabrikam".into(),
        };
        LogRow {
            id: id(7),
            job: JobId("job".to_owned()),
            cycle: CycleId::from_bytes([1; 16]),
            change: id(7),
            at: Timestamp::from_seconds(0),
            duration_ms: 0,
            evidence: evidence.encode(),
        }
    }

    fn net(rows: Vec<LogRow>) -> Done {
        let mut dones = of(rows.into_iter());
        assert_eq!(dones.len(), 1);
        dones.remove(0)
    }

    #[test]
    fn of_several_changes_of_a_value_the_first_and_the_last_count() {
        let updated = || EvidenceOutcome::Updated { adopted: false };
        let done = net(vec![
            row(
                updated(),
                2,
                &[("city", "Porto", "Faro"), ("title", "a", "b")],
            ),
            row(updated(), 2, &[("city", "Faro", "Braga")]),
        ]);
        let values = done.values.iter().map(|it| {
            let text = |it: &Option<Text>| it.as_ref().map(ToString::to_string).unwrap();
            (it.name.to_string(), text(&it.old), text(&it.new))
        });
        let values: Vec<_> = values.collect();
        let expected = [("city", "Porto", "Braga"), ("title", "a", "b")];
        assert_eq!(
            values,
            expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()))
        );
        assert_eq!((done.before, done.after), (Standing::Kept, Standing::Kept));
    }

    #[test]
    fn who_came_and_went_is_where_he_was() {
        let done = net(vec![
            row(EvidenceOutcome::Created, 2, &[]),
            row(EvidenceOutcome::SoftDeleted, 2, &[]),
        ]);
        let ends = (done.before, done.after);
        assert_eq!(ends, (Standing::NotThere, Standing::InRecycleBin));
        assert!(!done.is_another);
    }

    /// Versions before said so of whom a restart with `Full` had matched anew, too.
    #[test]
    fn of_whoever_was_linked_and_matched_it_is_known_whether_he_was_kept_if_it_is_said() {
        let unsure = |import, attribute: Option<(Text, Text)>, keeping| {
            let mut row = row(EvidenceOutcome::Updated { adopted: true }, 2, &[]);
            let mut evidence = Evidence::decode(&row.evidence).unwrap();
            evidence.import = import;
            evidence.keeping = keeping;
            let found = vec![id(2)];
            evidence.matching = Some(Matching { attribute, found });
            row.evidence = evidence.encode();
            net(vec![row]).is_unsure
        };
        let anchor = || Some((Text::fixed("alternativeSecurityIds"), Text::fixed("x")));
        let taken_up = Keeping {
            before: false,
            after: true,
        };
        assert!(unsure(Import::Update, anchor(), None));
        assert!(!unsure(Import::Update, anchor(), Some(taken_up)));
        assert!(!unsure(Import::Add, anchor(), None));
        assert!(!unsure(Import::Update, None, None));
    }

    #[test]
    fn who_was_kept_or_is_since_is_as_the_entry_says() {
        let ends = |outcome, before, after| {
            let mut row = row(outcome, 2, &[]);
            let mut evidence = Evidence::decode(&row.evidence).unwrap();
            evidence.keeping = Some(Keeping { before, after });
            row.evidence = evidence.encode();
            let done = net(vec![row]);
            (done.before, done.after)
        };
        let (kept, let_go) = (Standing::Kept, Standing::LetGo);
        let disabled = EvidenceOutcome::Disabled;
        assert_eq!(ends(disabled.clone(), true, false), (kept, let_go));
        assert_eq!(ends(disabled, false, false), (let_go, let_go));
        let deleted = EvidenceOutcome::SoftDeleted;
        let in_bin = Standing::InRecycleBin;
        assert_eq!(ends(deleted, false, false), (let_go, in_bin));
    }

    #[test]
    fn who_is_made_anew_is_another() {
        let done = net(vec![
            row(EvidenceOutcome::SoftDeleted, 2, &[]),
            row(EvidenceOutcome::Created, 3, &[]),
        ]);
        assert!(done.is_another);
        assert_eq!((done.before, done.target), (Standing::Kept, Some(id(3))));
    }

    /// Versions before logged nothing but the change.
    #[test]
    fn what_is_changed_of_whom_nobody_wants_keeps_him_not() {
        let after = |change: fn(&mut Evidence)| {
            let mut row = row(
                EvidenceOutcome::Disabled,
                2,
                &[("accountEnabled", "True", "False")],
            );
            let mut evidence = Evidence::decode(&row.evidence).unwrap();
            evidence.scoping = Some(Scoping {
                active: true,
                assigned: true,
                sync_all: false,
                has_role: true,
                filter_passed: true,
                clauses: Vec::new(),
            });
            change(&mut evidence);
            row.evidence = evidence.encode();
            let (alone, behind) = (net(vec![row.clone()]), net(vec![row.clone(), row]));
            assert_eq!((alone.before, alone.after), (behind.before, behind.after));
            alone.after
        };
        assert_eq!(after(|_| {}), Standing::Kept);
        assert_eq!(after(|it| it.import = Import::Delete), Standing::LetGo);
        let unassigned = |it: &mut Evidence| {
            let has_role = false;
            it.scoping = it.scoping.take().map(|it| Scoping { has_role, ..it });
        };
        assert_eq!(after(unassigned), Standing::LetGo);
        let filtered = |it: &mut Evidence| {
            let filter_passed = false;
            it.scoping = it.scoping.take().map(|it| Scoping {
                filter_passed,
                ..it
            });
        };
        assert_eq!(after(filtered), Standing::LetGo);
        let ineligible = |it: &mut Evidence| {
            it.imported = vec![("IsSoftDeleted".into(), "True".into())];
        };
        assert_eq!(after(ineligible), Standing::LetGo);
    }

    #[test]
    fn what_is_changed_when_somebody_is_let_go_keeps_him_not() {
        let done = net(vec![
            row(EvidenceOutcome::Released, 2, &[]),
            row(
                EvidenceOutcome::Disabled,
                2,
                &[("accountEnabled", "True", "False")],
            ),
        ]);
        assert_eq!((done.before, done.after), (Standing::Kept, Standing::LetGo));
    }

    #[test]
    fn who_the_manager_was_is_known_where_the_log_says_it() {
        let manager = |references: &[(ReferenceState, bool)]| {
            let mut row = row(EvidenceOutcome::ReferencesOnly, 2, &[]);
            let mut evidence = Evidence::decode(&row.evidence).unwrap();
            let references = references.iter().map(|(state, fills)| ReferenceEvidence {
                name: "manager".into(),
                source: None,
                state: *state,
                fills: *fills,
            });
            evidence.references = references.collect();
            row.evidence = evidence.encode();
            net(vec![row]).manager.unwrap()
        };
        let [set, removed] = [ReferenceState::Set(id(3)), ReferenceState::Removed(id(4))];
        let after = Some(id(3));
        for (references, before, after) in [
            // As earlier versions told it.
            (&[(set, false)][..], Before::Unknown, after),
            (&[(set, true)], Before::Nobody, after),
            (
                &[(removed, false), (set, false)],
                Before::Somebody(id(4)),
                after,
            ),
            (&[(removed, false)], Before::Somebody(id(4)), None),
            (&[(set, true), (removed, false)], Before::Nobody, None),
        ] {
            assert_eq!(manager(references), Manager { before, after });
        }
    }
}
