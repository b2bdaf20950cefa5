//! Creates an external user or a synchronized group.

use syncline_engine::{Creation, Fault, Operation};
use syncline_model::{Attr, Attrs, EntityKind, Entry, ObjectId, Schema, Timestamp, Value};
use syncline_store::{Reader, Tenant};

use super::page::Page;
use super::values::{self, CHANGE, INVITATION};
use super::{LocalTarget, b2b_user, fault, synchronized_group};
use crate::identifiers;

/// The object a create asks for.
pub(super) fn draft(
    target: &LocalTarget,
    tenant: &Tenant,
    schema: &Schema,
    now: Timestamp,
    create: Creation<'_>,
) -> Result<Entry, Fault> {
    let kind = create.kind;
    let id = target.ids.object_id();
    let code = if kind == EntityKind::User {
        INVITATION
    } else {
        CHANGE
    };
    let mapped = create.attrs.iter().map(|(attr, value)| (attr, Some(value)));
    let mut attrs = values::applied(
        schema,
        kind,
        &Attrs::new(),
        mapped,
        values::AT_CREATION,
        code,
    )?;
    if !attrs.contains(Attr::ALTERNATIVE_SECURITY_IDS) {
        // Without an anchor a repeat of this create would make a second object.
        return Err(fault::invalid(
            "MissingValues",
            "The source anchor alternativeSecurityIds has no value.".to_owned(),
        ));
    }
    match kind {
        EntityKind::User => {
            b2b_user::complete(&mut attrs, create.left_empty, tenant, target.source, now)?;
        }
        EntityKind::Group => synchronized_group::complete(&mut attrs, target.source, id, now)?,
        _ => {
            return Err(fault::invalid(
                "EntityTypeNotSupported",
                format!(
                    "Objects of type {} are not created in a hosted tenant.",
                    kind.engine_name()
                ),
            ));
        }
    }
    attrs.set(Attr::CREATED_DATE_TIME, Value::Time(now));
    attrs.set(
        Attr::SECURITY_IDENTIFIER,
        identifiers::security_identifier(id),
    );
    Ok(Entry { id, kind, attrs })
}

impl Page<'_> {
    /// Creates what the next draft says, unless another object has one of its unique values.
    pub(super) fn create(&mut self, reader: &Reader<'_>) -> Result<ObjectId, Fault> {
        match self.next_draft() {
            Some(draft) => self.add(reader, draft?),
            None => Err(fault::inconsistent("a create without a draft")),
        }
    }

    /// Passes over an operation that is not carried out: a create's draft must not become the next
    /// one's.
    pub(super) fn leave_out(&mut self, operation: &Operation) {
        if matches!(operation, Operation::Create { .. }) {
            self.next_draft();
        }
    }
}
