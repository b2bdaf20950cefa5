//! Every route of the API. Versions are not told apart here: both serve the same routes.

use syncline_access::permissions::{
    ANY, APPLICATIONS_CREATE, APPLICATIONS_LIST, APPLICATIONS_READ, APPLICATIONS_WRITE,
    ASSIGNMENTS_READ, ASSIGNMENTS_WRITE, DIRECTORY_READ, GRANTS_READ, GRANTS_WRITE,
    GROUP_MEMBERS_WRITE, GROUPS_CREATE, GROUPS_READ, GROUPS_WRITE, LOGS_READ, ME,
    ORGANIZATION_READ, ROLE_MANAGEMENT_READ, ROLES_READ, ROLES_WRITE, SESSIONS_REVOKE,
    SYNC_JOB_UPDATE, SYNC_READ, SYNC_WRITE, TENANT_INFORMATION_READ, USER_MEMBER_OF_READ,
    USER_READ, USER_RELATED_READ, USERS_DELETE_RESTORE, USERS_READ, USERS_READ_BASIC, USERS_UPDATE,
    USERS_WRITE, XTAP_READ, XTAP_WRITE,
};

use crate::actions::applications::extension_properties;
use crate::actions::audit_logs::provisioning;
use crate::actions::directory_objects::get_available_extension_properties;
use crate::actions::policies::cross_tenant_access::{self, identity_synchronization, partners};
use crate::actions::synchronization::{self, jobs, schema, secrets, templates};
use crate::actions::tenant_relationships::find_tenant_information;
use crate::actions::{
    app_role_assignments, application_templates, applications, batch, directory, directory_objects,
    directory_role_templates, directory_roles, domains, groups, member_groups, member_of,
    oauth2_permission_grants, organization, owners, passwords, role_management, service_principals,
    users, without_ref,
};
use crate::route::{Route, route};

const GET: &str = "GET";
const POST: &str = "POST";
const PUT: &str = "PUT";
const PATCH: &str = "PATCH";
const DELETE: &str = "DELETE";

/// The whole list.
pub fn all() -> impl Iterator<Item = &'static Route> {
    [
        USERS,
        GROUPS,
        APPLICATIONS,
        RELATED,
        ASSIGNMENTS,
        DIRECTORY,
        ROLES,
        POLICIES,
        SYNCHRONIZATION,
        LOGS,
    ]
    .into_iter()
    .flatten()
}

// One line per route, however long: the list is read as a table.
#[rustfmt::skip]
const USERS: &[Route] = &[
    route(GET, "/users", &USERS_READ_BASIC, users::list::list),
    route(GET, "/users/$count", &USERS_READ_BASIC, users::list::list),
    route(POST, "/users", &USERS_WRITE, users::create::create),
    route(GET, "/users/delta", &USERS_READ, users::delta::delta),
    route(GET, "/users/{id}", &USER_READ, users::get::get),
    route(PATCH, "/users/{id}", &USERS_UPDATE, users::update::update),
    route(DELETE, "/users/{id}", &USERS_DELETE_RESTORE, users::delete::delete),
    route(GET, "/users/{id}/manager", &USER_RELATED_READ, users::manager::get),
    route(GET, "/users/{id}/manager/$ref", &USER_RELATED_READ, users::manager::get_reference),
    route(PUT, "/users/{id}/manager/$ref", &USERS_WRITE, users::manager::set),
    route(DELETE, "/users/{id}/manager/$ref", &USERS_WRITE, users::manager::remove),
    route(POST, "/users/{id}/sponsors/$ref", &USERS_WRITE, users::sponsors::add),
    route(DELETE, "/users/{id}/sponsors/{sponsorId}/$ref", &USERS_WRITE, users::sponsors::remove),
    route(DELETE, "/users/{id}/sponsors/$ref", &USERS_WRITE, users::sponsors::remove),
    route(DELETE, "/users/{id}/sponsors/{sponsorId}", &USERS_WRITE, without_ref::refuse_delete),
    route(POST, "/users/{id}/changePassword", &ME, users::change_password::change),
    route(POST, "/users/{id}/revokeSignInSessions", &SESSIONS_REVOKE, users::revoke_sign_in_sessions::revoke),
    route(POST, "/users/{id}/getMemberGroups", &USER_RELATED_READ, member_groups::get_groups).reading(),
    route(POST, "/users/{id}/getMemberObjects", &USER_RELATED_READ, member_groups::get_objects).reading(),
    route(POST, "/users/{id}/checkMemberGroups", &USER_RELATED_READ, member_groups::check_groups).reading(),
    route(POST, "/users/{id}/checkMemberObjects", &USER_RELATED_READ, member_groups::check_objects).reading(),
    route(POST, "/users/getByIds", &DIRECTORY_READ, directory_objects::get_by_ids::get_by_ids).reading(),
];

