//! What a target says of a value that must not be written down.

use syncline_model::Value;
use syncline_model::fold::fold;

use crate::rule::{Mapping, Rule};
use crate::{Fault, Operation};

impl Rule {
    /// What a target says of this operation, without the values that mappings redact: it may tell which value
    /// it refuses, in a spelling of its own.
    pub fn hiding(&self, operation: &Operation, fault: Fault) -> Fault {
        let told = fold(&fault.message);
        let is_told = |value: &Value| {
            let mut texts = value.as_slice().iter().map(|it| fold(&it.display_text()));
            texts.any(|text| !text.is_empty() && told.contains(&text))
        };
        let mut redacted = self.mappings.iter().filter(|it| it.is_redacted());
        match redacted.find(|mapping| wanted(operation, mapping).is_some_and(is_told)) {
            None => fault,
            Some(mapping) => Fault {
                message: format!(
                    "The target refuses the value of `{}`, which is not to be shown.",
                    mapping.name()
                ),
                ..fault
            },
        }
    }
}

/// The value that a mapping's attribute would get.
fn wanted<'o>(operation: &'o Operation, mapping: &Mapping) -> Option<&'o Value> {
    match operation {
        Operation::Create { attrs, .. } => attrs.get(mapping.target),
        Operation::Update { set, .. } | Operation::Restore { set, .. } => {
            let (_, value) = set.iter().find(|(attr, _)| *attr == mapping.target)?;
            value.as_ref()
        }
        _ => None,
    }
}
