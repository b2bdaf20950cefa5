//! References in a plan: set at once, set when their object comes into the target, or waiting.

use std::collections::{BTreeMap, HashMap};

use syncline_engine::Action;
use syncline_engine::evidence::ReferenceState;
use syncline_model::job::{Counts, CycleKind, CyclePhase};
use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, IdMap, IdSet, Link, ObjectId, Problem};
use syncline_store::{MembershipsDue, WaitingReference};

use super::added::Added;
use super::links::PlannedLinks;
use super::owed::Owed;
use super::standing::Standing;
use crate::beside;
use crate::memberships::Flowing;
use crate::settle::{
    Fate, Led, Misled, Referrers, Wrong, fate, flowing, is_in_target, is_matching, leading,
    memberships_due, misled_by, moved, owners, settles_references, still_to_come, unwanted, wanted,
};
use crate::view::{Decided, View};

const AT_ONCE: usize = 1000;

/// Who waits for whom: the one waited for, the one who waits, and with which target attribute.
pub(super) type Row = (ObjectId, ObjectId, Attr);

/// What a plan remembers of references that wait, and of the links they wait for.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) links: PlannedLinks,
    /// Source objects that came into the target.
    arrived: IdSet<ObjectId>,
    /// Rows in the store that would be gone.
    gone: IdSet<Row>,
    added: Added,
    pub(super) owed: Owed,
    /// Where the walk is that decides.
    pub(super) walk: Option<(CycleKind, CyclePhase)>,
    /// Whose memberships would be due.
    due: BTreeMap<ObjectId, EntityKind>,
    /// Whom references of source objects would lead to once they were set by a link of an earlier matching;
    /// `None` where that made room. The same of those that waited and are set only while there is none.
    led: HashMap<(ObjectId, Attr), Option<ObjectId>>,
}

/// What would become of a decision's references.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct References {
    /// One would be written.
    pub(super) written: bool,
    /// One could not be written: whom it leads to is gone from the target.
    pub(super) failed: bool,
}

impl Waiting {
    /// Follows those of a page who would fail, and be tried once more: until then nobody can refer to who is gone.
    pub(super) fn put_off(
        &mut self,
        view: &View<'_, '_>,
        failed: &[Decided],
    ) -> Result<(), Problem> {
        // Who was to be created is in nobody's way.
        self.settle(view, failed.iter().map(|it| (it, None)))?;
        Ok(())
    }

