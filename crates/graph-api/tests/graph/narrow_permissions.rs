//! Permissions that open some objects, some properties or some routes only: each opens that, and no more.

use serde_json::{Value as Json, json};
use syncline_access::DirectoryRole;
use syncline_model::graph_permission::PERMISSIONS;

use crate::world::{Client, World, each, id, names, reference, security_group, text};

const DENIED: &str = "Authorization_RequestDenied";
const TEMPLATE: &str = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";

/// A GET that each permission opens by itself, for an application and for somebody signed in. `{…}` stands for an object of the tenant.
const OPENED: &[(&str, &str)] = &[
    (
        "Synchronization.Read.All",
        "{principal}/synchronization/jobs",
    ),
    (
        "Synchronization.ReadWrite.All",
        "{principal}/synchronization/jobs",
    ),
    ("Policy.Read.All", "policies/crossTenantAccessPolicy"),
    (
        "Policy.ReadWrite.CrossTenantAccess",
        "policies/crossTenantAccessPolicy",
    ),
    ("Application.Read.All", "{principal}"),
    (
        "Application.ReadWrite.All",
        "{principal}/synchronization/jobs",
    ),
    ("Application.ReadWrite.OwnedBy", "servicePrincipals"),
    ("Directory.Read.All", "directoryObjects/{ann}"),
    ("Directory.ReadWrite.All", "directoryObjects/{ann}"),
    ("AuditLog.Read.All", "auditLogs/provisioning"),
    ("ProvisioningLog.Read.All", "auditLogs/provisioning"),
    (
        "AppRoleAssignment.ReadWrite.All",
        "users/{ann}/appRoleAssignments",
    ),
    ("User.ReadBasic.All", "users/{ann}"),
    ("User.Read.All", "users/{ann}/memberOf"),
    ("User.ReadWrite.All", "users/{ann}/memberOf"),
    (
        "User.DeleteRestore.All",
        "directory/deletedItems/microsoft.graph.user",
    ),
    ("Group.Create", ""),
    ("Group.Read.All", "groups/{group}/members"),
    ("Group.ReadWrite.All", "groups/{group}/members"),
    ("GroupMember.Read.All", "groups/{group}/members"),
    ("GroupMember.ReadWrite.All", "groups/{group}/members"),
    (
        "CrossTenantInformation.ReadBasic.All",
        "tenantRelationships/findTenantInformationByTenantId(tenantId='{fabrikam}')",
    ),
    ("Organization.Read.All", "organization"),
    ("Domain.Read.All", "domains"),
    (
        "RoleManagement.Read.All",
        "roleManagement/directory/roleDefinitions",
    ),
    ("RoleManagement.Read.Directory", "directoryRoles"),
    ("RoleManagement.ReadWrite.Directory", "directoryRoles"),
    (
        "DelegatedPermissionGrant.ReadWrite.All",
        "oauth2PermissionGrants",
    ),
    (
        "User.RevokeSessions.All",
        "users/{ann}/revokeSignInSessions",
    ),
];

/// Offered because clients look them up by name; the routes that they are for are not served.
const OPEN_NOTHING: [&str; 8] = [
    "User.Invite.All",
    "MultiTenantOrganization.ReadBasic.All",
    "MultiTenantOrganization.Read.All",
    "MultiTenantOrganization.ReadWrite.All",
    "LicenseAssignment.ReadWrite.All",
    "Device.Read.All",
    "OrgContact.Read.All",
    "SynchronizationData-User.Upload",
];

/// Opens something together with another one.
const WITH_ANOTHER: &str = "User.EnableDisableAccount.All";

#[test]
fn each_permission_opens_something_by_itself() {
    let world = World::new();
    let (ann, boss, group) = (world.user("ann"), world.user("boss"), world.group("sales"));
    let offered = |name: &str| PERMISSIONS.iter().find(|it| it.name == name).unwrap();
    let contoso = &world.tenants.contoso;
    let principal = format!("servicePrincipals/{}", contoso.service_principal);
    for (permission, path) in OPENED {
        let path = path
            .replace("{principal}", &principal)
            .replace("{ann}", &ann)
            .replace("{group}", &group)
            .replace("{fabrikam}", &world.tenants.fabrikam.id.to_string());
        let tool = world.application(&[permission]);
        if path.is_empty() {
            tool.post("/v1.0/groups", security_group("new")).created();
            continue;
        }
        let ask = |client: &Client<'_>| {
            let url = format!("/v1.0/{path}");
            match path.ends_with("/revokeSignInSessions") {
                true => client.post(&url, json!({})).ok(),
                false => client.get(&url).ok(),
            };
        };
        ask(&tool);
        if offered(permission).scope.is_some() {
            let roles = [DirectoryRole::GlobalAdministrator];
            let client = world.signed_in(&boss, &[permission], &roles);
            ask(&client);
        }
    }
    let opened = |name: &&str| OPENED.iter().any(|(it, _)| it == name);
    let apart = |name: &str| name == WITH_ANOTHER;
    let alone = PERMISSIONS.iter().filter(|it| !apart(it.name));
    for permission in alone.filter(|it| it.role.is_some()) {
        let name = permission.name;
        assert_ne!(opened(&name), OPEN_NOTHING.contains(&name), "{name}");
    }
}

