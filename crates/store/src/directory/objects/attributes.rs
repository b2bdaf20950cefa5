//! A stored object as a predicate sees it: the dates of its life are columns, not attributes.

use std::borrow::Cow;

use syncline_model::predicate::Attributes;
use syncline_model::{Attr, Value};

use crate::Stored;

impl Attributes for Stored {
    fn value(&self, attr: Attr) -> Option<Cow<'_, Value>> {
        match attr {
            Attr::DELETED_DATE_TIME => self.deleted_at.map(|at| Cow::Owned(Value::Time(at))),
            Attr::CREATED_DATE_TIME if !self.entry.attrs.contains(attr) => {
                Some(Cow::Owned(Value::Time(self.created_at)))
            }
            attr => self.entry.value(attr),
        }
    }
}
