//! Changes an object, and takes one out of the recycle bin.

use syncline_engine::Fault;
use syncline_model::{Attr, EntityKind, Entry, ObjectId, Value};
use syncline_store::{ObjectState, Reader};

use super::page::Page;
use super::{b2b_user, fault, synchronized_group, values};
use crate::addresses;

pub(super) type Set = [(Attr, Option<Value>)];

impl Page<'_> {
    /// Sets (or with `None` clears) attributes of a live object.
    pub(super) fn update(
        &mut self,
        reader: &Reader<'_>,
        kind: EntityKind,
        target: ObjectId,
        set: &Set,
    ) -> Result<ObjectId, Fault> {
        let updated = self.updated(kind, target, set)?;
        self.put(reader, updated, ObjectState::Live)
    }

    /// Takes an object out of the recycle bin and sets attributes. One that is live already only
    /// gets the attributes: somebody else was faster.
    pub(super) fn restore(
        &mut self,
        reader: &Reader<'_>,
        kind: EntityKind,
        target: ObjectId,
        set: &Set,
    ) -> Result<ObjectId, Fault> {
        let restored = self.restored(kind, target, set)?;
        self.put(reader, restored, ObjectState::Live)
    }

    /// What an object is once these attributes are set, whoever holds its unique values.
    pub(super) fn updated(
        &self,
        kind: EntityKind,
        target: ObjectId,
        set: &Set,
    ) -> Result<Entry, Fault> {
        let (entry, state) = self.owned(kind, target)?;
        if state != ObjectState::Live {
            return Err(fault::recycled(target));
        }
        self.changed(entry, set)
    }

    /// The same of one that is taken out of the recycle bin.
    pub(super) fn restored(
        &self,
        kind: EntityKind,
        target: ObjectId,
        set: &Set,
    ) -> Result<Entry, Fault> {
        let (entry, _) = self.owned(kind, target)?;
        let mut restored = self.changed(entry, set)?;
        restored.attrs.remove(Attr::DELETED_DATE_TIME);
        Ok(restored)
    }

    fn changed(&self, entry: &Entry, set: &Set) -> Result<Entry, Fault> {
        let changes = set.iter().map(|(attr, value)| (*attr, value.as_ref()));
        let mut attrs = values::applied(
            &self.schema,
            entry.kind,
            &entry.attrs,
            changes,
            values::LATER,
            values::CHANGE,
        )?;
        if entry.kind == EntityKind::Group {
            synchronized_group::keep_kind(&mut attrs);
        }
        let differs = |attr: Attr| attrs.get(attr) != entry.get(attr);
        if entry.kind == EntityKind::User && differs(Attr::USER_PRINCIPAL_NAME) {
            let name = attrs.text(Attr::USER_PRINCIPAL_NAME).unwrap_or_default();
            b2b_user::check_sign_in_name(name, self.tenant)?;
        }
        if differs(Attr::MAIL) {
            addresses::follow_mail(&mut attrs);
        }
        Ok(Entry {
            attrs,
            ..entry.clone()
        })
    }
}
