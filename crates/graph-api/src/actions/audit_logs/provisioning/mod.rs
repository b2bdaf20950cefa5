//! `/auditLogs/provisioning`.

pub mod count;
pub mod event;
pub mod get;
pub mod list;
pub mod select;
pub mod show;
pub mod walk;
