//! Verifies bearer tokens. The signature and the claims of a token do not change, so they are
//! checked once and remembered. What the directory says about its owner is remembered too, and
//! asked again as soon as anything in the tenant has changed.

use std::str::FromStr as _;
use std::sync::{Arc, MutexGuard, PoisonError};

use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};
use syncline_model::{AppId, Attr, Entry, ObjectId, Problem, TenantId, Timestamp, b2b};
use syncline_store::{Reader, StoreError};
use uuid::Uuid;

use crate::clients::service_principal_of;
use crate::consent::still_granted;
use crate::jwt::{Unverified, seconds_claim, text_claim};
use crate::sign_in::{Over, enabled_user, is_over};
use crate::tokens::{SIGNED_IN_AT, held_roles};
use crate::verified_tokens::{CallerAsOf, Known, TokenHash, VerifiedToken, VerifiedTokens};
use crate::{Access, Authenticated, Caller, CallerKind, DirectoryRole, Refusal, roles};

/// Clocks of several nodes may disagree a little.
const SKEW_SECONDS: i64 = 300;
/// Longer ones are not ours; nothing is computed over them.
pub(crate) const LONGEST_TOKEN: usize = 16 * 1024;

impl Access {
    /// The caller behind an `Authorization` header; 401 `InvalidAuthenticationToken` in Graph's
    /// words otherwise.
    pub fn authenticate(&self, authorization_header: Option<&str>) -> Result<Caller, Problem> {
        let authenticated = self.authenticated(authorization_header)?;
        Ok(Arc::unwrap_or_clone(authenticated.caller))
    }

    /// The same, for whoever asks again later ([`Access::is_as_it_was`]).
    ///
    /// # Errors
    /// As [`Access::authenticate`].
    pub fn authenticated(
        &self,
        authorization_header: Option<&str>,
    ) -> Result<Authenticated, Problem> {
        let token = bearer(authorization_header)?;
        let now = self.clock.now();
        let hash = TokenHash::of(token);
        let Known {
            token: verified,
            caller: remembered,
        } = self.known(hash, token, now)?;
        check_lifetime(&verified, now)?;
        self.store.read(|reader| {
            // In the same view as what is read below: the caller is that of this very sequence.
            let sequence = match reader.sequence(verified.tenant) {
                Err(StoreError::UnknownTenant(tenant)) => return Err(no_tenant(tenant)),
                other => other?,
            };
            let caller = match remembered {
                Some(known) if known.sequence == sequence => known.caller,
                _ => {
                    let caller = Arc::new(caller_of(reader, &verified)?);
                    let as_of = CallerAsOf {
                        sequence,
                        caller: Arc::clone(&caller),
                    };
                    self.verified_tokens().remember_caller(hash, as_of);
                    caller
                }
            };
            Ok(Authenticated {
                caller,
                sequence,
                token: Arc::clone(&verified),
            })
        })
    }

    fn known(&self, hash: TokenHash, token: &str, now: Timestamp) -> Result<Known, Problem> {
        let known = self.verified_tokens().find(hash);
        if let Some(known) = known
            // It may have been withdrawn since.
            && self.verifying_keys()?.find(&known.token.kid).is_some()
        {
            return Ok(known);
        }
        let verified = Arc::new(self.verify(token)?);
        self.verified_tokens()
            .remember(hash, Arc::clone(&verified), now.seconds());
        Ok(Known {
            token: verified,
            caller: None,
        })
    }

    fn verified_tokens(&self) -> MutexGuard<'_, VerifiedTokens> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut ring = self.verifying_keys()?;
        if ring.find(kid).is_none() {
            ring = self.verifying_keys_anew()?;
        }
        let key = ring.find(kid).ok_or_else(|| match ring.is_withdrawn(kid) {
            // Clients that know claims challenges get another one at once.
            true => Problem::session_revoked(
                "The key that the access token was signed with was withdrawn. Get a new token.",
            ),
            false => unsigned(),
        })?;
        let claims = unverified
            .verify(&key.decoding, algorithm)
            .ok_or_else(unsigned)?;
        self.read_claims(kid, &claims)
    }

    fn read_claims(
        &self,
        kid: &str,
        claims: &Map<String, Value>,
    ) -> Result<VerifiedToken, Problem> {
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
            kid: kid.to_owned(),
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
            id: text_claim(claims, "uti").map(Arc::from),
            // A version that did not tell is judged by the beginning of the second of its issue: rather is one
            // too many asked to sign in again.
            signed_in_at: text_claim(claims, SIGNED_IN_AT)
                .and_then(Timestamp::parse)
                .unwrap_or(Timestamp::from_seconds(time("iat")?)),
            not_before: time("nbf")?,
            expires: time("exp")?,
        })
    }
}

