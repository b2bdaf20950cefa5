//! A hosted tenant as the source of a synchronization job.

mod all;
mod changes;
mod cursor;
mod entitlement;
mod members;
mod memberships;
mod names;
mod split;
mod subjects;

use syncline_connector::{
    Cursor, Names, Referrer, Source, SourceCapability, SourceMemberships, SubjectPage,
};
use syncline_engine::{Fault, FaultKind, Subject};
use syncline_model::job::Watermark;
use syncline_model::{Attr, EntityKind, ObjectId, TenantId};
use syncline_store::{EdgeKind, ObjectState, Reader, StoreError};

/// Reads the people and groups of one hosted tenant, and what roles they hold in one configuration.
#[derive(Clone, Debug)]
pub struct LocalSource {
    tenant: TenantId,
    /// The configuration's, whose assignments make an object entitled.
    service_principal: ObjectId,
    /// Groups whose members scoping filters ask for, ascending.
    asked_groups: Vec<ObjectId>,
}

impl LocalSource {
    pub fn new(tenant: TenantId, service_principal: ObjectId) -> Self {
        Self {
            tenant,
            service_principal,
            asked_groups: Vec::new(),
        }
    }
}

impl Source for LocalSource {
    fn capability(&self) -> SourceCapability {
        SourceCapability {
            changes: true,
            by_id: true,
        }
    }

    fn ask_memberships(&mut self, groups: &[ObjectId]) -> Result<(), Fault> {
        self.asked_groups = groups.to_vec();
        self.asked_groups.sort_unstable();
        self.asked_groups.dedup();
        Ok(())
    }

    fn memberships(&self) -> Option<&dyn SourceMemberships> {
        Some(self)
    }

    fn watermark(&self, page: &Reader<'_>) -> Result<Watermark, Fault> {
        let sequence = page.sequence(self.tenant).map_err(broken)?;
        Ok(Watermark {
            sequence,
            token: None,
        })
    }

    fn count(&self, page: &Reader<'_>, kinds: &[EntityKind]) -> Result<u64, Fault> {
        let mut count = 0;
        for kind in kinds {
            count += page
                .count_objects(self.tenant, *kind, ObjectState::Live)
                .map_err(broken)?;
        }
        Ok(count)
    }

    fn count_changes(
        &self,
        page: &Reader<'_>,
        kinds: &[EntityKind],
        since: &Watermark,
        until: &Watermark,
    ) -> Result<u64, Fault> {
        let (since, until) = (since.sequence, until.sequence);
        let moved = page
            .count_moves(self.tenant, since, until)
            .map_err(broken)?;
        // What was deleted or restored has two numbers, and what was deleted is not counted among what there is. Nor is
        // every number a change: a restored backup passes over many.
        let changed = until.saturating_sub(since).saturating_sub(moved);
        Ok(changed.min(self.count(page, kinds)? + moved))
    }

    fn all(
        &self,
        page: &Reader<'_>,
        kinds: &[EntityKind],
        cursor: &Cursor,
        last: &Cursor,
        limit: usize,
    ) -> Result<SubjectPage, Fault> {
        all::page(self, page, kinds, cursor, last, limit)
    }

    fn split(
        &self,
        page: &Reader<'_>,
        kinds: &[EntityKind],
        size: usize,
    ) -> Result<Vec<(Cursor, Cursor)>, Fault> {
        split::parts(self, page, kinds, size)
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
        changes::page(
            self,
            page,
            kinds,
            since.sequence,
            until.sequence,
            cursor,
            limit,
        )
    }

    fn referrers(
        &self,
        page: &Reader<'_>,
        attr: Attr,
        to: &[(ObjectId, Option<ObjectId>)],
        limit: usize,
    ) -> Result<Vec<Referrer>, Fault> {
        // Managers are the references that subjects carry.
        if attr != Attr::MANAGER {
            return Ok(Vec::new());
        }
        let reports = page
            .edges_to_each(self.tenant, EdgeKind::Manager, to, limit)
            .map_err(broken)?;
        let kind = EntityKind::User;
        let reports = reports.into_iter();
        Ok(reports.map(|(to, id)| Referrer { to, kind, id }).collect())
    }

    fn by_id(
        &self,
        page: &Reader<'_>,
        ids: &[(EntityKind, ObjectId)],
    ) -> Result<Vec<Subject>, Fault> {
        subjects::by_id(self, page, ids).map_err(broken)
    }

    fn names(
        &self,
        page: &Reader<'_>,
        ids: &[(EntityKind, ObjectId)],
    ) -> Result<Vec<Names>, Fault> {
        names::of(self, page, ids).map_err(broken)
    }
}

/// The store can not answer: nobody's fault but ours, and worth another try.
pub(crate) fn broken(error: StoreError) -> Fault {
    Fault {
        kind: FaultKind::Unavailable,
        code: error.code().to_owned(),
        message: error.to_string(),
        action: None,
        transient: true,
    }
}

fn bad_cursor(cursor: &Cursor) -> Fault {
    Fault {
        kind: FaultKind::Invalid,
        code: "InternalError".to_owned(),
        message: format!(
            "`{}` is not a place in this source; restart the job",
            cursor.0
        ),
        action: None,
        transient: false,
    }
}
