//! Who may not use a data directory is told so, and whose it is.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Syncline, stderr};

/// Nobody in particular.
const STRANGER: u32 = 65_534;

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs as somebody who may not do everything; `None` where he may not even run the program.
fn as_stranger(mut command: Command, data: &Path) -> Option<Output> {
    // To the administrator nothing is closed. Others are kept out of what is theirs by its mode.
    if std::fs::metadata(data).unwrap().uid() == 0 {
        return as_stranger_whoever_owns_it(command);
    }
    ran(&mut command)
}

fn as_stranger_whoever_owns_it(mut command: Command) -> Option<Output> {
    ran(command.uid(STRANGER).gid(STRANGER))
}

fn ran(command: &mut Command) -> Option<Output> {
    match command.output() {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            eprintln!("NOT RUN: the program lies where others may not look");
            None
        }
        output => Some(output.unwrap()),
    }
}

fn installation() -> Syncline {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    // The way to it is open.
    mode(syncline.data().parent().unwrap(), 0o755);
    syncline
}

#[test]
fn a_directory_of_somebody_else_is_not_said_to_be_empty() {
    let syncline = installation();
    mode(&syncline.data(), 0o000);
    let list = syncline.command(&["tenant", "list"]);
    let output = as_stranger(list, &syncline.data());
    mode(&syncline.data(), 0o700);
    let Some(output) = output else { return };
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    for part in ["Permission denied", "help: the data directory belongs to "] {
        assert!(message.contains(part), "{message}");
    }
    assert!(!message.contains("holds no data"), "{message}");
}

#[test]
fn a_directory_that_can_only_be_read_says_that_commands_write() {
    let syncline = installation();
    std::fs::remove_file(syncline.data().join("lock")).unwrap();
    mode(&syncline.data(), 0o555);
    let list = syncline.command(&["tenant", "list"]);
    let output = as_stranger(list, &syncline.data());
    mode(&syncline.data(), 0o700);
    let Some(output) = output else { return };
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    assert!(message.contains("must be able to write there"), "{message}");
}

/// Everything in the directory is the stranger's, or this process's where it can give nothing away.
fn given_to_stranger(data: &Path) -> bool {
    let mine = std::fs::metadata(data).unwrap().uid();
    if mine != 0 {
        return false;
    }
    let files = std::fs::read_dir(data).unwrap();
    let files = files.map(|it| it.unwrap().path());
    for file in files.chain([data.to_owned()]) {
        std::os::unix::fs::chown(file, Some(STRANGER), Some(STRANGER)).unwrap();
    }
    true
}

/// What `doctor` advises on the database, and another command says of it; nobody is told to put an older state back.
fn advised(syncline: &Syncline, run: impl Fn(Command) -> Option<Output>) -> Option<String> {
    let output = run(syncline.command(&["doctor", "--output", "json"]))?;
    let found: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    let checks = found["checks"].as_array().unwrap();
    let database = checks.iter().find(|it| it["name"] == "database").unwrap();
    let advice = database["advice"].as_str().unwrap().to_owned();
    for command in [
        &["tenant", "list"][..],
        &["serve", "--tls", "off", "--listen", "127.0.0.1:0"],
    ] {
        let output = run(syncline.command(command))?;
        assert_eq!(output.status.code(), Some(1));
        let message = stderr(&output);
        assert!(message.contains(&format!("help: {advice}")), "{message}");
    }
    assert!(!advice.contains("restore the newest"), "{advice}");
    Some(advice)
}

#[test]
fn a_database_of_somebody_else_is_to_be_given_back_and_not_restored() {
    let syncline = installation();
    if !given_to_stranger(&syncline.data()) {
        eprintln!("NOT RUN: only the administrator gives files away");
        return;
    }
    let file = syncline.data().join("syncline.db");
    std::os::unix::fs::chown(&file, Some(0), Some(0)).unwrap();
    let Some(advice) = advised(&syncline, as_stranger_whoever_owns_it) else {
        return;
    };
    for part in ["belongs to the user root", "(chown "] {
        assert!(advice.contains(part), "{advice}");
    }
}

#[test]
fn a_directory_that_its_owner_may_not_write_to_is_to_be_opened_and_not_restored() {
    let syncline = installation();
    let given = given_to_stranger(&syncline.data());
    mode(&syncline.data(), 0o500);
    let advice = advised(&syncline, |mut command| match given {
        true => as_stranger_whoever_owns_it(command),
        false => Some(command.output().unwrap()),
    });
    mode(&syncline.data(), 0o700);
    let Some(advice) = advice else { return };
    assert!(advice.contains("chmod u+rwX"), "{advice}");
}

#[test]
fn a_process_that_may_open_too_few_files_recommends_no_restore() {
    let syncline = installation();
    let mut counted = 0;
    for files in 4..40 {
        let mut command = Command::new("sh");
        let limited = format!("ulimit -n {files} && exec \"$@\"");
        command
            .args(["-c", &limited, "sh"])
            .arg(env!("CARGO_BIN_EXE_syncline"))
            .arg("--data")
            .arg(syncline.data())
            .args(["doctor"])
            .env_remove("SYNCLINE_DATABASE");
        let output = command.output().unwrap();
        let told = format!(
            "{}{}",
            stderr(&output),
            String::from_utf8_lossy(&output.stdout)
        );
        assert!(!told.contains("restore the newest"), "{files}: {told}");
        counted += u32::from(told.contains("LimitNOFILE"));
    }
    assert!(counted > 0);
}

