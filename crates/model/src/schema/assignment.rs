//! The Graph resource `appRoleAssignment`.

use super::{Filter, Property, PropertyType as T};
use crate::Attr as A;

// One row per line: a table reads better than wrapped calls.
#[rustfmt::skip]
pub(super) fn properties() -> Vec<Property> {
    let p = |attr, kind, doc| Property::new(attr, kind, doc).by_default();
    vec![
        p(A::ID, T::Text, "Id of the assignment."),
        p(A::DELETED_DATE_TIME, T::Time, "Always null."),
        p(
            A::ASSIGNMENT_APP_ROLE_ID,
            T::Guid,
            "Role; all zeros for default access.",
        )
        .create_only()
        .required(),
        p(
            A::CREATED_DATE_TIME,
            T::Time,
            "When the assignment was made.",
        ),
        p(
            A::ASSIGNMENT_PRINCIPAL_DISPLAY_NAME,
            T::Text,
            "Display name of the principal.",
        )
        .filter(Filter::Full),
        p(
            A::ASSIGNMENT_PRINCIPAL_ID,
            T::Guid,
            "User, group or service principal.",
        )
        .create_only()
        .required()
        .filter(Filter::Basic),
        p(
            A::ASSIGNMENT_PRINCIPAL_TYPE,
            T::Text,
            "User, Group or ServicePrincipal.",
        ),
        p(
            A::ASSIGNMENT_RESOURCE_DISPLAY_NAME,
            T::Text,
            "Display name of the resource.",
        ),
        p(
            A::ASSIGNMENT_RESOURCE_ID,
            T::Guid,
            "Service principal the role belongs to.",
        )
        .create_only()
        .required()
        .filter(Filter::Basic),
    ]
}
