//! Groups that may hold directory roles: what those who keep them apart go by.

use crate::{Attr, Attrs};

/// Whether these are the attributes of such a group. It is made as one; that can not be changed.
pub fn is_role_assignable(attrs: &Attrs) -> bool {
    attrs.bool(Attr::IS_ASSIGNABLE_TO_ROLE) == Some(true)
}