    /// Follows the decisions of a page; says for each what would become of its references. `aside`: what the
    /// page puts aside, to be decided again.
    pub(super) fn page(
        &mut self,
        view: &View<'_, '_>,
        aside: &[Decided],
        decided: &[Decided],
        targets: &[Option<ObjectId>],
        counts: &mut Counts,
    ) -> Result<Vec<References>, Problem> {
        // Whoever is matched anew and is to be switched off is linked at once: what is his nobody else keeps.
        let anew = || aside.iter().filter(|it| it.matched_anew().is_some());
        let linked = anew().map(|it| (it, it.matched_anew()));
        let carried = decided.iter().zip(targets.iter().copied());
        let wrong = self.settle(view, linked.chain(carried))?;
        anew().for_each(|it| self.links.keep(it.decision.source));
        let references = || decided.iter().flat_map(|it| &it.decision.references);
        let sources: IdSet<ObjectId> = references()
            .flat_map(|it| it.sources.iter().copied())
            .collect();
        let own = self.links.in_target(view, sources.clone())?;
        let present = self.links.with_beside(view, sources, &own)?;
        let current: Vec<ObjectId> = references()
            .filter(|it| it.sources.iter().any(|id| !present.contains_key(id)))
            .flat_map(|it| it.current.iter().copied())
            .collect();
        let holders = self.links.to(view, &current)?;
        let known = beside::sources_to(view, &current, holders)?;
        let known: IdMap<ObjectId, ObjectId> = known.into_iter().collect();

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
        let ends = writes.iter().filter_map(|it| own.get(&it.source?));
        let absent = self.links.absent(view, ends)?;
        let mut become_of = vec![References::default(); decided.len()];
        for write in writes {
            let references = &mut become_of[write.at];
            match write.state {
                ReferenceState::Set(to) if absent.gone.contains(&to) => {
                    let is_to_come = is_matching(self.walk);
                    references.failed = !is_to_come;
                    if let Some(link) = write.source.and_then(|source| own.get(&source)) {
                        self.links.lose(view, link);
                        let decision = &decided[write.at].decision;
                        let row = WaitingReference {
                            waits_for: link.source,
                            source: decision.source,
                            kind: decision.kind,
                            attr: write.attr,
                        };
                        if is_to_come {
                            self.owed.await_arrival(key(row));
                        }
                        if is_to_come || self.owed.refuse(view, &row) {
                            rows.push(key(row));
                        }
                    }
                    continue;
                }
                ReferenceState::Set(to) => {
                    counts.references_set += 1;
                    let by = write.source.and_then(|source| present.get(&source));
                    self.note_led(
                        view,
                        (decided[write.at].decision.source, write.attr),
                        to,
                        by,
                    );
                }
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
        if !wrong.is_empty() {
            let decided = settles_references(view.configuration, decided, targets);
            self.let_go(view, &wrong, &decided, counts)?;
        }
        self.settle_owed(view, decided, targets, &become_of, counts)?;
        let settled = decided.iter().zip(&become_of).filter(|(it, references)| {
            let failed = matches!(it.decision.action, Action::Fail(_));
            !failed && !references.failed && it.decision.kind == EntityKind::Group
        });
        let groups: Vec<ObjectId> = settled.map(|(it, _)| it.decision.source).collect();
        self.note_due(&memberships_due(view, &groups, view.now)?);
        Ok(become_of)
    }

    /// Notes whom a reference would lead to by a link of an earlier matching: that may make room.
    fn note_led(
        &mut self,
        view: &View<'_, '_>,
        reference: (ObjectId, Attr),
        to: ObjectId,
        by: Option<&Link>,
    ) {
        let matching = view.configuration.connected.facts.matching;
        let by_old_link = by.is_some_and(|link| link.matching < matching);
        if by_old_link || self.led.contains_key(&reference) {
            self.led.insert(reference, Some(to));
        }
    }

    /// Counts the references by wrong links that would be removed.
    fn let_go(
        &mut self,
        view: &View<'_, '_>,
        wrong: &Wrong,
        decided: &IdSet<ObjectId>,
        counts: &mut Counts,
    ) -> Result<(), Problem> {
        for (mut referrers, led, amends) in misled_by(wrong, view.configuration) {
            while let Some(misled) = self.misled(view, &mut referrers, decided, &led)? {
                if amends.wait {
                    self.add(view, referrers.waiting_misled(&misled))?;
                }
                if amends.remove {
                    self.forget(misled, referrers.target_attr(), counts);
                }
            }
        }
        Ok(())
    }

    /// References that would be removed.
    fn forget(&mut self, misled: Vec<Misled>, attr: Attr, counts: &mut Counts) {
        counts.references_removed += misled.len() as u64;
        let owners = misled.into_iter().map(|it| it.owner.source);
        self.led.extend(owners.map(|owner| ((owner, attr), None)));
    }

    /// A slice of those whom these links would have misled.
    fn misled(
        &self,
        view: &View<'_, '_>,
        referrers: &mut Referrers,
        decided: &IdSet<ObjectId>,
        led: &Led,
    ) -> Result<Option<Vec<Misled>>, Problem> {
        let Some(found) = referrers.next(view)? else {
            return Ok(None);
        };
        let attr = referrers.target_attr();
        let links = self.links.of(view, &owners(&found))?;
        let still_to_come = still_to_come(view.configuration, self.walk);
        let misled = referrers.misled(&found, &links, still_to_come, decided, led);
        let planned = |it: &Misled| self.led.get(&(it.owner.source, attr));
        let (planned_ones, others): (Vec<Misled>, Vec<Misled>) =
            misled.into_iter().partition(|it| planned(it).is_some());
        let mut misled = leading(view, others, attr)?;
        let leads = |it: &Misled| planned(it) == Some(&Some(it.to));
        misled.extend(planned_ones.into_iter().filter(leads));
        Ok(Some(misled))
    }

    pub(super) fn note_due(&mut self, rows: &[MembershipsDue]) {
        self.due
            .extend(rows.iter().map(|row| (row.source, row.kind)));
    }

    /// Whose memberships would be due.
    pub(super) fn due(&self) -> &BTreeMap<ObjectId, EntityKind> {
        &self.due
    }

    /// Whether a source object would have come into the target.
    pub(super) fn has_arrived(&self, source: &ObjectId) -> bool {
        self.arrived.contains(source)
    }

    /// What becomes of links, and who waits no more or anew for it. Which links have made room.
    fn settle<'d>(
        &mut self,
        view: &View<'_, '_>,
        decisions: impl Iterator<Item = (&'d Decided, Option<ObjectId>)>,
    ) -> Result<Wrong, Problem> {
        let mut left = IdSet::default();
        let mut away: Vec<ObjectId> = Vec::new();
        let mut came_back = Vec::new();
        let mut wrong = Wrong::default();
        let mut made_anew = Vec::new();
        let mut matched = Vec::new();
        let flowing = Flowing::of(view.configuration);
        for (decided, target) in decisions {
            let source = decided.decision.source;
            matched.extend(decided.matched_in_vain().map(|target| (target, source)));
            let fate = fate(view.now, decided, target);
            let arrival = fate.arrival(decided);
            let kind = decided.decision.kind;
            if flowing.is_some_and(|it| it.are_due(self.walk, kind, arrival)) {
                self.due.insert(source, kind);
            }
            if arrival.comes_back {
                came_back.push(source);
            }
            let link = match fate {
                Fate::Same => {
                    if arrival.came {
                        self.owed.arrive(&source);
                        self.arrived.insert(source);
                        // Out of the recycle bin, it is there as if it had been put.
                        self.links.put(source, decided.link.clone());
                    }
                    continue;
                }
                Fate::Put(link) => Some(link),
                Fate::Removed => None,
            };
            if arrival.came {
                self.owed.arrive(&source);
                self.arrived.insert(source);
            }
            if !link.as_ref().is_some_and(|it| it.state == LinkState::Live) {
                left.insert(source);
            }
            if !link.as_ref().is_some_and(|it| is_in_target(it.state)) {
                away.push(source);
            }
            let before = decided.link.as_ref();
            wrong
                .moved
                .extend(link.as_ref().and_then(|link| moved(before, link)));
            if let (Some(before), Some(link)) = (before, &link)
                && before.target != link.target
            {
                made_anew.push(source);
            }
            if decided.decision.action.adopts().is_some() {
                matched.extend(link.as_ref().map(|it| (it.target, source)));
            }
            self.links.put(source, link);
        }
        // Only a restart makes links old.
        if view.configuration.connected.facts.matching > 0 && !matched.is_empty() {
            wrong.made_room = self.links.make_room(view, &matched)?;
            left.extend(wrong.made_room.iter().map(|link| link.source));
            away.extend(wrong.made_room.iter().map(|link| link.source));
            made_anew.extend(wrong.made_room.iter().map(|link| link.source));
        }
        let resumed = view
            .reader
            .suspended_of(view.tenant, view.job, &came_back)?;
        self.add(view, resumed)?;
        let waited = self.of(view, left.clone())?;
        waited.into_iter().for_each(|row| self.remove(row));
        // Who came and is let go is there.
        for source in &away {
            self.arrived.remove(source);
        }
        for mut referrers in Referrers::of(&view.configuration.rules, &made_anew) {
            while let Some(found) = referrers.next(view)? {
                let links = self.links.of(view, &owners(&found))?;
                self.add(view, referrers.waiting(&found, &links))?;
            }
        }
        Ok(wrong)
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
    pub(super) fn of(
        &self,
        view: &View<'_, '_>,
        sources: IdSet<ObjectId>,
    ) -> Result<Vec<Row>, Problem> {
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        let asked: Vec<ObjectId> = sources.iter().copied().collect();
        let stored = view.reader.waiting_of(view.tenant, view.job, &asked)?;
        let added = asked.iter().flat_map(|source| self.added.of(*source));
        let rows = stored.into_iter().map(key).chain(added);
        Ok(rows.filter(|row| !self.gone.contains(row)).collect())
    }

    fn remove(&mut self, row: Row) {
        if !self.added.remove(&row) {
            self.gone.insert(row);
        }
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
        let ready: Vec<Row> = ready.into_iter().map(key).collect();
        self.set(view, ready, counts)?;
        let arrived: Vec<ObjectId> = self.arrived.iter().copied().collect();
        for some in arrived.chunks(AT_ONCE) {
            let rows = view.reader.waiting_for(view.tenant, view.job, some)?;
            self.set(view, rows.into_iter().map(key).collect(), counts)?;
        }
        self.set(view, self.owed.woken(), counts)?;
        let added = self.added.iter().collect();
        self.set(view, added, counts)
    }

    /// Sets those of these that still wait, and may be tried.
    pub(super) fn set(
        &mut self,
        view: &View<'_, '_>,
        mut rows: Vec<Row>,
        counts: &mut Counts,
    ) -> Result<(), Problem> {
        rows.retain(|row| !self.gone.contains(row) && self.owed.may_be_tried(row));
        for some in rows.chunks(AT_ONCE) {
            self.set_some(view, some, counts)?;
        }
        Ok(())
    }

    fn set_some(
        &mut self,
        view: &View<'_, '_>,
        rows: &[Row],
        counts: &mut Counts,
    ) -> Result<(), Problem> {
        let ends = rows.iter().flat_map(|row| [row.0, row.1]).collect();
        let own = self.links.in_target(view, ends)?;
        let waited_for = rows.iter().map(|row| row.0).collect();
        let present = self.links.with_beside(view, waited_for, &own)?;
        let standing = Standing::of(view, &self.links, rows, (&own, &present))?;
        let due = rows.iter().filter(|row| present.contains_key(&row.0));
        let due: Vec<WaitingReference> = due
            .filter_map(|row| Some(waiting(row, own.get(&row.1)?)))
            .collect();
        let unwanted = unwanted(view, &due)?;
        for row in rows {
            let Some(to) = present.get(&row.0) else {
                continue;
            };
            let owner = own.get(&row.1);
            let owner = owner.filter(|it| !unwanted.contains(&waiting(row, it)));
            let reference = (row.1, row.2);
            let led = self.led.get(&reference).copied();
            let only_fills = owner.is_some_and(|it| view.configuration.only_fills(it.kind, row.2));
            let given = owner.filter(|_| standing.is_gone(to));
            let given = given.map(|owner| waiting(row, owner));
            if given.is_some_and(|row| self.owed.refuse(view, &row)) {
                continue;
            }
            if owner.is_some_and(|owner| standing.lacks(owner, row.2, to, led, only_fills)) {
                counts.references_set += 1;
                self.note_led(view, reference, to.target, Some(to));
                if only_fills {
                    // Another one that waits finds it filled.
                    self.led.insert(reference, Some(to.target));
                }
            }
            self.remove(*row);
        }
        Ok(())
    }

    /// How many more wait than before.
    pub(super) fn change(&self) -> i64 {
        let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
        count(self.added.len()) - count(self.gone.len())
    }
}

fn waiting(row: &Row, owner: &Link) -> WaitingReference {
    WaitingReference {
        waits_for: row.0,
        source: row.1,
        kind: owner.kind,
        attr: row.2,
    }
}

pub(super) fn key(row: WaitingReference) -> Row {
    (row.waits_for, row.source, row.attr)
}
