//! The Graph resource `application`.

use super::{Filter, Property, PropertyType as T};
use crate::Attr as A;

// One row per line: a table reads better than wrapped calls.
#[rustfmt::skip]
pub(super) fn properties() -> Vec<Property> {
    use Filter::{Basic, Full};
    let p = Property::new;
    vec![
        p(A::ID, T::Guid, "Object id of the application.").filter(Basic).by_default(),
        p(A::DELETED_DATE_TIME, T::Time, "When it was soft-deleted.").sortable().by_default(),
        p(A::ADD_INS, T::Complex, "Custom behaviours.").many().writable().by_default(),
        p(A::API, T::Complex, "Settings of an application that is a web API.").writable().by_default(),
        p(A::APP_ID, T::Guid, "Client id, shared by all service principals of the application.").filter(Basic).by_default(),
        p(A::APPLICATION_TEMPLATE_ID, T::Text, "Template the application was instantiated from.").filter(Basic).by_default(),
        p(A::APP_ROLES, T::Complex, "Roles that may be assigned to users, groups or applications.").many().writable().by_default(),
        p(A::AUTHENTICATION_BEHAVIORS, T::Complex, "Breaking changes of Microsoft's tokens; unused, null."),
        p(A::CERTIFICATION, T::Complex, "Microsoft 365 certification; unused, null.").by_default(),
        p(A::CREATED_BY_APP_ID, T::Text, "Application that created this one."),
        p(A::CREATED_DATE_TIME, T::Time, "When it was registered.").filter(Full).by_default(),
        p(A::DEFAULT_REDIRECT_URI, T::Text, "Redirect URI used when none is given.").writable().by_default(),
        p(A::DESCRIPTION, T::Text, "Description.").writable().max(1024).filter(Full).by_default(),
        p(A::DISABLED_BY_MICROSOFT_STATUS, T::Text, "Unused; null.").by_default(),
        p(A::DISPLAY_NAME, T::Text, "Name shown for the application.").writable().required().max(256).filter(Full).sortable().by_default(),
        p(A::GROUP_MEMBERSHIP_CLAIMS, T::Text, "Group claims in tokens.").writable().by_default(),
        p(A::IDENTIFIER_URIS, T::Text, "URIs that identify the application.").many().writable().filter(Full).by_default(),
        p(A::INFO, T::Complex, "Logo, marketing, privacy, support and terms URLs.").writable().by_default(),
        p(A::IS_DEVICE_ONLY_AUTH_SUPPORTED, T::Bool, "Whether it may sign in as a device, without a user; kept, without effect.").writable().by_default(),
        p(A::IS_DISABLED, T::Bool, "Deactivated by Microsoft; unused, null.").by_default(),
        p(A::IS_FALLBACK_PUBLIC_CLIENT, T::Bool, "A public client such as a desktop application.").writable().by_default(),
        p(A::KEY_CREDENTIALS, T::Complex, "Certificates the application signs in with.").many().writable().by_default(),
        p(A::LOGO, T::Bytes, "Main logo; unused, null."),
        p(A::MANAGER_APPLICATIONS, T::Guid, "Applications that may manage this one; unused, empty.").many(),
        p(A::NATIVE_AUTHENTICATION_APIS_ENABLED, T::Text, "Native authentication; unused, null.").by_default(),
        p(A::NOTES, T::Text, "Notes.").writable().by_default(),
        p(A::OAUTH2_REQUIRE_POST_RESPONSE, T::Bool, "Whether token answers must be sent by POST; kept, without effect.").writable().by_default(),
        p(A::OPTIONAL_CLAIMS, T::Complex, "Optional claims in tokens.").writable().by_default(),
        p(A::PARENTAL_CONTROL_SETTINGS, T::Complex, "Parental control settings.").writable().by_default(),
        p(A::PASSWORD_CREDENTIALS, T::Complex, "Client secrets, without their texts.").many().by_default(),
        p(A::PUBLIC_CLIENT, T::Complex, "Redirect URIs of public clients.").writable().by_default(),
        p(A::PUBLISHER_DOMAIN, T::Text, "Verified publisher domain.").by_default(),
        p(A::REQUEST_SIGNATURE_VERIFICATION, T::Complex, "Whether requests must be signed (SAML); unused, null.").by_default(),
        p(A::REQUIRED_RESOURCE_ACCESS, T::Complex, "Permissions the application asks for.").many().writable().by_default(),
        p(A::SAML_METADATA_URL, T::Text, "URL of SAML metadata.").writable().by_default(),
        p(A::SERVICE_MANAGEMENT_REFERENCE, T::Text, "Reference in a service management database.").writable().by_default(),
        p(A::SERVICE_PRINCIPAL_LOCK_CONFIGURATION, T::Complex, "Which properties service principals in other tenants may not change; kept, without effect: there are none.").writable().by_default(),
        p(A::SIGN_IN_AUDIENCE, T::Text, "Who may sign in.").writable().filter(Basic).by_default().one_of(&["AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"]),
        p(A::SPA, T::Complex, "Redirect URIs of single-page applications.").writable().by_default(),
        p(A::TAGS, T::Text, "Tags.").many().writable().filter(Full).by_default(),
        p(A::TOKEN_ENCRYPTION_KEY_ID, T::Guid, "Key used to encrypt tokens.").writable().by_default(),
        p(A::UNIQUE_NAME, T::Text, "Alternate key, set once.").create_only().filter(Full).by_default(),
        p(A::VERIFIED_PUBLISHER, T::Complex, "Verified publisher.").by_default(),
        p(A::WEB, T::Complex, "Redirect URIs and home page of a web application.").writable().by_default(),
    ]
}
