//! Adds up what is undone, and what is not.

use std::collections::BTreeMap;

use syncline_engine::evidence::Modified;
use syncline_engine::{Action, Decision};
use syncline_model::job::Counts;
use syncline_model::{JobId, ObjectId, Problem, Text};

use super::Undo;
use super::decide::{Reversal, Verdict};
use super::done::Done;
use super::judge::Judged;
use super::references::{self, Wanted};
use super::report::{Left, Undone};
use crate::shown::Shown;
use crate::view::View;
use crate::{AttributePlan, Example, GroupPlan, PlannedChange, PlannedObject};

/// Examples of each attribute, and members named of each group.
const EXAMPLES: usize = 3;

/// What one page has done.
#[derive(Debug, Default)]
pub(super) struct Page {
    counts: Counts,
    let_go: u64,
    already: u64,
    removals: u64,
    shown: Vec<PlannedObject>,
    left: Vec<Left>,
    leavers: Vec<Left>,
    groups: Vec<GroupPlan>,
}

/// A membership that is put back.
pub(super) struct Member {
    pub(super) name: Text,
    pub(super) adds: bool,
}

impl Page {
    /// Nothing is to be done with it, but that this stays as it is.
    pub(super) fn as_before(&mut self, done: &Done, left: Vec<String>) {
        if left.is_empty() {
            // Of whose references were changed it is not known yet.
            self.already += u64::from(!references::are_changed(done));
        } else {
            self.impossible(done, left.join("; "));
        }
    }

    pub(super) fn impossible(&mut self, done: &Done, reason: String) {
        self.left.push(told(done, reason));
    }

    /// What has become of it.
    pub(super) fn undone(
        &mut self,
        done: &Done,
        decision: &Decision,
        lets_go: bool,
        left: Vec<String>,
    ) {
        let (action, modified) = (&decision.action, &decision.evidence.modified);
        if let Action::Fail(failure) = action {
            self.counts.escrowed += 1;
            self.impossible(done, format!("{}: {}", failure.code, failure.reason));
            return;
        }
        self.action(done, action, modified, lets_go, left);
    }

    /// `lets_go`: the job had taken it up, and keeps it in step no more.
    fn action(
        &mut self,
        done: &Done,
        action: &Action,
        modified: &[Modified],
        lets_go: bool,
        left: Vec<String>,
    ) {
        let word = word(action, lets_go);
        self.let_go += u64::from(lets_go);
        match word {
            "delete" => self.counts.deleted += 1,
            "restore" => self.counts.restored += 1,
            "disable" => self.counts.disabled += 1,
            "release" if modified.is_empty() => {}
            // The link alone follows what somebody else did.
            "" => {
                self.already += 1;
                return;
            }
            _ => self.counts.updated += 1,
        }
        self.removals += u64::from(action.is_removal());
        self.shown.push(PlannedObject {
            id: done.source(),
            kind: done.last.kind.engine_name().to_owned(),
            name: done.name().clone(),
            action: word.to_owned(),
            reason: None,
            changes: modified.iter().map(PlannedChange::from).collect(),
        });
        if !left.is_empty() {
            self.impossible(done, left.join("; "));
        }
    }

    pub(super) fn members(&mut self, done: &Done, members: impl Iterator<Item = Member>) {
        let mut group = GroupPlan {
            id: done.source(),
            name: done.name().clone(),
            added: 0,
            removed: 0,
            first_added: Vec::new(),
            first_removed: Vec::new(),
        };
        for Member { name, adds } in members {
            let (count, first) = match adds {
                true => (&mut group.added, &mut group.first_added),
                false => (&mut group.removed, &mut group.first_removed),
            };
            *count += 1;
            if first.len() < EXAMPLES {
                first.push(name);
            }
        }
        self.counts.references_set += group.added;
        self.counts.references_removed += group.removed;
        if group.added + group.removed > 0 {
            self.groups.push(group);
        }
    }

    pub(super) fn manager(&mut self, done: &Done, old: Option<Text>, new: Option<Text>) {
        match new {
            Some(_) => self.counts.references_set += 1,
            None => self.counts.references_removed += 1,
        }
        self.shown.push(PlannedObject {
            id: done.source(),
            kind: done.last.kind.engine_name().to_owned(),
            name: done.name().clone(),
            action: "update".to_owned(),
            reason: None,
            changes: vec![PlannedChange {
                name: Text::fixed("manager"),
                old,
                new,
            }],
        });
    }
}

fn told(done: &Done, reason: String) -> Left {
    Left {
        id: done.source(),
        kind: done.last.kind.engine_name().to_owned(),
        name: done.name().clone(),
        reason,
    }
}

/// All pages together.
#[derive(Debug, Default)]
pub(super) struct Tally {
    show: usize,
    sum: Page,
    attributes: BTreeMap<Text, AttributePlan>,
    shown: Shown,
    left_of: u64,
    leavers_of: u64,
    groups_of: u64,
    /// The one that the last page ended with.
    last_group: Option<ObjectId>,
}

impl Tally {
    pub(super) fn new(show: usize) -> Self {
        Self {
            show,
            shown: Shown::new(show),
            ..Self::default()
        }
    }

