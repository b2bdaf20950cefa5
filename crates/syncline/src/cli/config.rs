//! A file with settings of a server: what a flag or its variable says, by the name of the flag.
//!
//! Its values are given to the parser as what holds when nothing is typed, so that there is one list of settings, and one
//! way in which a value is checked.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{Arg, CommandFactory as _};

use super::Cli;
use crate::declared::yaml;
use crate::failure::Failure;
use crate::given::Given;

const VARIABLE: &str = "SYNCLINE_CONFIG";
const MOST_BYTES: u64 = 1024 * 1024;

/// Nobody sets it: a variable can not be taken off a flag.
const NO_VARIABLE: &str = "SYNCLINE_NO_VARIABLE";

/// What is of a command and not of a server, by the names of the flags.
const NOT_OF_A_SERVER: [&str; 4] = ["output", "config", "help", "version"];

/// The setting that may hold a password.
const DATABASE: &str = "database";

/// The command line, with what the named file says where neither a flag nor a variable does.
///
/// # Errors
/// The file can not be read, or says something that no flag of `serve` could.
pub fn command() -> Result<clap::Command, Failure> {
    match named(std::env::args_os().skip(1), std::env::var_os(VARIABLE)) {
        Some(path) => Ok(with(Cli::command(), read(&path)?)),
        None => Ok(Cli::command()),
    }
}

/// The file that is named, before anything is parsed: what the parser says depends on it.
fn named(typed: impl Iterator<Item = OsString>, variable: Option<OsString>) -> Option<PathBuf> {
    let mut typed = typed.take_while(|it| it != "--");
    while let Some(word) = typed.next() {
        if word == "--config" {
            return typed.next().map(PathBuf::from);
        }
        let text = word.to_str().and_then(|it| it.strip_prefix("--config="));
        if let Some(path) = text {
            return Some(PathBuf::from(path));
        }
    }
    variable.filter(|it| !it.is_empty()).map(PathBuf::from)
}

/// By the names of flags of `serve`.
type Settings = BTreeMap<String, String>;

fn read(path: &Path) -> Result<Settings, Failure> {
    let given = Given::read(path, MOST_BYTES)?;
    let wrong = |told: &str| {
        Failure::new(format!("{}: {told}", path.display())).with_help(
            "a line is `listen: 127.0.0.1:8443`, the name of a flag of `syncline serve` and its value; docs/reference/settings.md lists them",
        )
    };
    // A file without a line is none of settings, and says nothing.
    // Its first line has the place; those behind it show the text, which may be a password.
    let settings: Option<Settings> =
        yaml::parse(&given.text).map_err(|told| wrong(told.lines().next().unwrap_or_default()))?;
    let settings = settings.unwrap_or_default();
    let known = known();
    for (name, value) in &settings {
        let at = line(&given.text, name);
        let Some(setting) = known.iter().find(|it| it.get_long() == Some(name)) else {
            return Err(wrong(&unknown(name, at, &known)));
        };
        refuse_value(setting, value).map_err(|told| wrong(&format!("line {at}: {told}")))?;
    }
    if settings.get(DATABASE).is_some_and(|it| it.contains('@')) {
        refuse_open(path)?;
    }
    Ok(settings)
}

/// The flags of `serve`, global ones among them.
fn known() -> Vec<Arg> {
    let mut cli = Cli::command();
    cli.build();
    let serve = cli.find_subcommand("serve");
    let all = serve.into_iter().flat_map(clap::Command::get_arguments);
    let is_setting = |it: &&Arg| {
        let name = it.get_long();
        !it.is_hide_set() && name.is_some_and(|it| !NOT_OF_A_SERVER.contains(&it))
    };
    all.filter(is_setting).cloned().collect()
}

fn unknown(name: &str, line: usize, known: &[Arg]) -> String {
    let mut names = known.iter().filter_map(Arg::get_long);
    let alike = |it: &&str| strsim::jaro_winkler(it, &name.replace('_', "-")) > 0.85;
    match names.find(alike) {
        Some(meant) => format!("line {line}: there is no setting `{name}`; is `{meant}` meant?"),
        None => format!("line {line}: there is no setting `{name}`"),
    }
}

/// What the parser has to say of a value, as if it were typed. No variable of the environment is in its way.
fn refuse_value(setting: &Arg, value: &str) -> Result<(), String> {
    let Some(name) = setting.get_long() else {
        return Ok(());
    };
    if !setting.get_action().takes_values() {
        let is_switch = ["true", "false"].contains(&value);
        return match is_switch {
            true => Ok(()),
            false => Err(format!("`{name}` is true or false")),
        };
    }
    let alone = |it: Arg| match it.get_env() {
        Some(_) => it.env(NO_VARIABLE),
        None => it,
    };
    let parser = Cli::command().mut_args(alone);
    let parser = parser.mut_subcommand("serve", |it| it.mut_args(alone));
    let typed = ["syncline", "serve", &format!("--{name}={value}")].map(str::to_owned);
    match parser.try_get_matches_from(typed) {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::InvalidValue | ErrorKind::ValueValidation
            ) =>
        {
            let told = error.to_string();
            let told = told.lines().next().unwrap_or_default();
            Err(told.trim_start_matches("error: ").to_owned())
        }
        // What it has to say of the others it says of all together.
        _ => Ok(()),
    }
}

/// Where a key stands.
fn line(text: &str, name: &str) -> usize {
    let is_it = |line: &str| {
        let key = line.split(':').next().unwrap_or_default().trim();
        key.trim_matches(['"', '\'']) == name
    };
    text.lines().position(is_it).map_or(1, |at| at + 1)
}

/// Whoever may read the file may enter the database.
fn refuse_open(path: &Path) -> Result<(), Failure> {
    let found = std::fs::metadata(path).map_err(|error| Failure::file("read", path, &error))?;
    if found.is_file() && found.permissions().mode() & 0o004 != 0 {
        let shown = path.display();
        return Err(Failure::new(format!(
            "{shown} names a database with its user, and everybody on this machine may read it"
        ))
        .with_help(format!("close it to others: `chmod o= {shown}`")));
    }
    Ok(())
}

fn with(cli: clap::Command, settings: Settings) -> clap::Command {
    let global: Vec<String> = cli
        .get_arguments()
        .filter_map(|it| it.get_long().map(str::to_owned))
        .collect();
    settings.into_iter().fold(cli, |cli, (name, value)| {
        let holds = |it: Arg| {
            let is_it = it.get_long() == Some(&name);
            match is_it {
                // Help shows defaults.
                true => it
                    .default_value(value.clone())
                    .hide_default_value(name == DATABASE),
                false => it,
            }
        };
        match global.contains(&name) {
            true => cli.mut_args(holds),
            false => cli.mut_subcommand("serve", |it| it.mut_args(holds)),
        }
    })
}
