//! Attribute names. One number per name, stored in the database and therefore **never reused and
//! never renumbered**; the same name on users, groups and applications is the same attribute.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An attribute of the entity table. Numbers below 10,000 are the static core; directory
/// extensions of a tenant's overlay start at [`Attr::FIRST_EXTENSION`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attr(pub u16);

impl Attr {
    pub const FIRST_EXTENSION: u16 = 10_000;

    /// Whether this is a directory extension. Its number means something in one tenant only.
    pub fn is_extension(self) -> bool {
        self.0 >= Self::FIRST_EXTENSION
    }

    /// The core attribute with exactly this name.
    pub fn named(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(number, _)| Self(*number))
    }

    /// The Graph name of a core attribute; `None` for an extension.
    pub fn core_name(self) -> Option<&'static str> {
        NAMES
            .binary_search_by_key(&self.0, |(number, _)| *number)
            .ok()
            .map(|at| NAMES[at].1)
    }
}

impl fmt::Debug for Attr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.core_name() {
            Some(name) => f.write_str(name),
            None => write!(f, "Attr({})", self.0),
        }
    }
}

macro_rules! attrs {
    ($($number:literal $constant:ident $name:literal;)*) => {
        impl Attr {
            $(pub const $constant: Attr = Attr($number);)*
        }
        /// Sorted by number.
        const NAMES: &[(u16, &str)] = &[$(($number, $name)),*];
    };
}

