//! The Graph face, in process: real tokens, a fake clock, one store per test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod world;

mod applications;
mod assignments;
mod authentication;
mod batch;
mod client_secrets;
mod deleted_items;
mod delta_follower;
mod delta_moves;
mod delta_pages;
mod directory_objects;
mod expand;
mod extension_properties;
mod failover;
mod full_disk;
mod group_members;
mod groups;
mod groups_delta;
mod large_objects;
mod limited_sight;
mod lost_answers;
mod me;
mod named_objects;
mod narrow_permissions;
mod not_served;
mod organization;
mod owners;
mod permission_grants;
mod permissions;
mod related;
mod requests;
mod role_activation;
mod role_holders;
mod role_memberships;
mod roles;
mod router;
mod throttle;
mod user_passwords;
mod user_references;
mod users;
mod users_delta;
mod users_list;
mod walkthrough;
mod well_known;
