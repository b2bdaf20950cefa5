//! Verifies bearer tokens. The signature and the claims of a token do not change, so they are
//! checked once and remembered; what the directory says about its owner is asked every time.

use std::collections::HashMap;
use std::str::FromStr as _;
use std::sync::PoisonError;

use aws_lc_rs::digest::{SHA256, digest};
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};
use syncline_model::{
    AppId, Attr, EntityKind, ObjectId, Problem, TenantId, Timestamp, Value as Attribute,
};
use syncline_store::{ObjectState, Reader};
use uuid::Uuid;

use crate::clients::Client;
use crate::jwt::{Unverified, seconds_claim, text_claim};
use crate::sign_in::enabled_user;
use crate::tokens::held_roles;
use crate::{Access, Caller, CallerKind, Refusal, roles};

/// Clocks of several nodes may disagree a little.
const SKEW_SECONDS: i64 = 300;
const MOST_REMEMBERED: usize = 4096;
/// Longer ones are not ours; nothing is computed over them.
const LONGEST_TOKEN: usize = 16 * 1024;

/// What a verified token says.
#[derive(Clone)]
pub(crate) struct VerifiedToken {
    tenant: TenantId,
    app_id: AppId,
    principal: ObjectId,
    /// `None`: an application by itself.
    scopes: Option<Vec<String>>,
    roles: Vec<String>,
    issued_at: i64,
    not_before: i64,
    expires: i64,
}

/// Verified tokens by their SHA-256; bounded.
#[derive(Default)]
pub(crate) struct VerifiedTokens(HashMap<[u8; 32], VerifiedToken>);

impl VerifiedTokens {
    fn remember(&mut self, hash: [u8; 32], token: VerifiedToken, now: i64) {
        if self.0.len() >= MOST_REMEMBERED {
            self.0.retain(|_, token| now < token.expires);
        }
        if self.0.len() >= MOST_REMEMBERED {
            // All are in use: forgetting them costs one verification each.
            self.0.clear();
        }
        self.0.insert(hash, token);
    }
}

impl Access {
    /// The caller behind an `Authorization` header; 401 `InvalidAuthenticationToken` in Graph's
    /// words otherwise.
    pub fn authenticate(&self, authorization_header: Option<&str>) -> Result<Caller, Problem> {
        let token = bearer(authorization_header)?;
        let now = self.clock.now();
        let verified = self.verified(token, now)?;
        if verified.expires <= now.seconds() {
            return Err(Problem::invalid_token(
                "Lifetime validation failed, the token is expired.",
            ));
        }
        if now.seconds() + SKEW_SECONDS < verified.not_before {
            return Err(Problem::invalid_token(
                "Lifetime validation failed, the token is not valid yet.",
            ));
        }
        self.store.read(|reader| caller_of(reader, &verified))
    }

    fn verified(&self, token: &str, now: Timestamp) -> Result<VerifiedToken, Problem> {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        if let Some(known) = self
            .verified
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .get(&hash)
        {
            return Ok(known.clone());
        }
        let verified = self.verify(token)?;
        self.verified
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remember(hash, verified.clone(), now.seconds());
        Ok(verified)
    }

    fn verify(&self, token: &str) -> Result<VerifiedToken, Problem> {
        let malformed =
            || Problem::invalid_token("CompactToken parsing failed with error code: 80049217");
        if token.len() > LONGEST_TOKEN {
            return Err(malformed());
        }
        let unverified = Unverified::parse(token).ok_or_else(malformed)?;
        let unsigned =
            || Problem::invalid_token("Access token validation failure. Invalid signature.");
        let algorithm = unverified
            .algorithm(&[Algorithm::RS256])
            .ok_or_else(unsigned)?;
        let kid = unverified.header_text("kid").ok_or_else(unsigned)?;
        let mut ring = self.key_ring()?;
        if ring.find(kid).is_none() {
            ring = self.reload_keys()?;
        }
        let key = ring.find(kid).ok_or_else(unsigned)?;
        let claims = unverified
            .verify(&key.decoding, algorithm)
            .ok_or_else(unsigned)?;
        self.read_claims(&claims)
    }

