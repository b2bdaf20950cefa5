//! Carries decisions out: cycles, on-demand provisioning, escrow, gates, schedules, retention.
//!
//! Read `cycle/mod.rs` from top to bottom to learn what a cycle is, `page.rs` for what happens in
//! one page, `settle.rs` for what is written down of it. A transaction holds one page, or two that
//! were ready together. Targets and sources are known only through `syncline-connector`.
//!
//! Deliberately absent: the real clock and randomness. Time and ids come in as
//! [`syncline_model::Clock`] and [`syncline_model::Ids`]; callers bring the thread. The places that
//! need more threads are `cycle/ahead.rs` (deciding pages ahead), `view/drafter.rs` (working out what
//! was decided) and `cycle/ready.rs` (references that waited); `wait.rs` makes a thread wait for another
//! node.

mod absent;
mod claims;
mod configuration;
mod consent;
mod courtesy;
mod cycle;
mod deletion_threshold;
mod discarded;
mod jobs;
mod known_extensions;
mod memberships;
mod observer;
mod on_demand;
mod page;
mod plan;
mod promised;
mod replacement;
mod retention;
mod runner;
mod running;
mod secrets;
mod settle;
mod superseded;
mod view;
mod wait;

pub use configuration::StoredSchema;
pub use cycle::{CYCLE_ABANDONED, LEASE_LOST, Rehearsed};
pub use deletion_threshold::DeletionThreshold;
pub use observer::{Observer, PageReport, Progress, Silent};
pub use on_demand::{OnDemand, OnDemandSubject};
pub use plan::{AttributePlan, Example, GroupPlan, Plan, PlannedChange, PlannedObject, Reach};
pub use replacement::{Replaceable, Replacement, Unfit};
pub use retention::{LOG_DAYS, Swept};
pub use runner::{Node, PageSizes, Runner};
pub use secrets::Secrets;
