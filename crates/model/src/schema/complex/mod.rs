//! The members of complex values. Bodies, answers and filters read them.

mod tables;

use super::PropertyType;

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

impl Complex {
    /// The member of this name, in any case.
    pub fn member(&self, name: &str) -> Option<&'static Member> {
        self.members
            .iter()
            .find(|it| it.name.eq_ignore_ascii_case(name))
    }
}
