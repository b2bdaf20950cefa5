//! Members of complex values, by the entity table. A name that nothing has would be null of everybody: `ne` and `not`
//! would find all.

use syncline_model::PropertyType;
use syncline_model::schema::complex::{Complex, Shape};

/// What a path of members leads to.
#[derive(Debug)]
pub(super) struct Member {
    /// The exact names on the way.
    pub names: Vec<String>,
    /// `None` when the table does not describe it.
    pub kind: Option<PropertyType>,
    pub complex: Option<&'static Complex>,
    pub multi_valued: bool,
}

/// Why a path leads nowhere.
#[derive(Clone, Copy, Debug)]
pub(super) enum Astray {
    Unknown,
    /// It goes on behind a collection.
    InCollection,
}

impl Member {
    /// Follows `path` from a value of this type; an empty path stays there.
    pub(super) fn find(
        kind: Option<PropertyType>,
        complex: Option<&'static Complex>,
        path: &[&str],
    ) -> Result<Self, Astray> {
        let mut reached = Self {
            names: Vec::with_capacity(path.len()),
            kind,
            complex,
            multi_valued: false,
        };
        for name in path {
            reached.step(name)?;
        }
        Ok(reached)
    }

    fn step(&mut self, name: &str) -> Result<(), Astray> {
        if self.multi_valued {
            return Err(Astray::InCollection);
        }
        let Some(table) = self.complex else {
            // Nobody knows what is inside of these.
            if matches!(self.kind, Some(PropertyType::Complex) | None) {
                self.names.push(name.to_owned());
                self.kind = None;
                return Ok(());
            }
            return Err(Astray::Unknown);
        };
        let member = table.member(name).ok_or(Astray::Unknown)?;
        (self.kind, self.complex, self.multi_valued) = match member.shape {
            Shape::One(kind) => (Some(kind), None, false),
            Shape::Many(kind) => (Some(kind), None, true),
            Shape::Object(complex) => (Some(PropertyType::Complex), Some(complex), false),
            Shape::Objects(complex) => (Some(PropertyType::Complex), Some(complex), true),
            Shape::Free => (None, None, false),
            Shape::Secret => return Err(Astray::Unknown),
        };
        self.names.push(member.name.to_owned());
        Ok(())
    }
}
