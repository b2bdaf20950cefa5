//! What the objects of one page have claimed: two of them may not get one target object.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use syncline_engine::{Action, Failure};
use syncline_model::{Attr, ObjectId, Text};

use super::Decided;

#[derive(Default)]
pub(crate) struct Claims {
    /// Unlinked target objects that were found, and the source object that takes each.
    found: HashMap<ObjectId, ObjectId>,
    /// The same of those who are matched and fail: nobody is to write there by an old link.
    in_vain: HashMap<ObjectId, ObjectId>,
    /// Anchors of the objects to be created, likewise.
    anchors: HashMap<Text, ObjectId>,
}

impl Claims {
    /// Two source objects that found the same unlinked target object, or would create one with the
    /// same anchor: the first wins, the second fails and says who holds it (first link wins). Whoever is
    /// matched wins over somebody who is only linked to it, by an earlier matching.
    pub(crate) fn refuse_second(&mut self, decided: &mut [Decided]) {
        self.refuse_matched(decided);
        let matched = decided.iter().filter(|it| !it.goes_by_old_link());
        self.in_vain
            .extend(matched.filter_map(|it| Some((it.matched_in_vain()?, it.decision.source))));
        for it in decided.iter_mut().filter(|it| it.goes_by_old_link()) {
            let Some(target) = it.link.as_ref().map(|link| link.target) else {
                continue;
            };
            if let Some(holder) = self.found.get(&target).or(self.in_vain.get(&target)) {
                let failure = Failure::duplicate_source(target, *holder);
                *it.decision = it.decision.clone().failed(failure);
            }
        }
    }

    fn refuse_matched(&mut self, decided: &mut [Decided]) {
        for it in decided.iter_mut().filter(|it| !it.goes_by_old_link()) {
            let source = it.decision.source;
            let failure = match &it.decision.action {
                Action::Create { attrs, .. } => {
                    let Some(anchor) = attrs.get(Attr::ALTERNATIVE_SECURITY_IDS) else {
                        continue;
                    };
                    self.anchor(anchor.display_text(), source)
                }
                action => action.adopts().and_then(|target| self.find(target, source)),
            };
            if let Some(failure) = failure {
                *it.decision = it.decision.clone().failed(failure);
            }
        }
    }

    fn anchor(&mut self, anchor: Text, source: ObjectId) -> Option<Failure> {
        match self.anchors.entry(anchor) {
            Entry::Vacant(free) => {
                free.insert(source);
                None
            }
            Entry::Occupied(taken) => Some(Failure::same_anchor(*taken.get())),
        }
    }

    fn find(&mut self, target: ObjectId, source: ObjectId) -> Option<Failure> {
        match self.found.entry(target) {
            Entry::Vacant(free) => {
                free.insert(source);
                None
            }
            Entry::Occupied(taken) => Some(Failure::duplicate_source(target, *taken.get())),
        }
    }
}
