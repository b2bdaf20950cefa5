//! With which role users and groups are assigned.

use syncline_model::{Attr, EntityKind, Value};
use syncline_store::Stored;
use uuid::Uuid;

use super::assign::offers;
use crate::applications::role_id;

/// The first enabled role of a service principal that users and groups may have.
pub fn user_role(service_principal: &Stored) -> Option<Uuid> {
    let roles = service_principal.entry.get(Attr::APP_ROLES);
    let enabled = |role: &&Value| role.member("isEnabled") != Some(&Value::Bool(false));
    roles
        .map_or(&[][..], Value::as_slice)
        .iter()
        .filter(enabled)
        .filter_map(role_id)
        .find(|id| offers(service_principal, *id, EntityKind::User))
}
