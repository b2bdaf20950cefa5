//! Roles of Microsoft Graph itself are permissions: whoever may hand them out may become anything.

use syncline_access::permissions;
use syncline_model::well_known::GRAPH_APP_ID;
use syncline_model::{Attr, Problem};
use syncline_store::Stored;

use crate::Call;

/// 403 when the resource is Microsoft Graph and the caller may not grant its permissions.
pub(super) fn check(call: &Call<'_>, resource: &Stored) -> Result<(), Problem> {
    if resource.entry.guid(Attr::APP_ID) == Some(GRAPH_APP_ID.0) {
        call.authorize(&permissions::GRAPH_ASSIGNMENTS_WRITE)
    } else {
        Ok(())
    }
}