#[rustfmt::skip]
const GROUPS: &[Route] = &[
    route(GET, "/groups", &GROUPS_READ, groups::list::list),
    route(GET, "/groups/$count", &GROUPS_READ, groups::list::list),
    route(POST, "/groups", &GROUPS_CREATE, groups::create::create),
    route(GET, "/groups/delta", &GROUPS_READ, groups::delta::delta),
    route(GET, "/groups/{id}", &GROUPS_READ, groups::get::get),
    route(PATCH, "/groups/{id}", &GROUP_MEMBERS_WRITE, groups::update::update),
    route(DELETE, "/groups/{id}", &GROUPS_WRITE, groups::delete::delete),
    route(POST, "/groups/{id}/members/$ref", &GROUP_MEMBERS_WRITE, groups::members::add),
    route(DELETE, "/groups/{id}/members/{memberId}/$ref", &GROUP_MEMBERS_WRITE, groups::members::remove),
    route(DELETE, "/groups/{id}/members/$ref", &GROUP_MEMBERS_WRITE, groups::members::remove),
    route(DELETE, "/groups/{id}/members/{memberId}", &GROUP_MEMBERS_WRITE, without_ref::refuse_delete),
    route(POST, "/groups/{id}/owners/$ref", &GROUPS_WRITE, owners::add),
    route(DELETE, "/groups/{id}/owners/{ownerId}/$ref", &GROUPS_WRITE, owners::remove),
    route(DELETE, "/groups/{id}/owners/$ref", &GROUPS_WRITE, owners::remove),
    route(DELETE, "/groups/{id}/owners/{ownerId}", &GROUPS_WRITE, without_ref::refuse_delete),
    route(POST, "/groups/{id}/getMemberGroups", &GROUPS_READ, member_groups::get_groups).reading(),
    route(POST, "/groups/{id}/getMemberObjects", &GROUPS_READ, member_groups::get_objects).reading(),
    route(POST, "/groups/{id}/checkMemberGroups", &GROUPS_READ, member_groups::check_groups).reading(),
    route(POST, "/groups/{id}/checkMemberObjects", &GROUPS_READ, member_groups::check_objects).reading(),
    route(POST, "/groups/getByIds", &DIRECTORY_READ, directory_objects::get_by_ids::get_by_ids).reading(),
];

