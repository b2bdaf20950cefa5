//! The links that there would be: those that are stored, and what becomes of them in a plan.

use std::collections::{BTreeMap, HashMap};

use syncline_model::{EntityKind, IdMap, IdSet, Link, ObjectId, Problem};

use crate::beside;
use crate::memberships::{Links, Write, sources_of};
use crate::settle::{forgotten, is_in_target};
use crate::view::View;
use crate::view::absent::Absent;

#[derive(Debug, Default)]
pub(super) struct PlannedLinks {
    /// Those that would be put, or be gone.
    changed: IdMap<ObjectId, Option<Link>>,
    /// Those put, by target object.
    by_target: IdMap<ObjectId, ObjectId>,
    /// Those changed that decisions go by: somebody found out that the target has them no more, they made room, or
    /// were put ahead of a removal that is decided again.
    forgotten: IdMap<ObjectId, Option<Link>>,
    /// Those whom somebody refers to and the target has no more.
    lost: BTreeMap<ObjectId, EntityKind>,
}

/// Links as they are stored, and what would become of them.
pub(super) struct Foreseen<'w, 'v, 'c> {
    links: &'w PlannedLinks,
    removals: &'w HashMap<ObjectId, EntityKind>,
    view: &'w View<'v, 'c>,
}

impl Links for Foreseen<'_, '_, '_> {
    fn of(&self, sources: &[ObjectId]) -> Result<IdMap<ObjectId, Link>, Problem> {
        self.links.of(self.view, sources)
    }

    fn beside(&self, sources: Vec<ObjectId>) -> Result<IdMap<ObjectId, Link>, Problem> {
        beside::in_target(self.view, sources)
    }

    fn to(&self, targets: &[ObjectId]) -> Result<Vec<(ObjectId, ObjectId)>, Problem> {
        let view = self.view;
        let own = self.links.to(view, targets)?;
        sources_of(view, targets, own)
    }

    fn staged(&self, sources: &[ObjectId]) -> Result<IdSet<ObjectId>, Problem> {
        let staged = sources.iter().filter(|it| self.removals.contains_key(it));
        Ok(staged.copied().collect())
    }
}

impl PlannedLinks {
    /// What becomes of the link of this source object.
    pub(super) fn put(&mut self, source: ObjectId, link: Option<Link>) {
        self.by_target
            .extend(link.iter().map(|it| (it.target, source)));
        self.changed.insert(source, link);
    }

    /// Takes the links of an earlier matching from whoever else leads to these target objects, each of which a
    /// source object is matched with. Those links.
    pub(super) fn make_room(
        &mut self,
        view: &View<'_, '_>,
        matched: &[(ObjectId, ObjectId)],
    ) -> Result<Vec<Link>, Problem> {
        let matching = view.configuration.connected.facts.matching;
        let targets: Vec<ObjectId> = matched.iter().map(|(target, _)| *target).collect();
        let holders = view.reader.links_to(view.tenant, view.job, &targets)?;
        let mut made_room = Vec::new();
        for ((target, source), holder) in matched.iter().zip(holders) {
            let Some(holder) = holder.filter(|it| it.source != *source && it.matching < matching)
            else {
                continue;
            };
            // He may lead to his own by now.
            let still = self.changed.get(&holder.source).is_none_or(|link| {
                let link = link.as_ref();
                link.is_some_and(|it| it.target == *target && it.matching < matching)
            });
            if still {
                self.put(holder.source, None);
                self.forgotten.insert(holder.source, None);
                made_room.push(holder);
            }
            // Who is matched in vain has no link.
            let is_linked =
                |link: &Option<Link>| link.as_ref().is_some_and(|it| it.target == *target);
            if self.changed.get(source).is_some_and(is_linked) {
                self.by_target.insert(*target, *source);
            }
        }
        Ok(made_room)
    }

    /// Whoever decides about this source object again goes by the link that was put for it, if one was.
    pub(super) fn keep(&mut self, source: ObjectId) {
        if let Some(link) = self.changed.get(&source) {
            self.forgotten.insert(source, link.clone());
        }
    }

    /// Whether this source object has made room for another one.
    pub(super) fn has_made_room(&self, source: &ObjectId) -> bool {
        self.forgotten.get(source).is_some_and(Option::is_none)
    }

