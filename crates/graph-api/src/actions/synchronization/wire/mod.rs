//! Synchronization resources as JSON.

pub mod job;
pub mod on_demand;
