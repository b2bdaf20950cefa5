//! Jobs, what they have done and what they have still to do: one file for each kind of row, with its verbs.

pub(crate) mod deleted_jobs;
pub(crate) mod escrow;
mod evaluated;
pub(crate) mod jobs;
pub(crate) mod leases;
pub(crate) mod links;
pub(crate) mod log;
pub(crate) mod log_facts;
mod log_walk;
pub(crate) mod memberships_due;
pub(crate) mod references;
mod refused;
pub(crate) mod staged;
mod suspended;
pub(crate) mod waking;
