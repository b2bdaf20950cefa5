//! Unique values that objects still to be created were promised. The target shows none of them yet, so
//! it says to each of two objects that the same value is free; whoever asks second is to get the next of
//! his values, instead of failing when both are written.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use syncline_engine::{Action, Decision, LookupQuery};
use syncline_model::fold::fold;
use syncline_model::{Attr, ObjectId, Value};

/// What was promised in one page, or in the whole of a plan.
#[derive(Debug, Default)]
pub(crate) struct Promised {
    /// By value, the source object it is promised to. Values may be long and many, so these are hashes;
    /// of two with the same one, which nobody will meet, the second counts as taken.
    holders: HashMap<u64, ObjectId>,
    /// What those were promised about whom is being decided.
    undecided: HashMap<ObjectId, Vec<u64>>,
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
                free.insert(source);
                self.undecided.entry(source).or_default().push(key);
                true
            }
            // A plan decides some twice.
            Entry::Occupied(promised) => *promised.get() == source,
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
}

/// The same value for an object of another kind counts as the same: a tenant's people and groups have
/// no mail address in common. Where a target keeps them apart, one of them gets his next value.
fn key(attr: Attr, value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    (attr, fold(&value.display_text())).hash(&mut hasher);
    hasher.finish()
}
