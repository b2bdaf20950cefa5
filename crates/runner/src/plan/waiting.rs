//! References in a plan: set at once, set when their object comes into the target, or waiting.

use std::collections::{BTreeMap, HashMap};

use syncline_engine::evidence::ReferenceState;
use syncline_model::job::{Counts, CycleKind, CyclePhase};
use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, IdMap, IdSet, Link, ObjectId, Problem};
use syncline_store::{MembershipsDue, WaitingReference};

use crate::absent::Absent;
use crate::memberships::{Flowing, Links, Write};
use crate::settle::{Fate, Referrers, fate, flowing, forgotten, is_in_target, wanted};
use crate::view::{Decided, View};

const AT_ONCE: usize = 1000;

/// Who waits for whom: the one waited for, the one who waits, and with which target attribute.
type Row = (ObjectId, ObjectId, Attr);

/// What a plan remembers of links and of references that wait.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// The links that would be put, or be gone.
    links: IdMap<ObjectId, Option<Link>>,
    /// Of these, those of whom somebody found out that the target has them no more.
    forgotten: IdMap<ObjectId, Link>,
    /// Whom others refer to and the target has no more.
    lost: BTreeMap<ObjectId, EntityKind>,
    /// Those put, by target object.
    linked_to: IdMap<ObjectId, ObjectId>,
    /// Source objects that came into the target.
    arrived: IdSet<ObjectId>,
    /// Rows in the store that would be gone.
    gone: IdSet<Row>,
    /// Rows that would be added.
    added: IdSet<Row>,
    /// Where the walk is that decides.
    pub(super) walk: Option<(CycleKind, CyclePhase)>,
    /// Whose memberships would be due.
    due: BTreeMap<ObjectId, EntityKind>,
}

/// What would become of a decision's references.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct References {
    /// One would be written.
    pub(super) written: bool,
    /// One could not be written: whom it leads to is gone from the target.
    pub(super) failed: bool,
}

/// Links as they are stored, and what would become of them.
pub(super) struct Foreseen<'w, 'v, 'c> {
    waiting: &'w Waiting,
    removals: &'w HashMap<ObjectId, EntityKind>,
    view: &'w View<'v, 'c>,
}

impl Links for Foreseen<'_, '_, '_> {
    fn of(&self, sources: &[ObjectId]) -> Result<IdMap<ObjectId, Link>, Problem> {
        self.waiting.links_of(self.view, sources)
    }

    fn to(&self, targets: &[ObjectId]) -> Result<Vec<(ObjectId, ObjectId)>, Problem> {
        let foreseen = &self.waiting.linked_to;
        let (known, others): (Vec<ObjectId>, Vec<ObjectId>) =
            targets.iter().partition(|it| foreseen.contains_key(it));
        let mut sources = self.view.to(&others)?;
        let known = known.iter();
        sources.extend(known.filter_map(|target| Some((*target, *foreseen.get(target)?))));
        Ok(sources)
    }

    fn staged(&self, sources: &[ObjectId]) -> Result<IdSet<ObjectId>, Problem> {
        let staged = sources.iter().filter(|it| self.removals.contains_key(it));
        Ok(staged.copied().collect())
    }
}

impl Waiting {
    /// Follows the decisions of a page; says for each what would become of its references.
    pub(super) fn page(
        &mut self,
        view: &View<'_, '_>,
        decided: &[Decided],
        targets: &[Option<ObjectId>],
        counts: &mut Counts,
    ) -> Result<Vec<References>, Problem> {
        self.links(view, decided, targets)?;
        let references = || decided.iter().flat_map(|it| &it.decision.references);
        let sources: IdSet<ObjectId> = references()
            .flat_map(|it| it.sources.iter().copied())
            .collect();
        let present = self.in_target(view, sources)?;
        let current: Vec<ObjectId> = references()
            .filter(|it| it.sources.iter().any(|id| !present.contains_key(id)))
            .flat_map(|it| it.current.iter().copied())
            .collect();
        let holders = view.reader.links_to(view.tenant, view.job, &current)?;
        let known: IdMap<ObjectId, ObjectId> = holders
            .into_iter()
            .flatten()
            .map(|link| (link.target, link.source))
            .collect();

        let mut writes = Vec::new();
        let mut redecided: IdSet<(ObjectId, Attr)> = IdSet::default();
        let mut rows: Vec<Row> = Vec::new();
        for (at, (decided, target)) in decided.iter().zip(targets).enumerate() {
            let Some(target) = *target else { continue };
            let decision = &decided.decision;
            let rule = view.configuration.rule_for(decision.kind);
            if decided.link.is_some() {
                redecided.extend(flowing(rule, decided).map(|attr| (decision.source, attr)));
            }
            let kind = rule.map_or(decision.kind, |rule| rule.target);
            for reference in &decision.references {
                let absent = reference
                    .sources
                    .iter()
                    .filter(|it| !present.contains_key(it));
                rows.extend(absent.map(|it| (*it, decision.source, reference.attr)));
                writes.extend(wanted(at, kind, target, reference, &present, &known));
            }
        }
        let ends = writes.iter().filter_map(|it| present.get(&it.source?));
        let absent = self.absent(view, ends)?;
        let mut become_of = vec![References::default(); decided.len()];
        for write in writes {
            let references = &mut become_of[write.at];
            match write.state {
                ReferenceState::Set(to) if absent.gone.contains(&to) => {
                    references.failed = true;
                    if let Some(link) = write.source.and_then(|source| present.get(&source)) {
                        self.lost.insert(link.source, link.kind);
                        self.forget(view, link);
                    }
                    continue;
                }
                ReferenceState::Set(_) => counts.references_set += 1,
                ReferenceState::Removed(_) => counts.references_removed += 1,
                ReferenceState::Waiting => continue,
            }
            references.written = true;
        }
        let sources: IdSet<ObjectId> = redecided.iter().map(|(source, _)| *source).collect();
        let waited = self.of(view, sources)?;
        for row in waited {
            if redecided.contains(&(row.1, row.2)) {
                self.remove(row);
            }
        }
        for row in rows {
            if !self.gone.remove(&row) {
                self.added.insert(row);
            }
        }
        Ok(become_of)
    }

