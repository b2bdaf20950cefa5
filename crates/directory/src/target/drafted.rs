//! A create worked out as far as that goes without knowing who holds which unique value.

use std::sync::Arc;

use syncline_engine::{Creation, Fault};
use syncline_model::{Attr, Schema, Text, Timestamp, Value};
use syncline_store::{Encoded, Key, ObjectState, Tenant};

use super::{LocalTarget, create, fault};
use crate::unique::keys_of;

/// The row of the object that a create asks for, and its unique values. Not the object itself: many of
/// them wait for their page.
#[derive(Clone)]
pub(super) struct Drafted {
    pub(super) keys: Arc<[Key]>,
    pub(super) row: Arc<Encoded>,
    /// The sign-in name of a user.
    pub(super) name: Option<Text>,
    /// Tenant and entity table as they were when this was made.
    tenant: Arc<Tenant>,
    schema: Arc<Schema>,
    /// Made before the page: whoever holds its unique values is found out when they are written.
    pub(super) ahead: bool,
}

impl Drafted {
    pub(super) fn make(
        target: &LocalTarget,
        tenant: &Arc<Tenant>,
        schema: &Arc<Schema>,
        now: Timestamp,
        create: Creation<'_>,
    ) -> Result<Self, Fault> {
        let entry = create::draft(target, tenant, schema, now, create)?;
        let keys = keys_of(&entry, ObjectState::Live);
        let row = Encoded::of(&entry).map_err(fault::broken)?;
        Ok(Self {
            keys: keys.into(),
            row: Arc::new(row),
            name: entry
                .get(Attr::USER_PRINCIPAL_NAME)
                .and_then(Value::to_text),
            tenant: Arc::clone(tenant),
            schema: Arc::clone(schema),
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

    /// Whether the tenant (its initial domain, say) and its entity table are what they were. There is
    /// one entity table in memory for each state of it.
    pub(super) fn is_of(&self, tenant: &Tenant, schema: &Arc<Schema>) -> bool {
        *self.tenant == *tenant && Arc::ptr_eq(&self.schema, schema)
    }
}
