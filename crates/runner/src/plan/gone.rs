//! Objects that have failed, have no link, and are gone from the source.

use syncline_engine::Lifecycle;
use syncline_model::{EntityKind, ObjectId, Problem};

use super::steps::{Steps, Way};

impl Steps<'_, '_> {
    /// As in a cycle, behind all links. Who has one was met there, unless somebody else has taken its target object.
    pub(super) fn gone(&self, way: &mut Way) -> Result<(), Problem> {
        let (tenant, job) = (self.job.tenant, &self.job.id);
        let mut after = None;
        loop {
            let rows = self.reader.escrows(tenant, job, after, self.page_size())?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = Some(last.source);
            let sources: Vec<ObjectId> = rows.iter().map(|row| row.source).collect();
            let links = self.reader.links_for(tenant, job, &sources)?;
            let planned = &way.tally.waiting.links;
            let unlinked = rows
                .iter()
                .zip(links)
                .filter(|(row, link)| link.is_none() || planned.has_made_room(&row.source));
            let objects: Vec<(EntityKind, ObjectId)> =
                unlinked.map(|(row, _)| (row.kind, row.source)).collect();
            let mut subjects = self.mapped(objects)?;
            subjects.retain(|it| it.lifecycle != Lifecycle::Live);
            self.decide(way, &subjects, true)?;
        }
    }
}