    /// Which of these links, but for those that the plan itself has put, lead to nobody who can be
    /// referred to.
    fn absent<'l>(
        &self,
        view: &View<'_, '_>,
        links: impl Iterator<Item = &'l Link>,
    ) -> Result<Absent, Problem> {
        let own = links.filter(|link| !self.links.contains_key(&link.source));
        let kind = |link: &Link| view.configuration.target_kind(link.kind);
        Absent::among(view, own.map(|link| (kind(link), link.target)))
    }

    /// The target has found that it does not have this one any more.
    fn forget(&mut self, view: &View<'_, '_>, link: &Link) {
        if let Some(link) = forgotten(link, view.now) {
            self.links.insert(link.source, Some(link.clone()));
            self.forgotten.insert(link.source, link);
        }
    }

    /// Links that decisions go by from now on, instead of those that are stored.
    pub(super) fn forgotten(&self) -> &IdMap<ObjectId, Link> {
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

    pub(super) fn note_due(&mut self, rows: &[MembershipsDue]) {
        self.due
            .extend(rows.iter().map(|row| (row.source, row.kind)));
    }

    /// Whose memberships would be due.
    pub(super) fn due(&self) -> &BTreeMap<ObjectId, EntityKind> {
        &self.due
    }

    /// The links that there would be, with these removals staged.
    pub(super) fn foreseen<'w, 'v, 'c>(
        &'w self,
        view: &'w View<'v, 'c>,
        removals: &'w HashMap<ObjectId, EntityKind>,
    ) -> Foreseen<'w, 'v, 'c> {
        Foreseen {
            waiting: self,
            removals,
            view,
        }
    }

    fn links_of(
        &self,
        view: &View<'_, '_>,
        sources: &[ObjectId],
    ) -> Result<IdMap<ObjectId, Link>, Problem> {
        let mut links = view.of(sources)?;
        for source in sources {
            match self.links.get(source) {
                Some(Some(link)) => drop(links.insert(*source, link.clone())),
                Some(None) => drop(links.remove(source)),
                None => {}
            }
        }
        Ok(links)
    }

    /// Whether a source object would have come into the target.
    pub(super) fn has_arrived(&self, source: &ObjectId) -> bool {
        self.arrived.contains(source)
    }

    fn links(
        &mut self,
        view: &View<'_, '_>,
        decided: &[Decided],
        targets: &[Option<ObjectId>],
    ) -> Result<(), Problem> {
        let mut left = IdSet::default();
        let mut made_anew = Vec::new();
        let flowing = Flowing::of(view.configuration);
        for (decided, target) in decided.iter().zip(targets) {
            let source = decided.decision.source;
            let fate = fate(view.now, decided, *target);
            let arrival = fate.arrival(decided);
            let kind = decided.decision.kind;
            if flowing.is_some_and(|it| it.are_due(self.walk, kind, arrival)) {
                self.due.insert(source, kind);
            }
            let link = match fate {
                Fate::Same => {
                    if arrival.came {
                        // Out of the recycle bin, it is there as if it had been put.
                        self.links.insert(source, decided.link.clone());
                    }
                    continue;
                }
                Fate::Put(link) => Some(link),
                Fate::Removed => None,
            };
            if arrival.came {
                self.arrived.insert(source);
            }
            if !link.as_ref().is_some_and(|it| it.state == LinkState::Live) {
                left.insert(source);
            }
            let before = decided.link.as_ref();
            if let (Some(before), Some(link)) = (before, &link)
                && before.target != link.target
            {
                made_anew.push(source);
            }
            self.linked_to
                .extend(link.iter().map(|it| (it.target, source)));
            self.links.insert(source, link);
        }
        let waited = self.of(view, left.clone())?;
        waited.into_iter().for_each(|row| self.remove(row));
        for source in &left {
            self.arrived.remove(source);
        }
        for mut referrers in Referrers::of(view.configuration, &made_anew) {
            while let Some(owners) = referrers.next(view)? {
                let links = self.links_of(view, &owners)?;
                self.add(view, referrers.waiting(&links))?;
            }
        }
        Ok(())
    }

    /// Rows that would be added, where they are not there yet.
    fn add(&mut self, view: &View<'_, '_>, waiting: Vec<WaitingReference>) -> Result<(), Problem> {
        let owners = waiting.iter().map(|row| row.source).collect();
        let there: IdSet<Row> = self.of(view, owners)?.into_iter().collect();
        for row in waiting.into_iter().map(key) {
            if !there.contains(&row) && !self.gone.remove(&row) {
                self.added.insert(row);
            }
        }
        Ok(())
    }

    /// Everything that these source objects wait for.
    fn of(&self, view: &View<'_, '_>, sources: IdSet<ObjectId>) -> Result<Vec<Row>, Problem> {
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        let asked: Vec<ObjectId> = sources.iter().copied().collect();
        let stored = view.reader.waiting_of(view.tenant, view.job, &asked)?;
        let added = self.added.iter().filter(|row| sources.contains(&row.1));
        let rows = stored.into_iter().map(key).chain(added.copied());
        Ok(rows.filter(|row| !self.gone.contains(row)).collect())
    }

    fn remove(&mut self, row: Row) {
        if !self.added.remove(&row) {
            self.gone.insert(row);
        }
    }

    fn in_target(
        &self,
        view: &View<'_, '_>,
        sources: IdSet<ObjectId>,
    ) -> Result<IdMap<ObjectId, Link>, Problem> {
        let sources: Vec<ObjectId> = sources.into_iter().collect();
        let mut links = self.links_of(view, &sources)?;
        links.retain(|_, link| is_in_target(link.state));
        Ok(links)
    }

    /// References whose object came into the target are set; those whose own object is not kept in
    /// step wait no more.
    pub(super) fn drain(
        &mut self,
        view: &View<'_, '_>,
        counts: &mut Counts,
    ) -> Result<(), Problem> {
        let ready = view
            .reader
            .ready_references(view.tenant, view.job, None, usize::MAX >> 1)?;
        let mut woken: IdSet<ObjectId> = ready.iter().map(|row| row.waits_for).collect();
        woken.extend(&self.arrived);
        let woken: Vec<ObjectId> = woken.into_iter().collect();
        for some in woken.chunks(AT_ONCE) {
            let rows = view.reader.waiting_for(view.tenant, view.job, some)?;
            let rows: Vec<Row> = rows.into_iter().map(key).collect();
            let rows: Vec<Row> = rows
                .into_iter()
                .filter(|row| !self.gone.contains(row))
                .collect();
            self.set(view, rows, counts)?;
        }
        let added: Vec<Row> = self.added.iter().copied().collect();
        for some in added.chunks(AT_ONCE) {
            self.set(view, some.to_vec(), counts)?;
        }
        Ok(())
    }

    fn set(
        &mut self,
        view: &View<'_, '_>,
        rows: Vec<Row>,
        counts: &mut Counts,
    ) -> Result<(), Problem> {
        let ends = rows.iter().flat_map(|row| [row.0, row.1]).collect();
        let present = self.in_target(view, ends)?;
        let absent = self.absent(view, present.values())?;
        for row in rows {
            let Some(to) = present.get(&row.0) else {
                continue;
            };
            let owner = present.get(&row.1);
            if owner.is_some_and(|owner| {
                owner.state == LinkState::Live
                    && !absent.gone.contains(&to.target)
                    && absent.lives(&owner.target)
            }) {
                counts.references_set += 1;
            }
            self.remove(row);
        }
        Ok(())
    }

    /// How many more wait than before.
    pub(super) fn change(&self) -> i64 {
        let count = |rows: &IdSet<Row>| i64::try_from(rows.len()).unwrap_or(i64::MAX);
        count(&self.added) - count(&self.gone)
    }
}

fn key(row: WaitingReference) -> Row {
    (row.waits_for, row.source, row.attr)
}
