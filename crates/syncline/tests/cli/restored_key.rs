//! A restore that brings another key: it is there before anything is replaced that only it opens.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::backup::{path, people, with_people};
use crate::support::{Syncline, names_in, stderr, stdout};

/// A backup of somebody else's two people, with the key.
fn theirs() -> (Syncline, String) {
    let theirs = with_people();
    let file = path(&theirs, "theirs.backup");
    theirs.json(&["backup", "--with-key", &file]);
    (theirs, file)
}

fn restoring(file: &str) -> [&str; 4] {
    ["restore", "--force", "--unverified", file]
}

/// Nobody can write where the key is to be written first.
fn refuse_a_key(syncline: &Syncline) {
    fs::create_dir_all(syncline.data().join("restoring.key/not empty")).unwrap();
}

#[test]
fn nothing_is_replaced_where_the_key_can_not_be_written() {
    let (theirs, file) = theirs();
    let ours = Syncline::new();
    ours.tenant("fabrikam");
    refuse_a_key(&ours);
    let before = names_in(&ours.data());
    let key = fs::read(ours.data().join("key")).unwrap();
    let message = ours.fails(&restoring(&file));
    assert!(
        message.contains("restoring.key") && message.contains("nothing was replaced"),
        "{message}"
    );
    // Whoever looks into the database leaves what SQLite keeps beside it.
    let mut left = names_in(&ours.data());
    left.retain(|it| !it.starts_with("syncline.db-"));
    assert_eq!(left, before);
    assert_eq!(fs::read(ours.data().join("key")).unwrap(), key);
    assert_eq!(people(&ours), 0);

    fs::remove_dir_all(ours.data().join("restoring.key")).unwrap();
    ours.json(&restoring(&file));
    assert_eq!(people(&ours), people(&theirs));
    assert_eq!(ours.json(&["doctor"])["healthy"], true);
}

#[test]
fn a_link_to_a_key_that_is_not_there_is_kept_aside_and_in_the_way_of_nothing() {
    let (_theirs, file) = theirs();
    let ours = with_people();
    let key = ours.data().join("key");
    fs::remove_file(&key).unwrap();
    std::os::unix::fs::symlink("nowhere", &key).unwrap();
    let restored = ours.json(&restoring(&file));
    let kept = restored["keptAside"].as_array().unwrap();
    let link = Path::new(kept[1].as_str().unwrap());
    assert_eq!(fs::read_link(link).unwrap(), Path::new("nowhere"));
    assert!(!key.is_symlink());
    assert_eq!(ours.json(&["doctor"])["healthy"], true);
}

#[test]
fn the_key_that_an_interrupted_restore_has_left_is_named_and_put_in_its_place_by_the_next() {
    let (theirs, file) = theirs();
    let ours = with_people();
    // As it is between the writing of the key and the first step that replaces anything.
    let left = ours.data().join("restoring.key");
    fs::copy(theirs.data().join("key"), &left).unwrap();
    let told = ours.run(&["doctor"]);
    assert!(stdout(&told).contains("restoring.key"), "{}", stdout(&told));
    ours.json(&restoring(&file));
    assert!(!left.exists());
    assert_eq!(ours.json(&["doctor"])["healthy"], true);
    // What was put in place and is left all the same is of no use.
    fs::copy(theirs.data().join("key"), &left).unwrap();
    ours.json(&restoring(&file));
    assert!(!left.exists());
}

/// Runs where the key of the data directory is mounted from elsewhere, as a container's secrets are: it can
/// be given no other name. `None` where this machine lets nobody mount anything.
pub fn with_mounted_key(syncline: &Syncline, command: &Command) -> Option<Output> {
    let mut mounted = Command::new("unshare");
    mounted.args(["--map-root-user", "--mount", "sh", "-c"]);
    mounted.arg("mount --bind \"$0\" \"$0\" && exec \"$@\"");
    mounted.arg(syncline.data().join("key"));
    mounted.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => mounted.env(name, value),
            None => mounted.env_remove(name),
        };
    }
    let output = mounted.output().ok()?;
    if stderr(&output).contains("mount:") || stderr(&output).contains("unshare:") {
        eprintln!("NOT RUN: nobody may mount here");
        return None;
    }
    Some(output)
}

#[test]
fn a_restore_to_a_file_that_can_not_replace_the_key_goes_on_when_it_can() {
    let (theirs, file) = theirs();
    let ours = with_people();
    let command = ours.command(&restoring(&file));
    let Some(output) = with_mounted_key(&ours, &command) else {
        return;
    };
    let message = stderr(&output);
    assert!(message.contains("run the same command again"), "{message}");
    assert!(ours.fails(&["tenant", "list"]).contains("was interrupted"));
    ours.json(&restoring(&file));
    assert_eq!(people(&ours), people(&theirs));
    assert_eq!(ours.json(&["doctor"])["healthy"], true);
}

#[test]
fn a_restore_to_a_server_that_can_not_replace_the_key_leaves_it_beside_and_says_so() {
    let (theirs, file) = theirs();
    let ours = Syncline::new();
    let Some(url) = syncline_testkit::postgres_url(&ours.data().join("theirs")) else {
        return;
    };
    let on = |arguments: &[&str]| {
        let mut command = ours.command(arguments);
        command.env("SYNCLINE_DATABASE", &url);
        command
    };
    let create = ["tenant", "create", "--domain", "fabrikam.example"];
    let name = ["--display-name", "Fabrikam"];
    let made = on(&[&create[..], &name].concat()).output().unwrap();
    assert!(made.status.success(), "{}", stderr(&made));

    // Before the server is asked for anything.
    refuse_a_key(&ours);
    let output = on(&restoring(&file)).output().unwrap();
    let message = stderr(&output);
    assert!(message.contains("nothing was replaced"), "{message}");
    let listed = on(&["tenant", "list"]).output().unwrap();
    assert!(stdout(&listed).contains("fabrikam"), "{}", stderr(&listed));
    fs::remove_dir_all(ours.data().join("restoring.key")).unwrap();

    // Nobody knows of the server, and of a file that may be there.
    fs::write(ours.data().join("lock"), "").unwrap();
    let Some(output) = with_mounted_key(&ours, &on(&restoring(&file))) else {
        return;
    };
    let message = stderr(&output);
    // The database is restored: whoever forgets to name it from now on is told.
    let told = ours.fails(&["tenant", "list"]);
    assert!(
        told.contains("the last command here worked on the database postgres"),
        "{told}"
    );
    let left = ours.data().join("restoring.key");
    let said = format!("opens with the key in {} alone", left.display());
    assert!(message.contains(&said), "{message}");
    assert_eq!(
        fs::read(&left).unwrap(),
        fs::read(theirs.data().join("key")).unwrap()
    );
    let mode = fs::metadata(&left).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Whoever comes next without having read that is told.
    let listed = on(&["tenant", "list"]).output().unwrap();
    assert!(
        stderr(&listed).contains("restoring.key"),
        "{}",
        stderr(&listed)
    );
    // As told.
    fs::rename(&left, ours.data().join("key")).unwrap();
    let listed = on(&["tenant", "list"]).output().unwrap();
    assert!(stdout(&listed).contains("contoso"), "{}", stderr(&listed));
}
