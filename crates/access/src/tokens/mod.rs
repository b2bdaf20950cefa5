//! Issuing tokens: three-part JWTs, signed with RS256.

mod app;
mod claims;
mod user;

pub use app::AppTokenRequest;
pub(crate) use app::held_roles;
pub(crate) use user::put_person;
pub use user::{UserTokenRequest, UserTokens};

use jsonwebtoken::{Algorithm, Header};
use serde_json::{Map, Value};

use crate::{Access, Refusal};

/// How long an access token is good for.
pub(crate) const LIFETIME_SECONDS: i64 = 3600;

/// Our own claim: when the user signed in, as exactly as moments are kept. Whole seconds (`iat`) do not tell
/// whether sessions were revoked before or after, and a token may be issued by a sign-in that is over
/// when it is signed.
pub(crate) const SIGNED_IN_AT: &str = "signed_in_at";

/// How the client proved itself; told in `appidacr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// A public client: not at all.
    None,
    Secret,
    Certificate,
}

impl ClientAuthentication {
    fn claim(self) -> &'static str {
        match self {
            Self::None => "0",
            Self::Secret => "1",
            Self::Certificate => "2",
        }
    }
}

/// Which token endpoint was asked: they differ in a few claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenVersion {
    V1,
    V2,
}

/// A signed token.
#[derive(Clone)]
pub struct IssuedToken {
    pub token: String,
    /// Seconds, one less than the token says, so that a client never sends it too late.
    pub expires_in: i64,
}

impl std::fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedToken")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

impl Access {
    fn sign(&self, claims: &Map<String, Value>) -> Result<String, Refusal> {
        let ring = self.key_ring()?;
        let key = ring.newest()?;
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(key.kid.clone());
        jsonwebtoken::encode(&header, claims, &key.encoding).map_err(|error| {
            syncline_model::Problem::internal(format!("a token could not be signed: {error}"))
                .into()
        })
    }
}
