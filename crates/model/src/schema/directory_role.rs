//! The Graph resource `directoryRole`.

use super::Filter::{Basic, Full};
use super::{Property, PropertyType as T};
use crate::Attr as A;

// One row per line: a table reads better than wrapped calls.
#[rustfmt::skip]
pub(super) fn properties() -> Vec<Property> {
    let p = |attr, kind, doc| Property::new(attr, kind, doc).by_default();
    vec![
        p(A::ID, T::Guid, "Id of the role; that of its template.").filter(Basic),
        p(A::DELETED_DATE_TIME, T::Time, "Always null.").filter(Basic),
        p(A::DESCRIPTION, T::Text, "What the role is for.").filter(Basic),
        p(A::DISPLAY_NAME, T::Text, "Name of the role.").filter(Full).sortable(),
        p(A::ROLE_TEMPLATE_ID, T::Text, "Template that the role was made from.").filter(Basic),
    ]
}