#[test]
fn what_the_administrator_restores_belongs_to_the_owner_of_the_directory() {
    let syncline = installation();
    let backup = syncline.data().with_file_name("monday.backup");
    syncline.json(&["backup", "--with-key", backup.to_str().unwrap()]);
    let other = Syncline::new();
    mode(other.data().parent().unwrap(), 0o755);
    std::fs::create_dir(other.data()).unwrap();
    mode(&other.data(), 0o700);
    if !given_to_stranger(&other.data()) {
        eprintln!("NOT RUN: only the administrator gives files away");
        return;
    }
    // Once to an empty place, and once over what is there.
    for force in [&[][..], &["--force"]] {
        let mut arguments = vec!["restore", backup.to_str().unwrap()];
        arguments.extend(force);
        other.json(&arguments);
        for file in std::fs::read_dir(other.data()).unwrap() {
            let file = file.unwrap();
            let found = file.metadata().unwrap();
            assert_eq!((found.uid(), found.gid()), (STRANGER, STRANGER), "{file:?}");
        }
        let list = other.command(&["tenant", "list"]);
        let Some(output) = as_stranger_whoever_owns_it(list) else {
            return;
        };
        assert!(output.status.success(), "{}", stderr(&output));
    }
}

#[test]
fn what_the_owner_of_the_directory_has_linked_there_is_neither_written_to_nor_given_to_him() {
    let syncline = installation();
    let elsewhere = syncline.data().with_file_name("elsewhere");
    std::fs::write(&elsewhere, "of somebody else").unwrap();
    if !given_to_stranger(&syncline.data()) {
        eprintln!("NOT RUN: only the administrator gives files away");
        return;
    }
    let absent = elsewhere.with_file_name("absent");
    let lock = syncline.data().join("lock");
    for linked in ["link", "link to nothing", "hard link"] {
        std::fs::remove_file(&lock).unwrap();
        match linked {
            "link" => std::os::unix::fs::symlink(&elsewhere, &lock).unwrap(),
            "hard link" => std::fs::hard_link(&elsewhere, &lock).unwrap(),
            _ => std::os::unix::fs::symlink(&absent, &lock).unwrap(),
        }
        let output = syncline.run(&["tenant", "list"]);
        assert_eq!(output.status.code(), Some(1), "{linked}");
        let message = stderr(&output);
        assert!(message.contains("who put it there"), "{linked}: {message}");
        assert!(!absent.exists(), "{linked}");
        let text = std::fs::read_to_string(&elsewhere).unwrap();
        assert_eq!(text, "of somebody else", "{linked}");
        assert_eq!(std::fs::metadata(&elsewhere).unwrap().uid(), 0, "{linked}");
    }
}

#[test]
fn what_the_administrator_makes_belongs_to_the_owner_of_the_directory() {
    let syncline = Syncline::new();
    mode(syncline.data().parent().unwrap(), 0o755);
    std::fs::create_dir(syncline.data()).unwrap();
    mode(&syncline.data(), 0o700);
    if !given_to_stranger(&syncline.data()) {
        eprintln!("NOT RUN: only the administrator gives files away");
        return;
    }
    syncline.tenant("contoso");
    syncline.serve(&["--no-scheduler"]).stop();
    let tls = syncline.data().join("tls");
    let mut names = Vec::new();
    for folder in [syncline.data(), tls] {
        for file in std::fs::read_dir(folder).unwrap() {
            let file = file.unwrap();
            let found = file.metadata().unwrap();
            let owner = (found.uid(), found.gid());
            assert_eq!(owner, (STRANGER, STRANGER), "{file:?}");
            names.push(file.file_name().into_string().unwrap());
        }
    }
    for name in ["key", "lock", "syncline.db", "tls", "server.key", "ca.pem"] {
        assert!(names.iter().any(|it| it == name), "{name}: {names:?}");
    }
    let list = syncline.command(&["tenant", "list"]);
    let Some(output) = as_stranger_whoever_owns_it(list) else {
        return;
    };
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_database_that_the_owner_of_the_directory_has_linked_is_neither_closed_nor_made() {
    let syncline = installation();
    let elsewhere = syncline.data().with_file_name("elsewhere");
    std::fs::write(&elsewhere, "of somebody else").unwrap();
    mode(&elsewhere, 0o644);
    if !given_to_stranger(&syncline.data()) {
        eprintln!("NOT RUN: only the administrator gives files away");
        return;
    }
    let absent = elsewhere.with_file_name("absent");
    let (database, key) = (
        syncline.data().join("syncline.db"),
        syncline.data().join("key"),
    );
    let link_to = |target: &Path| {
        std::fs::remove_file(&database).unwrap();
        std::os::unix::fs::symlink(target, &database).unwrap();
        std::os::unix::fs::lchown(&database, Some(STRANGER), Some(STRANGER)).unwrap();
    };
    link_to(&elsewhere);
    syncline.fails(&["tenant", "list"]);
    let found = std::fs::metadata(&elsewhere).unwrap();
    assert_eq!((found.mode() & 0o777, found.uid()), (0o644, 0));

    link_to(&absent);
    std::fs::remove_file(key).unwrap();
    let create = ["tenant", "create", "--domain", "contoso.example"];
    let message = syncline.fails(&[&create[..], &["--display-name", "Contoso"]].concat());
    assert!(message.contains("a link to nothing"), "{message}");
    assert!(!absent.exists());
}
