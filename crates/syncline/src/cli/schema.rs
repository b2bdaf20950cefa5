//! `syncline schema …`.

use std::path::PathBuf;

use clap::Subcommand;

use super::Global;
use crate::commands::Command;
use crate::commands::previous_schema::PreviousSchema;
use crate::commands::previous_schemas::PreviousSchemas;
use crate::commands::schema_export::SchemaExport;
use crate::commands::schema_import::SchemaImport;
use crate::failure::Failure;
use crate::given::Given;
use crate::schema_test;

/// Synchronization schemas as files
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  syncline schema export --job Azure2Azure.0123….4567… > schema.json
  syncline schema test examples/default-schema.test.json")]
pub enum Schema {
    /// Prints the schema of a job, to be changed and then tried with `syncline plan --file`
    #[command(after_help = "\
Examples:
  syncline schema export --job Azure2Azure.0123….4567… > schema.json
  syncline schema export --job Azure2Azure.0123….4567… --previous 1 > before.json")]
    Export {
        /// Id of the job, as `syncline jobs list` shows it, or the name of its configuration
        #[arg(long, value_hint = clap::ValueHint::Other)]
        job: String,
        /// The one that the job had before instead: 1 is the last one that was replaced (`schema previous` lists them)
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..))]
        previous: Option<u8>,
    },
    /// Lists the schemas that a job had before, ten at most, and when each was replaced
    #[command(after_help = "\
Example:
  syncline schema previous --job Azure2Azure.0123….4567…
docs/recipes/undo-a-wrong-cycle.md says how to take a job back to one of them.")]
    Previous {
        /// Id of the job, as `syncline jobs list` shows it, or the name of its configuration
        #[arg(long, value_hint = clap::ValueHint::Other)]
        job: String,
    },
    /// Saves a schema in place of a job's, checked as a whole; the next cycle follows it
    #[command(after_help = "\
Example:
  syncline schema import --job Azure2Azure.0123….4567… schema.json
Exit code 1 if the file is no valid schema, or if its `version` is not the one that the job's schema
has now: it was changed since the export. Nothing is saved then. `syncline plan --file` says beforehand what the next cycle would do.")]
    Import {
        /// Id of the job, as `syncline jobs list` shows it, or the name of its configuration
        #[arg(long, value_hint = clap::ValueHint::Other)]
        job: String,
        /// What `syncline schema export` or GET …/schema answers, changed
        #[arg(value_hint = clap::ValueHint::FilePath)]
        file: PathBuf,
        /// Save it even if the job's schema was changed since the file was exported
        #[arg(long)]
        force: bool,
    },
    /// Runs unit tests for mappings: source attributes, and the target attributes they should make
    #[command(after_help = "\
Examples:
  syncline schema test examples/default-schema.test.json
  syncline schema test mappings.test.json --min-coverage 90 --output json
Exit code 1 when a case fails, or when fewer branches are reached than --min-coverage asks for.
docs/recipes/test-a-mapping.md explains what a file holds.")]
    Test {
        /// The file of cases
        file: PathBuf,
        /// Fail if fewer than this percentage of branches are reached
        #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
        min_coverage: u8,
    },
}

impl Schema {
    pub(super) fn run(self, global: &Global) -> Result<bool, Failure> {
        // Needs no data directory.
        if let Self::Test { file, min_coverage } = &self {
            return schema_test::run(file, usize::from(*min_coverage), global.output);
        }
        match self.command()? {
            Some(command) => super::execute(global, &command),
            None => Ok(true),
        }
    }

    /// `None`: it works on no data directory.
    pub(super) fn command(self) -> Result<Option<Command>, Failure> {
        Ok(Some(match self {
            Self::Export {
                job,
                previous: None,
            } => Command::SchemaExport(SchemaExport { job }),
            Self::Export {
                job,
                previous: Some(number),
            } => Command::PreviousSchema(PreviousSchema { job, number }),
            Self::Previous { job } => Command::PreviousSchemas(PreviousSchemas { job }),
            Self::Import { job, file, force } => {
                let file = Given::read(&file, Given::SCHEMA)?;
                Command::SchemaImport(SchemaImport { job, file, force })
            }
            Self::Test { .. } => return Ok(None),
        }))
    }
}
