//! Who the manager was and became, and what becomes of that.

use syncline_model::ObjectId;

/// In ids of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Manager {
    pub(super) before: Before,
    pub(super) after: Option<ObjectId>,
}

/// Who the manager was, as far as the log says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// Somebody or nobody: earlier versions did not say, and neither do entries of references that waited.
    Unknown,
    Nobody,
    Somebody(ObjectId),
}

impl Before {
    fn is_known_to_be(self, manager: Option<ObjectId>) -> bool {
        match self {
            Self::Unknown => false,
            Self::Nobody => manager.is_none(),
            Self::Somebody(before) => manager == Some(before),
        }
    }
}

impl Manager {
    /// Unless it is known that the last one is the first one.
    pub(super) fn is_changed(&self) -> bool {
        !self.before.is_known_to_be(self.after)
    }
}

/// What becomes of a manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Back {
    /// It is as it was.
    AsBefore,
    /// This one is put in place of that, if there is one.
    To(ObjectId, Option<ObjectId>),
    /// There was none, and this one is taken out.
    Out(ObjectId),
    /// It stays as it is, because of this.
    Left(&'static str),
}

/// What becomes of a manager who was changed so, where this one is it now.
pub(super) fn put_back(changed: Manager, now: Option<ObjectId>) -> Back {
    if changed.before.is_known_to_be(now) {
        return Back::AsBefore;
    }
    if now != changed.after {
        return Back::Left("its manager was changed since");
    }
    match (changed.before, now) {
        (Before::Somebody(before), now) => Back::To(before, now),
        (Before::Nobody, Some(now)) => Back::Out(now),
        (Before::Unknown, Some(_)) => Back::Left(
            "its manager stays: the log does not say who that was before, if there was one",
        ),
        (_, None) => Back::Left(
            "it stays without a manager: the log does not say who that was before, if there was one",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manager_is_put_back_where_it_is_known_and_still_as_it_was_left() {
        let [ana, bo, cy] = [1, 2, 3_u128].map(|it| ObjectId::from_bytes(it.to_be_bytes()));
        let left = |back: Back| matches!(back, Back::Left(_));
        let put = |before, after, now| put_back(Manager { before, after }, now);
        let was = Before::Somebody;

        assert_eq!(put(was(ana), Some(bo), Some(bo)), Back::To(ana, Some(bo)));
        assert_eq!(put(was(ana), None, None), Back::To(ana, None));
        assert_eq!(put(Before::Nobody, Some(bo), Some(bo)), Back::Out(bo));
        // It is so already.
        assert_eq!(put(was(ana), Some(bo), Some(ana)), Back::AsBefore);
        assert_eq!(put(Before::Nobody, Some(bo), None), Back::AsBefore);
        // Somebody else has changed it.
        for now in [None, Some(cy)] {
            assert!(left(put(was(ana), Some(bo), now)));
            assert!(left(put(Before::Unknown, Some(bo), now)));
        }
        assert!(left(put(Before::Nobody, Some(bo), Some(cy))));
        // Nobody knows.
        assert!(left(put(Before::Unknown, Some(bo), Some(bo))));
        assert!(left(put(Before::Unknown, None, None)));
    }
}
