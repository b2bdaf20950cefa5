//! `/auditLogs`.

pub mod provisioning;
