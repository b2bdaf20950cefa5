//! Objects as large as they may be: what is in memory for one answer is bounded by their bytes.

use serde_json::{Value as Json, json};
use syncline_access::{DirectoryRole, roles};
use syncline_graph_api::{Limits, Most};
use syncline_model::ObjectId;
use syncline_store::Tx;

use crate::delta_pages::{LISTS, MOST, large};
use crate::world::{World, each, id};

/// Where nobody may look at more than so many objects for one answer.
fn looking_at(most: usize) -> World {
    World::with_limits(scans_past(most))
}

fn scans_past(most: usize) -> Limits {
    Limits {
        scans: Most {
            all: 2,
            of_tenant: 0,
        },
        scan_rows: most,
        ..Limits::default()
    }
}

/// The names on all pages, and how many pages there were.
fn pages(world: &World, url: &str) -> (Vec<String>, usize) {
    let (mut names, mut count, mut next) = (Vec::new(), 0, Some(url.to_owned()));
    while let Some(url) = next {
        let page = world.contoso().get(&url).ok();
        names.extend(each(&page, "displayName"));
        count += 1;
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    (names, count)
}

/// Gives a role to all of them.
fn give(world: &World, ids: &[ObjectId], role: DirectoryRole) {
    let tenant = world.tenants.contoso.id;
    let grant = |tx: &mut Tx<'_>| {
        ids.iter()
            .try_for_each(|id| roles::grant(tx, tenant, world.ids.as_ref(), *id, role).map(drop))
    };
    world.store.write(grant).unwrap();
}

fn text(ids: &[ObjectId]) -> Vec<String> {
    ids.iter().map(ObjectId::to_string).collect()
}

#[test]
fn no_more_of_them_are_read_for_a_page_than_have_room_twice() {
    // Twenty have room.
    let world = looking_at(50);
    let ids = world.crowd_with(60, &large());
    let group = world.group("large");
    world.join_all(&group, &ids);
    let select = format!("displayName,{}", LISTS.join(","));
    let all = text(&ids).join("','");
    let role = DirectoryRole::ApplicationAdministrator;
    give(&world, &ids, role);
    let role = role.template_id();
    for list in [
        format!("/v1.0/users?$top=999&$select={select}"),
        format!("/v1.0/users?$top=999&$select={select}&$filter=displayName ne 'x'"),
        format!("/v1.0/users?$top=999&$select={select}&$filter=id in ('{all}')"),
        format!("/v1.0/groups/{group}/members?$top=999&$select={select}"),
    ] {
        let (names, count) = pages(&world, &list.replace(' ', "%20"));
        assert_eq!((names, count), (text(&ids), 3), "{list}");
    }
    // Who holds a role is looked for among all that the tenant has given.
    let given = world
        .store
        .read(|reader| roles::all(reader, world.tenants.contoso.id));
    let world = world.limited(scans_past(50 + given.unwrap().len()));
    let list = format!("/v1.0/directoryRoles/{role}/members?$top=999&$select={select}");
    assert_eq!(pages(&world, &list), (text(&ids), 3));
}

#[test]
fn members_of_members_who_are_large_come_on_several_pages() {
    let world = World::new();
    let ids = world.crowd_with(60, &large());
    let group = world.group("large");
    world.join_all(&group, &ids);
    let select = format!("displayName,{}", LISTS.join(","));
    let url = format!("/v1.0/groups/{group}/transitiveMembers?$top=999&$select={select}");
    assert_eq!(pages(&world, &url), (text(&ids), 3));
}

#[test]
fn a_page_in_another_order_keeps_what_has_room() {
    let world = World::new();
    let mut ids = text(&world.crowd_with(60, &large()));
    let select = format!("displayName,{}", LISTS.join(","));
    let url = format!("/v1.0/users?$top=999&$select={select}&$orderby=displayName%20desc");
    let (names, count) = pages(&world, &url);
    ids.reverse();
    assert_eq!((names, count), (ids, 3));
}

#[test]
fn what_is_expanded_inside_of_objects_has_its_share_of_the_page() {
    let world = World::new();
    let ids = world.crowd_with(10, &large());
    let groups: Vec<String> = (0..8).map(|at| format!("group{at}")).collect();
    for name in &groups {
        world.join_all(&world.group(name), &ids);
    }
    let select = LISTS.join(",");
    let url = format!("/v1.0/groups?$expand=members($select={select})&$select=displayName");
    for (order, reverse) in [("", false), ("&$orderby=displayName%20desc", true)] {
        let (names, count) = pages(&world, &format!("{url}{order}"));
        let mut expected = groups.clone();
        if reverse {
            expected.reverse();
        }
        assert_eq!(names, expected, "{order}");
        assert!(count > 2, "{count}");
    }
}

