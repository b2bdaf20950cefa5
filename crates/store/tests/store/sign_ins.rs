//! What ends what a user has begun comes behind it, whatever clocks say.

use syncline_model::{EntityKind, Timestamp};

use crate::world::{NOW, World};

#[test]
fn an_end_comes_behind_the_newest_sign_in() {
    let world = World::new();
    let (tenant, ann) = (world.contoso, world.user(world.contoso, "ann"));
    let end = |of, now: Timestamp| {
        let end = world.store.read(|reader| {
            let entry = reader.objects(tenant, EntityKind::User, &[ann])?.remove(0);
            reader.sign_in_end(of, &entry.entry, now)
        });
        end.unwrap()
    };
    assert_eq!(end(tenant, NOW), NOW);
    let ahead = NOW.plus_seconds(120);
    let noted = world.store.write(|tx| {
        tx.note_sign_in(tenant, ann, ahead)?;
        // Another node, whose clock is right.
        tx.note_sign_in(tenant, ann, NOW)
    });
    noted.unwrap();
    assert_eq!(end(tenant, NOW), ahead.plus_milliseconds(1));
    let later = ahead.plus_seconds(1);
    assert_eq!(end(tenant, later), later);
    // Nobody signed in as somebody of that id there.
    assert_eq!(end(world.fabrikam, NOW), NOW);
    let removed = world
        .store
        .write(|tx| tx.remove_documents_of(tenant, &[ann]));
    removed.unwrap();
    assert_eq!(end(tenant, NOW), NOW);
}
