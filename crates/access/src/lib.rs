//! Tokens, application permissions, directory roles and consent: may this caller do this?
//!
//! [`Access`] verifies bearer tokens ([`Access::authenticate`]) and answers whether a caller holds
//! a [`Permission`] ([`Access::authorize`]); it issues tokens for applications and users and keeps
//! the signing keys. Everything that a sign-in needs to know about clients, passwords,
//! certificates, grants and roles is here; its pages and endpoints are in `identity`.
//!
//! Deliberately absent: HTTP, HTML, and the tickets of running sign-ins (codes, sessions).

mod access;
mod account;
mod assignment_required;
mod audience;
mod authenticate;
mod authenticated;
mod authorize;
mod caller;
pub mod certificates;
mod client_assertions;
mod client_authentication;
pub mod client_secrets;
mod clients;
pub mod consent;
mod entered;
pub mod grants;
mod hashing;
mod id_token_hints;
mod jwt;
mod known_networks;
mod network_counts;
pub mod passwords;
mod peer;
pub mod permission_ids;
pub mod permissions;
mod refusal;
mod remembered_keys;
pub mod roles;
mod scopes;
pub mod secrets;
mod sign_in;
mod sign_in_attempts;
mod sign_in_networks;
mod sign_in_results;
pub mod signing_keys;
mod tokens;
mod user_info;
mod verified_tokens;
mod withdrawn_keys;

pub use access::{Access, AccessSettings};
pub use audience::Audiences;
pub use authenticated::Authenticated;
pub use authorize::Permission;
pub use caller::{Caller, CallerKind};
pub use client_authentication::ClientCredentials;
pub use clients::{Client, RedirectKind, is_microsofts_own, is_well_known_public};
pub use hashing::{Hashing, HashingPlace, PasswordLimits, PasswordWork, PasswordsBusy};
pub use network_counts::{Counted, NetworkCounts, NetworkFull};
pub use peer::{Network, Peer};
pub use refusal::Refusal;
pub use roles::DirectoryRole;
pub use scopes::{OIDC_SCOPES, RequestedScopes};
pub use sign_in::{RightPassword, SignedIn, begins_at, enabled_user, still_good, user_named};
pub use sign_in_results::SignInResult;
pub use tokens::{
    AppTokenRequest, ClientAuthentication, IssuedToken, TokenVersion, UserTokenRequest, UserTokens,
};
