//! `identities`: how a user signs in.

use syncline_model::{Attr, Attrs, Value};
use syncline_store::Tenant;

const USER_PRINCIPAL_NAME: &str = "userPrincipalName";

/// An internal user signs in with the userPrincipalName; the issuer is the initial domain.
pub(crate) fn internal(tenant: &Tenant, attrs: &Attrs) -> Value {
    let name = attrs
        .text(Attr::USER_PRINCIPAL_NAME)
        .map_or(Value::Null, Value::text);
    Value::List(vec![identity(
        USER_PRINCIPAL_NAME,
        tenant.initial_domain(),
        name,
    )])
}

/// An external user signs in at the home tenant.
pub(crate) fn external() -> Value {
    Value::List(vec![identity("federated", "ExternalAzureAD", Value::Null)])
}

/// Lets the identity of an internal user follow a changed userPrincipalName.
pub(crate) fn follow_user_principal_name(attrs: &mut Attrs) {
    let name = attrs
        .text(Attr::USER_PRINCIPAL_NAME)
        .map_or(Value::Null, Value::text);
    let Some(Value::List(identities)) = attrs.get(Attr::IDENTITIES) else {
        return;
    };
    let followed = identities.iter().map(|identity| {
        let issuer = identity
            .member("issuer")
            .and_then(Value::as_text)
            .unwrap_or("");
        match identity.member("signInType").and_then(Value::as_text) {
            Some(USER_PRINCIPAL_NAME) => self::identity(USER_PRINCIPAL_NAME, issuer, name.clone()),
            _ => identity.clone(),
        }
    });
    let followed = Value::List(followed.collect());
    attrs.set(Attr::IDENTITIES, followed);
}

fn identity(sign_in_type: &str, issuer: &str, assigned_id: Value) -> Value {
    Value::Map(vec![
        ("signInType".to_owned(), Value::text(sign_in_type)),
        ("issuer".to_owned(), Value::text(issuer)),
        ("issuerAssignedId".to_owned(), assigned_id),
    ])
}
