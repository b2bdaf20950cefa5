//! The navigation properties that `$select` (in delta) and `$expand` may name. They are edges, not
//! attributes, so the entity table does not list them.

use syncline_model::EntityKind;

/// Graph's names of an entity's navigation properties.
pub fn names(kind: EntityKind) -> &'static [&'static str] {
    match kind {
        EntityKind::User => &[
            "manager",
            "directReports",
            "memberOf",
            "transitiveMemberOf",
            "sponsors",
            "appRoleAssignments",
            "oauth2PermissionGrants",
            "ownedObjects",
            "createdObjects",
            "licenseDetails",
            "registeredDevices",
            "ownedDevices",
        ],
        EntityKind::Group => &[
            "members",
            "owners",
            "memberOf",
            "transitiveMembers",
            "transitiveMemberOf",
            "appRoleAssignments",
            "membersWithLicenseErrors",
        ],
        EntityKind::Application => &["owners", "extensionProperties", "synchronization"],
        EntityKind::ServicePrincipal => &[
            "owners",
            "appRoleAssignedTo",
            "appRoleAssignments",
            "memberOf",
            "transitiveMemberOf",
            "oauth2PermissionGrants",
            "ownedObjects",
            "createdObjects",
            "synchronization",
        ],
        EntityKind::ProvisioningEvent
        | EntityKind::AppRoleAssignment
        | EntityKind::DirectoryRole => &[],
    }
}

/// The exact spelling of a navigation property given in any case.
pub fn find(kind: EntityKind, name: &str) -> Option<&'static str> {
    names(kind)
        .iter()
        .copied()
        .find(|known| known.eq_ignore_ascii_case(name))
}
