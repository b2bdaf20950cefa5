//! Unique values that objects still to be created were promised. The target shows none of them yet, so
//! it says to each of two objects that the same value is free; whoever asks second is to get the next of
//! his values, instead of failing when both are written.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use syncline_engine::{Action, Decision, LookupQuery};
use syncline_model::fold::fold;
use syncline_model::{Attr, IdMap, ObjectId, Value};

/// What was promised in one page, in pages of a walk that may not be committed yet, or in the whole of a
/// plan.
#[derive(Debug, Default)]
pub(crate) struct Promised {
    /// By value, to whom it is promised. Values may be long and many, so these are hashes; of two with
    /// the same one, which nobody will meet, the second counts as taken.
    holders: HashMap<u64, Holder>,
    /// What those were promised about whom is being decided.
    undecided: IdMap<ObjectId, Vec<u64>>,
    page: u64,
}

#[derive(Debug)]
struct Holder {
    source: ObjectId,
    /// In which page he was promised it.
    page: u64,
}

impl Promised {
    /// Promises a source object the value that it asks for and that the target holds to be free; false
    /// when another one was promised it. To ask for anything else needs no promise.
    pub(crate) fn promise(&mut self, query: &LookupQuery, source: ObjectId) -> bool {
        let LookupQuery::Taken { attr, value, .. } = query else {
            return true;
        };
        let key = key(*attr, value);
        match self.holders.entry(key) {
            Entry::Vacant(free) => {
                let page = self.page;
                free.insert(Holder { source, page });
                self.undecided.entry(source).or_default().push(key);
                true
            }
            // He asks again when his page is prepared again.
            Entry::Occupied(mut promised) if promised.get().source == source => {
                promised.get_mut().page = self.page;
                self.undecided.entry(source).or_default().push(key);
                true
            }
            Entry::Occupied(_) => false,
        }
    }

    /// Follows a decision. Whoever is not created after all keeps nothing: one bad object must not take
    /// their last value from others. Those who asked before that was known have gone on to their next.
    pub(crate) fn follow(&mut self, decision: &Decision) {
        if self.undecided.is_empty() || matches!(decision.action, Action::Create { .. }) {
            return;
        }
        for key in self.undecided.remove(&decision.source).unwrap_or_default() {
            self.holders.remove(&key);
        }
    }

    /// Nothing more will be said of those decided so far.
    pub(crate) fn all_decided(&mut self) {
        self.undecided.clear();
    }

    /// Another page of a walk: what was promised in so many before it may not be in the target yet. What
    /// was promised earlier is, or nobody has it.
    pub(crate) fn next_page(&mut self, uncommitted: usize) {
        self.page += 1;
        let oldest = self.page.saturating_sub(uncommitted as u64);
        self.holders.retain(|_, holder| holder.page >= oldest);
    }
}

/// The same value for an object of another kind counts as the same: a tenant's people and groups have
/// no mail address in common. Where a target keeps them apart, one of them gets his next value.
fn key(attr: Attr, value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    (attr, fold(&value.display_text())).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use syncline_model::EntityKind;
    use uuid::Uuid;

    use super::*;

    fn person(number: u128) -> ObjectId {
        ObjectId(Uuid::from_u128(number))
    }

    fn asks(promised: &mut Promised, source: u128) -> bool {
        let query = LookupQuery::Taken {
            kind: EntityKind::User,
            attr: Attr::MAIL,
            value: "john@contoso.example".into(),
        };
        promised.promise(&query, person(source))
    }

    #[test]
    fn a_promise_holds_while_its_page_may_not_be_committed() {
        let mut promised = Promised::default();
        assert!(asks(&mut promised, 1));
        for _ in 0..2 {
            promised.next_page(2);
            assert!(!asks(&mut promised, 2));
        }
        promised.next_page(2);
        assert!(asks(&mut promised, 2));
    }

    #[test]
    fn whoever_asks_again_is_promised_it_anew() {
        let mut promised = Promised::default();
        assert!(asks(&mut promised, 1));
        promised.all_decided();
        promised.next_page(1);
        assert!(asks(&mut promised, 1));
        promised.next_page(1);
        assert!(!asks(&mut promised, 2));
    }
}