    pub(super) fn counts(&self) -> Counts {
        self.sum.counts
    }

    pub(super) fn removals(&self) -> u64 {
        self.sum.removals
    }

    /// A page that is not carried out.
    pub(super) fn foresee(&mut self, dones: &[Done], judged: &[Judged]) {
        let mut page = Page::default();
        for (done, judged) in dones.iter().zip(judged) {
            match &judged.verdict {
                Verdict::AsBefore { left } => page.as_before(done, left.clone()),
                Verdict::Impossible(why) => page.impossible(done, why.clone()),
                Verdict::Undo(Reversal {
                    action,
                    modified,
                    lets_go,
                    left,
                }) => page.action(done, action, modified, *lets_go, left.clone()),
            }
        }
        self.add(page);
    }

    pub(super) fn foresee_leavers(&mut self, leavers: Vec<(&Done, &str)>) {
        let leavers = leavers.into_iter();
        self.add(Page {
            leavers: leavers
                .map(|(done, why)| told(done, why.to_owned()))
                .collect(),
            ..Page::default()
        });
    }

    pub(super) fn foresee_references(
        &mut self,
        view: &View<'_, '_>,
        dones: &[Done],
        wanted: Wanted,
    ) -> Result<(), Problem> {
        let page = references::told(view, dones, &wanted.writes, wanted.left)?;
        self.add(page);
        Ok(())
    }

    pub(super) fn add(&mut self, page: Page) {
        let (sum, more) = (&mut self.sum.counts, &page.counts);
        sum.updated += more.updated;
        sum.disabled += more.disabled;
        sum.deleted += more.deleted;
        sum.restored += more.restored;
        sum.escrowed += more.escrowed;
        sum.references_set += more.references_set;
        sum.references_removed += more.references_removed;
        self.sum.let_go += page.let_go;
        self.sum.already += page.already;
        self.sum.removals += page.removals;
        for object in page.shown {
            for change in &object.changes {
                self.attribute(change, &object.name);
            }
            let action = object.action.clone();
            self.shown.add(&action, || object);
        }
        for left in page.left {
            self.left_of += 1;
            if self.sum.left.len() < self.show {
                self.sum.left.push(left);
            }
        }
        for leaver in page.leavers {
            self.leavers_of += 1;
            if self.sum.leavers.len() < self.show {
                self.sum.leavers.push(leaver);
            }
        }
        for group in page.groups {
            self.group(group);
        }
    }

    /// A large group comes in several pages, one behind the other.
    fn group(&mut self, more: GroupPlan) {
        let goes_on = self.last_group.replace(more.id) == Some(more.id);
        let last = self.sum.groups.last_mut().filter(|it| it.id == more.id);
        if let Some(group) = last {
            group.added += more.added;
            group.removed += more.removed;
            for (first, more) in [
                (&mut group.first_added, more.first_added),
                (&mut group.first_removed, more.first_removed),
            ] {
                let room = EXAMPLES.saturating_sub(first.len());
                first.extend(more.into_iter().take(room));
            }
            return;
        }
        self.groups_of += u64::from(!goes_on);
        if !goes_on && self.sum.groups.len() < self.show {
            self.sum.groups.push(more);
        }
    }

    fn attribute(&mut self, change: &PlannedChange, object: &Text) {
        // Deleting and restoring are counted as what they are.
        if change.name == "IsSoftDeleted" {
            return;
        }
        let known = self.attributes.entry(change.name.clone());
        let attribute = known.or_insert_with(|| AttributePlan {
            name: change.name.clone(),
            ..AttributePlan::default()
        });
        match change.new {
            None => attribute.cleared += 1,
            Some(_) => attribute.changed += 1,
        }
        if attribute.examples.len() < EXAMPLES {
            attribute.examples.push(Example {
                object: object.clone(),
                old: change.old.clone(),
                new: change.new.clone(),
            });
        }
    }

    pub(super) fn report(self, job: &JobId, undo: &Undo) -> Undone {
        let mut attributes: Vec<AttributePlan> = self.attributes.into_values().collect();
        attributes.sort_by_key(|it| std::cmp::Reverse(it.changed + it.cleared));
        let (shown, shown_of) = self.shown.take();
        Undone {
            counts: self.sum.counts,
            let_go: self.sum.let_go,
            already: self.sum.already,
            removals: self.sum.removals,
            attributes,
            shown,
            shown_of,
            groups: self.sum.groups,
            groups_of: self.groups_of,
            left: self.sum.left,
            left_of: self.left_of,
            leavers: self.sum.leavers,
            leavers_of: self.leavers_of,
            ..Undone::nothing(job, undo)
        }
    }
}

fn word(action: &Action, lets_go: bool) -> &'static str {
    match action {
        Action::SoftDelete { .. } => "delete",
        Action::Restore { .. } => "restore",
        Action::Release { .. } if lets_go => "release",
        Action::Unchanged { adopt: true, .. } => "link",
        Action::Unchanged { adopt: false, .. } => "",
        action if action.only_disables() => "disable",
        _ => "update",
    }
}
