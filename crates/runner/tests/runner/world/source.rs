//! The source, and how often it was asked who refers to whom, and who is in which group.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use syncline_connector::{
    Cursor, Membership, MembershipChanges, Names, Referrer, Source, SourceCapability,
    SourceMemberships, SubjectPage,
};
use syncline_engine::{Fault, Subject};
use syncline_model::job::Watermark;
use syncline_model::{Attr, EntityKind, ObjectId};
use syncline_store::Reader;

#[derive(Debug)]
pub(super) struct Counted {
    pub(super) source: Box<dyn Source>,
    pub(super) referrers_asked: Arc<AtomicUsize>,
    pub(super) groups_walked: Arc<AtomicUsize>,
}

impl Source for Counted {
    fn capability(&self) -> SourceCapability {
        self.source.capability()
    }

    fn ask_memberships(&mut self, groups: &[ObjectId]) -> Result<(), Fault> {
        self.source.ask_memberships(groups)
    }

    fn memberships(&self) -> Option<&dyn SourceMemberships> {
        let told = self.source.memberships();
        told.map(|_| self as &dyn SourceMemberships)
    }

    fn prepare(&self, cursor: &Cursor, limit: usize) -> Result<(), Fault> {
        self.source.prepare(cursor, limit)
    }

    fn watermark(&self, page: &Reader<'_>) -> Result<Watermark, Fault> {
        self.source.watermark(page)
    }

    fn count(&self, page: &Reader<'_>, kinds: &[EntityKind]) -> Result<u64, Fault> {
        self.source.count(page, kinds)
    }

    fn split(
        &self,
        page: &Reader<'_>,
        kinds: &[EntityKind],
        size: usize,
    ) -> Result<Vec<(Cursor, Cursor)>, Fault> {
        self.source.split(page, kinds, size)
    }

    fn count_changes(
        &self,
        page: &Reader<'_>,
        kinds: &[EntityKind],
        since: &Watermark,
        until: &Watermark,
    ) -> Result<u64, Fault> {
        self.source.count_changes(page, kinds, since, until)
    }

    fn all(
        &self,
        page: &Reader<'_>,
        kinds: &[EntityKind],
        cursor: &Cursor,
        last: &Cursor,
        limit: usize,
    ) -> Result<SubjectPage, Fault> {
        self.source.all(page, kinds, cursor, last, limit)
    }

    fn changes(
        &self,
        page: &Reader<'_>,
        kinds: &[EntityKind],
        since: &Watermark,
        until: &Watermark,
        cursor: &Cursor,
        limit: usize,
    ) -> Result<SubjectPage, Fault> {
        self.source
            .changes(page, kinds, since, until, cursor, limit)
    }

    fn referrers(
        &self,
        page: &Reader<'_>,
        attr: Attr,
        to: &[(ObjectId, Option<ObjectId>)],
        limit: usize,
    ) -> Result<Vec<Referrer>, Fault> {
        self.referrers_asked.fetch_add(1, Ordering::Relaxed);
        self.source.referrers(page, attr, to, limit)
    }

    fn names(
        &self,
        page: &Reader<'_>,
        ids: &[(EntityKind, ObjectId)],
    ) -> Result<Vec<Names>, Fault> {
        self.source.names(page, ids)
    }

    fn by_id(
        &self,
        page: &Reader<'_>,
        ids: &[(EntityKind, ObjectId)],
    ) -> Result<Vec<Subject>, Fault> {
        self.source.by_id(page, ids)
    }
}

impl Counted {
    fn its_memberships(&self) -> &dyn SourceMemberships {
        self.source.memberships().unwrap()
    }
}

impl SourceMemberships for Counted {
    fn changes(
        &self,
        page: &Reader<'_>,
        since: &Watermark,
        until: &Watermark,
        cursor: &Cursor,
        limit: usize,
    ) -> Result<MembershipChanges, Fault> {
        let memberships = self.its_memberships();
        memberships.changes(page, since, until, cursor, limit)
    }

    fn members(
        &self,
        page: &Reader<'_>,
        group: ObjectId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<ObjectId>, Fault> {
        self.groups_walked.fetch_add(1, Ordering::Relaxed);
        self.its_memberships().members(page, group, after, limit)
    }

    fn groups(
        &self,
        page: &Reader<'_>,
        member: ObjectId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<ObjectId>, Fault> {
        self.groups_walked.fetch_add(1, Ordering::Relaxed);
        self.its_memberships().groups(page, member, after, limit)
    }

    fn exist(&self, page: &Reader<'_>, asked: &[Membership]) -> Result<Vec<bool>, Fault> {
        self.its_memberships().exist(page, asked)
    }
}
