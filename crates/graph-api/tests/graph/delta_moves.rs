//! Delta queries, where an end of a reference goes into the recycle bin or comes out of it: the reference is hidden or
//! shown by that, and nothing of it was written.

use serde_json::{Value as Json, json};
use syncline_model::ObjectId;
use syncline_store::{Edge, EdgeKind, StoreError};

use crate::users_delta::round;
use crate::world::{Client, PUBLIC_URL, World, id, reference};

const MEMBERS: &str = "/v1.0/groups/delta?$select=displayName,members";
const MANAGERS: &str = "/v1.0/users/delta?$select=displayName,manager";

fn user(id: &str) -> Json {
    json!({"@odata.type": "#microsoft.graph.user", "id": id})
}

fn no_more(id: &str) -> Json {
    json!({"@odata.type": "#microsoft.graph.user", "id": id, "@removed": {"reason": "deleted"}})
}

fn delete(client: &Client<'_>, what: &str, id: &str) {
    client.delete(&format!("/v1.0/{what}/{id}")).no_content();
}

fn restore(client: &Client<'_>, id: &str) {
    let url = format!("/v1.0/directory/deletedItems/{id}/restore");
    client.post(&url, json!({})).ok();
}

fn set_manager(client: &Client<'_>, user: &str, manager: &str) {
    let url = format!("/v1.0/users/{user}/manager/$ref");
    client.put(&url, reference(manager)).no_content();
}

#[test]
fn a_member_leaves_its_groups_when_it_is_deleted_and_is_back_in_them_when_it_is_restored() {
    let world = World::new();
    let (ann, group, other) = (
        world.user("ann"),
        world.group("sales"),
        world.group("other"),
    );
    let contoso = world.contoso();
    world.join(&group, &ann);
    world.join(&other, &world.user("bob"));
    let (_, link) = round(&contoso, MEMBERS);
    delete(&contoso, "users", &ann);
    let (items, link) = round(&contoso, &link);
    let sales =
        |members: Json| json!({"id": group, "displayName": "sales", "members@delta": members});
    assert_eq!(items, [sales(json!([no_more(&ann)]))]);
    restore(&contoso, &ann);
    let (items, link) = round(&contoso, &link);
    assert_eq!(items, [sales(json!([user(&ann)]))]);
    assert!(round(&contoso, &link).0.is_empty());
    // What else becomes of it since concerns no group.
    let new_name = json!({"displayName": "Ann"});
    contoso
        .patch(&format!("/v1.0/users/{ann}"), new_name)
        .no_content();
    assert!(round(&contoso, &link).0.is_empty());
}

#[test]
fn who_was_in_the_recycle_bin_in_the_first_round_is_a_member_when_it_is_restored() {
    let world = World::new();
    let (ann, group) = (world.user("ann"), world.group("sales"));
    let contoso = world.contoso();
    world.join(&group, &ann);
    delete(&contoso, "users", &ann);
    let (items, link) = round(&contoso, MEMBERS);
    assert_eq!(items[0]["members@delta"], Json::Null);
    let only = format!("{MEMBERS}&$filter=id eq '{group}'");
    let (_, only) = round(&contoso, &only);
    let (_, latest) = round(&contoso, &format!("{MEMBERS}&$deltatoken=latest"));
    restore(&contoso, &ann);
    for link in [link, only, latest] {
        let (items, _) = round(&contoso, &link);
        assert_eq!(items[0]["members@delta"], json!([user(&ann)]));
    }
}

#[test]
fn a_group_has_its_members_again_when_it_is_restored() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let (group, outer) = (world.group("sales"), world.group("everybody"));
    let contoso = world.contoso();
    world.join(&group, &ann);
    world.join(&group, &bob);
    world.join(&outer, &group);
    let (_, link) = round(&contoso, MEMBERS);
    delete(&contoso, "groups", &group);
    let (items, link) = round(&contoso, &link);
    let of = |items: &[Json], group: &str| {
        let found = items.iter().find(|it| id(it) == group).cloned();
        found.unwrap_or_else(|| panic!("{items:?}"))
    };
    assert_eq!(
        of(&items, &group),
        json!({"id": group, "@removed": {"reason": "changed"}})
    );
    let removed = json!([{"@odata.type": "#microsoft.graph.group", "id": group, "@removed": {"reason": "deleted"}}]);
    assert_eq!(of(&items, &outer)["members@delta"], removed);
    // That a member of it moves, too, does not tell of it again.
    delete(&contoso, "users", &bob);
    let (items, link) = round(&contoso, &link);
    assert_eq!(items, [] as [Json; 0]);
    restore(&contoso, &group);
    let (items, _) = round(&contoso, &link);
    assert_eq!(of(&items, &group)["members@delta"], json!([user(&ann)]));
    assert_eq!(
        of(&items, &outer)["members@delta"],
        json!([{"@odata.type": "#microsoft.graph.group", "id": group}])
    );
}