fn bearer(header: Option<&str>) -> Result<&str, Problem> {
    let empty = || Problem::invalid_token("Access token is empty.");
    // Without blanks at its end, a header of two words has a second one.
    let (scheme, token) = header
        .and_then(|header| header.trim().split_once(' '))
        .ok_or_else(empty)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(empty())
    }
}

/// 401 when a token has ended, or has not begun.
pub(crate) fn check_lifetime(token: &VerifiedToken, now: Timestamp) -> Result<(), Problem> {
    if token.expires <= now.seconds() {
        return Err(Problem::invalid_token(
            "Lifetime validation failed, the token is expired.",
        ));
    }
    if now.seconds() + SKEW_SECONDS < token.not_before {
        return Err(Problem::invalid_token(
            "Lifetime validation failed, the token is not valid yet.",
        ));
    }
    Ok(())
}

fn no_tenant(tenant: TenantId) -> Problem {
    Problem::invalid_token(format!(
        "The tenant '{tenant}' of the access token does not exist."
    ))
}

/// Asks the directory: client and principal must still be there, and enabled. Reads nothing but what moves
/// the tenant's sequence when it changes: objects, their keys and references, assignments of app roles and
/// of directory roles, and permission grants, of which only what is withdrawn moves it. What is remembered of the answer
/// is good as long as that stands: it never holds more than asking again would give.
pub(crate) fn caller_of(reader: &Reader<'_>, token: &VerifiedToken) -> Result<Caller, Problem> {
    let tenant = token.tenant;
    let client = service_principal_of(reader, tenant, token.app_id).map_err(gone)?;
    let kind = match &token.scopes {
        None => {
            if client.id != token.principal {
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
            let directory_roles = directory_roles(reader, token)?;
            CallerKind::Application {
                app_id: token.app_id,
                service_principal: token.principal,
                roles,
                directory_roles,
            }
        }
        Some(scopes) => {
            let user = enabled_user(reader, tenant, token.principal).map_err(signed_out)?;
            if let Some(over) = is_over(&user, token.signed_in_at) {
                return Err(Problem::session_revoked(match over {
                    Over::Revoked => "The user's sessions were revoked. Sign in again.",
                    Over::OtherPassword => {
                        "The user's password is another one since. Sign in again."
                    }
                }));
            }
            // It may have become one since, by synchronization or an invitation.
            if b2b::is_external(&user) {
                return Err(Problem::session_revoked(
                    "The user is an external one, who signs in at home.",
                ));
            }
            let directory_roles = directory_roles(reader, token)?;
            // What was withdrawn is gone at once; what was granted later needs a new token.
            let scopes = still_granted(reader, tenant, client.id, token.principal, scopes);
            CallerKind::Delegated {
                app_id: token.app_id,
                user: token.principal,
                scopes: scopes.map_err(gone)?,
                directory_roles,
                is_guest: is_guest(&user),
            }
        }
    };
    Ok(Caller {
        tenant,
        kind,
        token_id: token.id.clone(),
    })
}

fn is_guest(user: &Entry) -> bool {
    let kind = user.text(Attr::USER_TYPE);
    kind.is_some_and(|it| it.eq_ignore_ascii_case("Guest"))
}

/// The directory roles that the caller holds now, whatever its token says.
fn directory_roles(reader: &Reader<'_>, token: &VerifiedToken) -> Result<Vec<Uuid>, Problem> {
    let held = roles::held(reader, token.tenant, token.principal)?;
    Ok(held.into_iter().map(DirectoryRole::template_id).collect())
}

/// A token whose owner is gone or disabled is worth nothing: 401 with the reason.
pub(crate) fn gone(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Internal(problem) => problem,
        other => Problem::invalid_token(other.description()),
    }
}

/// The same of a user, who has to sign in again to learn of it: clients that know claims challenges do not
/// keep on with the token that they have.
fn signed_out(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Internal(problem) => problem,
        other => Problem::session_revoked(other.description()),
    }
}

fn id_claim(claims: &Map<String, Value>, name: &str) -> Option<Uuid> {
    text_claim(claims, name).and_then(|text| Uuid::from_str(text).ok())
}
