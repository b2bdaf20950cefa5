//! Speed and memory of cycles on generated people: `make bench`.
//!
//! For each size a data folder is filled with a [`population`] and taken through the steps of the
//! [`scenario`], each in a process of its own ([`measure`]); the figures are printed as a [`table`]
//! or as JSON, and written to the reference when asked.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool"
)]

mod ceiling;
mod changes;
mod grouped;
mod import;
mod ldif;
mod measure;
mod membership;
mod nodes;
mod nodes_page;
mod page;
mod population;
mod prepare;
mod ratios;
mod scenario;
mod scope;
mod seam;
mod step;
mod table;
mod world;

use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use syncline_model::Clock as _;

use grouped::grouped;
use measure::{Printed, Run};
use population::Population;
use scenario::Scale;
use scope::Scope;
use step::Step;
use table::Style;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Speed and memory of cycles on generated people.
#[derive(Parser)]
#[command(
    name = "benches",
    args_conflicts_with_subcommands = true,
    after_help = "Example: make bench ARGS=\"--people 10000,100000 --output json\""
)]
struct Options {
    #[command(subcommand)]
    child: Option<Child>,
    #[command(flatten)]
    bench: Bench,
}

#[derive(Args)]
struct Bench {
    /// How many people; several sizes with commas. The targets speak of 10000, 30000, 300000, 1000000 and
    /// 3000000; other sizes stand in for those that are missing
    #[arg(long, value_delimiter = ',', default_value = "10000,100000", value_parser = people())]
    people: Vec<u64>,
    #[command(flatten)]
    same: Same,
    /// How often each step but the import is run, an odd number; the middle counts
    #[arg(long, default_value_t = 3, value_parser = rounds)]
    rounds: u8,
    /// Where the data folders are made, of all sizes at once [default: the system's temporary folder]
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
    /// Leave out the membership change in a group of 50,000
    #[arg(long)]
    no_membership: bool,
    /// Also write the figures to this page
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// What every process of a run must agree on.
#[derive(Args, Clone, Copy)]
struct Same {
    /// Another seed makes other people
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Changes before the last cycle; more would reach the accidental-deletion threshold
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(0..=2000))]
    changes: u64,
    /// Who is in scope
    #[arg(long, value_enum, default_value = "all")]
    scope: Scope,
}

