//! Rounds of more than one page tells, or one request looks at.

use serde_json::{Value as Json, json};
use syncline_model::{Attr, Attrs, ObjectId, Value};

use crate::users_delta::round;
use crate::world::{PUBLIC_URL, World, id};

fn link<'p>(page: &'p Json, name: &str) -> &'p str {
    let link = page[name].as_str().unwrap_or_else(|| panic!("{page}"));
    link.strip_prefix(PUBLIC_URL).unwrap()
}

#[test]
fn many_changes_that_concern_nobody_are_passed_over_in_several_requests() {
    let world = World::new();
    let group = world.group("everybody");
    let client = world.contoso().header("prefer", "odata.maxpagesize=1");
    let (_, since) = round(&client, "/v1.0/users/delta?$select=displayName");
    world.join_all(&group, &world.nobodies(20_001));
    let ann = world.user("ann");
    let page = client.get(&since).ok();
    assert_eq!(page["value"], json!([]));
    let page = client.get(link(&page, "@odata.nextLink")).ok();
    assert_eq!(page["value"], json!([{"id": ann, "displayName": "ann"}]));
    // Which changes were passed over is known to the link.
    let page = client.get(link(&page, "@odata.deltaLink")).ok();
    assert_eq!(page["value"], json!([]));
    link(&page, "@odata.deltaLink");
}

/// A page is as large as was asked for, whoever lies between those on it.
#[test]
fn a_first_round_goes_past_those_who_were_deleted_and_stops_at_its_size() {
    let world = World::new();
    let before = world.crowd(1);
    world.recycle_all(&world.crowd(700));
    let behind = world.crowd(4);
    let client = world.contoso().header("prefer", "odata.maxpagesize=2");
    let (mut pages, mut next) = (Vec::new(), "/v1.0/users/delta?$select=id".to_owned());
    loop {
        let page = client.get(&next).ok();
        let ids = page["value"].as_array().unwrap().iter();
        pages.push(ids.map(|it| it["id"].clone()).collect::<Vec<_>>());
        if page["@odata.deltaLink"].is_string() {
            break;
        }
        next = link(&page, "@odata.nextLink").to_owned();
    }
    let told = pages.concat();
    let crowd: Vec<Json> = [before, behind]
        .concat()
        .iter()
        .map(|it| json!(it))
        .collect();
    assert_eq!(told[told.len() - 5..], crowd);
    let full = pages.iter().rev().skip(1);
    assert!(full.clone().all(|it| it.len() == 2), "{pages:?}");
}

#[test]
fn many_changes_of_members_are_spread_over_pages_each_told_once() {
    let world = World::new();
    let (group, other) = (world.group("everybody"), world.group("other"));
    let (gone, new) = (world.crowd(1_100), world.crowd(1_300));
    world.join_all(&group, &gone);
    let contoso = world.contoso();
    let (_, since) = round(&contoso, "/v1.0/groups/delta?$select=members");
    world.leave_all(&group, &gone);
    world.join_all(&group, &new);
    world.join_all(&other, &new[..1]);
    let (mut told, mut next) = (Vec::new(), since);
    loop {
        let page = contoso.get(&next).ok();
        let on_page = members(&page);
        assert!(on_page.len() <= 1_000, "{}", on_page.len());
        told.extend(on_page);
        if page["@odata.deltaLink"].is_string() {
            break;
        }
        next = link(&page, "@odata.nextLink").to_owned();
    }
    let member = |group: &str, id: &ObjectId, removed| (group.to_owned(), id.to_string(), removed);
    let mut expected: Vec<_> = gone.iter().map(|it| member(&group, it, true)).collect();
    expected.extend(new.iter().map(|it| member(&group, it, false)));
    expected.push(member(&other, &new[0], false));
    told.sort();
    expected.sort();
    assert!(told == expected, "{} of {}", told.len(), expected.len());
}

