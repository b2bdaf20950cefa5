//! `/roleManagement/directory`

pub mod role_assignments;
pub mod role_definitions;
