//! The Graph resource `servicePrincipal`.

use super::{Filter, Property, PropertyType as T};
use crate::Attr as A;

// One row per line: a table reads better than wrapped calls.
#[rustfmt::skip]
pub(super) fn properties() -> Vec<Property> {
    use Filter::{Basic, Full};
    let p = Property::new;
    vec![
        p(A::ID, T::Guid, "Object id of the service principal.").filter(Basic).by_default(),
        p(A::DELETED_DATE_TIME, T::Time, "When it was soft-deleted.").sortable().by_default(),
        p(A::ACCOUNT_ENABLED, T::Bool, "Whether users and the application itself may sign in.").writable().filter(Basic).by_default(),
        p(A::ADD_INS, T::Complex, "Custom behaviours.").many().writable().by_default(),
        p(A::ALTERNATIVE_NAMES, T::Text, "Names used to find the service principal.").many().writable().filter(Full).by_default(),
        p(A::APP_DESCRIPTION, T::Text, "Description of the application.").by_default(),
        p(A::APP_DISPLAY_NAME, T::Text, "Display name of the application.").by_default(),
        p(A::APP_ID, T::Guid, "Client id of the application.").create_only().required().filter(Basic).by_default(),
        p(A::APPLICATION_TEMPLATE_ID, T::Text, "Template the service principal was instantiated from.").filter(Basic).by_default(),
        p(A::APP_OWNER_ORGANIZATION_ID, T::Guid, "Tenant in which the application is registered.").filter(Basic).by_default(),
        p(A::APP_ROLE_ASSIGNMENT_REQUIRED, T::Bool, "Users must be assigned before they may sign in.").writable().filter(Basic).by_default(),
        p(A::APP_ROLES, T::Complex, "Roles that may be assigned to users, groups or applications.").many().writable().by_default(),
        p(A::CREATED_BY_APP_ID, T::Text, "Application that created this one; unused, null.").by_default(),
        p(A::CREATED_DATE_TIME, T::Time, "When it was created.").filter(Full).by_default(),
        p(A::CUSTOM_SECURITY_ATTRIBUTES, T::Complex, "Custom security attributes; unused, null."),
        p(A::DESCRIPTION, T::Text, "Description.").writable().max(1024).by_default(),
        p(A::DISABLED_BY_MICROSOFT_STATUS, T::Text, "Unused; null.").by_default(),
        p(A::DISPLAY_NAME, T::Text, "Name shown for the service principal.").writable().max(256).filter(Full).sortable().by_default(),
        p(A::HOMEPAGE, T::Text, "Home page.").writable().by_default(),
        p(A::INFO, T::Complex, "Logo, marketing, privacy, support and terms URLs.").by_default(),
        p(A::IS_DISABLED, T::Bool, "Deactivated by Microsoft; unused, null.").by_default(),
        p(A::KEY_CREDENTIALS, T::Complex, "Certificates.").many().writable().by_default(),
        p(A::LOGIN_URL, T::Text, "URL at which users sign in.").writable().by_default(),
        p(A::LOGOUT_URL, T::Text, "URL at which users sign out.").writable().by_default(),
        p(A::NOTES, T::Text, "Notes.").writable().by_default(),
        p(A::NOTIFICATION_EMAIL_ADDRESSES, T::Text, "Addresses told about expiring certificates.").many().writable().by_default(),
        p(A::OAUTH2_PERMISSION_SCOPES, T::Complex, "Delegated permissions the application offers.").many().writable().by_default(),
        p(A::PASSWORD_CREDENTIALS, T::Complex, "Client secrets, without their texts.").many().by_default(),
        p(A::PREFERRED_SINGLE_SIGN_ON_MODE, T::Text, "Single sign-on mode.").writable().by_default(),
        p(A::PREFERRED_TOKEN_SIGNING_KEY_THUMBPRINT, T::Text, "Thumbprint of the preferred signing key.").writable().by_default(),
        p(A::PUBLISHER_NAME, T::Text, "Name of the publishing tenant.").by_default(),
        p(A::REPLY_URLS, T::Text, "URLs to which tokens are sent.").many().writable().by_default(),
        p(A::RESOURCE_SPECIFIC_APPLICATION_PERMISSIONS, T::Complex, "Resource-specific permissions.").many().by_default(),
        p(A::SAML_SINGLE_SIGN_ON_SETTINGS, T::Complex, "SAML settings.").writable().by_default(),
        p(A::SERVICE_PRINCIPAL_NAMES, T::Text, "URIs that identify the service principal.").many().writable().filter(Full).by_default(),
        p(A::SERVICE_PRINCIPAL_TYPE, T::Text, "Application, ManagedIdentity, Legacy or SocialIdp.").filter(Basic).by_default(),
        p(A::SIGN_IN_AUDIENCE, T::Text, "Who may sign in.").filter(Basic).by_default(),
        p(A::TAGS, T::Text, "Tags.").many().writable().filter(Full).by_default(),
        p(A::TOKEN_ENCRYPTION_KEY_ID, T::Guid, "Key used to encrypt tokens.").writable().by_default(),
        p(A::VERIFIED_PUBLISHER, T::Complex, "Verified publisher.").by_default(),
    ]
}
