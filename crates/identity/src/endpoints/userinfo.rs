//! `GET|POST /oidc/userinfo`: who has signed in, for a client that has a token of theirs (OpenID Connect Core, 5.3).

use http::header::WWW_AUTHENTICATE;
use serde_json::{Value, json};
use syncline_access::Refusal;
use syncline_model::{Problem, ProblemKind};

use crate::asked::Asked;
use crate::reply::Reply;
use crate::{Identity, oauth_error};

pub(crate) fn answer(identity: &Identity, asked: &Asked) -> Reply {
    match identity.access.user_info(asked.authorization.as_deref()) {
        Ok(claims) => Reply::json(200, &Value::Object(claims)),
        Err(problem) => refused(identity, asked, problem),
    }
}

/// As RFC 6750, 3.1 has it.
fn refused(identity: &Identity, asked: &Asked, problem: Problem) -> Reply {
    let (status, error, scope) = match problem.kind {
        ProblemKind::Unauthenticated | ProblemKind::SessionRevoked => (401, "invalid_token", ""),
        ProblemKind::Forbidden => (403, "insufficient_scope", ", scope=\"openid\""),
        _ => return oauth_error::reply(identity, asked, &Refusal::Internal(problem)),
    };
    // Who sent no token made no mistake that has a name.
    let challenge = match asked.authorization {
        Some(_) => format!("Bearer realm=\"userinfo\", error=\"{error}\"{scope}"),
        None => "Bearer realm=\"userinfo\"".to_owned(),
    };
    let body = json!({ "error": error, "error_description": problem.message });
    Reply::json(status, &body).with(WWW_AUTHENTICATE, &challenge)
}
