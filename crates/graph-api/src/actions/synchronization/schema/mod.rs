//! `…/synchronization/jobs/{jobId}/schema`.

pub mod delete;
pub mod get;
pub mod put;
