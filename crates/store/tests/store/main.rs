//! The store through its verbs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod backup;
mod changes;
mod decides_ahead;
mod deleted_jobs;
mod documents;
mod due_jobs;
mod escrow;
mod evaluated;
mod extensions;
mod figures;
mod fitting;
mod full_disk;
mod integrity;
mod isolation;
mod keys;
mod layouts;
mod leases;
mod links;
mod log;
mod lost_connections;
mod memberships;
mod moves;
mod neighbours;
mod object_documents;
mod objects;
mod peek;
mod referred;
mod refused_writes;
mod restriction;
mod standbys;
mod statistics;
mod transactions;
mod turns;
mod upgrades;
mod world;
