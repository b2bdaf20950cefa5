//! A source object as scoping filters see it.

use std::borrow::Cow;

use syncline_model::predicate::Attributes;
use syncline_model::{Attr, Text, Value};

use super::computed::computed;
use crate::Subject;

/// How the log writes an absent alternative security id; cross-tenant schemas made elsewhere carry
/// the built-in filter `alternativeSecurityIds EQUALS 'None'`.
pub(super) const NO_ALTERNATIVE_SECURITY_ID: Text = Text::fixed("None");

/// What scoping filters see; the standing follows from them, so they can not see it.
pub(super) struct ScopingView<'a> {
    pub(super) subject: &'a Subject,
}

impl Attributes for ScopingView<'_> {
    fn value(&self, attr: Attr) -> Option<Cow<'_, Value>> {
        match computed(self.subject, attr) {
            None if attr == Attr::ALTERNATIVE_SECURITY_IDS => {
                Some(Cow::Owned(Value::Text(NO_ALTERNATIVE_SECURITY_ID)))
            }
            found => found,
        }
    }
}
