//! A client that applies what it is told ends up with the same as the lists, whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use syncline_testkit::few;

use crate::world::{Client, PUBLIC_URL, World, id, reference};

const USERS: usize = 4;
const GROUPS: usize = 3;

/// What can happen to objects, which are named by their number: first users, then groups.
#[derive(Clone, Copy, Debug)]
enum Event {
    Join(usize, usize),
    Leave(usize, usize),
    Manage(usize, usize),
    NoManager(usize),
    Rename(usize),
    Delete(usize),
    Restore(usize),
    Purge(usize),
    /// The follower of groups or of users reads a page.
    Page(bool),
    /// Both read to the end.
    Round,
}

fn event() -> impl Strategy<Value = Event> {
    let (user, group, object) = (0..USERS, USERS..USERS + GROUPS, 0..USERS + GROUPS);
    prop_oneof![
        4 => (group.clone(), object.clone()).prop_map(|(group, member)| Event::Join(group, member)),
        2 => (group, object.clone()).prop_map(|(group, member)| Event::Leave(group, member)),
        3 => (user.clone(), user.clone()).prop_map(|(user, manager)| Event::Manage(user, manager)),
        1 => user.prop_map(Event::NoManager),
        1 => object.clone().prop_map(Event::Rename),
        5 => object.clone().prop_map(Event::Delete),
        5 => object.clone().prop_map(Event::Restore),
        1 => object.prop_map(Event::Purge),
        4 => any::<bool>().prop_map(Event::Page),
        2 => Just(Event::Round),
    ]
}

/// What somebody knows: of each object its name and what it refers to.
type Known = BTreeMap<String, (Json, BTreeSet<String>)>;

/// Who applies what it is told.
struct Follower {
    next: String,
    reference: &'static str,
    known: Known,
}

impl Follower {
    fn new(set: &str, reference: &'static str) -> Self {
        Self {
            next: format!("/v1.0/{set}/delta?$select=displayName,{reference}"),
            reference,
            known: Known::new(),
        }
    }

    /// Whether the round is over.
    fn read_page(&mut self, client: &Client<'_>) -> bool {
        let page = client.get(&self.next).ok();
        for item in page["value"].as_array().unwrap() {
            self.apply(item);
        }
        let link = |name: &str| page[name].as_str()?.strip_prefix(PUBLIC_URL);
        let (next, delta) = (link("@odata.nextLink"), link("@odata.deltaLink"));
        self.next = next.or(delta).unwrap().to_owned();
        delta.is_some()
    }

    fn read_round(&mut self, client: &Client<'_>) {
        while !self.read_page(client) {}
    }

    fn apply(&mut self, item: &Json) {
        if item["@removed"].is_object() {
            self.known.remove(&id(item));
            return;
        }
        let (name, references) = self.known.entry(id(item)).or_default();
        *name = item["displayName"].clone();
        let told = item[format!("{}@delta", self.reference)].as_array();
        for told in told.into_iter().flatten() {
            if told["@removed"].is_object() {
                references.remove(&id(told));
            } else {
                references.insert(id(told));
            }
        }
    }
}

/// What the lists say.
fn listed(client: &Client<'_>, set: &str, reference: &str) -> Known {
    let objects = client.all(&format!("/v1.0/{set}?$select=id,displayName"));
    let of = |object: &Json| {
        let url = format!("/v1.0/{set}/{}/{reference}", id(object));
        let found = match reference {
            "members" => client.all(&format!("{url}?$select=id")),
            _ => {
                let answer = client.get(&url);
                let found = (answer.status == 200).then(|| answer.json());
                found.into_iter().collect()
            }
        };
        let name = object["displayName"].clone();
        (id(object), (name, found.iter().map(id).collect()))
    };
    objects.iter().map(of).collect()
}

/// What is not possible now is refused, and nothing then.
fn happen(client: &Client<'_>, objects: &[String], event: Event, at: usize) {
    let set = |object: usize| if object < USERS { "users" } else { "groups" };
    let of = |object: usize| format!("/v1.0/{}/{}", set(object), objects[object]);
    match event {
        Event::Join(group, member) => {
            let url = format!("{}/members/$ref", of(group));
            client.post(&url, reference(&objects[member]));
        }
        Event::Leave(group, member) => {
            client.delete(&format!("{}/members/{}/$ref", of(group), objects[member]));
        }
        Event::Manage(user, manager) => {
            let url = format!("{}/manager/$ref", of(user));
            client.put(&url, reference(&objects[manager]));
        }
        Event::NoManager(user) => {
            client.delete(&format!("{}/manager/$ref", of(user)));
        }
        Event::Rename(object) => {
            client.patch(&of(object), json!({"displayName": format!("name {at}")}));
        }
        Event::Delete(object) => {
            client.delete(&of(object));
        }
        Event::Restore(object) => {
            let url = format!("/v1.0/directory/deletedItems/{}/restore", objects[object]);
            client.post(&url, json!({}));
        }
        Event::Purge(object) => {
            client.delete(&format!("/v1.0/directory/deletedItems/{}", objects[object]));
        }
        Event::Page(_) | Event::Round => {}
    }
}

proptest! {
    #![proptest_config(few(30))]

    #[test]
    fn who_applies_what_is_told_has_what_the_lists_have(events in prop::collection::vec(event(), 1..60)) {
        let world = World::new();
        let mut objects: Vec<String> = (0..USERS).map(|at| world.user(&format!("u{at}"))).collect();
        objects.extend((0..GROUPS).map(|at| world.group(&format!("g{at}"))));
        let client = world.contoso();
        let slowly = client.header("prefer", "odata.maxpagesize=1");
        let mut groups = Follower::new("groups", "members");
        let mut users = Follower::new("users", "manager");
        let last = events.len();
        for (at, event) in events.into_iter().chain([Event::Round]).enumerate() {
            happen(&client, &objects, event, at);
            match event {
                Event::Page(true) => {
                    groups.read_page(&slowly);
                }
                Event::Page(false) => {
                    users.read_page(&slowly);
                }
                Event::Round => {
                    groups.read_round(&slowly);
                    users.read_round(&slowly);
                    // A round that began among its pages ends with what was new since then.
                    groups.read_round(&slowly);
                    users.read_round(&slowly);
                    prop_assert_eq!(&groups.known, &listed(&client, "groups", "members"), "after {} of {}", at, last);
                    prop_assert_eq!(&users.known, &listed(&client, "users", "manager"), "after {} of {}", at, last);
                }
                _ => {}
            }
        }
    }
}
