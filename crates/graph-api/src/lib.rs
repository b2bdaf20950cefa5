//! The HTTP face of Microsoft Graph: routes as values, one file per action, one error envelope.
//!
//! A request goes through [`dispatch`]: authenticate, find the route in [`routes`], authorize, then
//! the action, a function from a [`Call`] to a [`Reply`]. Everything is synchronous and needs no
//! network: tests call [`dispatch`] with an `http::Request`. [`router`] is the one asynchronous
//! file; it reads the body and calls [`dispatch`] on a thread that may block.
//!
//! | where | what |
//! |---|---|
//! | [`routes`] | every route of the API, one line each |
//! | [`actions`] | the actions; folders and files follow the URL's words |
//! | [`wire`] | JSON in and out by the entity table, collections, the error envelope |
//! | [`list`] | `$filter`, `$orderby`, `$top`, paging over anything that has rows |
//! | [`delta`] | change tracking |

pub mod actions;
pub mod delta;
pub mod list;
pub mod routes;
pub mod wire;

mod answer_room;
mod api;
mod batch;
mod body;
mod call;
mod cors;
mod dispatch;
mod encoding;
mod graph_throttle;
mod me;
mod narrow;
mod precondition;
mod reference;
mod reply;
mod rights;
mod route;
mod router;
mod scan;
mod sliced;
mod throttle;
mod trace;
mod waiting;
mod walked;

pub use answer_room::AnswerRoom;
pub use api::{Api, GraphSettings};
pub use body::Body;
pub use call::Call;
pub use dispatch::dispatch;
pub use reference::Reference;
pub use reply::{Content, Reply};
pub use route::{Handler, ItemAnswered, ItemsAnswered, ObjectsNamed, Route, RouteTaken, route};
pub use router::{MAX_BODY_BYTES, handle, router};
pub use throttle::{Limits, Most};
pub use waiting::Waiting;
