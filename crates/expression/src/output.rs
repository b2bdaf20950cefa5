//! A text that is built piece by piece and can not outgrow the limit.

use syncline_model::{Meter, Value};

use crate::limits::Limits;
use crate::stop::{Evaluated, Stop, too_large_value};

/// A growing text, checked before it grows.
#[derive(Debug)]
pub struct Output<'a> {
    limits: &'a Limits,
    meter: &'a Meter,
    text: String,
}

impl<'a> Output<'a> {
    pub(crate) fn new(limits: &'a Limits, meter: &'a Meter) -> Self {
        Self {
            limits,
            meter,
            text: String::new(),
        }
    }

    /// Adds a piece; an empty one is a step, too.
    pub fn push(&mut self, piece: &str) -> Result<(), Stop> {
        self.meter.charge(1)?;
        if self.text.len() + piece.len() > self.limits.value_bytes {
            return Err(too_large_value(self.limits));
        }
        self.text.push_str(piece);
        Ok(())
    }

    pub fn finish(self) -> Evaluated {
        Ok(Some(Value::text(self.text)))
    }
}
