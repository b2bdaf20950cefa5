//! `/roleManagement/directory`

pub(in crate::actions) mod given;
pub mod role_assignments;
pub mod role_definitions;
