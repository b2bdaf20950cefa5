//! A file with settings of a server: what a flag or its variable says, by the name of the flag.
//!
//! Its values are given to the parser as what holds when nothing is typed, so that there is one list of settings, and one
//! way in which a value is checked.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
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

/// What is of a command and not of a server, by the names of the flags.
const NOT_OF_A_SERVER: [&str; 3] = ["output", "help", "version"];

/// The flag that names the file, which no file does.
const FILE: &str = "config";

/// The setting that may hold a password.
const DATABASE: &str = "database";

/// The command line, with what the named file says where neither a flag nor a variable does.
///
/// # Errors
/// The file can not be read, or says something that no flag of `serve` could.
pub fn command() -> Result<clap::Command, Failure> {
    let Some(path) = named(std::env::args_os().skip(1), std::env::var_os(VARIABLE)) else {
        return Ok(Cli::command());
    };
    match read(&path) {
        Ok(settings) => Ok(with(Cli::command(), settings)),
        Err(_) if needs_no_settings() => Ok(Cli::command()),
        Err(wrong) => Err(wrong),
    }
}

/// Whether help, the version or a completion script is asked for: whoever mends the file may need it.
fn needs_no_settings() -> bool {
    match Cli::command().try_get_matches() {
        Ok(matches) => matches.subcommand_name() == Some("completions"),
        Err(error) => matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
        ),
    }
}

/// The file that is named, before anything is parsed: what the parser says depends on it.
fn named(typed: impl Iterator<Item = OsString>, variable: Option<OsString>) -> Option<PathBuf> {
    let mut typed = typed.take_while(|it| it != "--");
    while let Some(word) = typed.next() {
        if word == "--config" {
            return typed.next().map(PathBuf::from);
        }
        if let Some(path) = word.as_bytes().strip_prefix(b"--config=") {
            return Some(PathBuf::from(OsStr::from_bytes(path)));
        }
    }
    variable.filter(|it| !it.is_empty()).map(PathBuf::from)
}

/// By the names of flags of `serve`.
type Settings = BTreeMap<String, String>;

fn read(path: &Path) -> Result<Settings, Failure> {
    if path.as_os_str().is_empty() {
        return Err(Failure::new("--config names no file")
            .with_help("name one, as `--config syncline.yaml`, or leave --config out"));
    }
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
    if settings.contains_key(DATABASE) {
        refuse_open(path)?;
    }
    Ok(settings)
}

/// The flags that a file may say.
fn known() -> Vec<Arg> {
    let mut flags = flags();
    flags.retain(|it| it.get_long() != Some(FILE));
    flags
}

/// The flags of `serve` that are settings of a server, global ones among them.
pub(super) fn flags() -> Vec<Arg> {
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
    let typed = name.replace('_', "-");
    let names = known.iter().filter_map(Arg::get_long);
    let alike = names.map(|it| (strsim::jaro_winkler(it, &typed), it));
    let nearest = alike.max_by(|(one, _), (other, _)| one.total_cmp(other));
    match nearest.filter(|(likeness, _)| *likeness > 0.85) {
        Some((_, meant)) => {
            format!("line {line}: there is no setting `{name}`; is `{meant}` meant?")
        }
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
    let parser = without_variables(Cli::command());
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

/// The parser, which looks into no variable of the environment.
fn without_variables(cli: clap::Command) -> clap::Command {
    let alone = |it: Arg| it.env(None::<&str>);
    cli.mut_args(alone)
        .mut_subcommand("serve", |it| it.mut_args(alone))
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
            "{shown} names a database, perhaps with a password, and everybody on this machine may read it"
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

#[cfg(test)]
mod tests {
    use clap::ArgMatches;

    use super::*;

    /// What `serve` is told by a file of these settings and these words.
    fn told(settings: &[(&str, &str)], words: &[&str]) -> ArgMatches {
        let settings = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let parser = without_variables(with(Cli::command(), settings.collect()));
        let typed = ["syncline", "serve"]
            .into_iter()
            .chain(words.iter().copied());
        let mut matches = parser.try_get_matches_from(typed).unwrap();
        matches.remove_subcommand().unwrap().1
    }

    #[test]
    fn a_switch_is_on_by_the_file_or_by_its_flag() {
        for (settings, words, on) in [
            (&[][..], &[][..], false),
            (&[("no-scheduler", "true")], &[], true),
            (&[("no-scheduler", "false")], &[], false),
            (&[("no-scheduler", "false")], &["--no-scheduler"], true),
        ] {
            let is_on = told(settings, words).get_flag("no_scheduler");
            assert_eq!(is_on, on, "{settings:?} {words:?}");
        }
    }

    #[test]
    fn a_value_is_that_of_the_file_or_of_its_flag() {
        let days = |settings: &[(&str, &str)], words: &[&str]| {
            let told = told(settings, words);
            told.get_one::<u32>("log_retention_days").copied()
        };
        let file = [("log-retention-days", "90")];
        assert_eq!(days(&[], &[]), None);
        assert_eq!(days(&file, &[]), Some(90));
        assert_eq!(days(&file, &["--log-retention-days", "7"]), Some(7));
    }

    /// A file may set all of them; each has a name that it is found by, once.
    #[test]
    fn every_setting_of_the_file_is_one_flag() {
        let mut names: Vec<String> = known()
            .iter()
            .filter_map(|it| it.get_long().map(str::to_owned))
            .collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert!(all > 20 && names.len() == all, "{names:?}");
        assert!(!names.contains(&FILE.to_owned()));
    }
}
