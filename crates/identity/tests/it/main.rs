//! The identity platform, driven in process through its router.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod admin_consent;
mod assignment_required;
mod at_rest;
mod authorization_code;
mod client_credentials;
mod client_secret;
mod consent;
mod consent_logged;
mod consent_meanwhile;
mod device_code;
mod device_code_once;
mod discovery;
mod forms;
mod new_password;
mod other_tenant;
mod pages;
mod refresh_token;
mod refused_redemption;
mod session;
mod signed_out_meanwhile;
mod single_page;
mod userinfo;
mod visitor;
mod which_account;
mod world;
