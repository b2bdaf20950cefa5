//! Target objects that somebody counts on and that are not there as they should be.

use syncline_engine::{LookupQuery, TargetObject};
use syncline_model::{EntityKind, IdSet, ObjectId, Problem};

use super::View;
use crate::unavailable::unavailable;

const AT_ONCE: usize = 1000;

#[derive(Debug, Default)]
pub(crate) struct Absent {
    pub(crate) gone: IdSet<ObjectId>,
    /// Whoever is there can be referred to, and refers to nobody.
    pub(crate) in_recycle_bin: IdSet<ObjectId>,
}

impl Absent {
    /// Asks the target for these objects of its, each once.
    pub(crate) fn among(
        view: &View<'_, '_>,
        objects: impl IntoIterator<Item = (EntityKind, ObjectId)>,
    ) -> Result<Self, Problem> {
        let mut absent = Self::default();
        look(view, objects, |target, found| absent.note(target, found))?;
        Ok(absent)
    }

    /// What the target has of this object, once it was asked.
    pub(crate) fn note(&mut self, target: ObjectId, found: Option<&TargetObject>) {
        match found {
            None => drop(self.gone.insert(target)),
            Some(object) if object.soft_deleted => drop(self.in_recycle_bin.insert(target)),
            Some(_) => {}
        }
    }

    /// Whether it can refer to others.
    pub(crate) fn lives(&self, target: &ObjectId) -> bool {
        !self.gone.contains(target) && !self.in_recycle_bin.contains(target)
    }
}

/// Asks the target for these objects of its, each once, and hands on what it has of each.
pub(crate) fn look(
    view: &View<'_, '_>,
    objects: impl IntoIterator<Item = (EntityKind, ObjectId)>,
    mut see: impl FnMut(ObjectId, Option<&TargetObject>),
) -> Result<(), Problem> {
    let mut met = IdSet::default();
    let objects = objects
        .into_iter()
        .filter(|(_, target)| met.insert(*target));
    let (targets, queries): (Vec<ObjectId>, Vec<LookupQuery>) = objects
        .map(|(kind, target)| (target, LookupQuery::Linked { kind, target }))
        .unzip();
    let target = &view.configuration.connected.target;
    for (targets, queries) in targets.chunks(AT_ONCE).zip(queries.chunks(AT_ONCE)) {
        let found = target.find(view.reader, queries).map_err(unavailable)?;
        for (target, found) in targets.iter().zip(found) {
            see(*target, found.first());
        }
    }
    Ok(())
}
