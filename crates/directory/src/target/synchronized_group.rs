//! What makes a group a synchronized one.

use syncline_engine::Fault;
use syncline_model::synchronized_group::{FIXED, fixed};
use syncline_model::{Attr, Attrs, ObjectId, TenantId, Timestamp, Value};

use super::fault;

/// Completes the attributes of a group about to be created: a static security group, whatever the
/// source group is.
pub(super) fn complete(
    attrs: &mut Attrs,
    source: TenantId,
    id: ObjectId,
    now: Timestamp,
) -> Result<(), Fault> {
    if !attrs.contains(Attr::DISPLAY_NAME) {
        return Err(fault::invalid(
            "MandatoryFieldsMissing",
            "A group needs a displayName.".to_owned(),
        ));
    }
    attrs.set(Attr::HOME_TENANT_ID, Value::Guid(source.0));
    attrs.set(Attr::RENEWED_DATE_TIME, Value::Time(now));
    keep_kind(attrs);
    for attr in [Attr::MAIL, Attr::PROXY_ADDRESSES, Attr::VISIBILITY] {
        attrs.remove(attr);
    }
    if !attrs.contains(Attr::MAIL_NICKNAME) {
        attrs.set(Attr::MAIL_NICKNAME, id.simple());
    }
    Ok(())
}

/// Makes it, and keeps it, a static security group without a role.
pub(super) fn keep_kind(attrs: &mut Attrs) {
    for attr in FIXED {
        if let Some(value) = fixed(attr) {
            attrs.put(attr, value);
        }
    }
}
