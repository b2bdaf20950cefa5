//! Puts an object into the recycle bin, or deletes it for good.

use syncline_engine::{Fault, FaultKind};
use syncline_model::{Attr, Attrs, EntityKind, Entry, ObjectId, Value};
use syncline_store::{ObjectState, Reader};

use super::page::Page;

impl Page<'_> {
    /// Soft-deletes an object. One that is in the bin already, or gone, is what was wanted.
    pub(super) fn soft_delete(
        &mut self,
        reader: &Reader<'_>,
        kind: EntityKind,
        target: ObjectId,
    ) -> Result<ObjectId, Fault> {
        let (entry, state) = match self.owned(kind, target) {
            Ok(found) => found,
            Err(fault) if fault.kind == FaultKind::NotFound => return Ok(target),
            Err(fault) => return Err(fault),
        };
        if state != ObjectState::Live {
            return Ok(target);
        }
        let mut entry = entry.clone();
        entry
            .attrs
            .set(Attr::DELETED_DATE_TIME, Value::Time(self.now));
        self.put(reader, entry, ObjectState::Deleted)
    }

    /// Deletes an object for good, from the bin or not. One that is gone is what was wanted.
    pub(super) fn hard_delete(
        &mut self,
        reader: &Reader<'_>,
        kind: EntityKind,
        target: ObjectId,
    ) -> Result<ObjectId, Fault> {
        let entry = match self.owned(kind, target) {
            Ok((entry, _)) => Entry {
                attrs: Attrs::new(),
                ..entry.clone()
            },
            Err(fault) if fault.kind == FaultKind::NotFound => return Ok(target),
            Err(fault) => return Err(fault),
        };
        self.put(reader, entry, ObjectState::Purged)
    }
}
