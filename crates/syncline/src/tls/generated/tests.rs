use std::os::unix::fs::PermissionsExt as _;

use super::create::GOOD_FOR_DAYS;
use super::*;
use crate::tls::{InUse, Origin};

const NOW: Timestamp = Timestamp(1_700_000_000 * 10_000_000);
/// In the order in which they are made.
const NAMES: [&str; 3] = ["ca.pem", "server.key", "server.pem"];

fn at_the_end() -> Timestamp {
    NOW.plus_seconds(i64::from(GOOD_FOR_DAYS) * 24 * 3600)
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn nobody_else_reads_a_private_key_that_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("tls");
    let made = Generated::load_or_create(&folder, NOW).unwrap();
    let mode = || fs::metadata(&made.pair.key).unwrap().permissions().mode() & 0o777;
    let first = read(&folder, "server.key");
    assert_eq!(mode(), 0o600);
    // From a backup that kept no modes.
    fs::set_permissions(&made.pair.key, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(folder.join("server.key.new"), "of a run that was cut off").unwrap();
    Generated::load_or_create(&folder, at_the_end()).unwrap();
    assert_ne!(read(&folder, "server.key"), first);
    assert_eq!(mode(), 0o600);
    InUse::load(made.pair, Origin::Generated).unwrap();
    // With those from before.
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 6);
    assert_eq!(read(&folder, "server.key.old"), first);
    let old = fs::metadata(folder.join("server.key.old")).unwrap();
    assert_eq!(old.permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_a_clock_that_was_ahead_has_made_is_not_used_when_it_was_put_right() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let make = |now: Timestamp| {
        Generated::load_or_create(folder, now).unwrap();
        NAMES.map(|name| read(folder, name))
    };
    let first = make(NOW);
    let ahead = at_the_end();
    let second = make(ahead);
    assert_ne!(second[2], first[2]);
    // Clients trust the CA from before.
    assert_eq!(make(NOW), first);
    assert_eq!(make(NOW), first);
    // Where that is not to be had, or ends soon itself, they are made anew.
    assert_ne!(make(ahead)[2], first[2]);
    fs::remove_file(folder.join("server.pem.old")).unwrap();
    let anew = make(NOW);
    let whole = Generated::files(folder).look().unwrap();
    assert!(whole.validity.holds(NOW), "{whole:?}");
    assert_eq!(make(NOW), anew);
    // A clock that is a little behind is none of that.
    assert_eq!(make(NOW.plus_seconds(-24 * 3600)), anew);
}

#[test]
fn what_a_clock_that_was_behind_has_replaced_is_used_again_when_it_was_put_right() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let make = |now: Timestamp| {
        Generated::load_or_create(folder, now).unwrap();
        NAMES.map(|name| read(folder, name))
    };
    let first = make(NOW);
    let behind = NOW.plus_seconds(-6 * 365 * 24 * 3600);
    let second = make(behind);
    assert_ne!(second[2], first[2]);
    assert_eq!(make(behind), second);
    assert_eq!(make(NOW), first);
    assert_eq!(make(NOW), first);
}

#[test]
fn a_key_of_unknown_origin_does_not_take_the_place_of_one_that_was_renewed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let make = |now: Timestamp| {
        Generated::load_or_create(folder, now).unwrap();
        NAMES.map(|name| read(folder, name))
    };
    let first = make(NOW);
    let ahead = at_the_end();
    make(ahead);
    // Only the key is left: it may be somebody's own.
    fs::write(folder.join("server.pem"), "").unwrap();
    let left = read(folder, "server.key");
    make(ahead);
    assert_eq!(read(folder, "server.key.kept"), left);
    assert_eq!(make(NOW), first);
}

#[test]
fn files_that_were_not_made_together_are_made_anew() {
    let place = tempfile::tempdir().unwrap();
    let (first, second) = (place.path().join("first"), place.path().join("second"));
    // Cut off in the order of today, and in others: that of an older version began with the key.
    let cut_off = [
        &NAMES[..1],
        &NAMES[..2],
        &NAMES[1..2],
        &NAMES[1..],
        &NAMES[2..],
    ];
    for newer in cut_off {
        for folder in [&first, &second] {
            let _ = fs::remove_dir_all(folder);
            Generated::load_or_create(folder, NOW).unwrap();
        }
        for name in newer {
            fs::copy(second.join(name), first.join(name)).unwrap();
        }
        let files = Generated::files(&first);
        let fault = files.look().unwrap_err();
        assert!(matches!(fault, Fault::Mixed(_)), "{newer:?}: {fault:?}");
        let mixed = NAMES.map(|name| read(&first, name));
        Generated::load_or_create(&first, NOW).unwrap();
        files.look().unwrap();
        let anew = NAMES.map(|name| read(&first, name));
        assert!(mixed.iter().zip(&anew).all(|(old, new)| old != new));
    }
}

#[test]
fn a_file_that_is_missing_or_empty_is_made_anew_with_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let files = Generated::files(folder);
    for name in NAMES {
        for is_empty in [true, false] {
            Generated::load_or_create(folder, NOW).unwrap();
            let file = folder.join(name);
            if is_empty {
                fs::write(&file, "").unwrap();
            } else {
                fs::remove_file(&file).unwrap();
            }
            let fault = files.look().unwrap_err();
            assert!(
                matches!(&fault, Fault::Incomplete(it) if *it == file),
                "{fault:?}"
            );
            Generated::load_or_create(folder, NOW).unwrap();
            files.look().unwrap();
        }
    }
}

#[test]
fn a_key_that_may_be_somebodys_own_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (own.cert.pem(), own.signing_key.serialize_pem());
    // Without our CA, which means nothing for it.
    fs::write(folder.join("server.pem"), &certificate).unwrap();
    fs::write(folder.join("server.key"), &key).unwrap();
    let files = Generated::load_or_create(folder, NOW).unwrap();
    assert!(!files.look().unwrap().ours);
    assert_eq!(read(folder, "server.key"), key);
    // His certificate has not come yet.
    for half in ["", "half of a certifi"] {
        fs::write(folder.join("server.pem"), half).unwrap();
        fs::write(folder.join("server.key"), &key).unwrap();
        Generated::load_or_create(folder, NOW).unwrap();
        let kept = ["server.key", "server.key.kept"].map(|name| folder.join(name));
        let mut kept = kept.iter().filter_map(|file| fs::read_to_string(file).ok());
        assert!(kept.any(|it| it == key), "{half:?}");
    }
    // Nor has his key.
    fs::write(folder.join("server.pem"), &certificate).unwrap();
    fs::write(folder.join("server.key"), "").unwrap();
    Generated::load_or_create(folder, NOW).unwrap();
    assert!(matches!(files.look(), Err(Fault::Unusable(_))));
    assert_eq!(read(folder, "server.pem"), certificate);
}

#[test]
fn what_somebody_has_put_there_himself_is_left_to_him() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    Generated::load_or_create(folder, NOW).unwrap();
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(folder.join("server.pem"), own.cert.pem()).unwrap();
    fs::write(folder.join("server.key"), own.signing_key.serialize_pem()).unwrap();
    let before = NAMES.map(|name| read(folder, name));
    let much_later = NOW.plus_seconds(1 << 40);
    Generated::load_or_create(folder, much_later).unwrap();
    assert_eq!(NAMES.map(|name| read(folder, name)), before);
}