/// A help desk locks out who lost a phone, and touches nothing else.
#[test]
fn who_may_enable_and_disable_accounts_changes_nothing_else_of_a_user() {
    let world = World::new();
    let (ann, boss, bob) = (world.user("ann"), world.user("boss"), world.user("bob"));
    let of = |user: &str| format!("/v1.0/users/{user}");
    let is_enabled = |user: &str| {
        let found = world
            .contoso()
            .get(&format!("{}?$select=accountEnabled", of(user)));
        found.ok()["accountEnabled"] == true
    };
    let both = [WITH_ANOTHER, "User.Read.All"];
    let helper = [DirectoryRole::UserAdministrator];
    let chief = world.user("chief");
    world.signed_in(
        &chief,
        &["User.Read"],
        &[DirectoryRole::GlobalAdministrator],
    );
    let tool = world.application(&both);
    let signed_in = world.signed_in(&boss, &both, &helper);
    for client in [&tool, &signed_in] {
        for enabled in [false, true] {
            client
                .patch(&of(&ann), json!({"accountEnabled": enabled}))
                .no_content();
            assert_eq!(is_enabled(&ann), enabled);
        }
        let manager = format!("https://localhost:8443/v1.0/users/{bob}");
        for more in [
            json!({"accountEnabled": false, "city": "Bern"}),
            json!({"accountEnabled": false, "manager@odata.bind": manager}),
            json!({"accountEnabled": false, "passwordProfile": {"password": "Correct-Horse-2"}}),
            json!({"city": "Bern"}),
            json!({}),
        ] {
            client.patch(&of(&ann), more).problem(403, DENIED);
            assert!(is_enabled(&ann));
        }
        // An administrator's account takes more than that.
        client
            .patch(&of(&chief), json!({"accountEnabled": false}))
            .problem(403, DENIED);
    }
    let off = || json!({"accountEnabled": false});
    // Graph's reference names the two together; and a signed-in user has a role besides.
    for permission in both {
        let tool = world.application(&[permission]);
        tool.patch(&of(&ann), off()).problem(403, DENIED);
    }
    let nobody = world.signed_in(&bob, &both, &[]);
    nobody.patch(&of(&ann), off()).problem(403, DENIED);
    assert!(is_enabled(&ann));
}

/// Creates an application and its service principal; gives both ids.
fn register(client: &Client<'_>, name: &str) -> (String, String) {
    let application = client
        .post("/v1.0/applications", json!({"displayName": name}))
        .created();
    let body = json!({"appId": text(&application, "appId")});
    let principal = client.post("/v1.0/servicePrincipals", body).created();
    (id(&application), id(&principal))
}

