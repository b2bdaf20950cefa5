//! The permissions that operations ask for: one list, in the order of the API's families. Each
//! accepts Graph's documented names (least privilege first) and, where the public walk-through of
//! cross-tenant synchronization signs in with less, the wider `Directory.*` and `Application.*`
//! names that were documented before the narrow ones existed.

use crate::DirectoryRole::{
    ApplicationAdministrator, CloudApplicationAdministrator, GlobalReader, GroupsAdministrator,
    HybridIdentityAdministrator, PrivilegedRoleAdministrator, ReportsReader, SecurityAdministrator,
    SecurityOperator, SecurityReader, UserAdministrator,
};
use crate::{DirectoryRole, Permission};

const fn permission(
    name: &'static str,
    delegated: &'static [&'static str],
    application: &'static [&'static str],
    roles: &'static [DirectoryRole],
) -> Permission {
    Permission {
        name,
        delegated,
        application,
        roles,
        roles_unless_strict: &[],
        guests: false,
        of_oneself: &[],
        of_owned: &[],
        any_caller: false,
    }
}

/// Suffices for what the application owns, in all that it may be done with.
const OWNED_APPLICATIONS: &[&str] = &["Application.ReadWrite.OwnedBy"];
/// Suffices for reading oneself and what one is related to.
const ONESELF: &[&str] = &["User.Read"];

// Synchronization

const SYNC_READ_NAMES: &[&str] = &[
    "Synchronization.Read.All",
    "Synchronization.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Application.ReadWrite.All",
];
const SYNC_WRITE_NAMES: &[&str] = &[
    "Synchronization.ReadWrite.All",
    "Directory.ReadWrite.All",
    "Application.ReadWrite.All",
];
const SYNC_ROLES: &[DirectoryRole] = &[
    HybridIdentityAdministrator,
    CloudApplicationAdministrator,
    ApplicationAdministrator,
];

/// Read jobs, schemas, templates, settings.
pub const SYNC_READ: Permission = Permission {
    roles_unless_strict: &[GlobalReader],
    of_owned: OWNED_APPLICATIONS,
    ..permission("SYNC_READ", SYNC_READ_NAMES, SYNC_READ_NAMES, SYNC_ROLES)
};
/// Create, change, start and stop jobs.
pub const SYNC_WRITE: Permission = Permission {
    of_owned: OWNED_APPLICATIONS,
    ..permission("SYNC_WRITE", SYNC_WRITE_NAMES, SYNC_WRITE_NAMES, SYNC_ROLES)
};
/// Change a job's schedule and settings: Graph does not leave that to owners.
pub const SYNC_JOB_UPDATE: Permission = permission(
    "SYNC_JOB_UPDATE",
    SYNC_WRITE_NAMES,
    SYNC_WRITE_NAMES,
    SYNC_ROLES,
);

// Cross-tenant access policy

const XTAP_READ_NAMES: &[&str] = &["Policy.Read.All", "Policy.ReadWrite.CrossTenantAccess"];
const XTAP_WRITE_NAMES: &[&str] = &["Policy.ReadWrite.CrossTenantAccess"];

pub const XTAP_READ: Permission = permission(
    "XTAP_READ",
    XTAP_READ_NAMES,
    XTAP_READ_NAMES,
    &[SecurityReader, GlobalReader, SecurityAdministrator],
);
pub const XTAP_WRITE: Permission = permission(
    "XTAP_WRITE",
    XTAP_WRITE_NAMES,
    XTAP_WRITE_NAMES,
    &[SecurityAdministrator],
);
/// Another tenant's name by id or domain.
pub const TENANT_INFORMATION_READ: Permission = Permission {
    guests: true,
    ..permission(
        "TENANT_INFORMATION_READ",
        &["CrossTenantInformation.ReadBasic.All"],
        &["CrossTenantInformation.ReadBasic.All"],
        &[],
    )
};

// Users