#[rustfmt::skip]
const APPLICATIONS: &[Route] = &[
    route(GET, "/applicationTemplates", &ANY, application_templates::list::list),
    route(GET, "/applicationTemplates/$count", &ANY, application_templates::list::list),
    route(GET, "/applicationTemplates/{id}", &ANY, application_templates::get::get),
    route(POST, "/applicationTemplates/{id}/instantiate", &APPLICATIONS_CREATE, application_templates::instantiate::instantiate),
    route(GET, "/applications", &APPLICATIONS_LIST, applications::list::list),
    route(GET, "/applications/$count", &APPLICATIONS_LIST, applications::list::list),
    route(POST, "/applications", &APPLICATIONS_CREATE, applications::create::create),
    route(GET, "/applications/{id}", &APPLICATIONS_READ, applications::get::get),
    route(PATCH, "/applications/{id}", &APPLICATIONS_WRITE, applications::update::update),
    route(DELETE, "/applications/{id}", &APPLICATIONS_WRITE, applications::delete::delete),
    route(POST, "/applications/{id}/addPassword", &APPLICATIONS_WRITE, passwords::add_to_application),
    route(POST, "/applications/{id}/removePassword", &APPLICATIONS_WRITE, passwords::remove_from_application),
    route(GET, "/applications/{id}/extensionProperties", &APPLICATIONS_READ, extension_properties::list::list),
    route(GET, "/applications/{id}/extensionProperties/$count", &APPLICATIONS_READ, extension_properties::list::list),
    route(POST, "/applications/{id}/extensionProperties", &APPLICATIONS_WRITE, extension_properties::create::create),
    route(GET, "/applications/{id}/extensionProperties/{extensionId}", &APPLICATIONS_READ, extension_properties::get::get),
    route(DELETE, "/applications/{id}/extensionProperties/{extensionId}", &APPLICATIONS_WRITE, extension_properties::delete::delete),
    route(POST, "/applications/{id}/owners/$ref", &APPLICATIONS_WRITE, owners::add),
    route(DELETE, "/applications/{id}/owners/{ownerId}/$ref", &APPLICATIONS_WRITE, owners::remove),
    route(DELETE, "/applications/{id}/owners/$ref", &APPLICATIONS_WRITE, owners::remove),
    route(DELETE, "/applications/{id}/owners/{ownerId}", &APPLICATIONS_WRITE, without_ref::refuse_delete),
    route(GET, "/servicePrincipals", &APPLICATIONS_LIST, service_principals::list::list),
    route(GET, "/servicePrincipals/$count", &APPLICATIONS_LIST, service_principals::list::list),
    route(POST, "/servicePrincipals", &APPLICATIONS_CREATE, service_principals::create::create),
    route(GET, "/servicePrincipals/{id}", &APPLICATIONS_READ, service_principals::get::get),
    route(PATCH, "/servicePrincipals/{id}", &APPLICATIONS_WRITE, service_principals::update::update),
    route(DELETE, "/servicePrincipals/{id}", &APPLICATIONS_WRITE, service_principals::delete::delete),
    route(POST, "/servicePrincipals/{id}/addPassword", &APPLICATIONS_WRITE, passwords::add_to_service_principal),
    route(POST, "/servicePrincipals/{id}/removePassword", &APPLICATIONS_WRITE, passwords::remove_from_service_principal),
    route(POST, "/servicePrincipals/{id}/owners/$ref", &APPLICATIONS_WRITE, owners::add),
    route(DELETE, "/servicePrincipals/{id}/owners/{ownerId}/$ref", &APPLICATIONS_WRITE, owners::remove),
    route(DELETE, "/servicePrincipals/{id}/owners/$ref", &APPLICATIONS_WRITE, owners::remove),
    route(DELETE, "/servicePrincipals/{id}/owners/{ownerId}", &APPLICATIONS_WRITE, without_ref::refuse_delete),
    route(POST, "/servicePrincipals/{id}/getMemberGroups", &APPLICATIONS_READ, member_groups::get_groups).reading(),
    route(POST, "/servicePrincipals/{id}/getMemberObjects", &APPLICATIONS_READ, member_groups::get_objects).reading(),
    route(POST, "/servicePrincipals/{id}/checkMemberGroups", &APPLICATIONS_READ, member_groups::check_groups).reading(),
    route(POST, "/servicePrincipals/{id}/checkMemberObjects", &APPLICATIONS_READ, member_groups::check_objects).reading(),
    route(GET, "/oauth2PermissionGrants", &GRANTS_READ, oauth2_permission_grants::list::list),
    route(GET, "/oauth2PermissionGrants/$count", &GRANTS_READ, oauth2_permission_grants::list::list),
    route(POST, "/oauth2PermissionGrants", &GRANTS_WRITE, oauth2_permission_grants::create::create),
    route(GET, "/oauth2PermissionGrants/{id}", &GRANTS_READ, oauth2_permission_grants::get::get),
    route(PATCH, "/oauth2PermissionGrants/{id}", &GRANTS_WRITE, oauth2_permission_grants::update::update),
    route(DELETE, "/oauth2PermissionGrants/{id}", &GRANTS_WRITE, oauth2_permission_grants::delete::delete),
];

