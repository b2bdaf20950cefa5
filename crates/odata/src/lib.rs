//! OData as Graph speaks it: URL paths ([`path`]) and query options ([`QueryOptions`]), parsed once.
//!
//! Text becomes values here and nowhere else. A path becomes [`path::Segment`]s and finds its route
//! in a [`path::Router`]; query options become [`QueryOptions`], which bind to an
//! [`EntityType`](syncline_model::EntityType) and give a [`Query`](syncline_model::Query) that
//! evaluates, or becomes SQL, elsewhere. Page and delta tokens ([`skiptoken`]) carry options from
//! one page to the next.
//!
//! Deliberately absent: HTTP, JSON, permissions, the store. Everything is total: any text gives a
//! value or a [`Problem`](syncline_model::Problem), at a cost bounded by [`limits`].

pub mod filter;
pub mod limits;
pub mod navigation;
pub mod options;
pub mod orderby;
pub mod path;
pub mod rules;
pub mod search;
pub mod select;
pub mod skiptoken;

mod decode;
mod words;

pub use filter::values::values_of;
pub use options::QueryOptions;
pub use rules::Rules;
pub use select::Selection;
