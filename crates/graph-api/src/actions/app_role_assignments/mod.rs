//! App role assignments, seen from the resource (`/servicePrincipals/{id}/appRoleAssignedTo`) and
//! from the principal (`/users/{id}/appRoleAssignments`, groups and service principals alike).

pub mod assigned_to;
pub mod held;
mod permission;
mod request;