/// A collection of related objects: the objects, their number, references to them alone, those of one kind,
/// and one of them, of any kind or of one.
macro_rules! related {
    ($($collection:literal $permission:ident $list:path;)*) => {
        &[$(
            route(GET, $collection, &$permission, $list),
            route(GET, concat!($collection, "/$count"), &$permission, $list),
            route(GET, concat!($collection, "/$ref"), &$permission, $list),
            route(GET, concat!($collection, "/{cast}"), &$permission, $list),
            route(GET, concat!($collection, "/{cast}/$count"), &$permission, $list),
            route(GET, concat!($collection, "/{cast}/{itemId}"), &$permission, $list),
            route(GET, concat!($collection, "/{itemId}"), &$permission, $list),
            route(GET, concat!($collection, "/{itemId}/{cast}"), &$permission, $list),
        )*]
    };
}

#[rustfmt::skip]
const RELATED: &[Route] = related! {
    "/users/{id}/directReports" USER_RELATED_READ users::direct_reports::list;
    "/users/{id}/memberOf" USER_MEMBER_OF_READ member_of::list;
    "/users/{id}/transitiveMemberOf" USER_MEMBER_OF_READ member_of::transitive_list;
    "/users/{id}/sponsors" USER_RELATED_READ users::sponsors::list;
    "/groups/{id}/members" GROUPS_READ groups::members::list;
    "/groups/{id}/transitiveMembers" GROUPS_READ groups::transitive_members::list;
    "/groups/{id}/owners" GROUPS_READ owners::list;
    "/groups/{id}/memberOf" GROUPS_READ member_of::list;
    "/groups/{id}/transitiveMemberOf" GROUPS_READ member_of::transitive_list;
    "/applications/{id}/owners" APPLICATIONS_READ owners::list;
    "/servicePrincipals/{id}/owners" APPLICATIONS_READ owners::list;
    "/servicePrincipals/{id}/memberOf" APPLICATIONS_READ member_of::list;
    "/servicePrincipals/{id}/transitiveMemberOf" APPLICATIONS_READ member_of::transitive_list;
    "/directoryRoles/{id}/members" ROLES_READ directory_roles::members::list;
};

#[rustfmt::skip]
const ASSIGNMENTS: &[Route] = &[
    route(GET, "/servicePrincipals/{id}/appRoleAssignedTo", &ASSIGNMENTS_READ, app_role_assignments::assigned_to::list),
    route(GET, "/servicePrincipals/{id}/appRoleAssignedTo/$count", &ASSIGNMENTS_READ, app_role_assignments::assigned_to::list),
    route(POST, "/servicePrincipals/{id}/appRoleAssignedTo", &ASSIGNMENTS_WRITE, app_role_assignments::assigned_to::assign),
    route(GET, "/servicePrincipals/{id}/appRoleAssignedTo/{assignmentId}", &ASSIGNMENTS_READ, app_role_assignments::assigned_to::get),
    route(DELETE, "/servicePrincipals/{id}/appRoleAssignedTo/{assignmentId}", &ASSIGNMENTS_WRITE, app_role_assignments::assigned_to::unassign),
    route(GET, "/servicePrincipals/{id}/appRoleAssignments", &ASSIGNMENTS_READ, app_role_assignments::held::of_service_principal),
    route(GET, "/servicePrincipals/{id}/appRoleAssignments/$count", &ASSIGNMENTS_READ, app_role_assignments::held::of_service_principal),
    route(POST, "/servicePrincipals/{id}/appRoleAssignments", &ASSIGNMENTS_WRITE, app_role_assignments::held::assign_to_service_principal),
    route(GET, "/servicePrincipals/{id}/appRoleAssignments/{assignmentId}", &ASSIGNMENTS_READ, app_role_assignments::held::get_of_service_principal),
    route(DELETE, "/servicePrincipals/{id}/appRoleAssignments/{assignmentId}", &ASSIGNMENTS_WRITE, app_role_assignments::held::unassign_from_service_principal),
    route(GET, "/users/{id}/appRoleAssignments", &ASSIGNMENTS_READ, app_role_assignments::held::of_user),
    route(GET, "/users/{id}/appRoleAssignments/$count", &ASSIGNMENTS_READ, app_role_assignments::held::of_user),
    route(POST, "/users/{id}/appRoleAssignments", &ASSIGNMENTS_WRITE, app_role_assignments::held::assign_to_user),
    route(GET, "/users/{id}/appRoleAssignments/{assignmentId}", &ASSIGNMENTS_READ, app_role_assignments::held::get_of_user),
    route(DELETE, "/users/{id}/appRoleAssignments/{assignmentId}", &ASSIGNMENTS_WRITE, app_role_assignments::held::unassign_from_user),
    route(GET, "/groups/{id}/appRoleAssignments", &ASSIGNMENTS_READ, app_role_assignments::held::of_group),
    route(GET, "/groups/{id}/appRoleAssignments/$count", &ASSIGNMENTS_READ, app_role_assignments::held::of_group),
    route(POST, "/groups/{id}/appRoleAssignments", &ASSIGNMENTS_WRITE, app_role_assignments::held::assign_to_group),
    route(GET, "/groups/{id}/appRoleAssignments/{assignmentId}", &ASSIGNMENTS_READ, app_role_assignments::held::get_of_group),
    route(DELETE, "/groups/{id}/appRoleAssignments/{assignmentId}", &ASSIGNMENTS_WRITE, app_role_assignments::held::unassign_from_group),
];

