//! Who becomes the owner of an application that a request makes.

use syncline_access::{CallerKind, permissions};
use syncline_model::ObjectId;

use crate::Call;

/// The signed-in user; or the calling application, when it may do such things only to what it owns.
pub fn owner(call: &Call<'_>) -> Option<ObjectId> {
    call.signed_in_user().or_else(|| owning_application(call))
}

/// The service principal of the calling application, when it may change only what it owns.
pub fn owning_application(call: &Call<'_>) -> Option<ObjectId> {
    match &call.caller.kind {
        CallerKind::Application {
            service_principal, ..
        } if !call.holds(&permissions::APPLICATIONS_WRITE) => Some(*service_principal),
        _ => None,
    }
}