#[test]
fn a_manager_is_told_again_with_a_restored_report_and_by_its_own_return() {
    let world = World::new();
    let (ann, boss) = (world.user("ann"), world.user("boss"));
    let contoso = world.contoso();
    set_manager(&contoso, &ann, &boss);
    let (_, link) = round(&contoso, MANAGERS);
    delete(&contoso, "users", &ann);
    let (_, link) = round(&contoso, &link);
    restore(&contoso, &ann);
    let (items, link) = round(&contoso, &link);
    let of_ann = |manager: Json| json!({"id": ann, "displayName": "ann", "manager@delta": manager});
    assert_eq!(items, [of_ann(json!([user(&boss)]))]);
    delete(&contoso, "users", &boss);
    let (items, link) = round(&contoso, &link);
    assert_eq!(items.len(), 2);
    assert_eq!(items[1], of_ann(json!([no_more(&boss)])));
    restore(&contoso, &boss);
    let (items, _) = round(&contoso, &link);
    assert_eq!(items.len(), 2);
    assert_eq!(items[1], of_ann(json!([user(&boss)])));
}

/// Pages of a round from here on, each with how many references it tells; and all items.
fn pages(client: &Client<'_>, url: &str) -> (Vec<usize>, Vec<Json>) {
    let (mut sizes, mut items, mut url) = (Vec::new(), Vec::new(), url.to_owned());
    loop {
        let page = client.get(&url).ok();
        let on_page = page["value"].as_array().unwrap();
        let told = on_page.iter().map(|it| {
            let lists = [&it["members@delta"], &it["manager@delta"]];
            let told = lists.into_iter().filter_map(|it| it.as_array());
            told.map(Vec::len).sum::<usize>()
        });
        sizes.push(told.sum());
        items.extend(on_page.iter().cloned());
        let Some(next) = page["@odata.nextLink"].as_str() else {
            return (sizes, items);
        };
        url = next.strip_prefix(PUBLIC_URL).unwrap().to_owned();
    }
}

#[test]
fn the_many_members_of_a_restored_group_are_spread_over_pages() {
    let world = World::new();
    let group = world.group("everybody");
    let members = world.crowd(2_300);
    world.join_all(&group, &members);
    let contoso = world.contoso();
    delete(&contoso, "groups", &group);
    let (_, link) = round(&contoso, MEMBERS);
    restore(&contoso, &group);
    let (sizes, items) = pages(&contoso, &link);
    assert_eq!(sizes, [1_000, 1_000, 300]);
    let mut told: Vec<ObjectId> = items
        .iter()
        .filter_map(|it| it["members@delta"].as_array())
        .flatten()
        .map(|it| id(it).parse().unwrap())
        .collect();
    told.sort();
    assert!(told == members, "{} of {}", told.len(), members.len());
}

/// Makes somebody the manager of all of them.
fn manage_all(world: &World, manager: &str, reports: &[ObjectId]) {
    let (tenant, to) = (world.tenants.contoso.id, manager.parse().unwrap());
    let edge = |from: &ObjectId| Edge {
        kind: EdgeKind::Manager,
        from: *from,
        to,
    };
    let edges: Vec<Edge> = reports.iter().map(edge).collect();
    let written = world.store.write(|tx| tx.add_edges(tenant, &edges));
    written.map_err(|problem: StoreError| problem).unwrap();
}

#[test]
fn the_many_reports_of_a_manager_are_spread_over_pages_and_none_is_lost_when_it_moves_meanwhile() {
    let world = World::new();
    let reports = world.crowd(330);
    let boss = world.user("boss");
    manage_all(&world, &boss, &reports);
    let contoso = world.contoso();
    let (_, link) = round(&contoso, MANAGERS);
    delete(&contoso, "users", &boss);
    let told = |items: &[Json], expected: Json| {
        let with = items.iter().filter(|it| it["manager@delta"] == expected);
        let mut ids: Vec<ObjectId> = with.map(|it| id(it).parse().unwrap()).collect();
        ids.sort();
        ids.dedup();
        ids
    };
    let (sizes, items) = pages(&contoso, &link);
    assert!(sizes.iter().all(|it| *it <= 100), "{sizes:?}");
    assert_eq!(items.len(), reports.len() + 1, "each once, and who moved");
    assert!(told(&items, json!([no_more(&boss)])) == reports);
    // Back again behind the first page: from the next page on the new state is told, of those on the first one as well.
    let page = contoso.get(&link).ok();
    assert_eq!(page["value"].as_array().unwrap().len(), 100);
    restore(&contoso, &boss);
    // Then its move is the next change again, and not that of the page.
    let new_name = json!({"displayName": "Boss"});
    contoso
        .patch(&format!("/v1.0/users/{boss}"), new_name)
        .no_content();
    let next = page["@odata.nextLink"].as_str().unwrap();
    let (_, items) = pages(&contoso, next.strip_prefix(PUBLIC_URL).unwrap());
    assert!(told(&items, json!([user(&boss)])) == reports);
    assert!(told(&items, json!([no_more(&boss)])).is_empty());
}

#[test]
fn of_many_reports_those_are_told_that_are_asked_for() {
    let world = World::new();
    let reports = world.crowd(600);
    let boss = world.user("boss");
    manage_all(&world, &boss, &reports);
    let contoso = world.contoso();
    let (first, last) = (reports[3], reports[599]);
    let url = format!("{MANAGERS}&$filter=id eq '{first}' or id eq '{last}'");
    let (_, link) = round(&contoso, &url);
    delete(&contoso, "users", &boss);
    let (items, _) = round(&contoso, &link);
    let ids: Vec<String> = items.iter().map(id).collect();
    assert_eq!(ids, [first.to_string(), last.to_string()]);
    assert_eq!(items[1]["manager@delta"], json!([no_more(&boss)]));
}