    /// The links that there would be, with these removals staged.
    pub(super) fn foreseen<'w, 'v, 'c>(
        &'w self,
        view: &'w View<'v, 'c>,
        removals: &'w HashMap<ObjectId, EntityKind>,
    ) -> Foreseen<'w, 'v, 'c> {
        Foreseen {
            links: self,
            removals,
            view,
        }
    }

    /// The links of these source objects.
    pub(super) fn of(
        &self,
        view: &View<'_, '_>,
        sources: &[ObjectId],
    ) -> Result<IdMap<ObjectId, Link>, Problem> {
        let mut links = view.of(sources)?;
        for source in sources {
            match self.changed.get(source) {
                Some(Some(link)) => drop(links.insert(*source, link.clone())),
                Some(None) => drop(links.remove(source)),
                None => {}
            }
        }
        Ok(links)
    }

    /// The links to these target objects, in the order asked.
    pub(super) fn to(
        &self,
        view: &View<'_, '_>,
        targets: &[ObjectId],
    ) -> Result<Vec<Option<Link>>, Problem> {
        let mut own = view.reader.links_to(view.tenant, view.job, targets)?;
        for (target, own) in targets.iter().zip(&mut own) {
            let source = self.by_target.get(target).copied();
            let source = source.or(own.as_ref().map(|link| link.source));
            if let Some(changed) = source.and_then(|it| self.changed.get(&it)) {
                *own = changed.clone().filter(|link| link.target == *target);
            }
        }
        Ok(own)
    }

    /// Those of these that lead into the target.
    pub(super) fn in_target(
        &self,
        view: &View<'_, '_>,
        sources: IdSet<ObjectId>,
    ) -> Result<IdMap<ObjectId, Link>, Problem> {
        let sources: Vec<ObjectId> = sources.into_iter().collect();
        let mut links = self.of(view, &sources)?;
        links.retain(|_, link| is_in_target(link.state));
        Ok(links)
    }

    /// With these, the links by which jobs beside this one have the others of these source objects in the target.
    pub(super) fn with_beside(
        &self,
        view: &View<'_, '_>,
        sources: IdSet<ObjectId>,
        own: &IdMap<ObjectId, Link>,
    ) -> Result<IdMap<ObjectId, Link>, Problem> {
        let others = sources.into_iter().filter(|it| !own.contains_key(it));
        let mut present = beside::in_target(view, others.collect())?;
        present.extend(own.iter().map(|(source, link)| (*source, link.clone())));
        Ok(present)
    }

    /// Whether the plan itself has put the link of this source object.
    pub(super) fn has_put(&self, source: &ObjectId) -> bool {
        self.changed.contains_key(source)
    }

    /// Which of these links, but for those that the plan itself has put, lead to nobody who can be
    /// referred to.
    pub(super) fn absent<'l>(
        &self,
        view: &View<'_, '_>,
        links: impl Iterator<Item = &'l Link>,
    ) -> Result<Absent, Problem> {
        let stored = links.filter(|link| !self.has_put(&link.source));
        let kind = |link: &Link| view.configuration.target_kind(link.kind);
        Absent::among(view, stored.map(|link| (kind(link), link.target)))
    }

    /// Somebody who refers to this one finds that the target has him no more.
    pub(super) fn lose(&mut self, view: &View<'_, '_>, link: &Link) {
        self.lost.insert(link.source, link.kind);
        self.forget(view, link);
    }

    /// Nobody looks at who was released: that the target has him no more, his link says.
    fn forget(&mut self, view: &View<'_, '_>, link: &Link) {
        if let Some(link) = forgotten(link, view.now) {
            self.changed.insert(link.source, Some(link.clone()));
            self.forgotten.insert(link.source, Some(link));
        }
    }

    /// Links that decisions go by from now on, instead of those that are stored.
    pub(super) fn forgotten(&self) -> &IdMap<ObjectId, Option<Link>> {
        &self.forgotten
    }

    /// Those of these memberships that could be written: both ends are there. What the cycle finds out when
    /// it writes the others is found out here as well.
    pub(super) fn possible(
        &mut self,
        view: &View<'_, '_>,
        mut writes: Vec<Write>,
        links: &IdMap<ObjectId, Link>,
    ) -> Result<Vec<Write>, Problem> {
        let ends = writes.iter().flat_map(|write| {
            let member = links.get(&write.source.member);
            [
                links.get(&write.source.group),
                member.filter(|_| write.adds),
            ]
        });
        let absent = self.absent(view, ends.flatten())?;
        writes.retain(|write| {
            let is_gone = write.adds && absent.gone.contains(&write.target.member);
            let group_lives = absent.lives(&write.target.group);
            let member = links.get(&write.source.member);
            if let Some(member) = member.filter(|_| is_gone && group_lives) {
                self.forget(view, member);
            }
            group_lives && !is_gone
        });
        Ok(writes)
    }

    /// Those behind this one who were found to be gone.
    pub(super) fn lost_behind(
        &self,
        after: Option<ObjectId>,
    ) -> impl Iterator<Item = (ObjectId, EntityKind)> + '_ {
        let lost = self
            .lost
            .iter()
            .filter(move |(id, _)| after.is_none_or(|it| **id > it));
        lost.map(|(id, kind)| (*id, *kind))
    }
}
