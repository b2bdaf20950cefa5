//! What can be typed: flags and sub-commands, and what runs them.

mod apply;
mod backup;
mod config;
mod deleted;
mod demo;
mod explain;
mod expression;
mod import;
mod jobs;
mod keys;
mod links;
mod logs;
mod observability;
mod plan;
mod restore;
mod schema;
mod serve;
#[cfg(test)]
mod settings;
mod tenant;
mod tenant_delete;
mod undo;
mod usage;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use clap_complete::Shell;

use crate::commands::Command;
use crate::commands::doctor::Doctor;
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::progress::Bar;
use crate::session;
use crate::telemetry::{self, LogFormat, Telemetry};

/// Keeps people and groups in step across directory tenants, and speaks Microsoft Graph.
#[derive(Debug, Parser)]
#[command(name = "syncline", version, arg_required_else_help = true, after_help = EXAMPLE)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Typed,
}

const EXAMPLE: &str = "\
Examples:
  syncline demo                     two tenants, the whole walk-through, then a server to look at
  syncline tenant create --domain contoso.example --display-name Contoso
  syncline import --tenant contoso.example users.csv --groups groups.csv
  syncline serve
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
With --output json a command that cannot be carried out prints {\"error\": {\"message\": …, \"help\": …}}, and messages for people
to stderr. One that was carried out and has bad news (exit code 1) prints its answer; why a cycle failed or would fail is
{\"code\": …, \"message\": …} in it.";

/// Flags of every command.
#[derive(Clone, Debug, clap::Args)]
pub struct Global {
    /// The data directory: database, key, certificates [default: ./syncline-data]
    #[arg(long, global = true, value_name = "DIR", env = "SYNCLINE_DATA")]
    data: Option<PathBuf>,
    /// A PostgreSQL database, of any number of nodes, instead of the file in the data directory:
    /// postgres://USER:PASSWORD@HOST:PORT/NAME. Other users of this machine can see a
    /// command line, but not the environment variable. The demo uses no database server [default: the file]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "SYNCLINE_DATABASE",
        hide_env_values = true
    )]
    database: Option<String>,
    /// A file with settings of `serve`, a line for each, as `listen: 0.0.0.0:443`; flags and variables win over it
    #[arg(long, global = true, value_name = "FILE", env = "SYNCLINE_CONFIG")]
    config: Option<PathBuf>,
    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(super) output: Format,
    /// What is logged on stderr, e.g. `info` or `syncline=debug`
    #[arg(
        long,
        global = true,
        value_name = "FILTER",
        env = "SYNCLINE_LOG",
        hide_env_values = true
    )]
    log: Option<String>,
    /// How log lines are written
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        env = "SYNCLINE_LOG_FORMAT",
        default_value_t = LogFormat::Text,
        hide_env_values = true
    )]
    log_format: LogFormat,
}

#[derive(Debug, Subcommand)]
enum Typed {
    Demo(demo::Demo),
    Serve(serve::Serve),
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    Import(import::Import),
    #[command(subcommand)]
    Deleted(deleted::Deleted),
    #[command(subcommand)]
    Jobs(jobs::Jobs),
    Plan(plan::Plan),
    Undo(undo::Undo),
    Apply(apply::Apply),
    Explain(explain::Explain),
    Links(links::Links),
    Logs(logs::Logs),
    #[command(subcommand)]
    Expression(expression::Expression),
    #[command(subcommand)]
    Schema(schema::Schema),
    Backup(backup::Backup),
    Restore(restore::Restore),
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Looks for damage in the data directory, and says what to do about it
    #[command(after_help = "Example:\n  syncline doctor --data ./syncline-data")]
    Doctor,
    /// Prints a completion script for a shell
    #[command(
        after_help = "Example:\n  syncline completions bash > /etc/bash_completion.d/syncline"
    )]
    Completions {
        shell: Shell,
    },
}

/// Parses the command line, runs it, and says how it went.
pub fn main() -> ExitCode {
    let command = config::command().unwrap_or_else(|failure| usage::wrong_file(&failure));
    let matches = command.try_get_matches();
    let cli = matches.and_then(|it| Cli::from_arg_matches(&it));
    let cli = cli.unwrap_or_else(|error| usage::exit(&error));
    let format = cli.global.output;
    match run(cli) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            output::failure(&failure);
            // What reads documents gets one from a command that failed, too.
            if format == Format::Json
                && let Ok(document) = output::json(&failure_document(&failure))
            {
                // Exit code and stderr say it, too.
                let _ = output::document(&document);
            }
            failure.exit_code.map_or(ExitCode::FAILURE, ExitCode::from)
        }
    }
}

fn failure_document(failure: &Failure) -> serde_json::Value {
    let mut error = serde_json::json!({ "message": failure.message });
    if let Some(help) = &failure.help {
        error["help"] = help.as_str().into();
    }
    serde_json::json!({ "error": error })
}

