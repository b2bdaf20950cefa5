//! A code that a browser brought.

use syncline_access::{ClientAuthentication, RedirectKind, Refusal, RequestedScopes, secrets};

use super::TokenRequest;
use super::user_answer::{Grant, answer};
use crate::reply::Reply;
use crate::tickets::authorization_code::{AuthorizationCode, find, redeem};
use crate::tickets::refresh_token::Begin;

pub(super) fn grant(request: &TokenRequest<'_>) -> Result<Reply, Refusal> {
    let form = &request.asked.form;
    let text = form.required("code")?;
    let redirect_uri = form.required("redirect_uri")?;
    let verifier = form.get("code_verifier");
    let mut client = None;
    let code = find(request.identity, text, |code| {
        request.check_tenant(code.tenant)?;
        let (found, authentication) = request.client(code.tenant)?;
        if found.app_id != code.app_id {
            return Err(Refusal::CodeForOtherClient);
        }
        if redirect_uri != code.redirect_uri {
            return Err(Refusal::CodeRedirectWrong);
        }
        let kind = found.redirect_kind(redirect_uri)?;
        if authentication == ClientAuthentication::None && !kind.is_public() {
            return Err(Refusal::ClientNotAuthenticated);
        }
        check_verifier(code, verifier)?;
        client = Some((found, authentication, kind));
        Ok(())
    })?;
    let Some((client, authentication, kind)) = client else {
        return Err(Refusal::CodeInvalid);
    };
    let scopes = match request.scopes()? {
        Some(scopes) => scopes,
        None => RequestedScopes::parse(request.identity.access.audiences(), &code.scope)?,
    };
    answer(
        request,
        &Grant {
            tenant: code.tenant,
            client: &client,
            authentication,
            user: code.user,
            scopes: &scopes,
            nonce: code.nonce.as_deref(),
            signed_in_at: code.signed_in_at,
            password_generation: &code.password_generation,
        },
        |scope| {
            let begin = scope.map(|scope| Begin {
                family: request.identity.ids.random_uuid(),
                tenant: code.tenant,
                app_id: code.app_id,
                user: code.user,
                scope,
                for_page: kind == RedirectKind::SinglePage,
                proven: authentication != ClientAuthentication::None,
                signed_in_at: code.signed_in_at,
                password_generation: &code.password_generation,
            });
            redeem(request.identity, text, begin.as_ref())
        },
    )
}

/// PKCE (RFC 7636) with S256: the challenge is the fingerprint of the verifier.
fn check_verifier(code: &AuthorizationCode, verifier: Option<&str>) -> Result<(), Refusal> {
    match (&code.challenge, verifier) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(Refusal::VerifierMissing),
        (Some(challenge), Some(verifier)) if secrets::matches(verifier, challenge) => Ok(()),
        // A verifier without a challenge: somebody removed the challenge on the way.
        _ => Err(Refusal::VerifierWrong),
    }
}
