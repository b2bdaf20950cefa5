//! The directory's rules through its public door, on a real store in a temporary file.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod applications;
mod assignments;
mod contract;
mod deleted_items;
mod delta;
mod domains;
mod drafts;
mod groups;
mod integrity;
mod policy;
mod sealing;
mod source;
mod target;
mod tenants;
mod tombstones;
mod users;
mod world;
