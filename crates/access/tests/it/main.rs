//! Access, through its public door.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod app_tokens;
mod assertion_claims;
mod at_rest;
mod authorize;
mod certificates;
mod client_assertions;
mod client_secrets;
mod clients;
mod grants;
mod remembered_callers;
mod roles;
mod secrets;
mod sign_in;
mod sign_in_networks;
mod sign_in_results;
mod signing_keys;
mod signing_keys_meanwhile;
mod user_tokens;
mod world;
