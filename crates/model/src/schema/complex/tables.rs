//! The complex types of users, groups, applications, service principals and the provisioning log, as in Graph's metadata.

use super::PropertyType::{Bool, Bytes, Guid, Int, Text, Time};
use super::Shape::{Free, Many, Object, Objects, One, Secret};
use super::{Complex, Member, Shape};
use crate::Attr;

const fn m(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        shape,
        max_length: None,
    }
}

const fn extension(name: &'static str) -> Member {
    Member {
        name,
        shape: One(Text),
        max_length: Some(1024),
    }
}

const fn complex(members: &'static [Member]) -> Complex {
    Complex {
        members,
        always: false,
    }
}

const fn always(members: &'static [Member]) -> Complex {
    Complex {
        members,
        always: true,
    }
}

/// The members of a complex attribute; `None` for those that take any JSON.
pub fn of(attr: Attr) -> Option<&'static Complex> {
    match attr {
        Attr::EMPLOYEE_ORG_DATA => Some(&EMPLOYEE_ORG_DATA),
        Attr::IDENTITIES => Some(&IDENTITY),
        Attr::ON_PREMISES_EXTENSION_ATTRIBUTES => Some(&EXTENSION_ATTRIBUTES),
        Attr::PASSWORD_PROFILE => Some(&PASSWORD_PROFILE),
        Attr::APP_ROLES => Some(&APP_ROLE),
        Attr::OAUTH2_PERMISSION_SCOPES => Some(&PERMISSION_SCOPE),
        Attr::KEY_CREDENTIALS => Some(&KEY_CREDENTIAL),
        Attr::PASSWORD_CREDENTIALS => Some(&PASSWORD_CREDENTIAL),
        Attr::REQUIRED_RESOURCE_ACCESS => Some(&REQUIRED_RESOURCE_ACCESS),
        Attr::WEB => Some(&WEB),
        Attr::PUBLIC_CLIENT | Attr::SPA => Some(&REDIRECTS),
        Attr::API => Some(&API),
        Attr::INFO => Some(&INFO),
        Attr::VERIFIED_PUBLISHER => Some(&VERIFIED_PUBLISHER),
        Attr::PARENTAL_CONTROL_SETTINGS => Some(&PARENTAL_CONTROL),
        Attr::SAML_SINGLE_SIGN_ON_SETTINGS => Some(&SAML),
        Attr::SERVICE_PRINCIPAL_LOCK_CONFIGURATION => Some(&LOCK),
        Attr::OPTIONAL_CLAIMS => Some(&OPTIONAL_CLAIMS),
        Attr::LOG_MODIFIED_PROPERTIES => Some(&MODIFIED_PROPERTY),
        _ => None,
    }
}

static EMPLOYEE_ORG_DATA: Complex =
    complex(&[m("division", One(Text)), m("costCenter", One(Text))]);

static IDENTITY: Complex = complex(&[
    m("signInType", One(Text)),
    m("issuer", One(Text)),
    m("issuerAssignedId", One(Text)),
]);

static EXTENSION_ATTRIBUTES: Complex = always(&[
    extension("extensionAttribute1"),
    extension("extensionAttribute2"),
    extension("extensionAttribute3"),
    extension("extensionAttribute4"),
    extension("extensionAttribute5"),
    extension("extensionAttribute6"),
    extension("extensionAttribute7"),
    extension("extensionAttribute8"),
    extension("extensionAttribute9"),
    extension("extensionAttribute10"),
    extension("extensionAttribute11"),
    extension("extensionAttribute12"),
    extension("extensionAttribute13"),
    extension("extensionAttribute14"),
    extension("extensionAttribute15"),
]);

static PASSWORD_PROFILE: Complex = complex(&[
    m("password", Secret),
    m("forceChangePasswordNextSignIn", One(Bool)),
    m("forceChangePasswordNextSignInWithMfa", One(Bool)),
]);

static APP_ROLE: Complex = complex(&[
    m("allowedMemberTypes", Many(Text)),
    m("description", One(Text)),
    m("displayName", One(Text)),
    m("id", One(Guid)),
    m("isEnabled", One(Bool)),
    m("origin", One(Text)),
    m("value", One(Text)),
]);