#[rustfmt::skip]
const DIRECTORY: &[Route] = &[
    // What the caller needs depends on the kind of the object: the actions ask.
    route(GET, "/directory/deletedItems", &ANY, directory::deleted_items::list::without_cast),
    route(GET, "/directory/deletedItems/{cast}", &ANY, directory::deleted_items::list::list),
    route(GET, "/directory/deletedItems/{cast}/$count", &ANY, directory::deleted_items::list::list),
    route(GET, "/directory/deletedItems/{id}", &ANY, directory::deleted_items::get::get),
    route(DELETE, "/directory/deletedItems/{id}", &ANY, directory::deleted_items::purge::purge),
    route(POST, "/directory/deletedItems/{id}/restore", &ANY, directory::deleted_items::restore::restore),
    route(GET, "/directoryObjects/{id}", &DIRECTORY_READ, directory_objects::get::get),
    route(POST, "/directoryObjects/{id}/getMemberGroups", &DIRECTORY_READ, member_groups::get_groups).reading(),
    route(POST, "/directoryObjects/{id}/getMemberObjects", &DIRECTORY_READ, member_groups::get_objects).reading(),
    route(POST, "/directoryObjects/{id}/checkMemberGroups", &DIRECTORY_READ, member_groups::check_groups).reading(),
    route(POST, "/directoryObjects/{id}/checkMemberObjects", &DIRECTORY_READ, member_groups::check_objects).reading(),
    route(POST, "/directoryObjects/getByIds", &DIRECTORY_READ, directory_objects::get_by_ids::get_by_ids).reading(),
    route(POST, "/directoryObjects/getAvailableExtensionProperties", &DIRECTORY_READ, get_available_extension_properties::get_available_extension_properties).reading(),
    route(GET, "/organization", &ORGANIZATION_READ, organization::list::list),
    route(GET, "/organization/$count", &ORGANIZATION_READ, organization::list::list),
    route(GET, "/organization/{id}", &ORGANIZATION_READ, organization::get::get),
    route(GET, "/domains", &ORGANIZATION_READ, domains::list::list),
    route(GET, "/domains/$count", &ORGANIZATION_READ, domains::list::list),
    route(GET, "/domains/{id}", &ORGANIZATION_READ, domains::get::get),
    // Every item is authorized for itself.
    route(POST, "/$batch", &ANY, batch::run),
];

