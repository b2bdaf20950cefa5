//! What delta queries answer from.

use syncline_directory::delta::{self, Asked, DeltaItem, DeltaPage};
use syncline_directory::groups;
use syncline_model::{Attr, EntityKind, Ids as _, ObjectId, Value};
use syncline_store::{Edge, EdgeKind, ObjectState};

use crate::world::{World, world};

/// One page, and the sizes of the batches that it looked at.
fn page(world: &World, kind: EntityKind, since: u64, limit: usize) -> (DeltaPage, Vec<usize>) {
    page_of(world, kind, since, limit, usize::MAX)
}

/// The same, full with so many bytes of objects.
fn page_of(
    world: &World,
    kind: EntityKind,
    since: u64,
    limit: usize,
    bytes: usize,
) -> (DeltaPage, Vec<usize>) {
    let asked = Asked {
        kind,
        references: true,
        only: None,
        since: since.into(),
        until: world.sequence(),
        limit,
        bytes,
    };
    let mut batches = Vec::new();
    let page = world
        .store
        .read(|reader| {
            delta::changes(reader, world.contoso.id, &asked, |batch| {
                batches.push(batch);
                Ok(())
            })
        })
        .unwrap();
    (page, batches)
}

fn changes(world: &World, kind: EntityKind, since: u64, limit: usize) -> Vec<DeltaItem> {
    page(world, kind, since, limit).0.items
}

#[test]
fn changed_deleted_and_purged_users_are_told_apart() {
    let world = world();
    let [changed, deleted, purged, untouched] =
        ["changed", "deleted", "purged", "untouched"].map(|alias| world.user(alias));
    let since = world.sequence();
    world
        .update_user(changed, Attr::JOB_TITLE, Some(Value::text("Engineer")))
        .unwrap();
    world.delete_user(deleted);
    world.delete_user(purged);
    world
        .write(|tx, context| syncline_directory::deleted_items::purge(tx, context, purged))
        .unwrap();
    let states: Vec<(ObjectId, ObjectState)> = changes(&world, EntityKind::User, since, 100)
        .iter()
        .map(|item| (item.id, item.state()))
        .collect();
    assert_eq!(
        states,
        [
            (changed, ObjectState::Live),
            (deleted, ObjectState::Deleted),
            (purged, ObjectState::Purged)
        ]
    );
    assert!(!states.iter().any(|(id, _)| *id == untouched));
    assert!(changes(&world, EntityKind::User, world.sequence(), 100).is_empty());
}

#[test]
fn members_that_came_and_went_are_told_apart() {
    let world = world();
    let [stays, goes, comes] = ["stays", "goes", "comes"].map(|alias| world.user(alias));
    let group = world.group("Sales", &[stays, goes]);
    let since = world.sequence();
    world
        .write(|tx, context| groups::remove_member(tx, context, group, goes))
        .unwrap();
    world
        .write(|tx, context| groups::add_members(tx, context, group, &[comes]))
        .unwrap();
    let items = changes(&world, EntityKind::Group, since, 100);
    assert_eq!(items.len(), 1);
    assert_eq!((items[0].id, items[0].attributes_changed), (group, false));
    assert_eq!(
        (&items[0].members_added[..], &items[0].members_removed[..]),
        (&[comes][..], &[goes][..])
    );
    assert!(changes(&world, EntityKind::User, since, 100).is_empty());
}

#[test]
fn of_a_manager_the_new_one_and_the_removed_ones_are_told() {
    let world = world();
    let [megan, max, moritz] = ["megan", "max", "moritz"].map(|alias| world.user(alias));
    world.set_manager(megan, max);
    world.set_manager(moritz, max);
    let since = world.sequence();
    world.set_manager(megan, moritz);
    world
        .write(|tx, context| syncline_directory::users::remove_manager(tx, context, moritz))
        .unwrap();
    let managers: Vec<_> = changes(&world, EntityKind::User, since, 100)
        .into_iter()
        .map(|it| (it.id, it.manager_added, it.managers_removed))
        .collect();
    assert_eq!(
        managers,
        [(megan, Some(moritz), vec![max]), (moritz, None, vec![max])]
    );
}

#[test]
fn pages_together_hold_everything_once_changed() {
    let world = world();
    let since = world.sequence();
    let users: Vec<ObjectId> = (0..10).map(|at| world.user(&format!("user{at}"))).collect();
    world.group("Between", &users);
    let more = world.user("more");
    let mut seen = Vec::new();
    let mut after = since;
    loop {
        let (page, _) = page(&world, EntityKind::User, after, 3);
        seen.extend(page.items.iter().map(|item| item.id));
        match page.next {
            Some(next) => after = next.sequence,
            None => break,
        }
    }
    assert_eq!(seen[..10], users[..]);
    assert_eq!(seen[10..], [more]);
}

#[test]
fn who_asks_for_one_object_does_not_walk_in_steps_of_one() {
    let world = world();
    let group = world.group("Everybody", &[]);
    let since = world.sequence();
    let member = |_| Edge {
        kind: EdgeKind::Member,
        from: group,
        to: world.ids.object_id(),
    };
    let members: Vec<Edge> = (0..700).map(member).collect();
    world
        .store
        .write(|tx| tx.add_edges(world.contoso.id, &members))
        .unwrap();
    let user = world.user("user");
    let (page, batches) = page(&world, EntityKind::User, since, 1);
    assert_eq!((page.items[0].id, page.next), (user, None));
    assert_eq!(batches, [500, 201]);
}

#[test]
fn what_has_no_room_in_bytes_is_told_on_further_pages_with_all_that_changed_meanwhile() {
    let world = world();
    let since = world.sequence();
    let users: Vec<ObjectId> = (0..150)
        .map(|at| world.user(&format!("user{at}")))
        .collect();
    // Of those on the first pages and on the last one, long after they came.
    for at in [0, 1, 148] {
        world.set_manager(users[at], users[100]);
        world.set_manager(users[at], users[101]);
    }
    world.delete_user(users[2]);
    for bytes in [0, 1, 500, 20_000] {
        let (mut told, mut after, mut pages) = (Vec::<DeltaItem>::new(), since, 0);
        loop {
            let (page, _) = page_of(&world, EntityKind::User, after, 999, bytes);
            assert!(!page.items.is_empty());
            let all_but_last = page.items.iter().rev().skip(1);
            let taken: usize = all_but_last.map(|it| it.object.bytes()).sum();
            assert!(taken < bytes.max(1), "{taken} of {bytes}");
            told.extend(page.items);
            pages += 1;
            match page.next {
                Some(next) => {
                    let next = next.sequence;
                    assert!(next > after, "{next} after {after}");
                    after = next;
                }
                None => break,
            }
        }
        assert!(pages > 1, "{bytes}");
        for (at, user) in users.iter().enumerate() {
            let last = told.iter().rfind(|it| it.id == *user);
            let last = last.unwrap_or_else(|| panic!("{at} is not told with {bytes}"));
            let manager = [0, 1, 148].contains(&at).then_some(users[101]);
            assert_eq!(last.manager_added, manager, "{at} with {bytes}");
            assert_eq!(last.state() == ObjectState::Deleted, at == 2);
        }
    }
}
