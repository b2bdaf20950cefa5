//! Memberships of groups that are told apart from the groups: a group of fifty thousand is never read
//! whole, and a change of one membership is one membership to look at.

use syncline_engine::Fault;
use syncline_model::ObjectId;
use syncline_model::job::Watermark;
use syncline_store::Reader;

use crate::Cursor;

/// A group and one who is, or was, a direct member of it; in ids of the system that tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Membership {
    pub group: ObjectId,
    pub member: ObjectId,
}

/// A page of memberships that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MembershipChanges {
    /// Whether each is one now.
    pub changes: Vec<(Membership, bool)>,
    /// `None`: this was the last page.
    pub next: Option<Cursor>,
}

/// A source that tells memberships of groups by themselves.
pub trait SourceMemberships {
    /// A page of the memberships that changed after `since` and up to `until`, each as it is now.
    fn changes(
        &self,
        page: &Reader<'_>,
        since: &Watermark,
        until: &Watermark,
        cursor: &Cursor,
        limit: usize,
    ) -> Result<MembershipChanges, Fault>;

    /// A page of the direct members of a group, ascending, after `after`.
    fn members(
        &self,
        page: &Reader<'_>,
        group: ObjectId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<ObjectId>, Fault>;

    /// A page of the groups that somebody is a direct member of, ascending, after `after`.
    fn groups(
        &self,
        page: &Reader<'_>,
        member: ObjectId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<ObjectId>, Fault>;

    /// Which of these memberships there are, in the order asked.
    fn exist(&self, page: &Reader<'_>, asked: &[Membership]) -> Result<Vec<bool>, Fault>;
}

/// A membership as a target holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// There is no such membership.
    Not,
    /// This source's synchronization added it, and may remove it.
    FromSource,
    /// Somebody else added it: it is not ours to remove.
    ByOthers,
}

/// A target that tells memberships of groups by themselves.
pub trait TargetMemberships {
    /// How these memberships are held, in the order asked.
    fn held(&self, page: &Reader<'_>, asked: &[Membership]) -> Result<Vec<Held>, Fault>;

    /// A page of the members of a group, ascending, after `after`: of each, whether this source's
    /// synchronization added it. All kinds of members.
    fn members(
        &self,
        page: &Reader<'_>,
        group: ObjectId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<(ObjectId, Held)>, Fault>;

    /// The same of the groups that somebody is a member of.
    fn groups(
        &self,
        page: &Reader<'_>,
        member: ObjectId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<(ObjectId, Held)>, Fault>;
}
