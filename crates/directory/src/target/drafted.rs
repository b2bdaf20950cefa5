//! A create worked out as far as that goes without knowing who holds which unique value.

use std::sync::Arc;

use syncline_engine::Fault;
use syncline_model::{Attrs, EntityKind, Entry, Timestamp};
use syncline_store::{Encoded, Key, ObjectState, Tenant};

use super::{LocalTarget, create, fault};
use crate::unique::keys_of;

/// The object a create asks for, its unique values and its row.
#[derive(Clone)]
pub(super) struct Drafted {
    pub(super) entry: Arc<Entry>,
    pub(super) keys: Arc<[Key]>,
    pub(super) row: Arc<Encoded>,
    /// As it was when this was made.
    tenant: Arc<Tenant>,
    /// Made before the page: whoever holds its unique values is found out when they are written.
    pub(super) ahead: bool,
}

impl Drafted {
    pub(super) fn make(
        target: &LocalTarget,
        tenant: &Arc<Tenant>,
        now: Timestamp,
        kind: EntityKind,
        mapped: &Attrs,
    ) -> Result<Self, Fault> {
        let entry = create::draft(target, tenant, now, kind, mapped)?;
        let keys = keys_of(&entry, ObjectState::Live);
        let row = Encoded::of(&entry).map_err(fault::broken)?;
        Ok(Self {
            entry: Arc::new(entry),
            keys: keys.into(),
            row: Arc::new(row),
            tenant: Arc::clone(tenant),
            ahead: true,
        })
    }

    /// Made in the page that creates the object.
    pub(super) fn late(self) -> Self {
        Self {
            ahead: false,
            ..self
        }
    }

    /// Whether the tenant (its initial domain, say) is what it was.
    pub(super) fn is_of(&self, tenant: &Tenant) -> bool {
        *self.tenant == *tenant
    }
}