#[test]
fn an_application_manages_the_applications_that_it_made() {
    let world = World::new();
    let tool = world.application(&["Application.ReadWrite.OwnedBy"]);
    let (application, principal) = register(&tool, "mine");
    let application = format!("/v1.0/applications/{application}");
    let principal = format!("/v1.0/servicePrincipals/{principal}");
    for owned in [&application, &principal] {
        assert_eq!(tool.get(owned).ok()["displayName"], "mine");
        let owners = tool.get(&format!("{owned}/owners")).ok();
        assert_eq!(
            each(&owners, "@odata.type"),
            ["#microsoft.graph.servicePrincipal"]
        );
        tool.patch(owned, json!({"notes": "x"})).no_content();
        tool.post(&format!("{owned}/addPassword"), json!({})).ok();
    }
    let made = tool.get(&application).ok();
    let by_app_id = format!("/v1.0/applications(appId='{}')", text(&made, "appId"));
    tool.get(&by_app_id).ok();
    let extension = json!({"name": "badge", "dataType": "String", "targetObjects": ["User"]});
    let url = format!("{application}/extensionProperties");
    tool.post(&url, extension).created();
    assert_eq!(tool.get(&url).ok()["value"].as_array().unwrap().len(), 1);
    tool.delete(&principal).no_content();
    tool.delete(&application).no_content();
    tool.get(&application)
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn an_application_configures_the_synchronization_that_it_made() {
    let world = World::new();
    let tool = world.application(&["Application.ReadWrite.OwnedBy"]);
    let url = format!("/v1.0/applicationTemplates/{TEMPLATE}/instantiate");
    let made = tool.post(&url, json!({"displayName": "sync"})).created();
    let principal = format!("/v1.0/servicePrincipals/{}", id(&made["servicePrincipal"]));
    let application = format!("/v1.0/applications/{}", id(&made["application"]));
    for owned in [&principal, &application] {
        let synchronization = format!("{owned}/synchronization");
        tool.get(&format!("{synchronization}/templates")).ok();
        tool.get(&format!("{synchronization}/jobs")).ok();
    }
    let jobs = format!("{principal}/synchronization/jobs");
    // Graph's permission map lets owners do everything to a job but this, and so not at once either.
    for other in [
        json!({"templateId": "Azure2Azure", "schedule": {"interval": "PT1H"}}),
        json!({"templateId": "Azure2Azure", "synchronizationJobSettings": [{"name": "x", "value": "y"}]}),
    ] {
        tool.post(&jobs, other).problem(403, DENIED);
    }
    let same = json!({"templateId": "Azure2Azure", "schedule": {"interval": "PT40M"}, "synchronizationJobSettings": []});
    let job = tool.post(&jobs, same).created();
    let job = format!("{jobs}/{}", id(&job));
    tool.get(&format!("{job}/schema")).ok();
    tool.patch(&job, json!({"schedule": {"interval": "PT1H"}}))
        .problem(403, DENIED);
    tool.delete(&job).no_content();
}

#[test]
fn applications_of_others_stay_theirs() {
    let world = World::new();
    let tool = world.application(&["Application.ReadWrite.OwnedBy"]);
    let other = world.application(&["Application.ReadWrite.OwnedBy"]);
    let theirs = register(&other, "theirs");
    let contoso = &world.tenants.contoso;
    let tenants = (
        contoso.application.to_string(),
        contoso.service_principal.to_string(),
    );
    for (application, principal) in [theirs, tenants] {
        let app_id = text(
            &world
                .contoso()
                .get(&format!("/v1.0/applications/{application}"))
                .ok(),
            "appId",
        );
        for url in [
            format!("applications/{application}"),
            format!("applications(appId='{app_id}')"),
            format!("servicePrincipals/{principal}"),
            format!("servicePrincipals(appId='{app_id}')"),
        ] {
            let url = format!("/v1.0/{url}");
            tool.get(&url).problem(403, DENIED);
            tool.patch(&url, json!({"notes": "x"})).problem(403, DENIED);
            tool.delete(&url).problem(403, DENIED);
            for tail in ["addPassword", "removePassword", "owners/$ref"] {
                tool.post(&format!("{url}/{tail}"), json!({}))
                    .problem(403, DENIED);
            }
            for tail in ["", "/jobs", "/secrets", "/templates"] {
                tool.get(&format!("{url}/synchronization{tail}"))
                    .problem(403, DENIED);
            }
            let jobs = format!("{url}/synchronization/jobs");
            tool.post(&jobs, json!({"templateId": "Azure2Azure"}))
                .problem(403, DENIED);
        }
        // A service principal under `/applications`, as a printed command has it.
        tool.get(&format!(
            "/v1.0/applications/{principal}/synchronization/jobs"
        ))
        .problem(403, DENIED);
        world
            .contoso()
            .delete(&format!("/v1.0/servicePrincipals/{principal}"))
            .no_content();
        tool.post("/v1.0/servicePrincipals", json!({"appId": app_id}))
            .problem(403, DENIED);
    }
    // All may be listed, as Graph has it.
    tool.get("/v1.0/applications").ok();
    for url in [
        "/v1.0/users",
        "/v1.0/groups",
        "/v1.0/oauth2PermissionGrants",
    ] {
        tool.get(url).problem(403, DENIED);
    }
    let foreign = world.tenants.fabrikam.application;
    tool.delete(&format!("/v1.0/applications/{foreign}"))
        .problem(404, "Request_ResourceNotFound");
    let foreign = format!("/v1.0/applications/{foreign}");
    world.fabrikam().get(&foreign).ok();
}

#[test]
fn owning_ends_with_the_ownership() {
    let world = World::new();
    let tool = world.application(&["Application.ReadWrite.OwnedBy"]);
    let (application, _) = register(&tool, "mine");
    let url = format!("/v1.0/applications/{application}");
    let owners = world.contoso().get(&format!("{url}/owners")).ok();
    let owner = id(&owners["value"][0]);
    world
        .contoso()
        .delete(&format!("{url}/owners/{owner}/$ref"))
        .no_content();
    tool.patch(&url, json!({"notes": "x"})).problem(403, DENIED);
    let back = format!("{url}/owners/$ref");
    world.contoso().post(&back, reference(&owner)).no_content();
    tool.patch(&url, json!({"notes": "x"})).no_content();
    // A user who owns it has no such permission, and an owner without the permission has none either.
    let idle = world.application(&["User.Read.All"]);
    idle.get(&url).problem(403, DENIED);
}

#[test]
fn who_may_do_it_to_all_applications_does_not_become_the_owner() {
    let world = World::new();
    let tool = world.application(&["Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"]);
    let (application, principal) = register(&tool, "ours");
    for owned in [
        format!("applications/{application}"),
        format!("servicePrincipals/{principal}"),
    ] {
        let owners = tool.get(&format!("/v1.0/{owned}/owners")).ok();
        assert_eq!(owners["value"], json!([]));
    }
}

#[test]
fn names_and_addresses_are_all_that_basic_reading_tells() {
    let world = World::new();
    let (ann, boss) = (world.user("ann"), world.user("boss"));
    world
        .contoso()
        .patch(
            &format!("/v1.0/users/{ann}"),
            json!({"department": "Sales", "mail": "ann@contoso.example"}),
        )
        .no_content();
    let reader = world.signed_in(&boss, &["User.ReadBasic.All"], &[]);
    for client in [world.application(&["User.ReadBasic.All"]), reader] {
        let basic = [
            "displayName",
            "givenName",
            "id",
            "mail",
            "surname",
            "userPrincipalName",
        ];
        let list = client.get("/v1.0/users?$orderby=displayName").ok();
        for person in list["value"].as_array().unwrap() {
            assert_eq!(names(person), basic);
        }
        assert_eq!(each(&list, "displayName"), ["ann", "boss"]);
        assert_eq!(client.get("/v1.0/users/$count").text(), "2");
        let url = format!("/v1.0/users/{ann}");
        let mut one: Json = client.get(&url).ok();
        one.as_object_mut().unwrap().remove("@odata.context");
        assert_eq!(names(&one), basic);
        let selected = client
            .get(&format!("{url}?$select=mail,department,accountEnabled"))
            .ok();
        assert_eq!(names(&selected), ["@odata.context", "mail"]);
        let found = client
            .get("/v1.0/users?$filter=mail eq 'ann@contoso.example'")
            .ok();
        assert_eq!(each(&found, "id"), std::slice::from_ref(&ann));
        for query in [
            "users?$filter=department eq 'Sales'",
            "users?$filter=not(department eq 'Sales')",
            "users?$filter=department eq null",
            "users/$count?$filter=accountEnabled eq true",
            "users?$expand=manager",
            "users/delta",
        ] {
            client.get(&format!("/v1.0/{query}")).problem(403, DENIED);
        }
        for tail in [
            "?$expand=memberOf",
            "/manager",
            "/directReports",
            "/memberOf",
            "/transitiveMemberOf",
            "/sponsors",
        ] {
            client.get(&format!("{url}{tail}")).problem(403, DENIED);
        }
    }
}

#[test]
fn everybody_may_read_what_he_is_related_to() {
    let world = World::new();
    let (ann, bob, group) = (world.user("ann"), world.user("bob"), world.group("sales"));
    world.join(&group, &ann);
    let manager = format!("/v1.0/users/{ann}/manager/$ref");
    world.contoso().put(&manager, reference(&bob)).no_content();
    let client = world.signed_in(&ann, &["User.Read"], &[]);
    for own in [
        "me".to_owned(),
        format!("users/{ann}"),
        "users/ann@contoso.example".to_owned(),
    ] {
        let url = format!("/v1.0/{own}");
        for tail in ["memberOf", "transitiveMemberOf", "memberOf/graph.group"] {
            let groups = client.get(&format!("{url}/{tail}")).ok();
            assert_eq!(each(&groups, "id"), std::slice::from_ref(&group), "{tail}");
            assert!(groups["value"][0].get("displayName").is_none());
        }
        // Who that is, is told to whoever may read people.
        let manager = client.get(&format!("{url}/manager")).ok();
        assert_eq!(names(&manager), ["@odata.context", "@odata.type", "id"]);
        client.get(&format!("{url}/manager/$ref")).ok();
        client.get(&format!("{url}/directReports")).ok();
        client.get(&format!("{url}/sponsors")).ok();
        let ids = client
            .post(&format!("{url}/getMemberGroups"), json!({}))
            .ok();
        assert_eq!(ids["value"], json!([group]));
        let asked = json!({"groupIds": [group]});
        client.post(&format!("{url}/checkMemberGroups"), asked).ok();
        client
            .put(&format!("{url}/manager/$ref"), reference(&bob))
            .problem(403, DENIED);
        client
            .post(&format!("{url}/revokeSignInSessions"), json!({}))
            .problem(403, DENIED);
    }
    for other in [
        format!("users/{bob}"),
        "users/bob@contoso.example".to_owned(),
        "users/nobody@contoso.example".to_owned(),
    ] {
        for tail in ["manager", "directReports", "memberOf", "sponsors"] {
            client
                .get(&format!("/v1.0/{other}/{tail}"))
                .problem(403, DENIED);
        }
        client
            .post(&format!("/v1.0/{other}/getMemberGroups"), json!({}))
            .problem(403, DENIED);
    }
}

#[test]
fn who_is_asked_about_while_the_store_does_not_answer_is_not_called_somebody_else() {
    let world = World::new();
    let ann = world.user("ann");
    let client = world.signed_in(&ann, &["User.Read"], &[]);
    let own = "/v1.0/users/ann@contoso.example/directReports";
    client.get(own).ok();
    world.damage("ALTER TABLE object_key_recent RENAME TO lost");
    client.get(own).problem(500, "InternalServerError");
    // By its id it needs no search.
    client.get(&format!("/v1.0/users/{ann}/directReports")).ok();
}

#[test]
fn memberships_of_people_are_read_by_whoever_reads_memberships_on_behalf_of_somebody() {
    let world = World::new();
    let (ann, bob, group) = (world.user("ann"), world.user("bob"), world.group("sales"));
    world.join(&group, &bob);
    let client = world.signed_in(&ann, &["GroupMember.Read.All"], &[]);
    for tail in ["memberOf", "transitiveMemberOf"] {
        let url = format!("/v1.0/users/{bob}/{tail}");
        assert_eq!(each(&client.get(&url).ok(), "displayName"), ["sales"]);
        // Graph documents it for delegated callers alone.
        world
            .application(&["GroupMember.Read.All"])
            .get(&url)
            .problem(403, DENIED);
    }
    client
        .get(&format!("/v1.0/users/{bob}/manager"))
        .problem(403, DENIED);
    client.get("/v1.0/users").problem(403, DENIED);
}

#[test]
fn creating_groups_is_neither_reading_nor_changing_them() {
    let world = World::new();
    let tool = world.application(&["Group.Create"]);
    let made = tool.post("/v1.0/groups", security_group("new")).created();
    assert_eq!(made["displayName"], "new");
    let url = format!("/v1.0/groups/{}", id(&made));
    tool.get(&url).problem(403, DENIED);
    tool.patch(&url, json!({"description": "x"}))
        .problem(403, DENIED);
    tool.delete(&url).problem(403, DENIED);
    let mut strong = security_group("admins");
    strong["isAssignableToRole"] = json!(true);
    tool.post("/v1.0/groups", strong).problem(403, DENIED);
}

#[test]
fn roles_of_every_provider_are_read_where_providers_are_told_apart() {
    let world = World::new();
    let ann = world.user("ann");
    world.signed_in(&ann, &["User.Read"], &[DirectoryRole::UserAdministrator]);
    let tool = world.application(&["RoleManagement.Read.All"]);
    let base = "/v1.0/roleManagement/directory";
    let assignments = tool.get(&format!("{base}/roleAssignments")).ok();
    assert_eq!(
        each(&assignments, "principalId"),
        std::slice::from_ref(&ann)
    );
    tool.get(&format!("{base}/roleDefinitions")).ok();
    tool.get("/v1.0/directoryRoles").problem(403, DENIED);
    let url = format!("{base}/roleAssignments/{}", id(&assignments["value"][0]));
    tool.delete(&url).problem(403, DENIED);
}
