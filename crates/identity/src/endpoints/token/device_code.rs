//! A device whose user signed in somewhere else.

use syncline_access::{ClientAuthentication, Refusal, RequestedScopes};

use super::TokenRequest;
use super::user_answer::{Grant, answer};
use crate::reply::Reply;
use crate::tickets::device_code::{Polled, finish, poll};
use crate::tickets::refresh_token::Begin;

pub(super) fn grant(request: &TokenRequest<'_>) -> Result<Reply, Refusal> {
    let form = &request.asked.form;
    // MSAL for Python sends both names, older clients only `code`.
    let text = match form.get("device_code").or_else(|| form.get("code")) {
        Some(text) => text,
        None => return Err(Refusal::ParameterMissing("device_code".to_owned())),
    };
    let sent_by = form
        .get("client_id")
        .or_else(|| request.asked.basic.as_ref().map(|(id, _)| id.as_str()));
    let client_id = sent_by.ok_or_else(|| Refusal::ParameterMissing("client_id".to_owned()))?;
    let polled = poll(request.identity, text, |code| {
        if !code.app_id.to_string().eq_ignore_ascii_case(client_id) {
            return Err(Refusal::CodeForOtherClient);
        }
        match (&request.tenant, code.tenant) {
            (Some(named), Some(tenant)) if named.id != tenant => Err(Refusal::CodeForOtherTenant),
            _ => Ok(()),
        }
    })?;
    let (code, tenant, user, signed_in_at, password_generation) = match polled {
        Polled::NotYet(refusal) => return Err(refusal),
        Polled::Confirmed {
            code,
            tenant,
            user,
            signed_in_at,
            password_generation,
        } => (code, tenant, user, signed_in_at, password_generation),
    };
    request.check_tenant(tenant)?;
    let (client, authentication) = request.client(tenant)?;
    if authentication == ClientAuthentication::None && !client.is_public() {
        return Err(Refusal::ClientNotPublic(client.app_id.to_string()));
    }
    let scopes = RequestedScopes::parse(request.identity.access.audiences(), &code.scope)?;
    let grant = Grant {
        tenant,
        client: &client,
        authentication,
        user,
        scopes: &scopes,
        nonce: None,
        signed_in_at,
        password_generation: &password_generation,
    };
    answer(request, &grant, |scope| {
        let begin = scope.map(|scope| Begin {
            family: request.identity.ids.random_uuid(),
            tenant,
            app_id: client.app_id,
            user,
            scope,
            for_page: false,
            proven: authentication != ClientAuthentication::None,
            signed_in_at,
            password_generation: &password_generation,
        });
        finish(request.identity, text, begin.as_ref())
    })
}