#[rustfmt::skip]
const ROLES: &[Route] = &[
    route(GET, "/directoryRoleTemplates", &ROLES_READ, directory_role_templates::list::list),
    route(GET, "/directoryRoleTemplates/$count", &ROLES_READ, directory_role_templates::list::list),
    route(GET, "/directoryRoleTemplates/{id}", &ROLES_READ, directory_role_templates::get::get),
    route(GET, "/directoryRoles", &ROLES_READ, directory_roles::list::list),
    route(GET, "/directoryRoles/$count", &ROLES_READ, directory_roles::list::list),
    route(POST, "/directoryRoles", &ROLES_WRITE, directory_roles::activate::activate),
    route(GET, "/directoryRoles/{id}", &ROLES_READ, directory_roles::get::get),
    route(POST, "/directoryRoles/{id}/members/$ref", &ROLES_WRITE, directory_roles::members::add),
    route(DELETE, "/directoryRoles/{id}/members/{memberId}/$ref", &ROLES_WRITE, directory_roles::members::remove),
    route(DELETE, "/directoryRoles/{id}/members/$ref", &ROLES_WRITE, directory_roles::members::remove),
    route(DELETE, "/directoryRoles/{id}/members/{memberId}", &ROLES_WRITE, without_ref::refuse_delete),
    route(GET, "/roleManagement/directory/roleAssignments", &ROLE_MANAGEMENT_READ, role_management::role_assignments::list),
    route(GET, "/roleManagement/directory/roleAssignments/$count", &ROLE_MANAGEMENT_READ, role_management::role_assignments::list),
    route(POST, "/roleManagement/directory/roleAssignments", &ROLES_WRITE, role_management::role_assignments::create),
    route(GET, "/roleManagement/directory/roleAssignments/{id}", &ROLE_MANAGEMENT_READ, role_management::role_assignments::get),
    route(DELETE, "/roleManagement/directory/roleAssignments/{id}", &ROLES_WRITE, role_management::role_assignments::delete),
    route(GET, "/roleManagement/directory/roleDefinitions", &ROLE_MANAGEMENT_READ, role_management::role_definitions::list),
    route(GET, "/roleManagement/directory/roleDefinitions/$count", &ROLE_MANAGEMENT_READ, role_management::role_definitions::list),
    route(GET, "/roleManagement/directory/roleDefinitions/{id}", &ROLE_MANAGEMENT_READ, role_management::role_definitions::get),
];

#[rustfmt::skip]
const POLICIES: &[Route] = &[
    route(GET, "/policies/crossTenantAccessPolicy", &XTAP_READ, cross_tenant_access::get::get),
    route(GET, "/policies/crossTenantAccessPolicy/default", &XTAP_READ, cross_tenant_access::default::get),
    route(GET, "/policies/crossTenantAccessPolicy/partners", &XTAP_READ, partners::list::list),
    route(GET, "/policies/crossTenantAccessPolicy/partners/$count", &XTAP_READ, partners::count::count),
    route(POST, "/policies/crossTenantAccessPolicy/partners", &XTAP_WRITE, partners::create::create),
    route(GET, "/policies/crossTenantAccessPolicy/partners/{tenantId}", &XTAP_READ, partners::get::get),
    route(PATCH, "/policies/crossTenantAccessPolicy/partners/{tenantId}", &XTAP_WRITE, partners::update::update),
    route(DELETE, "/policies/crossTenantAccessPolicy/partners/{tenantId}", &XTAP_WRITE, partners::delete::delete),
    route(GET, "/policies/crossTenantAccessPolicy/partners/{tenantId}/identitySynchronization", &XTAP_READ, identity_synchronization::get::get),
    route(PUT, "/policies/crossTenantAccessPolicy/partners/{tenantId}/identitySynchronization", &XTAP_WRITE, identity_synchronization::create::create),
    route(PATCH, "/policies/crossTenantAccessPolicy/partners/{tenantId}/identitySynchronization", &XTAP_WRITE, identity_synchronization::update::update),
    route(DELETE, "/policies/crossTenantAccessPolicy/partners/{tenantId}/identitySynchronization", &XTAP_WRITE, identity_synchronization::delete::delete),
    route(GET, "/tenantRelationships/findTenantInformationByTenantId(tenantId={tenantId})", &TENANT_INFORMATION_READ, find_tenant_information::by_tenant_id),
    route(GET, "/tenantRelationships/findTenantInformationByDomainName(domainName={domainName})", &TENANT_INFORMATION_READ, find_tenant_information::by_domain_name),
];

#[rustfmt::skip]
const LOGS: &[Route] = &[
    route(GET, "/auditLogs/provisioning", &LOGS_READ, provisioning::list::list),
    route(GET, "/auditLogs/provisioning/$count", &LOGS_READ, provisioning::count::count),
    route(GET, "/auditLogs/provisioning/{id}", &LOGS_READ, provisioning::get::get),
];

