//! What the target has of those between whom references would be set: asked for each of them once.

use syncline_engine::TargetObject;
use syncline_model::link::LinkState;
use syncline_model::{Attr, IdMap, IdSet, Link, ObjectId, Problem};

use super::links::PlannedLinks;
use super::waiting::Row;
use crate::view::View;
use crate::view::absent::{Absent, look};

/// Owner, attribute and whom it refers to: both as target objects.
type Reference = (ObjectId, Attr, ObjectId);

#[derive(Debug, Default)]
pub(super) struct Standing {
    absent: Absent,
    there: IdSet<Reference>,
    /// Owners that refer to somebody, by attributes of which the target's own are left alone.
    filled: IdSet<(ObjectId, Attr)>,
}

impl Standing {
    /// `own`: the links into the target of those in these rows that have one; `present`: the same, and those of jobs
    /// beside this one.
    pub(super) fn of(
        view: &View<'_, '_>,
        links: &PlannedLinks,
        rows: &[Row],
        (own, present): (&IdMap<ObjectId, Link>, &IdMap<ObjectId, Link>),
    ) -> Result<Self, Problem> {
        let configuration = view.configuration;
        let mut wanted: IdMap<ObjectId, Vec<(Attr, ObjectId)>> = IdMap::default();
        let mut only_filled: IdMap<ObjectId, Vec<Attr>> = IdMap::default();
        for row in rows {
            let (Some(to), Some(owner)) = (present.get(&row.0), own.get(&row.1)) else {
                continue;
            };
            if owner.target != owner.source && configuration.only_fills(owner.kind, row.2) {
                only_filled.entry(owner.target).or_default().push(row.2);
            }
            // Those that would be created have nothing there, and nobody refers to them.
            if [to, owner].iter().all(|it| it.target != it.source) {
                let wanted = wanted.entry(owner.target).or_default();
                wanted.push((row.2, to.target));
            }
        }
        // Those that the plan itself has put are there, and asked for nothing but their references.
        let put: IdSet<ObjectId> = own
            .values()
            .filter(|link| links.has_put(&link.source))
            .map(|link| link.target)
            .collect();
        let asked = own
            .values()
            .filter(|link| {
                let of = &link.target;
                !put.contains(of) || wanted.contains_key(of) || only_filled.contains_key(of)
            })
            .map(|link| (configuration.target_kind(link.kind), link.target));
        let mut standing = Self::default();
        look(view, asked, |target, found| {
            if !put.contains(&target) {
                standing.absent.note(target, found);
            }
            let wanted = wanted.get(&target).into_iter().flatten();
            let there = wanted.filter(|(attr, to)| found.is_some_and(|it| refers(it, *attr, to)));
            standing
                .there
                .extend(there.map(|(attr, to)| (target, *attr, *to)));
            let filled = only_filled.get(&target).into_iter().flatten();
            let filled = filled.filter(|attr| found.is_some_and(|it| it.has_reference(**attr)));
            standing.filled.extend(filled.map(|attr| (target, *attr)));
        })?;
        Ok(standing)
    }

    /// Whether the target would not find whom a reference leads to.
    pub(super) fn is_gone(&self, to: &Link) -> bool {
        self.absent.gone.contains(&to.target)
    }

    /// Whether a reference between these two would be written: it can be, and is not there yet. `led`: whom the
    /// owner refers to, where the plan knows better. `only_fills`: whether another one that is there is left alone.
    pub(super) fn lacks(
        &self,
        owner: &Link,
        attr: Attr,
        to: &Link,
        led: Option<Option<ObjectId>>,
        only_fills: bool,
    ) -> bool {
        owner.state == LinkState::Live
            && self.absent.lives(&owner.target)
            && !self.is_gone(to)
            // Whoever is linked again may have it already.
            && match led {
                Some(led) if only_fills => led.is_none(),
                Some(led) => led != Some(to.target),
                None if only_fills => !self.filled.contains(&(owner.target, attr)),
                None => !self.there.contains(&(owner.target, attr, to.target)),
            }
    }
}

fn refers(owner: &TargetObject, attr: Attr, to: &ObjectId) -> bool {
    let of_attr = owner.references.iter().filter(|(it, _)| *it == attr);
    of_attr.flat_map(|(_, there)| there).any(|it| it == to)
}