#[test]
fn objects_that_are_too_large_together_are_not_told_by_their_ids() {
    let world = World::new();
    let ids = text(&world.crowd_with(100, &large()));
    let by_ids = |ids: &[String]| {
        world
            .contoso()
            .post("/v1.0/directoryObjects/getByIds", json!({"ids": ids}))
    };
    by_ids(&ids).problem(400, "Request_BadRequest");
    let found = by_ids(&ids[..50]).ok();
    assert_eq!(found["value"].as_array().unwrap().len(), 50);
}

/// Eight groups with the same twenty members, who have 4 MiB.
fn groups_of_large_people(world: &World) -> Vec<String> {
    let ids = world.crowd_with(20, &large());
    let groups = (0..8).map(|at| world.group(&format!("group{at}")));
    groups.inspect(|it| world.join_all(it, &ids)).collect()
}

#[test]
fn what_is_expanded_inside_of_objects_counts_where_they_are_told_by_their_ids() {
    let world = World::new();
    let groups = groups_of_large_people(&world);
    let by_ids = |ids: &[String], query: &str| {
        let url = format!("/v1.0/groups/getByIds?{query}");
        world.contoso().post(&url, json!({"ids": ids}))
    };
    let select = LISTS.join(",");
    let expand = format!("$expand=members($select={select})");
    by_ids(&groups, &expand).problem(400, "Request_BadRequest");
    let found = by_ids(&groups[..2], &expand).ok();
    assert_eq!(members_of_each(&found), [20, 20]);
    // By themselves they are small.
    let found = by_ids(&groups, "$select=displayName").ok();
    assert_eq!(found["value"].as_array().unwrap().len(), 8);
}

fn members_of_each(groups: &Json) -> Vec<usize> {
    let groups = groups["value"].as_array().unwrap().iter();
    groups
        .map(|it| it["members"].as_array().unwrap().len())
        .collect()
}

#[test]
fn no_more_objects_with_references_in_them_are_told_by_their_ids_than_on_a_page() {
    let world = World::new();
    let ids = text(&world.crowd(101));
    let by_ids = |ids: &[String], query: &str| {
        let url = format!("/v1.0/directoryObjects/getByIds?{query}");
        world.contoso().post(&url, json!({"ids": ids}))
    };
    by_ids(&ids, "$expand=memberOf").problem(400, "Request_BadRequest");
    for (some, query) in [(&ids[1..], "$expand=memberOf"), (&ids, "$expand=manager")] {
        let found = by_ids(some, query).ok();
        assert_eq!(found["value"].as_array().unwrap().len(), some.len());
    }
}

/// The items of all pages, none of which has more bytes than this, and how many pages there were.
fn items_of_pages(world: &World, url: &str, most: usize) -> (Vec<Json>, usize) {
    let (mut items, mut count, mut next) = (Vec::new(), 0, Some(url.to_owned()));
    while let Some(url) = next {
        let answer = world.contoso().get(&url);
        assert!(answer.body.len() <= most, "{}", answer.body.len());
        let page = answer.ok();
        items.extend(page["value"].as_array().unwrap().iter().cloned());
        count += 1;
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    (items, count)
}

#[test]
fn those_who_hold_a_role_and_are_large_come_on_several_pages() {
    let world = World::new();
    let ids = world.crowd_with(60, &large());
    give(&world, &ids, DirectoryRole::ApplicationAdministrator);
    let select = format!("id,{}", LISTS.join(","));
    let query = format!("$top=999&$count=true&$expand=principal($select={select})");
    let url = format!("/v1.0/roleManagement/directory/roleAssignments?{query}");
    let (items, count) = items_of_pages(&world, &url, MOST);
    assert!(count > 2, "{count}");
    // Those who held one before are not large.
    let list = |it: &Json| it["principal"]["imAddresses"].as_array().map(Vec::len);
    let large = items.iter().filter(|it| list(it) == Some(256));
    let mut told: Vec<String> = large.map(|it| id(&it["principal"])).collect();
    told.sort();
    assert_eq!(told, text(&ids));
}

#[test]
fn roles_that_are_shown_with_large_members_come_on_several_pages() {
    let world = World::new();
    let ids = world.crowd_with(18, &large());
    let roles = [
        DirectoryRole::ApplicationAdministrator,
        DirectoryRole::GlobalReader,
        DirectoryRole::UserAdministrator,
    ];
    for role in roles {
        give(&world, &ids, role);
    }
    let url = format!(
        "/v1.0/directoryRoles?$expand=members($select={})",
        LISTS.join(",")
    );
    let (items, count) = items_of_pages(&world, &url, 2 * MOST);
    assert!(count > 1, "{count}");
    for role in roles {
        let id = role.template_id().to_string();
        let told: Vec<&Json> = items.iter().filter(|it| it["id"] == id).collect();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["members"].as_array().unwrap().len(), 18);
    }
}
