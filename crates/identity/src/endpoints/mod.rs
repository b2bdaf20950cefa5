//! One file per endpoint.

pub(crate) mod admin_consent;
pub(crate) mod authorize;
pub(crate) mod change_password;
mod consent_step;
pub(crate) mod device_authorization;
pub(crate) mod device_sign_in;
pub(crate) mod error;
pub(crate) mod instance_discovery;
pub(crate) mod keys;
mod login_hint;
pub(crate) mod logout;
mod max_age;
pub(crate) mod metadata_endpoints;
pub(crate) mod openid_configuration;
mod other_tenant;
mod password_step;
mod prompt;
mod redirect;
mod sign_in_step;
pub(crate) mod token;
pub(crate) mod user_realm;
pub(crate) mod userinfo;
