//! A source object as expressions see it: what it says of itself, and whether the job wants it.

use std::borrow::Cow;

use syncline_model::predicate::Attributes;
use syncline_model::{Attr, Value};

use super::computed::computed;
use super::standing::Standing;
use crate::Subject;

/// What expressions see.
pub(super) struct SourceView<'a> {
    pub(super) subject: &'a Subject,
    pub(super) standing: &'a Standing,
}

impl Attributes for SourceView<'_> {
    fn value(&self, attr: Attr) -> Option<Cow<'_, Value>> {
        if attr == Attr::IS_SOFT_DELETED {
            // Deleted or not entitled (a filter that fails is one way), never merely disabled; or asked to leave by the mapping.
            let leaves = !self.standing.wanted() || self.standing.asked_to_leave;
            return Some(Cow::Owned(Value::Bool(leaves)));
        }
        computed(self.subject, attr)
    }
}
