//! Objects as large as they may be: what is in memory for one answer is bounded by their bytes.

use serde_json::json;
use syncline_access::{DirectoryRole, roles};
use syncline_graph_api::{Limits, Most};
use syncline_model::ObjectId;

use crate::delta_pages::{LISTS, large};
use crate::world::{World, each};

/// Where nobody may look at more than so many objects for one answer.
fn looking_at(most: usize) -> World {
    World::with_limits(Limits {
        scans: Most {
            all: 2,
            of_tenant: 0,
        },
        scan_rows: most,
        ..Limits::default()
    })
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
    let (tenant, role) = (
        world.tenants.contoso.id,
        DirectoryRole::ApplicationAdministrator,
    );
    world
        .store
        .write(|tx| {
            ids.iter().try_for_each(|id| {
                roles::grant(tx, tenant, world.ids.as_ref(), *id, role).map(drop)
            })
        })
        .unwrap();
    let role = role.template_id();
    for list in [
        format!("/v1.0/users?$top=999&$select={select}"),
        format!("/v1.0/directoryRoles/{role}/members?$top=999&$select={select}"),
        format!("/v1.0/users?$top=999&$select={select}&$filter=displayName ne 'x'"),
        format!("/v1.0/users?$top=999&$select={select}&$filter=id in ('{all}')"),
        format!("/v1.0/groups/{group}/members?$top=999&$select={select}"),
    ] {
        let (names, count) = pages(&world, &list.replace(' ', "%20"));
        assert_eq!((names, count), (text(&ids), 3), "{list}");
    }
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
