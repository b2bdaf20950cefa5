//! Roles of Microsoft Graph itself are permissions: whoever may hand them out may become anything.

use syncline_access::permissions;
use syncline_model::{Attr, Problem};
use syncline_store::Stored;
use uuid::{Uuid, uuid};

use crate::Call;

/// The application id of Microsoft Graph, the same in every tenant.
pub(in crate::actions) const GRAPH: Uuid = uuid!("00000003-0000-0000-c000-000000000000");

/// 403 when the resource is Microsoft Graph and the caller may not grant its permissions.
pub(super) fn check(call: &Call<'_>, resource: &Stored) -> Result<(), Problem> {
    match resource.entry.guid(Attr::APP_ID) {
        Some(GRAPH) => call.authorize(&permissions::GRAPH_ASSIGNMENTS_WRITE),
        _ => Ok(()),
    }
}
