//! `…/jobs/{jobId}/schema/previous`, of our own: the schemas that a job had before.

pub mod get;
pub mod list;
