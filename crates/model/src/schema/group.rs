//! The Graph resource `group`.

use super::{Filter, Property, PropertyType as T};
use crate::Attr as A;

// One row per line: a table reads better than wrapped calls.
#[rustfmt::skip]
pub(super) fn properties() -> Vec<Property> {
    use Filter::{Basic, Full};
    let p = Property::new;
    vec![
        p(A::ID, T::Guid, "Unique id of the group; never changes.").filter(Basic).by_default().engine("objectId"),
        p(A::DELETED_DATE_TIME, T::Time, "When the group was soft-deleted; null for live groups.").sortable().by_default(),
        p(A::CLASSIFICATION, T::Text, "Classification.").writable().by_default(),
        p(A::CREATED_DATE_TIME, T::Time, "When the group was created.").filter(Full).by_default(),
        p(A::CREATION_OPTIONS, T::Text, "How the group was created.").many().by_default(),
        p(A::DESCRIPTION, T::Text, "Description.").writable().max(1024).by_default().engine("description"),
        p(A::DISPLAY_NAME, T::Text, "Name shown for the group.").writable().required().max(256).filter(Full).sortable().by_default().engine("displayName"),
        p(A::EXPIRATION_DATE_TIME, T::Time, "When the group expires.").by_default(),
        p(A::GROUP_TYPES, T::Text, "What makes it another than a security group, which has none.").many().create_only().one_of(&["Unified", "DynamicMembership"]).filter(Full).by_default().engine("groupTypes"),
        p(A::IS_ASSIGNABLE_TO_ROLE, T::Bool, "May hold directory roles.").create_only().filter(Basic).by_default(),
        p(A::MAIL, T::Text, "Mail address.").filter(Full).by_default().engine("mail"),
        p(A::MAIL_ENABLED, T::Bool, "Whether the group has a mailbox.").writable().required().filter(Basic).by_default().engine("mailEnabled"),
        p(A::MAIL_NICKNAME, T::Text, "Mail alias.").writable().required().max(64).filter(Full).by_default().engine("mailNickname"),
        p(A::MEMBERSHIP_RULE, T::Text, "Rule of a dynamic group.").writable().by_default(),
        p(A::MEMBERSHIP_RULE_PROCESSING_STATE, T::Text, "On or Paused.").writable().one_of(&["On", "Paused"]).by_default(),
        p(A::ON_PREMISES_DOMAIN_NAME, T::Text, "Domain in the on-premises directory.").by_default(),
        p(A::ON_PREMISES_LAST_SYNC_DATE_TIME, T::Time, "Last synchronization from on-premises.").filter(Full).by_default(),
        p(A::ON_PREMISES_NET_BIOS_NAME, T::Text, "NetBIOS name on-premises.").by_default(),
        p(A::ON_PREMISES_SAM_ACCOUNT_NAME, T::Text, "sAMAccountName on-premises.").filter(Full).by_default(),
        p(A::ON_PREMISES_SECURITY_IDENTIFIER, T::Text, "Security identifier on-premises.").filter(Full).by_default(),
        p(A::ON_PREMISES_SYNC_ENABLED, T::Bool, "Whether the group is synchronized from on-premises.").filter(Basic).by_default(),
        p(A::ON_PREMISES_PROVISIONING_ERRORS, T::Complex, "Errors of on-premises provisioning.").many().by_default(),
        p(A::ON_PREMISES_EXTENSION_ATTRIBUTES, T::Complex, "extensionAttribute1 to extensionAttribute15."),
        p(A::PREFERRED_DATA_LOCATION, T::Text, "Preferred location of the group's data.").writable().by_default(),
        p(A::PREFERRED_LANGUAGE, T::Text, "Language of a Microsoft 365 group.").writable().by_default(),
        p(A::PROXY_ADDRESSES, T::Text, "Mail addresses; unique in the tenant.").many().filter(Full).by_default().engine("proxyAddresses"),
        p(A::RENEWED_DATE_TIME, T::Time, "When the group was last renewed.").by_default(),
        p(A::RESOURCE_BEHAVIOR_OPTIONS, T::Text, "Behaviours of a Microsoft 365 group.").many().create_only().by_default(),
        p(A::RESOURCE_PROVISIONING_OPTIONS, T::Text, "Resources provisioned with the group.").many().create_only().by_default(),
        p(A::SECURITY_ENABLED, T::Bool, "Whether the group grants access.").writable().required().filter(Basic).by_default().engine("securityEnabled"),
        p(A::SECURITY_IDENTIFIER, T::Text, "Security identifier derived from the id.").filter(Full).by_default(),
        p(A::SERVICE_PROVISIONING_ERRORS, T::Complex, "Errors of service provisioning.").many().by_default(),
        p(A::THEME, T::Text, "Colour theme.").writable().by_default(),
        p(A::UNIQUE_NAME, T::Text, "Alternate key, set once.").create_only().filter(Full).by_default(),
        p(A::VISIBILITY, T::Text, "Private or Public, of Microsoft 365 groups and, always Private, of groups for roles.").writable().one_of(&["Private", "Public"]).by_default(),
        p(A::ASSIGNED_LABELS, T::Complex, "Sensitivity labels.").many(),
        p(A::ASSIGNED_LICENSES, T::Complex, "Licences assigned to the group.").many().filter(Basic),
        p(A::LICENSE_PROCESSING_STATE, T::Complex, "State of group licensing."),
        p(A::HAS_MEMBERS_WITH_LICENSE_ERRORS, T::Bool, "Whether licence errors exist among the members."),
        p(A::HIDE_FROM_ADDRESS_LISTS, T::Bool, "Hidden from address lists."),
        p(A::HIDE_FROM_OUTLOOK_CLIENTS, T::Bool, "Hidden from mail clients."),
        p(A::AUTO_SUBSCRIBE_NEW_MEMBERS, T::Bool, "New members are subscribed to mail."),
        p(A::ALLOW_EXTERNAL_SENDERS, T::Bool, "External people may send to the group."),
        p(A::IS_ARCHIVED, T::Bool, "Archived."),
        p(A::IS_FAVORITE, T::Bool, "Favourite of the signed-in user."),
        p(A::IS_SUBSCRIBED_BY_MAIL, T::Bool, "The signed-in user is subscribed."),
        p(A::UNSEEN_COUNT, T::Int, "Unseen conversations."),
        p(A::WELCOME_MESSAGE_ENABLED, T::Bool, "A welcome message is sent."),
        p(A::IS_MANAGEMENT_RESTRICTED, T::Bool, "Member of a restricted management unit."),
        p(A::INFO_CATALOGS, T::Text, "Info segments.").many(),
        p(A::MEMBERS, T::Reference, "Members of the group.").many().writable().engine_only(),
        p(A::OWNERS, T::Reference, "Owners of the group.").many().writable().engine_only(),
        p(A::IS_SOFT_DELETED, T::Bool, "True when deleted or not entitled.").writable().engine_only(),
        p(A::APP_ROLE_ASSIGNMENTS, T::Reference, "App roles of the configuration that the group holds.").many().engine_only(),
        p(A::HOME_TENANT_ID, T::Guid, "Tenant a synchronized group comes from.").engine_only(),
        p(A::ALTERNATIVE_SECURITY_IDS, T::Text, "Source anchor stamped on a synchronized group.").many().writable().engine_only(),
    ]
}
