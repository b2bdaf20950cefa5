//! What came into the recycle bin or out of it.

use syncline_model::{EntityKind, Entry, ObjectId};
use syncline_store::{Edge, EdgeKind, ObjectState, StoreError};

use crate::world::{NOW, World};

fn moved(world: &World, id: ObjectId, state: ObjectState) {
    let entry = Entry::new(EntityKind::User, id);
    world
        .store
        .write(|tx| tx.move_objects(world.contoso, &[entry], state, NOW))
        .unwrap();
}

/// Who is told between two numbers, and where they are.
fn told(world: &World, after: u64, until: u64, limit: usize) -> Vec<(u64, ObjectId, ObjectState)> {
    let moves = world
        .store
        .read(|reader| reader.moves_since(world.contoso, after, until, limit))
        .unwrap();
    moves
        .iter()
        .map(|it| (it.sequence, it.id, it.state))
        .collect()
}

#[test]
fn each_appears_once_with_its_newest_move_and_a_number_of_its_own() {
    let world = World::new();
    let [ana, bo, cleo, dan] =
        ["ana", "bo", "cleo", "dan"].map(|name| world.user(world.contoso, name));
    assert_eq!(told(&world, 0, 1_000, 10), []);
    for id in [ana, bo, cleo] {
        moved(&world, id, ObjectState::Deleted);
    }
    moved(&world, ana, ObjectState::Live);
    // What changes otherwise, is deleted anew, or is gone for good, has not moved.
    world
        .store
        .write(|tx| tx.update_objects(world.contoso, &[Entry::new(EntityKind::User, bo)]))
        .unwrap();
    moved(&world, bo, ObjectState::Deleted);
    moved(&world, cleo, ObjectState::Purged);
    moved(&world, dan, ObjectState::Purged);
    let all = told(&world, 0, 1_000, 10);
    let ends: Vec<_> = all.iter().map(|(_, id, state)| (*id, *state)).collect();
    assert_eq!(ends, [(bo, ObjectState::Deleted), (ana, ObjectState::Live)]);
    let [(first, ..), (second, ..)] = all[..] else {
        panic!("{all:?}");
    };
    assert_eq!(told(&world, 0, 1_000, 1), all[..1]);
    assert_eq!(told(&world, first, 1_000, 10), all[1..]);
    assert_eq!(told(&world, 0, second - 1, 10), all[..1]);
    // No change has the number of a move.
    let changes = world
        .store
        .read(|reader| reader.changes_since(world.contoso, 0, 1_000, 100))
        .unwrap();
    let mut numbers: Vec<u64> = changes.iter().map(|it| it.sequence).collect();
    numbers.extend([first, second]);
    let given = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), given);
}

#[test]
fn of_several_objects_the_first_references_are_read_together() {
    let world = World::new();
    let [ana, bo, cleo, dan] =
        ["ana", "bo", "cleo", "dan"].map(|name| world.user(world.contoso, name));
    let member = |from, to| Edge {
        kind: EdgeKind::Member,
        from,
        to,
    };
    let edges = [
        member(ana, dan),
        member(ana, bo),
        member(ana, cleo),
        member(cleo, dan),
        member(cleo, bo),
    ];
    world
        .store
        .write(|tx| {
            tx.add_edges(world.contoso, &edges)?;
            tx.remove_edges(world.contoso, &edges[4..])
        })
        .unwrap();
    let asked = [cleo, bo, ana];
    let found = world
        .store
        .read(|reader| reader.edges_from_each(world.contoso, EdgeKind::Member, &asked, 2));
    let found = found.map_err(|problem: StoreError| problem).unwrap();
    assert_eq!(found, [(cleo, dan), (ana, bo), (ana, cleo)]);
}
