//! Whom a page brings into the target, and whom it takes out.

use syncline_model::link::LinkState;
use syncline_model::{IdSet, ObjectId, Problem};

use super::Waiting;
use crate::memberships::Flowing;
use crate::settle::{Fate, Referrers, Wrong, fate, is_in_target, moved, owners};
use crate::view::{Decided, View};

impl Waiting {
    /// What becomes of links, and who waits no more or anew for it. Which links have made room.
    pub(super) fn settle<'d>(
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
}