attrs! {
    // Every directory object
    1 ID "id";
    2 DELETED_DATE_TIME "deletedDateTime";
    3 CREATED_DATE_TIME "createdDateTime";
    4 DISPLAY_NAME "displayName";
    5 DESCRIPTION "description";

    // People
    10 ACCOUNT_ENABLED "accountEnabled";
    11 AGE_GROUP "ageGroup";
    12 BUSINESS_PHONES "businessPhones";
    13 CITY "city";
    14 COMPANY_NAME "companyName";
    15 CONSENT_PROVIDED_FOR_MINOR "consentProvidedForMinor";
    16 COUNTRY "country";
    17 CREATION_TYPE "creationType";
    18 DEPARTMENT "department";
    19 EMPLOYEE_HIRE_DATE "employeeHireDate";
    20 EMPLOYEE_ID "employeeId";
    21 EMPLOYEE_LEAVE_DATE_TIME "employeeLeaveDateTime";
    22 EMPLOYEE_ORG_DATA "employeeOrgData";
    23 EMPLOYEE_TYPE "employeeType";
    24 EXTERNAL_USER_STATE "externalUserState";
    25 EXTERNAL_USER_STATE_CHANGE_DATE_TIME "externalUserStateChangeDateTime";
    26 FAX_NUMBER "faxNumber";
    27 GIVEN_NAME "givenName";
    28 IDENTITIES "identities";
    29 IM_ADDRESSES "imAddresses";
    30 IS_RESOURCE_ACCOUNT "isResourceAccount";
    31 IS_MANAGEMENT_RESTRICTED "isManagementRestricted";
    32 JOB_TITLE "jobTitle";
    33 LAST_PASSWORD_CHANGE_DATE_TIME "lastPasswordChangeDateTime";
    34 LEGAL_AGE_GROUP_CLASSIFICATION "legalAgeGroupClassification";
    35 MAIL "mail";
    36 MAIL_NICKNAME "mailNickname";
    37 MOBILE_PHONE "mobilePhone";
    38 OFFICE_LOCATION "officeLocation";
    39 ON_PREMISES_DISTINGUISHED_NAME "onPremisesDistinguishedName";
    40 ON_PREMISES_DOMAIN_NAME "onPremisesDomainName";
    41 ON_PREMISES_EXTENSION_ATTRIBUTES "onPremisesExtensionAttributes";
    42 ON_PREMISES_IMMUTABLE_ID "onPremisesImmutableId";
    43 ON_PREMISES_LAST_SYNC_DATE_TIME "onPremisesLastSyncDateTime";
    44 ON_PREMISES_SAM_ACCOUNT_NAME "onPremisesSamAccountName";
    45 ON_PREMISES_SECURITY_IDENTIFIER "onPremisesSecurityIdentifier";
    46 ON_PREMISES_SYNC_ENABLED "onPremisesSyncEnabled";
    47 ON_PREMISES_USER_PRINCIPAL_NAME "onPremisesUserPrincipalName";
    48 OTHER_MAILS "otherMails";
    49 PASSWORD_POLICIES "passwordPolicies";
    50 PASSWORD_PROFILE "passwordProfile";
    51 POSTAL_CODE "postalCode";
    52 PREFERRED_DATA_LOCATION "preferredDataLocation";
    53 PREFERRED_LANGUAGE "preferredLanguage";
    54 PREFERRED_NAME "preferredName";
    55 PROXY_ADDRESSES "proxyAddresses";
    56 SECURITY_IDENTIFIER "securityIdentifier";
    57 SHOW_IN_ADDRESS_LIST "showInAddressList";
    58 SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME "signInSessionsValidFromDateTime";
    59 STATE "state";
    60 STREET_ADDRESS "streetAddress";
    61 SURNAME "surname";
    62 USAGE_LOCATION "usageLocation";
    63 USER_PRINCIPAL_NAME "userPrincipalName";
    64 USER_TYPE "userType";
    65 ASSIGNED_LICENSES "assignedLicenses";
    66 ASSIGNED_PLANS "assignedPlans";
    67 LICENSE_ASSIGNMENT_STATES "licenseAssignmentStates";
    68 PROVISIONED_PLANS "provisionedPlans";
    69 SERVICE_PROVISIONING_ERRORS "serviceProvisioningErrors";
    70 CUSTOM_SECURITY_ATTRIBUTES "customSecurityAttributes";
    71 IDENTITY_PARENT_ID "identityParentId";
    72 SIGN_IN_ACTIVITY "signInActivity";
    73 ON_PREMISES_PROVISIONING_ERRORS "onPremisesProvisioningErrors";

    // Known to the engine only; never in default answers
    90 NET_ID "netId";
    91 ALTERNATIVE_SECURITY_IDS "alternativeSecurityIds";
    92 IS_SOFT_DELETED "IsSoftDeleted";
    93 APP_ROLE_ASSIGNMENTS "appRoleAssignments";
    94 ORIGINAL_USER_PRINCIPAL_NAME "originalUserPrincipalName";
    95 MANAGER "manager";
    96 MEMBERS "members";
    // The tenant an external user comes from: matching sees only users of the job's source tenant.
    97 HOME_TENANT_ID "homeTenantId";
    98 OWNERS "owners";
    99 OBJECT_ID "objectId";
    // The groups that an object is a direct member of; only scoping filters ask.
    100 MEMBER_OF "memberOf";

    // Groups
    110 CLASSIFICATION "classification";
    111 EXPIRATION_DATE_TIME "expirationDateTime";
    112 GROUP_TYPES "groupTypes";
    113 IS_ASSIGNABLE_TO_ROLE "isAssignableToRole";
    114 MAIL_ENABLED "mailEnabled";
    115 MEMBERSHIP_RULE "membershipRule";
    116 MEMBERSHIP_RULE_PROCESSING_STATE "membershipRuleProcessingState";
    117 ON_PREMISES_NET_BIOS_NAME "onPremisesNetBiosName";
    118 RENEWED_DATE_TIME "renewedDateTime";
    119 RESOURCE_BEHAVIOR_OPTIONS "resourceBehaviorOptions";
    120 RESOURCE_PROVISIONING_OPTIONS "resourceProvisioningOptions";
    121 SECURITY_ENABLED "securityEnabled";
    122 THEME "theme";
    123 UNIQUE_NAME "uniqueName";
    124 VISIBILITY "visibility";
    125 ASSIGNED_LABELS "assignedLabels";
    126 LICENSE_PROCESSING_STATE "licenseProcessingState";
    127 HAS_MEMBERS_WITH_LICENSE_ERRORS "hasMembersWithLicenseErrors";
    128 HIDE_FROM_ADDRESS_LISTS "hideFromAddressLists";
    129 HIDE_FROM_OUTLOOK_CLIENTS "hideFromOutlookClients";
    130 AUTO_SUBSCRIBE_NEW_MEMBERS "autoSubscribeNewMembers";
    131 ALLOW_EXTERNAL_SENDERS "allowExternalSenders";
    132 IS_ARCHIVED "isArchived";
    133 IS_FAVORITE "isFavorite";
    134 IS_SUBSCRIBED_BY_MAIL "isSubscribedByMail";
    135 UNSEEN_COUNT "unseenCount";
    136 WELCOME_MESSAGE_ENABLED "welcomeMessageEnabled";
    137 INFO_CATALOGS "infoCatalogs";
    138 CREATION_OPTIONS "creationOptions";

    // Applications and service principals
    150 APP_ID "appId";
    151 APPLICATION_TEMPLATE_ID "applicationTemplateId";
    152 IDENTIFIER_URIS "identifierUris";
    153 SIGN_IN_AUDIENCE "signInAudience";
    154 TAGS "tags";
    155 APP_ROLES "appRoles";
    156 PASSWORD_CREDENTIALS "passwordCredentials";
    157 KEY_CREDENTIALS "keyCredentials";
    158 REQUIRED_RESOURCE_ACCESS "requiredResourceAccess";
    159 WEB "web";
    160 PUBLIC_CLIENT "publicClient";
    161 SPA "spa";
    162 API "api";
    163 INFO "info";
    164 IS_FALLBACK_PUBLIC_CLIENT "isFallbackPublicClient";
    165 NOTES "notes";
    166 PUBLISHER_DOMAIN "publisherDomain";
    167 GROUP_MEMBERSHIP_CLAIMS "groupMembershipClaims";
    168 OPTIONAL_CLAIMS "optionalClaims";
    169 ADD_INS "addIns";
    170 VERIFIED_PUBLISHER "verifiedPublisher";
    171 PARENTAL_CONTROL_SETTINGS "parentalControlSettings";
    172 TOKEN_ENCRYPTION_KEY_ID "tokenEncryptionKeyId";
    173 DEFAULT_REDIRECT_URI "defaultRedirectUri";
    174 SERVICE_MANAGEMENT_REFERENCE "serviceManagementReference";
    175 SAML_METADATA_URL "samlMetadataUrl";
    176 DISABLED_BY_MICROSOFT_STATUS "disabledByMicrosoftStatus";
    177 CREATED_BY_APP_ID "createdByAppId";
    180 APP_DISPLAY_NAME "appDisplayName";
    181 APP_OWNER_ORGANIZATION_ID "appOwnerOrganizationId";
    182 APP_ROLE_ASSIGNMENT_REQUIRED "appRoleAssignmentRequired";
    183 HOMEPAGE "homepage";
    184 LOGIN_URL "loginUrl";
    185 LOGOUT_URL "logoutUrl";
    186 NOTIFICATION_EMAIL_ADDRESSES "notificationEmailAddresses";
    187 OAUTH2_PERMISSION_SCOPES "oauth2PermissionScopes";
    188 PREFERRED_SINGLE_SIGN_ON_MODE "preferredSingleSignOnMode";
    189 PREFERRED_TOKEN_SIGNING_KEY_THUMBPRINT "preferredTokenSigningKeyThumbprint";
    190 PUBLISHER_NAME "publisherName";
    191 REPLY_URLS "replyUrls";
    192 SAML_SINGLE_SIGN_ON_SETTINGS "samlSingleSignOnSettings";
    193 SERVICE_PRINCIPAL_NAMES "servicePrincipalNames";
    194 SERVICE_PRINCIPAL_TYPE "servicePrincipalType";
    195 ALTERNATIVE_NAMES "alternativeNames";
    196 APP_DESCRIPTION "appDescription";
    197 RESOURCE_SPECIFIC_APPLICATION_PERMISSIONS "resourceSpecificApplicationPermissions";
    198 AUTHENTICATION_BEHAVIORS "authenticationBehaviors";
    199 CERTIFICATION "certification";
    201 IS_DEVICE_ONLY_AUTH_SUPPORTED "isDeviceOnlyAuthSupported";
    202 IS_DISABLED "isDisabled";
    203 LOGO "logo";
    204 MANAGER_APPLICATIONS "managerApplications";
    205 NATIVE_AUTHENTICATION_APIS_ENABLED "nativeAuthenticationApisEnabled";
    206 OAUTH2_REQUIRE_POST_RESPONSE "oauth2RequirePostResponse";
    207 REQUEST_SIGNATURE_VERIFICATION "requestSignatureVerification";
    208 SERVICE_PRINCIPAL_LOCK_CONFIGURATION "servicePrincipalLockConfiguration";

    // Provisioning log: what `$filter` and `$orderby` may name. The name is the
    // whole path.
    300 LOG_TENANT_ID "tenantId";
    301 LOG_JOB_ID "jobId";
    302 LOG_CHANGE_ID "changeId";
    303 LOG_CYCLE_ID "cycleId";
    304 LOG_ACTION "provisioningAction";
    305 LOG_STATUS "provisioningStatusInfo/status";
    306 LOG_SOURCE_SYSTEM_DISPLAY_NAME "sourceSystem/displayName";
    307 LOG_TARGET_SYSTEM_DISPLAY_NAME "targetSystem/displayName";
    308 LOG_INITIATED_BY_DISPLAY_NAME "initiatedBy/displayName";
    309 LOG_SOURCE_ID "sourceIdentity/id";
    310 LOG_SOURCE_DISPLAY_NAME "sourceIdentity/displayName";
    311 LOG_SOURCE_TYPE "sourceIdentity/identityType";
    312 LOG_TARGET_ID "targetIdentity/id";
    313 LOG_TARGET_DISPLAY_NAME "targetIdentity/displayName";
    314 LOG_TARGET_TYPE "targetIdentity/identityType";
    315 LOG_SERVICE_PRINCIPAL_ID "servicePrincipal/id";
    316 LOG_SERVICE_PRINCIPAL_DISPLAY_NAME "servicePrincipal/displayName";
    317 LOG_ACTIVITY_DATE_TIME "activityDateTime";
    318 LOG_DURATION "durationInMilliseconds";
    319 LOG_MODIFIED_PROPERTIES "modifiedProperties";

    // App role assignments
    330 ASSIGNMENT_APP_ROLE_ID "appRoleId";
    331 ASSIGNMENT_PRINCIPAL_ID "principalId";
    332 ASSIGNMENT_PRINCIPAL_DISPLAY_NAME "principalDisplayName";
    333 ASSIGNMENT_PRINCIPAL_TYPE "principalType";
    334 ASSIGNMENT_RESOURCE_ID "resourceId";
    335 ASSIGNMENT_RESOURCE_DISPLAY_NAME "resourceDisplayName";

    // Directory roles
    340 ROLE_TEMPLATE_ID "roleTemplateId";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ascending_and_names_unique() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let mut names: Vec<_> = NAMES.iter().map(|(_, name)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), NAMES.len());
    }
}
