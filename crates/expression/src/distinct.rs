//! Values each once, in the order in which they first came.

use std::collections::HashMap;

use syncline_model::{Text, Value};

/// The values met so far.
#[derive(Debug, Default)]
pub struct Distinct {
    /// Equal values have equal texts; of those with the same text, few are compared.
    met: HashMap<Text, Vec<Value>>,
}

impl Distinct {
    /// Notes a value, and says whether it is the first of its kind.
    pub fn is_new(&mut self, value: &Value) -> bool {
        let alike = self.met.entry(value.display_text()).or_default();
        let new = !alike.contains(value);
        if new {
            alike.push(value.clone());
        }
        new
    }
}
