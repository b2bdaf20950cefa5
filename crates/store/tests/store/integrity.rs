//! Rules between rows, looked at a page at a time.

use syncline_model::{EntityKind, ObjectId};
use syncline_store::{Edge, EdgeKind, Held, HeldIn, Key, KeyName, RULES, Rule};

use crate::world::World;

/// How many rows all pages of so many have, and which of them break the rule.
fn walk(world: &World, rule: &Rule, limit: usize) -> (u64, Vec<String>) {
    let (mut looked_at, mut broken, mut after) = (0, Vec::new(), None);
    loop {
        let page = world
            .store
            .read(|reader| reader.check_rule(rule, after.as_ref(), limit))
            .unwrap();
        assert!(page.looked_at <= limit as u64);
        looked_at += page.looked_at;
        broken.extend(page.broken);
        after = match page.next {
            Some(next) => Some(next),
            None => return (looked_at, broken),
        };
    }
}

fn damage(world: &World, statements: &str) {
    let path = world.folder.path().join("test.db");
    if !syncline_testkit::execute(&path, statements) {
        let file = rusqlite::Connection::open(path).unwrap();
        file.execute_batch(statements).unwrap();
    }
}

/// A team of so many, of both tenants.
fn team(world: &World, people: usize) {
    for tenant in [world.contoso, world.fabrikam] {
        let ids: Vec<ObjectId> = (0..people)
            .map(|number| world.user(tenant, &format!("P{number}")))
            .collect();
        let edges: Vec<Edge> = ids[1..]
            .iter()
            .map(|from| Edge {
                kind: EdgeKind::Manager,
                from: *from,
                to: ids[0],
            })
            .collect();
        world
            .store
            .write(|tx| tx.add_edges(tenant, &edges))
            .unwrap();
    }
}

#[test]
fn pages_of_any_size_go_through_every_row_once() {
    let world = World::new();
    team(&world, 4);
    for rule in &RULES {
        let whole = walk(&world, rule, 1000);
        assert_eq!(whole.1, [""; 0], "{rule:?}");
        for limit in [1, 2, 3] {
            assert_eq!(walk(&world, rule, limit), whole, "{limit}: {rule:?}");
        }
    }
    let looked_at = |wrong: &str| {
        let rule = RULES.iter().find(|rule| rule.wrong == wrong).unwrap();
        walk(&world, rule, 2).0
    };
    assert_eq!(looked_at("references to objects that are gone"), 6);
    assert_eq!(looked_at("objects of a tenant that does not exist"), 8);
}

#[test]
fn rows_that_break_a_rule_are_found_on_whichever_page_they_are() {
    let world = World::new();
    team(&world, 4);
    damage(&world, "DELETE FROM object");
    let rule = RULES
        .iter()
        .find(|rule| rule.wrong == "references to objects that are gone")
        .unwrap();
    let (looked_at, broken) = walk(&world, rule, 1);
    assert_eq!((looked_at, broken.len()), (6, 6));
    assert_eq!(walk(&world, rule, 4), (6, broken));
}

#[test]
fn pages_of_held_values_of_any_size_go_through_each_once() {
    let world = World::new();
    let tenant = world.contoso;
    let mut expected: Vec<Held> = Vec::new();
    for number in 0..5 {
        let id = world.user(tenant, &format!("P{number}"));
        let keys = ["one", "two"].map(|word| {
            let key = Key::new(KeyName::ProxyAddress, &format!("{word}-{number}"));
            (key, EntityKind::User, id)
        });
        expected.extend(keys.iter().map(|(key, kind, id)| Held {
            hash: key.hash(),
            kind: *kind,
            id: *id,
        }));
        let taken = world.store.write(|tx| tx.take_keys(tenant, &keys));
        taken.unwrap();
    }
    // Of another tenant.
    let other = world.user(world.fabrikam, "Other");
    let key = Key::new(KeyName::ProxyAddress, "one-0");
    let taken = world
        .store
        .write(|tx| tx.take_keys(world.fabrikam, &[(key, EntityKind::User, other)]));
    taken.unwrap();
    expected.sort_unstable_by_key(|held| held.hash);
    for (limit, bytes) in [
        (1000, usize::MAX),
        (1, usize::MAX),
        (3, 1),
        (1000, 1),
        (4, 40),
    ] {
        let mut found = Vec::new();
        for place in [HeldIn::Settled, HeldIn::Recent] {
            let mut after = None;
            loop {
                let page = world
                    .store
                    .read(|reader| reader.held(tenant, place, after, limit, bytes));
                let (page, next) = page.unwrap();
                assert!(page.len() <= limit);
                assert!(bytes > 1 || page.len() <= 1, "{limit}");
                found.extend(page);
                after = next;
                if after.is_none() {
                    break;
                }
            }
        }
        found.sort_unstable_by_key(|held| held.hash);
        assert_eq!(found, expected, "{limit}, {bytes}");
    }
}
