//! Synchronization resources as JSON.

pub mod duration;
pub mod job;
pub mod on_demand;
