//! What PostgreSQL's planner knows of tables that have just been filled.

use syncline_model::{Attr, EntityKind, Entry, Ids as _};

use crate::world::{NOW, World};

/// The server tells others of written rows once a second, so what a write says of a table may be old:
/// writes go on until it shows.
const WRITES: usize = 1_500;

#[test]
fn a_table_that_grows_has_statistics_before_the_daemon_comes() {
    let world = World::new();
    let path = world.folder.path().join("test.db");
    if !syncline_testkit::without_the_daemon(&path, "object") {
        return;
    }
    assert!(!syncline_testkit::has_statistics(&path, "object"));
    let known = (0..WRITES).any(|_| {
        let entries: Vec<Entry> = (0..100)
            .map(|number| {
                let mut entry = Entry::new(EntityKind::User, world.ids.object_id());
                entry
                    .attrs
                    .set(Attr::DISPLAY_NAME, format!("user {number}"));
                entry
            })
            .collect();
        world
            .store
            .write(|tx| tx.insert_objects(world.contoso, &entries, NOW))
            .unwrap();
        syncline_testkit::has_statistics(&path, "object")
    });
    assert!(known);
}
