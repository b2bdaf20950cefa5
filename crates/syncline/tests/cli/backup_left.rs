//! What a backup leaves that was killed: the next one to the same place removes it, and nothing else.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::backup::{fill, path, with_people};
use crate::support::{Syncline, names_in, wait_until};

/// A folder to make backups in, and the name of one.
fn folder(syncline: &Syncline) -> (PathBuf, String) {
    let folder = PathBuf::from(path(syncline, "backups"));
    fs::create_dir(&folder).unwrap();
    let file = folder.join("monday.backup").to_str().unwrap().to_owned();
    (folder, file)
}

/// The name of what was begun.
fn begun(name: &str, digit: char) -> String {
    format!(".{name}.{}", String::from(digit).repeat(32))
}

/// The name of the file beside it that is locked as long as somebody writes it.
fn lock(name: &str, digit: char) -> String {
    format!("{}.lock", begun(name, digit))
}

/// Leaves what one leaves that was killed.
fn leave(folder: &Path, digit: char) {
    fs::write(folder.join(lock("monday.backup", digit)), "").unwrap();
    fs::write(folder.join(begun("monday.backup", digit)), "the key").unwrap();
}

#[test]
fn what_a_killed_one_has_left_is_removed_by_the_next_to_the_same_place() {
    let syncline = with_people();
    let (folder, file) = folder(&syncline);
    for digit in ['0', 'a'] {
        leave(&folder, digit);
    }
    let journal = format!("{}-journal", begun("monday.backup", 'a'));
    fs::write(folder.join(journal), "of SQLite").unwrap();
    // It was killed before it wrote anything.
    fs::write(folder.join(lock("monday.backup", 'b')), "").unwrap();
    syncline.json(&["backup", "--with-key", &file]);
    assert_eq!(names_in(&folder), ["monday.backup"]);

    // A server does the same.
    leave(&folder, '1');
    let server = syncline.serve(&["--no-scheduler"]);
    syncline.json(&["backup", "--with-key", "--force", &file]);
    assert_eq!(names_in(&folder), ["monday.backup"]);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn what_somebody_writes_or_is_not_ours_is_left_alone() {
    let syncline = with_people();
    let (folder, file) = folder(&syncline);
    leave(&folder, '0');
    let written = fs::File::options()
        .write(true)
        .open(folder.join(lock("monday.backup", '0')))
        .unwrap();
    written.lock().unwrap();
    // No backup makes such.
    symlink("nowhere", folder.join(lock("monday.backup", '1'))).unwrap();
    fs::create_dir(folder.join(lock("monday.backup", '2'))).unwrap();
    fs::write(folder.join(lock("monday.backup", '5')), "").unwrap();
    symlink("nowhere", folder.join(begun("monday.backup", '5'))).unwrap();
    fs::write(folder.join(lock("monday.backup", '6')), "").unwrap();
    fs::create_dir(folder.join(begun("monday.backup", '6'))).unwrap();
    // It has another name.
    leave(&folder, '7');
    let seventh = folder.join(begun("monday.backup", '7'));
    fs::hard_link(seventh, folder.join("kept")).unwrap();
    for name in [
        lock("tuesday.backup", '3'),
        begun("tuesday.backup", '3'),
        ".monday.backup.mine".to_owned(),
        ".monday.backup.mine.lock".to_owned(),
        format!("{}.txt", begun("monday.backup", '4')),
        lock("monday.backup", 'A'),
        lock("monday.backup", 'z'),
        // Nothing beside them says whose they are.
        begun("monday.backup", '1'),
        begun("monday.backup", '2'),
        begun("monday.backup", '8'),
    ] {
        fs::write(folder.join(name), "").unwrap();
    }
    let before = names_in(&folder);
    syncline.json(&["backup", &file]);
    fs::remove_file(&file).unwrap();
    assert_eq!(names_in(&folder), before);

    // Its writer is killed.
    drop(written);
    syncline.json(&["backup", &file]);
    for name in [begun("monday.backup", '0'), lock("monday.backup", '0')] {
        assert!(!folder.join(name).exists());
    }
}

/// Also of what SQLite writes beside what it copies to.
#[test]
fn nothing_is_left_of_a_copy_that_ctrl_c_ends() {
    let syncline = with_people();
    fill(&syncline);
    let (folder, file) = folder(&syncline);
    let begun = || names_in(&folder).iter().any(|it| it.ends_with("-journal"));
    // One that was nearly done proves nothing.
    let ended = (0..6).any(|_| {
        let mut backup = syncline.command(&["backup", &file]);
        let mut backup = backup.stdout(Stdio::null()).spawn().unwrap();
        wait_until("the copying begins", || {
            begun() || backup.try_wait().unwrap().is_some()
        });
        let interrupt = ["-INT", &backup.id().to_string()];
        let _ = Command::new("kill").args(interrupt).status();
        let code = backup.wait().unwrap().code();
        let left = names_in(&folder);
        let _ = fs::remove_file(&file);
        assert!(left.iter().all(|it| !it.starts_with('.')), "{left:?}");
        code == Some(130)
    });
    assert!(ended, "each was made to the end");
}
