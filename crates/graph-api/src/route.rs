//! A route as a value.

use syncline_access::Permission;
use syncline_model::Problem;

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
}

/// The route that a request took, among the extensions of its answer: for those who count requests
/// and must not count by path, which is as unbounded as the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteTaken(pub &'static str);

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
    }
}
