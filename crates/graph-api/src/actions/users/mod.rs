//! `/users`, and `/me`, which is one of them.

pub mod change_password;
pub mod create;
pub mod delete;
pub mod delta;
pub mod direct_reports;
pub mod get;
pub mod list;
pub mod manager;
pub mod password;
pub mod privileged;
pub mod revoke_sign_in_sessions;
pub mod sponsors;
pub mod update;