#[derive(Subcommand)]
enum Child {
    /// One step in a folder that the steps before it have left; prints JSON
    #[command(hide = true)]
    Step {
        step: Step,
        #[arg(long)]
        folder: PathBuf,
        #[arg(long, value_parser = people())]
        people: u64,
        #[command(flatten)]
        same: Same,
    },
    /// One membership change in a large group; prints JSON
    #[command(hide = true)]
    Membership {
        #[arg(long)]
        folder: PathBuf,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// One node and two on one PostgreSQL: `make bench-nodes`
    Nodes {
        /// The server, `postgres://…` without a query; two schemas are made there
        #[arg(long, env = "SYNCLINE_TEST_DATABASE", hide_env_values = true)]
        database: String,
        #[arg(long, value_parser = people())]
        people: u64,
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[arg(long, value_enum, default_value = "text")]
        output: Output,
        /// Also write the figures to this page
        #[arg(long, value_name = "FILE")]
        write: Option<PathBuf>,
    },
    /// One node of that measurement; prints JSON
    #[command(hide = true)]
    Node {
        stage: nodes::Stage,
        #[arg(long)]
        folder: PathBuf,
    },
    /// The people as LDIF, for the comparison with OpenLDAP
    #[command(hide = true)]
    Ldif {
        #[arg(long, value_parser = people())]
        people: u64,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// A data folder with people, for a server under load; prints its credentials as JSON
    #[command(hide = true)]
    Prepare {
        #[arg(long)]
        folder: PathBuf,
        #[arg(long, value_parser = people())]
        people: u64,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Text,
    Json,
}

/// Fewer would not fill the departments.
fn people() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(50..=10_000_000)
}

/// An even number has no middle.
fn rounds(text: &str) -> std::result::Result<u8, String> {
    match text.parse() {
        Ok(rounds) if rounds % 2 == 1 => Ok(rounds),
        _ => Err("must be an odd number from 1 to 255".to_owned()),
    }
}

/// The product's.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match options.child {
        Some(Child::Step {
            step,
            folder,
            people,
            same,
        }) => child(step, &folder, people, same),
        Some(Child::Membership { folder, seed }) => {
            membership::run(&folder, membership::LARGE, seed)
                .and_then(|it| Ok(serde_json::to_string(&it)?))
                .map(|printed| println!("{printed}"))
        }
        Some(Child::Nodes {
            database,
            people,
            seed,
            output,
            write,
        }) => nodes_bench(
            &database,
            Population::new(people, seed),
            output,
            write.as_deref(),
        ),
        Some(Child::Node { stage, folder }) => {
            nodes::node(&folder, stage).map(|printed| println!("{printed}"))
        }
        Some(Child::Ldif { people, seed }) => {
            let mut out = BufWriter::new(io::stdout().lock());
            ldif::write(Population::new(people, seed), &mut out).map_err(Into::into)
        }
        Some(Child::Prepare {
            folder,
            people,
            seed,
        }) => prepare::run(&folder, Population::new(people, seed))
            .map(|printed| println!("{printed}")),
        None => bench(&options.bench),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Same {
    fn scale(self, people: u64) -> Scale {
        Scale {
            population: Population::new(people, self.seed),
            changes: self.changes,
            scope: self.scope,
        }
    }
}

fn child(step: Step, folder: &Path, people: u64, same: Same) -> Result<()> {
    let done = scenario::run(step, folder, same.scale(people))?;
    let printed = Printed {
        done,
        peak_memory_bytes: measure::peak_memory_bytes(),
    };
    println!("{}", serde_json::to_string(&printed)?);
    Ok(())
}

fn bench(options: &Bench) -> Result<()> {
    if cfg!(debug_assertions) {
        eprintln!("This is a debug build, several times slower; use `make bench`.");
    }
    let runs = all_sizes(options)?;
    let membership = match options.no_membership {
        true => None,
        false => Some(membership_change(options)?),
    };
    let ratios = ratios::of(&runs, membership);
    let machine = measure::machine();
    let now = seam::SystemClock.now();
    match options.output {
        Output::Json => {
            let all = serde_json::json!({ "at": now.to_string(), "machine": machine, "seed": options.same.seed, "runs": runs, "membership": membership, "ratios": ratios });
            println!("{}", serde_json::to_string_pretty(&all)?);
        }
        Output::Text => {
            println!("{}\n", table::steps(&runs, Style::Terminal));
            println!("{}\n", table::ratios(&ratios, Style::Terminal));
            println!("{}", table::sizes(&runs, Style::Terminal));
        }
    }
    if let Some(file) = &options.write {
        std::fs::write(
            file,
            page::render(file, &runs, &ratios, &machine, options.same.seed, now),
        )?;
    }
    Ok(())
}

fn nodes_bench(
    database: &str,
    population: Population,
    output: Output,
    write: Option<&Path>,
) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let figures = nodes::run(folder.path(), database, population, |what| {
        eprintln!("{what} …")
    })?;
    let machine = measure::machine();
    let now = seam::SystemClock.now();
    match output {
        Output::Json => {
            let all = serde_json::json!({ "at": now.to_string(), "machine": machine, "seed": population.seed, "figures": figures });
            println!("{}", serde_json::to_string_pretty(&all)?);
        }
        Output::Text => {
            println!("{}\n", nodes_page::figures(&figures, Style::Terminal));
            println!("{}", nodes_page::circumstances(&figures));
        }
    }
    if let Some(file) = write {
        let page = nodes_page::render(file, &figures, &machine, population.seed, now);
        std::fs::write(file, page)?;
    }
    Ok(())
}

fn membership_change(options: &Bench) -> Result<membership::Membership> {
    let folder = folder(options)?;
    eprintln!("a group of {} …", grouped(membership::LARGE as u64));
    measure::membership(&folder.path().join("data"), options.same.seed)
}

fn folder(options: &Bench) -> Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("syncline-bench-");
    Ok(match &options.folder {
        Some(parent) => builder.tempdir_in(parent)?,
        None => builder.tempdir()?,
    })
}

fn all_sizes(options: &Bench) -> Result<Vec<Run>> {
    let folders = options
        .people
        .iter()
        .map(|_| folder(options))
        .collect::<Result<Vec<_>>>()?;
    let sizes: Vec<_> = folders
        .iter()
        .zip(&options.people)
        .map(|(folder, people)| (folder.path(), options.same.scale(*people)))
        .collect();
    measure::all_steps(&sizes, usize::from(options.rounds), |people, step| {
        eprintln!("{} people: {step:?} …", grouped(people))
    })
}