    fn read_claims(&self, claims: &Map<String, Value>) -> Result<VerifiedToken, Problem> {
        if text_claim(claims, "aud")
            .and_then(|audience| self.audiences.known(audience))
            .is_none()
        {
            return Err(Problem::invalid_token(
                "Access token validation failure. Invalid audience.",
            ));
        }
        let incomplete =
            || Problem::invalid_token("Access token validation failure. A claim is missing.");
        let tenant = id_claim(claims, "tid")
            .map(TenantId)
            .ok_or_else(incomplete)?;
        if text_claim(claims, "iss") != Some(&self.issuer(tenant)) {
            return Err(Problem::invalid_token(
                "Access token validation failure. Invalid issuer.",
            ));
        }
        let time = |name| seconds_claim(claims, name).ok_or_else(incomplete);
        Ok(VerifiedToken {
            tenant,
            app_id: id_claim(claims, "appid")
                .map(AppId)
                .ok_or_else(incomplete)?,
            principal: id_claim(claims, "oid")
                .map(ObjectId)
                .ok_or_else(incomplete)?,
            scopes: match text_claim(claims, "idtyp") {
                Some("app") => None,
                Some("user") => Some(
                    text_claim(claims, "scp")
                        .unwrap_or_default()
                        .split_whitespace()
                        .map(str::to_owned)
                        .collect(),
                ),
                // An id token is signed with the same keys and is no access token.
                _ => return Err(incomplete()),
            },
            roles: claims
                .get("roles")
                .and_then(Value::as_array)
                .map(|roles| {
                    roles
                        .iter()
                        .filter_map(Value::as_str)
                        .map(str::to_owned)
                        .collect()
                })
                .unwrap_or_default(),
            issued_at: time("iat")?,
            not_before: time("nbf")?,
            expires: time("exp")?,
        })
    }
}

fn bearer(header: Option<&str>) -> Result<&str, Problem> {
    let empty = || Problem::invalid_token("Access token is empty.");
    let (scheme, token) = header
        .and_then(|header| header.trim().split_once(' '))
        .ok_or_else(empty)?;
    let token = token.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        Ok(token)
    } else {
        Err(empty())
    }
}

/// Asks the directory: tenant, client and principal must still be there, and enabled.
fn caller_of(reader: &Reader<'_>, token: &VerifiedToken) -> Result<Caller, Problem> {
    let tenant = token.tenant;
    if reader.tenant(tenant)?.is_none() {
        return Err(Problem::invalid_token(format!(
            "The tenant '{tenant}' of the access token does not exist."
        )));
    }
    let client = Client::find(reader, tenant, &token.app_id.to_string()).map_err(gone)?;
    let kind = match &token.scopes {
        None => {
            let service_principal = reader
                .objects(tenant, EntityKind::ServicePrincipal, &[token.principal])?
                .pop();
            if client.service_principal.id != token.principal
                || service_principal.is_none_or(|stored| stored.state != ObjectState::Live)
            {
                return Err(Problem::invalid_token(
                    "The service principal of the access token was deleted.",
                ));
            }
            // A permission taken away is gone at once; one given later needs a new token.
            let held = held_roles(reader, tenant, token.principal).map_err(gone)?;
            let roles = token
                .roles
                .iter()
                .filter(|role| held.contains(&role.as_str()))
                .cloned()
                .collect();
            CallerKind::Application {
                app_id: token.app_id,
                service_principal: token.principal,
                roles,
            }
        }
        Some(scopes) => {
            let user = enabled_user(reader, tenant, token.principal).map_err(gone)?;
            if let Some(Attribute::Time(valid_from)) =
                user.get(Attr::SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME)
                && token.issued_at < valid_from.seconds()
            {
                return Err(Problem::invalid_token(
                    "The user's sessions were revoked. Sign in again.",
                ));
            }
            let held = roles::of(reader, tenant, token.principal)?;
            CallerKind::Delegated {
                app_id: token.app_id,
                user: token.principal,
                scopes: scopes.clone(),
                directory_roles: held.into_iter().map(|role| role.template_id()).collect(),
            }
        }
    };
    Ok(Caller { tenant, kind })
}

/// A token whose owner is gone or disabled is worth nothing: 401 with the reason.
fn gone(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Internal(problem) => problem,
        other => Problem::invalid_token(other.description()),
    }
}

fn id_claim(claims: &Map<String, Value>, name: &str) -> Option<Uuid> {
    text_claim(claims, name).and_then(|text| Uuid::from_str(text).ok())
}