fn run(cli: Cli) -> Result<bool, Failure> {
    let global = cli.global;
    match cli.command {
        Typed::Serve(serve) => {
            let tls = serve.tls().unwrap_or_else(|wrong| usage::conflict(wrong));
            let collector = serve.observability.collector();
            let telemetry = telemetry(&global, "info,refinery_core=warn", collector)?;
            let served = serve.run(tls, &data(&global)?);
            telemetry.end();
            served
        }
        Typed::Demo(demo) => {
            if global.output == Format::Json {
                // Its steps are for reading; a document that holds none of them would be a lie.
                usage::conflict(
                    "the demo tells its steps to people and has no JSON; run it without --output json, and ask `syncline jobs show --output json` afterwards",
                );
            }
            refuse_server(&global)?;
            let telemetry = telemetry(&global, "warn", demo.observability.collector())?;
            let shown = demo.run(global.data.map(DataDir::new));
            telemetry.end();
            shown
        }
        Typed::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "syncline", &mut script);
            output::print(&String::from_utf8_lossy(&script))?;
            Ok(true)
        }
        Typed::Expression(expression) => expression.run(global.output),
        Typed::Schema(schema) => schema.run(&global),
        Typed::Tenant(tenant) => tenant.run(&global),
        Typed::Import(import) => execute(&global, &import.command()?),
        Typed::Deleted(deleted) => execute(&global, &deleted.command()),
        Typed::Jobs(jobs) => execute(&global, &jobs.command()),
        Typed::Plan(plan) => execute(&global, &plan.command()?),
        Typed::Undo(undo) => execute(&global, &undo.command()),
        Typed::Apply(apply) => execute(&global, &apply.command()?),
        Typed::Explain(explain) => execute(&global, &explain.command()),
        Typed::Links(links) => execute(&global, &links.command()?),
        Typed::Logs(logs) => execute(&global, &logs.command()),
        Typed::Backup(backup) => execute(&global, &backup.command()?),
        Typed::Restore(restore) => {
            let telemetry = telemetry(&global, "warn", None)?;
            let data = data(&global)?;
            let restored = restore.run(&data);
            telemetry.end();
            let restored = restored.map_err(|failure| failure.of(&data))?;
            match global.output {
                Format::Json => output::document(&output::json(&restored)?)?,
                Format::Text => output::print(&restored.text())?,
            }
            Ok(true)
        }
        Typed::Keys(keys) => keys.run(&global),
        Typed::Doctor => execute(&global, &Command::Doctor(Doctor {})),
    }
}

/// A demo's key and file in the directory of a node would be in the way of the database that the node has.
fn refuse_server(global: &Global) -> Result<(), Failure> {
    let Some(path) = &global.data else {
        return Ok(());
    };
    if global.database.is_none() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "a database server is named for {}, and the demo uses none",
        path.display()
    ))
    .with_help("leave --database, SYNCLINE_DATABASE and `database` of a --config file out; or leave --data, SYNCLINE_DATA and `data` there out, and the demo works in a temporary folder"))
}

/// Runs a command and prints its answer.
pub(super) fn execute(global: &Global, command: &Command) -> Result<bool, Failure> {
    let telemetry = telemetry(global, "warn", None)?;
    let answer = ask(global, command);
    telemetry.end();
    show(global, command, answer?)
}

/// Runs a command, and shows how far it is.
fn ask(global: &Global, command: &Command) -> Result<serde_json::Value, Failure> {
    let bar = Bar::new();
    let answer = session::run(&data(global)?, command, &bar);
    bar.finish();
    answer
}

/// Prints the answer to a command, and says whether it is good news.
fn show(global: &Global, command: &Command, answer: serde_json::Value) -> Result<bool, Failure> {
    let document = format!("{answer:#}");
    let (text, good) = command.render(answer)?;
    let written = match global.output {
        Format::Json => output::document(&document),
        Format::Text => output::print(&text),
    };
    written.map_err(|failure| match command.when_unread() {
        Some(help) => failure.with_help(help),
        None => failure,
    })?;
    Ok(good)
}

const DEFAULT_DATA: &str = "./syncline-data";

fn data(global: &Global) -> Result<DataDir, Failure> {
    // Not checked by the parser, whose message would repeat the password.
    let database = match global.database.as_deref() {
        None => None,
        // A secret that did not arrive, say: what was done in the file meanwhile would be missed on the server.
        Some("") => {
            return Err(Failure::new(
                "--database or SYNCLINE_DATABASE is empty, and names no database",
            )
            .with_help(
                "name the database; to work on the file in the data directory, remove the variable",
            ));
        }
        Some(url) => Some(url.parse().map_err(|error: String| {
            Failure::new(error).with_help(
                "correct --database, SYNCLINE_DATABASE, or what the file of settings says",
            )
        })?),
    };
    let path = global
        .data
        .clone()
        .unwrap_or_else(|| PathBuf::from(DEFAULT_DATA));
    Ok(DataDir::new(path).with_database(database))
}

