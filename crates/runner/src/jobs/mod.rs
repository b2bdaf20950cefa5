//! A job's life: create, start, pause, restart, delete, what is due, and who is let in again.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod due;
pub(crate) mod let_in;
pub(crate) mod make_due;
pub(crate) mod pause;
pub(crate) mod put_away;
pub(crate) mod restart;
pub(crate) mod start;
pub(crate) mod validate_credentials;
