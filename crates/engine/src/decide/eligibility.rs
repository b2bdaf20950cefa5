//! Which source objects are ever synchronized: internal members, and groups the target can hold.

use syncline_model::{Attr, EntityKind, Entry, Value, b2b, is_role_assignable};

use crate::SkipReason;

/// Why not; `None` for eligible objects. Holds with *Sync All* too: an external user is somebody
/// else's to synchronize, and taking him further would make loops.
pub(super) fn why_not(entry: &Entry) -> Option<SkipReason> {
    match entry.kind {
        EntityKind::User => user(entry),
        EntityKind::Group => group(entry),
        _ => Some(SkipReason::EntityTypeNotSupported),
    }
}

fn user(entry: &Entry) -> Option<SkipReason> {
    let external_name = entry
        .text(Attr::USER_PRINCIPAL_NAME)
        .is_some_and(|it| it.contains(b2b::EXTERNAL));
    if b2b::is_external(entry) || external_name || entry.get(Attr::EXTERNAL_USER_STATE).is_some() {
        return Some(SkipReason::ExternalUser);
    }
    let guest = entry
        .text(Attr::USER_TYPE)
        .is_some_and(|it| it.eq_ignore_ascii_case("Guest"));
    guest.then_some(SkipReason::InternalGuest)
}

/// Security groups and Microsoft 365 groups; not those that hold directory roles, not distribution
/// lists and mail-enabled security groups, and not groups that were synchronized here themselves.
fn group(entry: &Entry) -> Option<SkipReason> {
    let unified = entry
        .get(Attr::GROUP_TYPES)
        .is_some_and(|types| types.as_slice().iter().any(is_unified));
    let security = entry.bool(Attr::SECURITY_ENABLED).unwrap_or(false);
    let mail = entry.bool(Attr::MAIL_ENABLED).unwrap_or(false);
    let roles = is_role_assignable(&entry.attrs);
    let synchronized = entry.get(Attr::HOME_TENANT_ID).is_some();
    let supported = (unified || (security && !mail)) && !roles && !synchronized;
    (!supported).then_some(SkipReason::EntityTypeNotSupported)
}

/// In any case: groups of earlier builds have it as it was sent.
fn is_unified(kind: &Value) -> bool {
    kind.as_text()
        .is_some_and(|it| it.eq_ignore_ascii_case("Unified"))
}
