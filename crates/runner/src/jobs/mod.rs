//! A job's life: create, start, pause, restart, delete, and what is due.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod due;
pub(crate) mod pause;
pub(crate) mod restart;
pub(crate) mod start;
pub(crate) mod validate_credentials;
