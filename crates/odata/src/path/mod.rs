//! Graph URL paths: [`resolve`] turns a raw path into [`Segment`]s, a [`Pattern`] describes a route,
//! and a [`Router`] finds the route of a path.
//!
//! `/users('a%40b')/microsoft.graph.delta()` and `/users/a@b/delta` are the same path: keys in
//! parentheses become segments of their own, the spellings of functions and casts compare alike.

mod captures;
mod name;
mod parentheses;
mod pattern;
mod resolve;
mod router;
mod segment;
mod version;

pub use captures::{Captures, Key};
pub use pattern::{Pattern, PatternError};
pub use resolve::resolve;
pub use router::{Found, RouteError, Router};
pub use segment::Segment;
pub use version::{Version, split_version};

use syncline_model::Problem;

/// Graph's answer to a path it does not know.
pub fn segment_not_found(segment: &str) -> Problem {
    Problem::malformed(format!("Resource not found for the segment '{segment}'."))
}
