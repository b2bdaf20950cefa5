//! A route as a value.

use std::fmt;

use syncline_access::Permission;
use syncline_model::Problem;
use uuid::Uuid;

use crate::{Call, Reply};

/// What a route leads to.
pub type Handler = fn(&Call<'_>) -> Result<Reply, Problem>;

/// Method, pattern, who may, and what happens.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub method: &'static str,
    /// In the language of [`syncline_odata::path::Pattern`].
    pub pattern: &'static str,
    pub permission: &'static Permission,
    pub handler: Handler,
    /// Whether it changes nothing, so that it may be refused and asked again. What does has a small answer.
    pub reads: bool,
}

impl Route {
    /// The same, which changes nothing although its method is not `GET`.
    pub const fn reading(self) -> Self {
        Self {
            reads: true,
            ..self
        }
    }
}

/// The route that a request took, among the extensions of its answer: for those who count requests
/// and must not count by path, which is as unbounded as the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteTaken(pub &'static str);

/// What became of the parts of a `$batch`, among the extensions of its answer: for the same, who would see one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemsAnswered(pub Vec<ItemAnswered>);

/// A part of a `$batch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemAnswered {
    /// `other` for what is no method of ours.
    pub method: &'static str,
    /// The pattern of the route it took; `None` when it took none, such as one whose earlier part failed.
    pub route: Option<&'static str>,
    pub status: u16,
}

/// The objects that a request was about, among the extensions of its answer: those whose ids its path has, and the one
/// that a name in it leads to. For whoever writes down who changed what, and must not write down names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectsNamed(pub Vec<Uuid>);

impl fmt::Display for ObjectsNamed {
    /// With commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, id) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            id.fmt(f)?;
        }
        Ok(())
    }
}

/// One line of the list in [`crate::routes`].
pub const fn route(
    method: &'static str,
    pattern: &'static str,
    permission: &'static Permission,
    handler: Handler,
) -> Route {
    Route {
        method,
        pattern,
        permission,
        handler,
        reads: matches!(method.as_bytes(), b"GET"),
    }
}
