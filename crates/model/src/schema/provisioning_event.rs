//! What `$filter` and `$orderby` may name on `auditLogs/provisioning`.

use super::{Filter, Property, PropertyType as T};
use crate::Attr as A;

// One row per line: a table reads better than wrapped calls.
#[rustfmt::skip]
pub(super) fn properties() -> Vec<Property> {
    let p = |attr, kind, doc| Property::new(attr, kind, doc).filter(Filter::WithContains);
    vec![
        p(A::ID, T::Text, "Unique id of the event."),
        p(A::LOG_ACTIVITY_DATE_TIME, T::Time, "End of the operation.").sortable(),
        p(A::LOG_TENANT_ID, T::Text, "Target tenant."),
        p(A::LOG_JOB_ID, T::Text, "Job."),
        p(A::LOG_CHANGE_ID, T::Text, "One per change."),
        p(A::LOG_CYCLE_ID, T::Text, "One per cycle."),
        p(
            A::LOG_ACTION,
            T::Text,
            "create, update, disable, delete, stagedDelete, other.",
        ),
        p(
            A::LOG_STATUS,
            T::Text,
            "success, failure, skipped, warning.",
        ),
        p(A::LOG_DURATION, T::Int, "Duration in milliseconds."),
        p(A::LOG_SOURCE_SYSTEM_DISPLAY_NAME, T::Text, "Source system."),
        p(A::LOG_TARGET_SYSTEM_DISPLAY_NAME, T::Text, "Target system."),
        p(A::LOG_INITIATED_BY_DISPLAY_NAME, T::Text, "Initiator."),
        p(A::LOG_SOURCE_ID, T::Text, "Source object."),
        p(
            A::LOG_SOURCE_DISPLAY_NAME,
            T::Text,
            "Display name of the source object.",
        ),
        p(A::LOG_SOURCE_TYPE, T::Text, "Type of the source object."),
        p(A::LOG_TARGET_ID, T::Text, "Target object."),
        p(
            A::LOG_TARGET_DISPLAY_NAME,
            T::Text,
            "Display name of the target object.",
        ),
        p(A::LOG_TARGET_TYPE, T::Text, "Type of the target object."),
        p(
            A::LOG_SERVICE_PRINCIPAL_ID,
            T::Text,
            "Service principal of the configuration.",
        ),
        p(
            A::LOG_SERVICE_PRINCIPAL_DISPLAY_NAME,
            T::Text,
            "Display name of the configuration.",
        ),
        p(
            A::LOG_MODIFIED_PROPERTIES,
            T::Complex,
            "Properties changed, for `any`.",
        )
        .many(),
    ]
}