/// Log lines go to stderr, traces to a collector when one is named.
fn telemetry(
    global: &Global,
    default: &str,
    otlp_endpoint: Option<&str>,
) -> Result<Telemetry, Failure> {
    Telemetry::start(&telemetry::Settings {
        filter: global.log.as_deref().unwrap_or(default),
        format: global.log_format,
        otlp_endpoint,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::signing_key_replace::SigningKeyReplace;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_flag_says_what_it_is_for() {
        fn check(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            for flag in command.get_arguments().filter(|it| it.get_long().is_some()) {
                assert!(
                    flag.get_help().is_some(),
                    "{path} --{} has no help",
                    flag.get_id()
                );
            }
            command.get_subcommands().for_each(|it| check(it, &path));
        }
        check(&Cli::command(), "");
    }

    #[test]
    fn every_command_has_an_example() {
        fn check(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(help.contains("Example"), "{path} has no example");
            command.get_subcommands().for_each(|it| check(it, &path));
        }
        check(&Cli::command(), "");
    }

    /// What is typed, a line for each command, as the page names some of them by their first words. FILE is there.
    const LINES: [&str; 38] = [
        "tenant create --domain contoso.example --display-name Contoso",
        "tenant list",
        "tenant rename --tenant contoso.example Contoso",
        "tenant delete --tenant contoso.example --dry-run",
        "tenant domain add --tenant contoso.example contoso.de",
        "tenant domain remove --tenant contoso.example contoso.de",
        "tenant recover contoso.example",
        "import --tenant contoso.example FILE",
        "import --dry-run --tenant contoso.example FILE",
        "deleted list --tenant contoso.example",
        "deleted restore --tenant contoso.example --all",
        "jobs list",
        "jobs show --job J",
        "jobs run --job J",
        "jobs run --wait --job J",
        "jobs start --job J",
        "jobs pause --job J",
        "jobs restart --job J",
        "logs",
        "logs --user ana",
        "plan --job J",
        "plan --job J --file FILE",
        "plan --file FILE",
        "undo --job J --since 2026-01-31",
        "apply FILE",
        "explain --job J --user ana",
        "explain --job J --group Sales",
        "explain --job J --user ana --group Sales",
        "links --job J",
        "links --job J --unlinked",
        "schema export --job J",
        "schema export --job J --previous 1",
        "schema previous --job J",
        "schema import --job J FILE",
        "backup FILE",
        "backup --with-key FILE",
        "keys replace --signing",
        "doctor",
    ];

    fn command(line: &str, file: &str) -> Command {
        let words = line.split(' ').map(|word| match word {
            "FILE" => file,
            word => word,
        });
        let cli = Cli::try_parse_from(std::iter::once("syncline").chain(words)).unwrap();
        match cli.command {
            Typed::Tenant(it) => it.command(),
            Typed::Import(it) => it.command().unwrap(),
            Typed::Deleted(it) => it.command(),
            Typed::Jobs(it) => it.command(),
            Typed::Plan(it) => it.command().unwrap(),
            Typed::Undo(it) => it.command(),
            Typed::Apply(it) => it.command().unwrap(),
            Typed::Explain(it) => it.command(),
            Typed::Links(it) => it.command().unwrap(),
            Typed::Logs(it) => it.command(),
            Typed::Schema(it) => it.command().unwrap().unwrap(),
            Typed::Backup(it) => it.command().unwrap(),
            Typed::Keys(_) => Command::SigningKeyReplace(SigningKeyReplace {}),
            Typed::Doctor => Command::Doctor(Doctor {}),
            other => panic!("{other:?} works on no data directory"),
        }
    }

    /// Whoever waits for a cycle that a command runs reads there what can be done meanwhile.
    #[test]
    fn the_page_on_emergencies_names_just_what_works_beside_a_cycle() {
        let page = include_str!("../../../../docs/operations/emergencies.md");
        let (_, said) = page
            .split_once("While a command runs a cycle without a server, ")
            .unwrap();
        let (said, _) = said.split_once(" work beside it").unwrap();
        let named: Vec<String> = said
            .split('`')
            .skip(1)
            .step_by(2)
            .map(|words| format!("{} ", words.trim()))
            .collect();
        assert!(named.len() > 5, "{said}");

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sync.yaml");
        std::fs::write(
            &file,
            "configurations:\n  - { name: A, source: a.example, target: b.example }\n",
        )
        .unwrap();
        let file = file.to_str().unwrap();
        let mut seen: Vec<String> = Vec::new();
        for line in LINES {
            let command = command(line, file);
            let is_named = named
                .iter()
                .any(|words| format!("{line} ").starts_with(words.as_str()));
            assert_eq!(command.works_beside_a_cycle(), is_named, "{line}: {said}");
            let shown = format!("{command:?}");
            seen.extend(shown.split('(').next().map(str::to_owned));
        }
        for words in &named {
            let typed = |line: &&str| format!("{line} ").starts_with(words.as_str());
            assert!(LINES.iter().any(typed), "{words}");
        }
        // A command that is new is asked as well.
        for variant in Command::VARIANTS {
            assert!(seen.iter().any(|it| it == variant), "{variant}");
        }
    }
}
