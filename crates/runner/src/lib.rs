//! Carries decisions out: cycles, on-demand provisioning, escrow, gates, schedules, retention.
//!
//! Read `cycle/mod.rs` from top to bottom to learn what a cycle is, `page.rs` for what happens in
//! one page (one page, one transaction), `settle.rs` for what is written down of it. Targets and
//! sources are known only through `syncline-connector`.
//!
//! Deliberately absent: threads, timers and the real clock. Callers bring the thread; time and ids
//! come in as [`syncline_model::Clock`] and [`syncline_model::Ids`].

mod configuration;
mod cycle;
mod jobs;
mod observer;
mod on_demand;
mod page;
mod retention;
mod runner;
mod running;
mod settle;

pub use configuration::{Secrets, StoredSchema};
pub use jobs::restart::ResetScope;
pub use observer::{Observer, Progress, Silent};
pub use on_demand::{OnDemand, OnDemandSubject};
pub use retention::LOG_DAYS;
pub use runner::{PageSizes, Runner};
