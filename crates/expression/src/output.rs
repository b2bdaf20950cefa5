//! A text that is built piece by piece and can not outgrow the limit.

use syncline_model::Value;

use crate::evaluator::{Evaluated, Stop, too_much_work};
use crate::limits::Limits;

/// A growing text, checked before it grows.
#[derive(Debug)]
pub struct Output<'a> {
    limits: &'a Limits,
    text: String,
}

impl<'a> Output<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            text: String::new(),
        }
    }

    pub fn push(&mut self, piece: &str) -> Result<(), Stop> {
        if self.text.len() + piece.len() > self.limits.value_bytes {
            return Err(too_much_work(self.limits));
        }
        self.text.push_str(piece);
        Ok(())
    }

    pub fn finish(self) -> Evaluated {
        Ok(Some(Value::text(self.text)))
    }
}
