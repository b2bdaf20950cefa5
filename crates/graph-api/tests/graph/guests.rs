//! Guests of a tenant, who are let in for something else than its directory.

use serde_json::json;
use syncline_access::DirectoryRole;

use crate::world::{Client, World, id, names, person, reference};

const DENIED: &str = "Authorization_RequestDenied";
const WIDE: &[&str] = &[
    "User.Read.All",
    "Group.Read.All",
    "Application.Read.All",
    "Directory.Read.All",
    "RoleManagement.Read.Directory",
];

/// What any member reads with these permissions, and no guest; `{ann}` and `{group}` stand for others.
const OF_OTHERS: &[&str] = &[
    "users",
    "users/$count",
    "users?$filter=userPrincipalName eq 'ann@contoso.example'",
    "users/delta",
    "users/{ann}",
    "users/ann@contoso.example",
    "users/{ann}/memberOf",
    "groups",
    "groups/{group}",
    "groups/{group}/members",
    "applications",
    "servicePrincipals",
    "oauth2PermissionGrants",
    "directoryObjects/{ann}",
    "directoryRoles",
    "roleManagement/directory/roleAssignments",
    "directory/deletedItems/microsoft.graph.user",
    "me/appRoleAssignments",
];

struct Somebody {
    ann: String,
    group: String,
    guest: String,
}

/// A guest who reports to Ann and is in a group with her.
fn somebody(world: &World) -> Somebody {
    let mut body = person("gus");
    body["userType"] = json!("Guest");
    let it = Somebody {
        ann: world.user("ann"),
        group: world.group("sales"),
        guest: id(&world.contoso().post("/v1.0/users", body).created()),
    };
    world.join(&it.group, &it.ann);
    world.join(&it.group, &it.guest);
    let manager = format!("/v1.0/users/{}/manager/$ref", it.guest);
    world
        .contoso()
        .put(&manager, reference(&it.ann))
        .no_content();
    it
}

impl Somebody {
    fn reads(&self, client: &Client<'_>, path: &str) -> u16 {
        let path = path
            .replace("{ann}", &self.ann)
            .replace("{group}", &self.group)
            .replace(' ', "%20");
        let answer = client.get(&format!("/v1.0/{path}"));
        if answer.status == 403 {
            answer.problem(403, DENIED);
        }
        answer.status
    }
}

#[test]
fn a_guest_reads_nobody_else_whatever_the_application_was_granted() {
    let world = World::new();
    let it = somebody(&world);
    let guest = world.signed_in(&it.guest, WIDE, &[]);
    let member = world.signed_in(&it.ann, WIDE, &[]);
    for path in OF_OTHERS {
        assert_eq!(it.reads(&guest, path), 403, "{path}");
        assert_eq!(it.reads(&member, path), 200, "{path}");
    }
    let ids = json!({"ids": [it.ann]});
    guest
        .post("/v1.0/directoryObjects/getByIds", ids)
        .problem(403, DENIED);
}

#[test]
fn a_guest_reads_their_own_account_and_what_is_related_to_it() {
    let world = World::new();
    let it = somebody(&world);
    for scopes in [WIDE, &["User.Read"], &["User.Read.All"]] {
        let guest = world.signed_in(&it.guest, scopes, &[]);
        for url in [
            "/v1.0/me".to_owned(),
            format!("/v1.0/users/{}", it.guest),
            "/v1.0/users/gus@contoso.example".to_owned(),
        ] {
            assert_eq!(guest.get(&url).ok()["displayName"], "gus", "{url}");
        }
        // Others are told by what they are and their ids.
        let manager = guest.get("/v1.0/me/manager").ok();
        assert_eq!(manager["id"], *it.ann);
        assert!(manager.get("displayName").is_none(), "{manager}");
        for list in ["memberOf", "transitiveMemberOf"] {
            let groups = guest.get(&format!("/v1.0/me/{list}")).ok();
            let group = &groups["value"][0];
            assert_eq!(group["id"], *it.group);
            assert_eq!(names(group), ["@odata.type", "id"]);
        }
        let member_groups = guest.post(
            "/v1.0/me/getMemberGroups",
            json!({"securityEnabledOnly": false}),
        );
        assert_eq!(member_groups.ok()["value"], json!([it.group]));
    }
    let guest = world.signed_in(&it.guest, &["User.Read"], &[]);
    guest.get("/v1.0/organization").ok();
    // With names and addresses alone, as members read them of everybody.
    let guest = world.signed_in(&it.guest, &["User.ReadBasic.All"], &[]);
    for url in ["/v1.0/me".to_owned(), format!("/v1.0/users/{}", it.guest)] {
        let own = guest.get(&url).ok();
        assert_eq!(own["displayName"], "gus", "{url}");
        assert!(own.get("jobTitle").is_none(), "{own}");
    }
    assert_eq!(it.reads(&guest, "users/{ann}"), 403);
}

#[test]
fn a_role_lets_a_guest_read_as_a_member_does() {
    let world = World::new();
    let it = somebody(&world);
    let reporting = world.signed_in(&it.guest, WIDE, &[DirectoryRole::ReportsReader]);
    let reading = world.signed_in(&it.guest, WIDE, &[]);
    for path in OF_OTHERS {
        assert_eq!(it.reads(&reporting, path), 403, "{path}");
    }
    world.signed_in(&it.guest, WIDE, &[DirectoryRole::DirectoryReaders]);
    for path in OF_OTHERS {
        assert_eq!(it.reads(&reading, path), 200, "{path}");
    }
    // And no more than the scopes allow.
    let narrow = world.signed_in(&it.guest, &["User.Read"], &[]);
    assert_eq!(it.reads(&narrow, "users"), 403);
}

#[test]
fn who_becomes_a_member_or_a_guest_is_one_at_once() {
    let world = World::new();
    let it = somebody(&world);
    let client = world.signed_in(&it.guest, WIDE, &[]);
    let url = format!("/v1.0/users/{}", it.guest);
    for (kind, status) in [("Guest", 403), ("Member", 200), ("guest", 403)] {
        let body = json!({ "userType": kind });
        world.contoso().patch(&url, body).no_content();
        assert_eq!(it.reads(&client, "users"), status, "{kind}");
    }
}
