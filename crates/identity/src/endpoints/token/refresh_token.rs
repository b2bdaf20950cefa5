//! A refresh token.

use syncline_access::{ClientAuthentication, Refusal, RequestedScopes};

use super::TokenRequest;
use super::user_answer::{Grant, answer};
use crate::reply::Reply;
use crate::tickets::refresh_token::{Used, find, replace};

pub(super) fn grant(request: &TokenRequest<'_>) -> Result<Reply, Refusal> {
    let text = request.asked.form.required("refresh_token")?;
    let (_, token) = find(request.identity, text)?;
    request.check_tenant(token.tenant)?;
    let (client, authentication) = request.client(token.tenant)?;
    if client.app_id != token.app_id {
        return Err(Refusal::CodeForOtherClient);
    }
    // Who showed a secret for the first token of the family shows one for the others (RFC 6749, 6), whatever
    // public redirects the client has besides. And who can not be public at all shows one in any case.
    let needs_proof = token.proven || !client.may_be_public();
    if authentication == ClientAuthentication::None && needs_proof {
        return Err(Refusal::ClientNotAuthenticated);
    }
    let scopes = match request.scopes()? {
        Some(scopes) => scopes,
        None => RequestedScopes::parse(request.identity.access.audiences(), &token.scope)?,
    };
    let grant = Grant {
        tenant: token.tenant,
        client: &client,
        authentication,
        user: token.user,
        scopes: &scopes.with_offline_access(),
        nonce: None,
        signed_in_at: token.signed_in_at,
        password_generation: &token.password_generation,
    };
    let used = Used {
        proven: authentication != ClientAuthentication::None,
        by_page: client.is_page_only(),
    };
    answer(request, &grant, |_| {
        replace(request.identity, text, used).map(Some)
    })
}