static PERMISSION_SCOPE: Complex = complex(&[
    m("adminConsentDescription", One(Text)),
    m("adminConsentDisplayName", One(Text)),
    m("id", One(Guid)),
    m("isEnabled", One(Bool)),
    m("origin", One(Text)),
    m("type", One(Text)),
    m("userConsentDescription", One(Text)),
    m("userConsentDisplayName", One(Text)),
    m("value", One(Text)),
]);

static KEY_CREDENTIAL: Complex = complex(&[
    m("customKeyIdentifier", One(Bytes)),
    m("displayName", One(Text)),
    m("endDateTime", One(Time)),
    m("key", One(Bytes)),
    m("keyId", One(Guid)),
    m("startDateTime", One(Time)),
    m("type", One(Text)),
    m("usage", One(Text)),
]);

static PASSWORD_CREDENTIAL: Complex = complex(&[
    m("customKeyIdentifier", One(Bytes)),
    m("displayName", One(Text)),
    m("endDateTime", One(Time)),
    m("hint", One(Text)),
    m("keyId", One(Guid)),
    m("secretText", Secret),
    m("startDateTime", One(Time)),
]);

static RESOURCE_ACCESS: Complex = complex(&[m("id", One(Guid)), m("type", One(Text))]);

static REQUIRED_RESOURCE_ACCESS: Complex = complex(&[
    m("resourceAppId", One(Text)),
    m("resourceAccess", Objects(&RESOURCE_ACCESS)),
]);

static IMPLICIT_GRANT: Complex = always(&[
    m("enableAccessTokenIssuance", One(Bool)),
    m("enableIdTokenIssuance", One(Bool)),
]);

static REDIRECT_URI: Complex = complex(&[m("uri", One(Text)), m("index", One(Int))]);

static WEB: Complex = always(&[
    m("homePageUrl", One(Text)),
    m("implicitGrantSettings", Object(&IMPLICIT_GRANT)),
    m("logoutUrl", One(Text)),
    m("redirectUris", Many(Text)),
    m("redirectUriSettings", Objects(&REDIRECT_URI)),
]);

static REDIRECTS: Complex = always(&[m("redirectUris", Many(Text))]);

static PRE_AUTHORIZED: Complex = complex(&[
    m("appId", One(Text)),
    m("delegatedPermissionIds", Many(Text)),
]);

static API: Complex = always(&[
    m("acceptMappedClaims", One(Bool)),
    m("knownClientApplications", Many(Guid)),
    m("oauth2PermissionScopes", Objects(&PERMISSION_SCOPE)),
    m("preAuthorizedApplications", Objects(&PRE_AUTHORIZED)),
    m("requestedAccessTokenVersion", One(Int)),
]);

static INFO: Complex = always(&[
    m("logoUrl", One(Text)),
    m("marketingUrl", One(Text)),
    m("privacyStatementUrl", One(Text)),
    m("supportUrl", One(Text)),
    m("termsOfServiceUrl", One(Text)),
]);

static VERIFIED_PUBLISHER: Complex = always(&[
    m("addedDateTime", One(Time)),
    m("displayName", One(Text)),
    m("verifiedPublisherId", One(Text)),
]);

static PARENTAL_CONTROL: Complex = always(&[
    m("countriesBlockedForMinors", Many(Text)),
    m("legalAgeGroupRule", One(Text)),
]);

static SAML: Complex = complex(&[m("relayState", One(Text))]);

static LOCK: Complex = complex(&[
    m("allProperties", One(Bool)),
    m("credentialsWithUsageSign", One(Bool)),
    m("credentialsWithUsageVerify", One(Bool)),
    m("isEnabled", One(Bool)),
    m("tokenEncryptionKeyId", One(Bool)),
]);

static OPTIONAL_CLAIMS: Complex = complex(&[
    m("accessToken", Free),
    m("idToken", Free),
    m("saml2Token", Free),
]);

static MODIFIED_PROPERTY: Complex = complex(&[
    m("displayName", One(Text)),
    m("newValue", One(Text)),
    m("oldValue", One(Text)),
]);
