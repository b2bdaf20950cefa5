//! The groups whose members would change, and the first of those who would be added and removed.

use std::collections::hash_map::Entry;

use syncline_model::{EntityKind, IdMap, ObjectId, Problem, Text};

use super::report::GroupPlan;
use crate::memberships::Write;
use crate::settle;
use crate::view::View;

/// So many are named of those who would be added to a group, and of those removed.
const NAMED: usize = 3;

#[derive(Debug, Default)]
pub(super) struct ChangedGroups {
    show: usize,
    /// Every group that changes, with its place among those shown.
    met: IdMap<ObjectId, Option<usize>>,
    shown: Vec<Changed>,
}

#[derive(Debug)]
struct Changed {
    group: ObjectId,
    added: Side,
    removed: Side,
}

/// How many, and the first few.
#[derive(Debug, Default)]
struct Side {
    count: u64,
    first: Vec<(EntityKind, ObjectId)>,
}

impl ChangedGroups {
    pub(super) fn new(show: usize) -> Self {
        Self {
            show,
            ..Self::default()
        }
    }

    /// One membership that would be written; `kind` is the member's.
    pub(super) fn note(&mut self, write: &Write, kind: EntityKind) {
        let group = write.source.group;
        let at = match self.met.entry(group) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let at = (self.shown.len() < self.show).then_some(self.shown.len());
                self.shown.extend(at.map(|_| Changed {
                    group,
                    added: Side::default(),
                    removed: Side::default(),
                }));
                *new.insert(at)
            }
        };
        let Some(changed) = at.and_then(|at| self.shown.get_mut(at)) else {
            return;
        };
        let side = if write.adds {
            &mut changed.added
        } else {
            &mut changed.removed
        };
        side.count += 1;
        if side.first.len() < NAMED {
            side.first.push((kind, write.source.member));
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.met.len() as u64
    }

    /// With the names that logs show.
    pub(super) fn named(self, view: &View<'_, '_>) -> Result<Vec<GroupPlan>, Problem> {
        let names = |objects: &[(EntityKind, ObjectId)]| -> Result<Vec<Text>, Problem> {
            let names = settle::names(view.configuration, view.reader, objects)?;
            let named = objects.iter().zip(names);
            // Who is gone from the source has no name there any more.
            Ok(named
                .map(|((_, id), names)| match names.name.is_empty() {
                    true => id.to_string().into(),
                    false => names.name,
                })
                .collect())
        };
        let groups: Vec<(EntityKind, ObjectId)> = self
            .shown
            .iter()
            .map(|it| (EntityKind::Group, it.group))
            .collect();
        let groups = names(&groups)?;
        let planned = self.shown.into_iter().zip(groups);
        planned
            .map(|(changed, name)| {
                Ok(GroupPlan {
                    id: changed.group,
                    name,
                    added: changed.added.count,
                    removed: changed.removed.count,
                    first_added: names(&changed.added.first)?,
                    first_removed: names(&changed.removed.first)?,
                })
            })
            .collect()
    }
}
