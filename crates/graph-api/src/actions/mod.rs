//! The actions. Folders and files follow the URL's words: `PATCH /users/{id}` is
//! `users/update.rs`, `/users/{id}/manager/$ref` is in `users/manager.rs`.
//!
//! An action is a function from a [`Call`](crate::Call) to a [`Reply`](crate::Reply). The caller is
//! authenticated and authorized by the route's permission; an action asks for more only where the
//! request's content decides. Actions that several resources share are in the files here.

pub mod application_templates;
pub mod applications;
pub mod audit_logs;
pub mod directory;
pub mod directory_objects;
pub mod directory_role_templates;
pub mod directory_roles;
pub mod domains;
pub mod groups;
pub mod oauth2_permission_grants;
pub mod organization;
pub mod policies;
pub mod role_management;
pub mod service_principals;
pub mod synchronization;
pub mod tenant_relationships;
pub mod users;

pub mod app_role_assignments;
pub mod batch;
pub mod bound;
pub mod cast;
pub mod certificates;
pub mod creator;
pub mod decisive;
pub mod lookup;
pub mod member_groups;
pub mod member_of;
pub mod owners;
pub mod passwords;
pub mod representation;
pub mod upsert;
pub mod well_known;
pub mod whole;
pub mod without_ref;