const USERS_READ_NAMES: &[&str] = &[
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const USERS_READ_BASIC_NAMES: &[&str] = &[
    "User.ReadBasic.All",
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
/// Delegated callers read people's groups also with the permission to read memberships.
const USERS_MEMBER_OF_READ_SCOPES: &[&str] = &[
    "User.Read.All",
    "User.ReadWrite.All",
    "GroupMember.Read.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const USERS_WRITE_NAMES: &[&str] = &["User.ReadWrite.All", "Directory.ReadWrite.All"];
const ACCOUNTS_ENABLE_NAMES: &[&str] = &["User.EnableDisableAccount.All"];
const USERS_UPDATE_NAMES: &[&str] = &[
    "User.EnableDisableAccount.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
];
const SESSIONS_REVOKE_NAMES: &[&str] = &[
    "User.RevokeSessions.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
];
const USERS_DELETE_RESTORE_NAMES: &[&str] = &[
    "User.DeleteRestore.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
];

/// Members of a tenant may read it by default: no directory role is needed. Guests need one.
pub const USERS_READ: Permission =
    permission("USERS_READ", USERS_READ_NAMES, USERS_READ_NAMES, &[]);
/// Names and addresses only.
pub const USERS_READ_BASIC: Permission = permission(
    "USERS_READ_BASIC",
    USERS_READ_BASIC_NAMES,
    USERS_READ_BASIC_NAMES,
    &[],
);
/// One user; everybody may read himself.
pub const USER_READ: Permission = Permission {
    of_oneself: ONESELF,
    ..permission(
        "USER_READ",
        USERS_READ_BASIC_NAMES,
        USERS_READ_BASIC_NAMES,
        &[],
    )
};
/// Whom and what a user is related to: manager, reports, sponsors, ids of groups.
pub const USER_RELATED_READ: Permission = Permission {
    of_oneself: ONESELF,
    ..permission("USER_RELATED_READ", USERS_READ_NAMES, USERS_READ_NAMES, &[])
};
/// What a user is a member of.
pub const USER_MEMBER_OF_READ: Permission = Permission {
    of_oneself: ONESELF,
    ..permission(
        "USER_MEMBER_OF_READ",
        USERS_MEMBER_OF_READ_SCOPES,
        USERS_READ_NAMES,
        &[],
    )
};
pub const USERS_WRITE: Permission = permission(
    "USERS_WRITE",
    USERS_WRITE_NAMES,
    USERS_WRITE_NAMES,
    &[UserAdministrator],
);
/// Change something of a user: all of it ([`USERS_WRITE`]), or only whether the account is enabled
/// ([`ACCOUNTS_ENABLE`]).
pub const USERS_UPDATE: Permission = permission(
    "USERS_UPDATE",
    USERS_UPDATE_NAMES,
    USERS_UPDATE_NAMES,
    &[UserAdministrator],
);
/// Enable and disable accounts. It lets nobody read users, and is asked for together with [`USERS_READ`], as
/// Graph's reference has it (*Update user*, `accountEnabled`).
pub const ACCOUNTS_ENABLE: Permission = permission(
    "ACCOUNTS_ENABLE",
    ACCOUNTS_ENABLE_NAMES,
    ACCOUNTS_ENABLE_NAMES,
    &[UserAdministrator],
);
/// End somebody's sessions; everybody may end their own.
pub const SESSIONS_REVOKE: Permission = Permission {
    of_oneself: SESSIONS_REVOKE_NAMES,
    ..permission(
        "SESSIONS_REVOKE",
        SESSIONS_REVOKE_NAMES,
        SESSIONS_REVOKE_NAMES,
        &[UserAdministrator],
    )
};
/// Delete, restore and purge users.
pub const USERS_DELETE_RESTORE: Permission = permission(
    "USERS_DELETE_RESTORE",
    USERS_DELETE_RESTORE_NAMES,
    USERS_DELETE_RESTORE_NAMES,
    &[UserAdministrator],
);
/// The signed-in user's own object as a whole; applications have none.
pub const ME: Permission = Permission {
    guests: true,
    ..permission(
        "ME",
        &[
            "User.Read",
            "User.Read.All",
            "User.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        &[],
        &[],
    )
};

// Groups

const GROUPS_READ_NAMES: &[&str] = &[
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const GROUPS_CREATE_ROLES: &[&str] = &[
    "Group.Create",
    "Group.ReadWrite.All",
    "Directory.ReadWrite.All",
];
const GROUPS_WRITE_NAMES: &[&str] = &["Group.ReadWrite.All", "Directory.ReadWrite.All"];
const GROUP_MEMBERS_WRITE_NAMES: &[&str] = &[
    "GroupMember.ReadWrite.All",
    "Group.ReadWrite.All",
    "Directory.ReadWrite.All",
];
const GROUP_ROLES: &[DirectoryRole] = &[GroupsAdministrator, UserAdministrator];

pub const GROUPS_READ: Permission =
    permission("GROUPS_READ", GROUPS_READ_NAMES, GROUPS_READ_NAMES, &[]);
pub const GROUPS_CREATE: Permission = permission(
    "GROUPS_CREATE",
    GROUPS_WRITE_NAMES,
    GROUPS_CREATE_ROLES,
    GROUP_ROLES,
);
pub const GROUPS_WRITE: Permission = permission(
    "GROUPS_WRITE",
    GROUPS_WRITE_NAMES,
    GROUPS_WRITE_NAMES,
    GROUP_ROLES,
);
pub const GROUP_MEMBERS_WRITE: Permission = permission(
    "GROUP_MEMBERS_WRITE",
    GROUP_MEMBERS_WRITE_NAMES,
    GROUP_MEMBERS_WRITE_NAMES,
    GROUP_ROLES,
);

// Applications and consent

const APPLICATIONS_READ_NAMES: &[&str] = &[
    "Application.Read.All",
    "Application.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const APPLICATIONS_WRITE_NAMES: &[&str] = &["Application.ReadWrite.All", "Directory.ReadWrite.All"];
/// Owners may list the applications of others, though not read them one by one (Graph's permissions
/// reference, *Application.ReadWrite.OwnedBy*).
const APPLICATIONS_LIST_ROLES: &[&str] = &[
    "Application.Read.All",
    "Application.ReadWrite.All",
    "Application.ReadWrite.OwnedBy",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const APPLICATIONS_CREATE_ROLES: &[&str] = &[
    "Application.ReadWrite.OwnedBy",
    "Application.ReadWrite.All",
    "Directory.ReadWrite.All",
];
const ASSIGNMENTS_READ_NAMES: &[&str] = &[
    "Application.Read.All",
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const ASSIGNMENTS_WRITE_NAMES: &[&str] = &[
    "AppRoleAssignment.ReadWrite.All",
    "Application.ReadWrite.All",
    "Directory.ReadWrite.All",
];
const APPLICATION_ROLES: &[DirectoryRole] =
    &[CloudApplicationAdministrator, ApplicationAdministrator];

pub const APPLICATIONS_LIST: Permission = permission(
    "APPLICATIONS_LIST",
    APPLICATIONS_READ_NAMES,
    APPLICATIONS_LIST_ROLES,
    &[],
);
pub const APPLICATIONS_READ: Permission = Permission {
    of_owned: OWNED_APPLICATIONS,
    ..permission(
        "APPLICATIONS_READ",
        APPLICATIONS_READ_NAMES,
        APPLICATIONS_READ_NAMES,
        &[],
    )
};
pub const APPLICATIONS_CREATE: Permission = permission(
    "APPLICATIONS_CREATE",
    APPLICATIONS_WRITE_NAMES,
    APPLICATIONS_CREATE_ROLES,
    APPLICATION_ROLES,
);
pub const APPLICATIONS_WRITE: Permission = Permission {
    of_owned: OWNED_APPLICATIONS,
    ..permission(
        "APPLICATIONS_WRITE",
        APPLICATIONS_WRITE_NAMES,
        APPLICATIONS_WRITE_NAMES,
        APPLICATION_ROLES,
    )
};
pub const ASSIGNMENTS_READ: Permission = permission(
    "ASSIGNMENTS_READ",
    ASSIGNMENTS_READ_NAMES,
    ASSIGNMENTS_READ_NAMES,
    &[],
);
/// Assign users and groups to applications. Not for roles of Microsoft Graph itself: whoever may
/// assign those may make himself anything ([`GRAPH_ASSIGNMENTS_WRITE`]).
pub const ASSIGNMENTS_WRITE: Permission = permission(
    "ASSIGNMENTS_WRITE",
    ASSIGNMENTS_WRITE_NAMES,
    ASSIGNMENTS_WRITE_NAMES,
    &[
        CloudApplicationAdministrator,
        ApplicationAdministrator,
        UserAdministrator,
        PrivilegedRoleAdministrator,
    ],
);
/// Permissions whose holder can give itself all others, whether an application holds one or was granted it.
pub const DECISIVE: [&str; 2] = [
    "AppRoleAssignment.ReadWrite.All",
    "RoleManagement.ReadWrite.Directory",
];

/// Whether a scope is one of [`DECISIVE`]: clients spell scopes as they like.
pub fn is_decisive(scope: &str) -> bool {
    DECISIVE.iter().any(|it| it.eq_ignore_ascii_case(scope))
}

/// Give a service principal an application permission of Microsoft Graph.
pub const GRAPH_ASSIGNMENTS_WRITE: Permission = permission(
    "GRAPH_ASSIGNMENTS_WRITE",
    &["AppRoleAssignment.ReadWrite.All"],
    &["AppRoleAssignment.ReadWrite.All"],
    &[PrivilegedRoleAdministrator],
);
/// Give a secret or certificate to an application that may hand out permissions or roles, or holds a role;
/// enable, delete or restore it. Of a user's token it asks for one of [`DECISIVE`], too: to all others, whoever
/// manages applications can have consented for all, for an application that uses them in an administrator's name.
pub const DECISIVE_CREDENTIALS_WRITE: Permission = permission(
    "DECISIVE_CREDENTIALS_WRITE",
    &DECISIVE,
    &DECISIVE,
    &[PrivilegedRoleAdministrator],
);
const GRANTS_WRITE_NAMES: &[&str] = &[
    "DelegatedPermissionGrant.ReadWrite.All",
    "Directory.ReadWrite.All",
];
/// Let an application hand out permissions or roles on behalf of others, or without a page of consent on
/// behalf of oneself. A token of a user's holds one of these permissions already, for the reason of
/// [`DECISIVE_CREDENTIALS_WRITE`].
pub const DECISIVE_GRANTS_WRITE: Permission = Permission {
    of_oneself: &DECISIVE,
    ..permission(
        "DECISIVE_GRANTS_WRITE",
        &DECISIVE,
        &DECISIVE,
        &[PrivilegedRoleAdministrator],
    )
};
pub const GRANTS_READ: Permission = permission(
    "GRANTS_READ",
    &[
        "Directory.Read.All",
        "DelegatedPermissionGrant.ReadWrite.All",
        "Directory.ReadWrite.All",
    ],
    &[
        "Directory.Read.All",
        "DelegatedPermissionGrant.ReadWrite.All",
        "Directory.ReadWrite.All",
    ],
    &[],
);
pub const GRANTS_WRITE: Permission = permission(
    "GRANTS_WRITE",
    GRANTS_WRITE_NAMES,
    GRANTS_WRITE_NAMES,
    &[
        CloudApplicationAdministrator,
        ApplicationAdministrator,
        PrivilegedRoleAdministrator,
    ],
);

// Directory

/// Deleted objects of every kind.
pub const DELETED_ITEMS_READ: Permission = permission(
    "DELETED_ITEMS_READ",
    &["Directory.Read.All", "Directory.ReadWrite.All"],
    &["Directory.Read.All", "Directory.ReadWrite.All"],
    &[],
);
pub const DELETED_USERS_READ: Permission = permission(
    "DELETED_USERS_READ",
    &[
        "User.DeleteRestore.All",
        "User.Read.All",
        "User.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ],
    &[
        "User.DeleteRestore.All",
        "User.Read.All",
        "User.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ],
    &[],
);
pub const DELETED_GROUPS_READ: Permission = permission(
    "DELETED_GROUPS_READ",
    &[
        "Group.Read.All",
        "Group.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ],
    &[
        "Group.Read.All",
        "Group.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ],
    &[],
);
pub const DELETED_APPLICATIONS_READ: Permission = permission(
    "DELETED_APPLICATIONS_READ",
    APPLICATIONS_READ_NAMES,
    APPLICATIONS_READ_NAMES,
    &[],
);
pub const DIRECTORY_READ: Permission = permission(
    "DIRECTORY_READ",
    &["Directory.Read.All", "Directory.ReadWrite.All"],
    &["Directory.Read.All", "Directory.ReadWrite.All"],
    &[],
);
/// The tenant's name and domains.
pub const ORGANIZATION_READ: Permission = Permission {
    guests: true,
    ..permission(
        "ORGANIZATION_READ",
        &[
            "User.Read",
            "Organization.Read.All",
            "Domain.Read.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        &[
            "Organization.Read.All",
            "Domain.Read.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        &[],
    )
};
const ROLE_MANAGEMENT_READ_NAMES: &[&str] = &[
    "RoleManagement.Read.Directory",
    "RoleManagement.Read.All",
    "RoleManagement.ReadWrite.Directory",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

pub const ROLES_READ: Permission = permission(
    "ROLES_READ",
    &[
        "RoleManagement.Read.Directory",
        "RoleManagement.ReadWrite.Directory",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ],
    &[
        "RoleManagement.Read.Directory",
        "RoleManagement.ReadWrite.Directory",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ],
    &[],
);
/// Assignments and definitions, which a permission for the roles of every provider opens, too.
pub const ROLE_MANAGEMENT_READ: Permission = permission(
    "ROLE_MANAGEMENT_READ",
    ROLE_MANAGEMENT_READ_NAMES,
    ROLE_MANAGEMENT_READ_NAMES,
    &[],
);
pub const ROLES_WRITE: Permission = permission(
    "ROLES_WRITE",
    &["RoleManagement.ReadWrite.Directory"],
    &["RoleManagement.ReadWrite.Directory"],
    &[PrivilegedRoleAdministrator],
);

// Logs

const LOGS_READ_NAMES: &[&str] = &[
    "ProvisioningLog.Read.All",
    "AuditLog.Read.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

pub const LOGS_READ: Permission = permission(
    "LOGS_READ",
    LOGS_READ_NAMES,
    LOGS_READ_NAMES,
    &[
        ReportsReader,
        SecurityReader,
        SecurityOperator,
        SecurityAdministrator,
        ApplicationAdministrator,
        CloudApplicationAdministrator,
        HybridIdentityAdministrator,
        GlobalReader,
    ],
);

/// Any caller with a valid token, e.g. for the application gallery.
pub const ANY: Permission = Permission {
    any_caller: true,
    ..permission("ANY", &[], &[], &[])
};

/// All of them, for documentation and tests.
pub const ALL: &[&Permission] = &[
    &SYNC_READ,
    &SYNC_WRITE,
    &SYNC_JOB_UPDATE,
    &XTAP_READ,
    &XTAP_WRITE,
    &TENANT_INFORMATION_READ,
    &USERS_READ,
    &USERS_READ_BASIC,
    &USER_READ,
    &USER_RELATED_READ,
    &USER_MEMBER_OF_READ,
    &USERS_WRITE,
    &USERS_UPDATE,
    &ACCOUNTS_ENABLE,
    &SESSIONS_REVOKE,
    &USERS_DELETE_RESTORE,
    &ME,
    &GROUPS_READ,
    &GROUPS_CREATE,
    &GROUPS_WRITE,
    &GROUP_MEMBERS_WRITE,
    &APPLICATIONS_LIST,
    &APPLICATIONS_READ,
    &APPLICATIONS_CREATE,
    &APPLICATIONS_WRITE,
    &ASSIGNMENTS_READ,
    &ASSIGNMENTS_WRITE,
    &GRAPH_ASSIGNMENTS_WRITE,
    &DECISIVE_CREDENTIALS_WRITE,
    &GRANTS_READ,
    &GRANTS_WRITE,
    &DECISIVE_GRANTS_WRITE,
    &DELETED_ITEMS_READ,
    &DELETED_USERS_READ,
    &DELETED_GROUPS_READ,
    &DELETED_APPLICATIONS_READ,
    &DIRECTORY_READ,
    &ORGANIZATION_READ,
    &ROLES_READ,
    &ROLE_MANAGEMENT_READ,
    &ROLES_WRITE,
    &LOGS_READ,
    &ANY,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission_ids;

    #[test]
    fn every_name_is_a_permission_that_a_tenant_offers() {
        for permission in ALL {
            for name in permission.delegated.iter().chain(permission.of_oneself) {
                assert!(
                    permission_ids::scope_id(name).is_some(),
                    "{}: {name}",
                    permission.name
                );
            }
            for name in permission.application.iter().chain(permission.of_owned) {
                assert!(
                    permission_ids::role_id(name).is_some(),
                    "{}: {name}",
                    permission.name
                );
            }
        }
    }

    #[test]
    fn reading_people_and_groups_needs_no_role() {
        // Members of a tenant read it by default.
        assert!(USERS_READ.roles.is_empty() && GROUPS_READ.roles.is_empty());
    }
}
