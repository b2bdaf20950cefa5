//! The members of complex values. Bodies, answers and filters read them.

mod tables;

use super::PropertyType;
use crate::Value;

pub use tables::of;

/// The members of a complex type.
#[derive(Debug)]
pub struct Complex {
    pub members: &'static [Member],
    /// Shown as an object of nulls when the object has no such value, as Graph does.
    pub always: bool,
}

/// One member.
#[derive(Debug)]
pub struct Member {
    pub name: &'static str,
    pub shape: Shape,
    /// Longest text in characters.
    pub max_length: Option<usize>,
}

/// What a member holds.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    One(PropertyType),
    Many(PropertyType),
    Object(&'static Complex),
    Objects(&'static Complex),
    /// Read, never written and never asked for: passwords, secret texts.
    Secret,
    /// Any JSON.
    Free,
}

impl Member {
    /// Whether a single value is not too long.
    pub fn has_room_for(&self, value: &Value) -> bool {
        match (self.max_length, value) {
            // It has no more characters than bytes.
            (Some(longest), Value::Text(text)) => {
                text.len() <= longest || text.chars().count() <= longest
            }
            _ => true,
        }
    }
}

impl Complex {
    /// The member of this name, in any case.
    pub fn member(&self, name: &str) -> Option<&'static Member> {
        self.members
            .iter()
            .find(|it| it.name.eq_ignore_ascii_case(name))
    }
}