/// Each stands under `/servicePrincipals` and, with the same meaning, under `/applications`.
macro_rules! twins {
    ($($method:literal $tail:literal $permission:ident $handler:path $(, $reading:ident)?;)*) => {
        &[$(
            route($method, concat!("/servicePrincipals/{id}/synchronization", $tail), &$permission, $handler)$(.$reading())?,
            route($method, concat!("/applications/{id}/synchronization", $tail), &$permission, $handler)$(.$reading())?,
        )*]
    };
}

#[rustfmt::skip]
const SYNCHRONIZATION: &[Route] = twins! {
    "GET"    ""                                   SYNC_READ  synchronization::get::get;
    "GET"    "/jobs"                              SYNC_READ  jobs::list::list;
    "GET"    "/jobs/$count"                       SYNC_READ  jobs::count::count;
    "POST"   "/jobs"                              SYNC_WRITE jobs::create::create;
    "POST"   "/jobs/validateCredentials"          SYNC_WRITE jobs::validate_credentials::for_template;
    "GET"    "/jobs/{jobId}"                      SYNC_READ  jobs::get::get;
    "PATCH"  "/jobs/{jobId}"                      SYNC_JOB_UPDATE jobs::update::update;
    "DELETE" "/jobs/{jobId}"                      SYNC_WRITE jobs::delete::delete;
    "POST"   "/jobs/{jobId}/start"                SYNC_WRITE jobs::start::start;
    "POST"   "/jobs/{jobId}/pause"                SYNC_WRITE jobs::pause::pause;
    "POST"   "/jobs/{jobId}/restart"              SYNC_WRITE jobs::restart::restart;
    "POST"   "/jobs/{jobId}/validateCredentials"  SYNC_WRITE jobs::validate_credentials::for_job;
    "POST"   "/jobs/{jobId}/provisionOnDemand"    SYNC_WRITE jobs::provision_on_demand::provision_on_demand;
    "POST"   "/jobs/{jobId}/plan"                 SYNC_WRITE jobs::plan::plan, reading;
    "GET"    "/jobs/{jobId}/schema"               SYNC_READ  schema::get::get;
    "PUT"    "/jobs/{jobId}/schema"               SYNC_WRITE schema::put::put;
    "PATCH"  "/jobs/{jobId}/schema"               SYNC_WRITE schema::put::put;
    "DELETE" "/jobs/{jobId}/schema"               SYNC_WRITE schema::delete::delete;
    "GET"    "/jobs/{jobId}/schema/functions"     SYNC_READ  schema::functions::functions;
    "GET"    "/jobs/{jobId}/schema/filterOperators" SYNC_READ  schema::filter_operators::filter_operators;
    "GET"    "/jobs/{jobId}/schema/previous"      SYNC_READ  schema::previous::list::list;
    "GET"    "/jobs/{jobId}/schema/previous/$count" SYNC_READ schema::previous::list::list;
    "GET"    "/jobs/{jobId}/schema/previous/{number}" SYNC_READ schema::previous::get::get;
    "POST"   "/jobs/{jobId}/schema/parseExpression" SYNC_WRITE schema::parse_expression::parse_expression, reading;
    "POST"   "/jobs/{jobId}/schema/directories/{directoryId}/discover" SYNC_WRITE schema::discover::of_job, reading;
    "GET"    "/secrets"                           SYNC_READ  secrets::get::get;
    "PUT"    "/secrets"                           SYNC_WRITE secrets::put::put;
    "GET"    "/secrets/$count"                    SYNC_READ  secrets::count::count;
    "GET"    "/templates"                         SYNC_READ  templates::list::list;
    "GET"    "/templates/$count"                  SYNC_READ  templates::list::list;
    "GET"    "/templates/{templateId}"            SYNC_READ  templates::get::get;
    "GET"    "/templates/{templateId}/schema"     SYNC_READ  templates::schema::get;
    "GET"    "/templates/{templateId}/schema/functions" SYNC_READ  schema::functions::functions;
    "GET"    "/templates/{templateId}/schema/filterOperators" SYNC_READ  schema::filter_operators::filter_operators;
    "POST"   "/templates/{templateId}/schema/parseExpression" SYNC_WRITE schema::parse_expression::parse_expression, reading;
    "POST"   "/templates/{templateId}/schema/directories/{directoryId}/discover" SYNC_WRITE schema::discover::of_template, reading;
};
