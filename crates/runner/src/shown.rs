//! The objects that a report names when they are too many to name all: of each kind of change some, so that five who
//! would be deleted are not hidden behind thousands that would be updated.

use std::collections::BTreeMap;

use crate::PlannedObject;

/// The kinds of changes in the order in which they are named: first what takes something away, at last what there is
/// most of.
const ORDER: [&str; 8] = [
    "delete", "disable", "release", "fail", "restore", "create", "link", "update",
];

/// Keeps those that are named, no more than that many of each kind of change.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    most: usize,
    of: u64,
    by_action: BTreeMap<usize, Vec<PlannedObject>>,
}

impl Shown {
    /// `most`: how many are named in all.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            ..Self::default()
        }
    }

    /// Takes one more into account; `object` is asked only of one that may be named.
    pub(crate) fn add(&mut self, action: &str, object: impl FnOnce() -> PlannedObject) {
        self.of += 1;
        let rank = ORDER.iter().position(|it| *it == action);
        let alike = self
            .by_action
            .entry(rank.unwrap_or(ORDER.len()))
            .or_default();
        if alike.len() < self.most {
            alike.push(object());
        }
    }

    /// Those that are named, and how many there are in all. Each kind of change has an equal share of the names, and what
    /// one does not need the others have; of each kind the first ones are named.
    pub(crate) fn take(self) -> (Vec<PlannedObject>, u64) {
        let mut shares: Vec<usize> = vec![0; self.by_action.len()];
        let mut left = self.most;
        loop {
            let before = left;
            for (share, alike) in shares.iter_mut().zip(self.by_action.values()) {
                if left > 0 && *share < alike.len() {
                    *share += 1;
                    left -= 1;
                }
            }
            if left == before {
                break;
            }
        }
        let named = self.by_action.into_values().zip(shares);
        let named = named.flat_map(|(alike, share)| alike.into_iter().take(share));
        (named.collect(), self.of)
    }
}

#[cfg(test)]
mod tests {
    use syncline_model::{ObjectId, Text};

    use super::*;

    fn named(most: usize, actions: &[(&str, usize)]) -> (Vec<(String, usize)>, u64) {
        let mut shown = Shown::new(most);
        for (action, count) in actions {
            for _ in 0..*count {
                shown.add(action, || PlannedObject {
                    id: ObjectId::NIL,
                    kind: "User".to_owned(),
                    name: Text::fixed("somebody"),
                    action: (*action).to_owned(),
                    reason: None,
                    changes: Vec::new(),
                });
            }
        }
        let (named, of) = shown.take();
        let mut counts: Vec<(String, usize)> = Vec::new();
        for object in named {
            match counts.last_mut() {
                Some((action, count)) if *action == object.action => *count += 1,
                _ => counts.push((object.action, 1)),
            }
        }
        (counts, of)
    }

    fn expected(counts: &[(&str, usize)]) -> Vec<(String, usize)> {
        let owned = counts
            .iter()
            .map(|(action, count)| ((*action).to_owned(), *count));
        owned.collect()
    }

    #[test]
    fn few_deletes_are_not_hidden_behind_many_updates() {
        let (counts, of) = named(10, &[("update", 7599), ("delete", 3), ("fail", 1)]);
        assert_eq!(
            counts,
            expected(&[("delete", 3), ("fail", 1), ("update", 6)])
        );
        assert_eq!(of, 7603);
    }

    #[test]
    fn many_of_each_have_equal_shares_and_what_is_over_goes_to_the_first() {
        let all = [("update", 100), ("create", 100), ("disable", 100)];
        let (counts, _) = named(10, &all);
        assert_eq!(
            counts,
            expected(&[("disable", 4), ("create", 3), ("update", 3)])
        );
    }

    #[test]
    fn all_are_named_where_there_is_room_and_none_where_none_is_asked_for() {
        let all = [("update", 2), ("delete", 1)];
        assert_eq!(
            named(1000, &all).0,
            expected(&[("delete", 1), ("update", 2)])
        );
        assert_eq!(named(0, &all), (Vec::new(), 3));
    }
}
