//! What a caller may read of objects, kind by kind.
//!
//! An object of a kind that it may not read is told by type and id alone, wherever it is met: among
//! members, owners, holders of roles, groups, or expanded inside of another object ("Limited information
//! returned for inaccessible member objects", learn.microsoft.com/graph/permissions-overview).

use syncline_access::permissions::{
    APPLICATIONS_LIST, GROUPS_READ, ME, ROLES_READ, USER_READ, USERS_READ, USERS_READ_BASIC,
};
use syncline_model::{Attr, EntityKind, ObjectId, Problem, Query};
use syncline_odata::Selection;
use syncline_odata::select::Expansion;
use syncline_store::Stored;

use crate::Call;

/// What is told of an object that may not be read.
const IDENTITY: &[Attr] = &[Attr::ID];

/// What `User.ReadBasic.All` tells of people (learn.microsoft.com/graph/permissions-reference).
const BASIC: &[Attr] = &[
    Attr::ID,
    Attr::DISPLAY_NAME,
    Attr::GIVEN_NAME,
    Attr::SURNAME,
    Attr::MAIL,
    Attr::USER_PRINCIPAL_NAME,
];

/// What one caller may read.
#[derive(Clone, Debug)]
pub struct Sight {
    kinds: Vec<(EntityKind, Seen)>,
    /// The signed-in user, when he may read himself.
    own: Option<ObjectId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Whole,
    Only(&'static [Attr]),
}

impl Sight {
    /// As the caller's permissions give it.
    pub fn of(call: &Call<'_>) -> Self {
        let seen = |kind| match kind {
            EntityKind::User if call.holds(&USERS_READ) => Seen::Whole,
            EntityKind::User if call.holds(&USERS_READ_BASIC) => Seen::Only(BASIC),
            EntityKind::User => Seen::Only(IDENTITY),
            EntityKind::Group => whole_if(call.holds(&GROUPS_READ)),
            EntityKind::DirectoryRole => whole_if(call.holds(&ROLES_READ)),
            _ => whole_if(call.holds(&APPLICATIONS_LIST)),
        };
        let kinds = EntityKind::DIRECTORY
            .into_iter()
            .chain([EntityKind::DirectoryRole]);
        Self {
            kinds: kinds.map(|kind| (kind, seen(kind))).collect(),
            own: call.signed_in_user().filter(|_| call.holds(&ME)),
        }
    }

    /// For tests that are about something else.
    #[cfg(test)]
    pub(super) fn everything() -> Self {
        Self {
            kinds: EntityKind::DIRECTORY
                .map(|kind| (kind, Seen::Whole))
                .to_vec(),
            own: None,
        }
    }

    /// The same, and whole objects of a kind: whoever asked for them by themselves was allowed to.
    #[must_use]
    pub fn and_whole(mut self, kind: EntityKind) -> Self {
        self.kinds.retain(|(it, _)| *it != kind);
        self.kinds.push((kind, Seen::Whole));
        self
    }

    /// For one object by itself: a guest who may read nobody else's has the same permission for their own.
    #[must_use]
    pub(super) fn and_own(mut self, call: &Call<'_>, stored: &Stored) -> Self {
        let kind = stored.entry.kind;
        if self.is_whole(stored) {
            return self.and_whole(kind);
        }
        let is_own = call.signed_in_user() == Some(stored.entry.id);
        if is_own && call.holds_of_oneself(&USER_READ) {
            self.kinds.retain(|(it, _)| *it != kind);
            self.kinds.push((kind, Seen::Only(BASIC)));
        }
        self
    }

    /// Whether everything may be read of this object.
    pub(super) fn is_whole(&self, stored: &Stored) -> bool {
        self.seen(stored.entry.kind) == Seen::Whole || self.own == Some(stored.entry.id)
    }

    /// 403 for a query that would tell by its answer what may not be read.
    pub(super) fn check(&self, kind: EntityKind, query: &Query) -> Result<(), Problem> {
        let Seen::Only(attrs) = self.seen(kind) else {
            return Ok(());
        };
        let asked = query.predicate.iter().flat_map(|it| it.attrs());
        let sorted = query.order.iter().map(|it| it.attr);
        if asked.chain(sorted).all(|attr| attrs.contains(&attr)) {
            Ok(())
        } else {
            Err(Problem::denied())
        }
    }

    /// 403 for expanding objects of which none may be read as a whole.
    pub(super) fn check_expand(
        &self,
        expand: &[Expansion],
        kinds: &[EntityKind],
    ) -> Result<(), Problem> {
        let some_whole = kinds.iter().any(|it| self.seen(*it) == Seen::Whole);
        if expand.is_empty() || some_whole {
            Ok(())
        } else {
            Err(Problem::denied())
        }
    }

    /// What a selection leaves of an object that may not be read as a whole.
    pub(super) fn limited(&self, kind: EntityKind, selection: &Selection) -> Selection {
        let attrs = match self.seen(kind) {
            Seen::Whole => selection.attrs.clone(),
            Seen::Only(IDENTITY) => IDENTITY.to_vec(),
            Seen::Only(attrs) => {
                let chosen = selection.attrs.iter().copied();
                chosen.filter(|it| attrs.contains(it)).collect()
            }
        };
        Selection {
            explicit: true,
            attrs,
            navigation: Vec::new(),
        }
    }

    /// Nothing but the id of a kind that was never decided about.
    fn seen(&self, kind: EntityKind) -> Seen {
        let found = self.kinds.iter().find(|(it, _)| *it == kind);
        found.map_or(Seen::Only(IDENTITY), |(_, seen)| *seen)
    }
}

fn whole_if(held: bool) -> Seen {
    if held {
        Seen::Whole
    } else {
        Seen::Only(IDENTITY)
    }
}
