//! Complex values of applications and service principals.

use syncline_model::Value;
use uuid::Uuid;

/// A complex value with these members.
fn complex(members: &[(&str, Value)]) -> Value {
    Value::Map(
        members
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
    )
}

/// A list of texts.
pub(crate) fn texts(values: &[&str]) -> Value {
    Value::List(values.iter().map(|value| Value::text(*value)).collect())
}

fn none() -> Value {
    Value::List(Vec::new())
}

/// `appRole`. `value` is what a token carries; none for roles that only mark an assignment.
pub(crate) fn app_role(
    id: Uuid,
    members: &[&str],
    name: &str,
    description: &str,
    value: Option<&str>,
) -> Value {
    complex(&[
        ("allowedMemberTypes", texts(members)),
        ("description", Value::text(description)),
        ("displayName", Value::text(name)),
        ("id", Value::Guid(id)),
        ("isEnabled", Value::Bool(true)),
        ("origin", Value::text("Application")),
        ("value", value.map_or(Value::Null, Value::text)),
    ])
}

/// `permissionScope`.
pub(crate) fn permission_scope(
    id: Uuid,
    kind: &str,
    name: &str,
    description: &str,
    value: &str,
) -> Value {
    complex(&[
        ("adminConsentDescription", Value::text(description)),
        ("adminConsentDisplayName", Value::text(name)),
        ("id", Value::Guid(id)),
        ("isEnabled", Value::Bool(true)),
        ("type", Value::text(kind)),
        ("userConsentDescription", Value::text(description)),
        ("userConsentDisplayName", Value::text(name)),
        ("value", Value::text(value)),
    ])
}

/// The `id` of an `appRole`, however it came.
pub(crate) fn role_id(role: &Value) -> Option<Uuid> {
    match role.member("id")? {
        Value::Guid(id) => Some(*id),
        Value::Text(text) => Uuid::parse_str(text).ok(),
        _ => None,
    }
}

pub(super) fn api(scopes: Vec<Value>) -> Value {
    complex(&[
        ("acceptMappedClaims", Value::Null),
        ("knownClientApplications", none()),
        ("requestedAccessTokenVersion", Value::Null),
        ("oauth2PermissionScopes", Value::List(scopes)),
        ("preAuthorizedApplications", none()),
    ])
}

pub(super) fn info() -> Value {
    complex(&[
        ("logoUrl", Value::Null),
        ("marketingUrl", Value::Null),
        ("privacyStatementUrl", Value::Null),
        ("supportUrl", Value::Null),
        ("termsOfServiceUrl", Value::Null),
    ])
}

pub(super) fn parental_control_settings() -> Value {
    complex(&[
        ("countriesBlockedForMinors", none()),
        ("legalAgeGroupRule", Value::text("Allow")),
    ])
}

pub(super) fn redirects() -> Value {
    complex(&[("redirectUris", none())])
}

pub(super) fn verified_publisher() -> Value {
    complex(&[
        ("displayName", Value::Null),
        ("verifiedPublisherId", Value::Null),
        ("addedDateTime", Value::Null),
    ])
}

pub(super) fn web(home_page: Option<&str>) -> Value {
    complex(&[
        ("homePageUrl", home_page.map_or(Value::Null, Value::text)),
        ("logoutUrl", Value::Null),
        ("redirectUris", none()),
        (
            "implicitGrantSettings",
            complex(&[
                ("enableAccessTokenIssuance", Value::Bool(false)),
                ("enableIdTokenIssuance", Value::Bool(false)),
            ]),
        ),
    ])
}