/// Group, member, and whether it was removed.
fn members(page: &Json) -> Vec<(String, String, bool)> {
    let mut members = Vec::new();
    for group in page["value"].as_array().unwrap() {
        for member in group["members@delta"].as_array().unwrap() {
            let removed = member["@removed"].is_object();
            members.push((id(group), id(member), removed));
        }
    }
    members
}

#[test]
fn changes_of_members_that_are_not_told_take_no_page() {
    let world = World::new();
    let (group, other) = (world.group("everybody"), world.group("other"));
    let contoso = world.contoso();
    let urls = [
        "/v1.0/groups/delta?$select=displayName".to_owned(),
        format!("/v1.0/groups/delta?$select=members&$filter=id eq '{other}'"),
    ];
    let links = urls.map(|url| round(&contoso, &url).1);
    world.join_all(&group, &world.nobodies(2_500));
    for url in links {
        let page = contoso.get(&url).ok();
        assert_eq!(page["value"], json!([]));
        link(&page, "@odata.deltaLink");
    }
}

#[test]
fn objects_of_which_no_trace_is_left_do_not_end_a_round() {
    let world = World::new();
    let contoso = world.contoso().header("prefer", "odata.maxpagesize=1");
    let (_, since) = round(&contoso, "/v1.0/groups/delta?$select=displayName");
    // A group that members are left of, and nothing else.
    let nobody = &world.nobodies(1)[0].to_string();
    world.join_all(nobody, &world.nobodies(1));
    let group = world.group("sales");
    let (items, _) = round(&contoso, &since);
    assert_eq!(items, [json!({"id": group, "displayName": "sales"})]);
}

/// Of a user whose lists are as long as they may be, three quarters of a MiB in all.
pub fn large() -> Attrs {
    let list = Value::List(vec![Value::text("m".repeat(249)); 256]);
    LISTS.into_iter().fold(Attrs::new(), |attrs, name| {
        attrs.with(Attr::named(name).unwrap(), list.clone())
    })
}

pub const LISTS: [&str; 3] = ["otherMails", "imAddresses", "proxyAddresses"];

/// A page of large objects: what all of one are, and the one with which it is full.
pub const MOST: usize = 5 * 1024 * 1024;

/// The ids on all pages from this one on, none of which may be large, and the link to the next round.
fn small_pages(world: &World, url: &str) -> (Vec<String>, String) {
    let client = world.contoso().header("prefer", "odata.maxpagesize=999");
    let (mut told, mut next) = (Vec::new(), url.to_owned());
    loop {
        let page = client.get(&next).ok();
        let size = page.to_string().len();
        assert!(size <= MOST, "{size}");
        let items = page["value"].as_array().unwrap();
        told.extend(items.iter().map(id));
        if page["@odata.deltaLink"].is_string() {
            return (told, link(&page, "@odata.deltaLink").to_owned());
        }
        assert!(!items.is_empty(), "{page}");
        next = link(&page, "@odata.nextLink").to_owned();
    }
}

#[test]
fn large_objects_are_spread_over_pages_in_the_first_round_and_later_ones() {
    let world = World::new();
    let text = |ids: &[ObjectId]| ids.iter().map(ObjectId::to_string).collect::<Vec<_>>();
    let select = LISTS.join(",");
    let old = text(&world.crowd_with(60, &large()));
    let (told, since) = small_pages(&world, &format!("/v1.0/users/delta?$select={select}"));
    assert_eq!(told, old);
    let some = old.iter().take(30).map(|id| format!("id eq '{id}'"));
    let filter = some.collect::<Vec<_>>().join(" or ").replace(' ', "%20");
    let url = format!("/v1.0/users/delta?$select={select}&$filter={filter}");
    assert_eq!(small_pages(&world, &url).0, old[..30]);
    let (told, since) = small_pages(&world, &since);
    assert!(told.is_empty(), "{told:?}");
    let new = text(&world.crowd_with(60, &large()));
    let (told, _) = small_pages(&world, &since);
    assert_eq!(told, new);
}
