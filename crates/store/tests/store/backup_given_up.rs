//! Backups that nobody wants any more, or whose name is somebody else's by now.

use syncline_store::{Backup, Store, StoreError, Tx};

use crate::backup::{made, new_file, with_a_bit_of_everything};
use crate::world::{NOW, World};

#[test]
fn a_backup_that_nobody_wants_any_more_ends() {
    let world = World::new();
    let file = world.folder.path().join("monday.backup");
    std::fs::File::create(&file).unwrap();
    let told = world
        .store
        .backup_unless(&file, NOW, None, &mut |_, _, _| {}, &|| true);
    assert!(matches!(told, Err(StoreError::GivenUp)), "{told:?}");
    assert!(!syncline_store::Backup::is_one(&file));
}

/// A digest reads all of the file, which takes a while when that is large.
#[test]
fn a_backup_that_nobody_wants_any_more_ends_also_while_its_digest_is_made() {
    let world = World::new();
    with_a_bit_of_everything(&world);
    let file = world.folder.path().join("monday.backup");
    std::fs::File::create(&file).unwrap();
    // All rows are in it, and what it says of itself; its digest is not.
    let is_being_digested = || {
        let bytes = std::fs::read(&file).unwrap();
        let has = |text: &[u8]| bytes.windows(text.len()).any(|it| it == text);
        has(b"made_at") && !has(b"syncline digest")
    };
    let told = world
        .store
        .backup_unless(&file, NOW, Some(&world.key), &mut |_, _, _| {}, &|| {
            is_being_digested()
        });
    assert!(matches!(told, Err(StoreError::GivenUp)), "{told:?}");
    assert!(is_being_digested());
}

/// The administrator restores in the directory of a service, whose user may give the new file's name to another at any
/// moment.
#[test]
fn nothing_is_written_to_what_has_the_name_of_the_new_file_by_now() {
    let world = World::new();
    with_a_bit_of_everything(&world);
    let backup = Backup::open(&made(&world, None)).unwrap();
    let database = world.folder.path().join("theirs.db");
    drop(Store::open(&database, &world.key).unwrap());
    let letter = world.folder.path().join("letter.txt");
    std::fs::write(&letter, b"Dear Ana").unwrap();
    for theirs in [&letter, &database] {
        let before = std::fs::read(theirs).unwrap();
        let name = world.folder.path().join("restoring.db");
        let to_link = || {
            std::fs::remove_file(&name).unwrap();
            std::os::unix::fs::symlink(theirs, &name).unwrap();
        };
        let work = new_file(&name);
        to_link();
        let replaced = |result: Result<(), StoreError>| {
            let told = result.unwrap_err().to_string();
            assert!(told.contains("something else in the place of"), "{told}");
        };
        replaced(backup.write_database(&work, &world.key, &|_| Ok(())));
        replaced(
            world
                .store
                .read(|it| it.keep_aside(&work, NOW, &mut |_, _, _| {})),
        );
        // Only when it was written.
        std::fs::remove_file(&name).unwrap();
        let work = new_file(&name);
        let prepare = |_: &mut Tx<'_>| {
            to_link();
            Ok(())
        };
        backup
            .write_database(&work, &world.key, &prepare)
            .unwrap_err();
        assert_eq!(std::fs::read(theirs).unwrap(), before);
        std::fs::remove_file(&name).unwrap();
    }
    // No link is followed by who makes a file that is to be a backup, either.
    let name = world.folder.path().join("monday.backup");
    std::os::unix::fs::symlink(world.folder.path().join("absent"), &name).unwrap();
    if world.store.is_shared() {
        let told = world.store.backup(&name, NOW, None, &mut |_, _, _| {});
        told.unwrap_err();
        assert!(!world.folder.path().join("absent").exists());
    }
}
