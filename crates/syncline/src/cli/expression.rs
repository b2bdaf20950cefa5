//! `syncline expression …`.

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use syncline_expression::functions;
use syncline_model::Timestamp;

use crate::expression::{self, Input};
use crate::failure::Failure;
use crate::output::Format;

/// Tries, checks and explains mapping expressions, without any data directory
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  syncline expression eval 'Join(\" \", [givenName], [surname])' --attributes '{\"givenName\": \"Ana\", \"surname\": \"Souza\"}'
  syncline expression check 'tolower([mail])'
  syncline expression functions Join
  syncline expression repl --attributes ana.json")]
pub enum Expression {
    /// Evaluates an expression on attributes and prints what comes out
    #[command(after_help = "\
Examples:
  syncline expression eval 'ToLower([mail])' --attributes '{\"mail\": \"Ana@contoso.example\"}' --output json
  syncline expression eval 'DateDiff(\"d\", Now(), [hired])' --attributes ana.json --now 2026-01-31T12:00:00Z
With --output json: {\"value\": …, \"type\": \"String\"}, value null for none; {\"value\": null, \"type\": \"Ignored\"}
when the attribute does not flow; {\"error\": {…}, \"diagnostics\": […]} and exit code 1 when it cannot be evaluated.")]
    Eval {
        /// The expression
        #[arg(allow_hyphen_values = true)]
        expression: String,
        #[command(flatten)]
        input: Typed,
    },
    /// Checks an expression without evaluating it
    #[command(after_help = "\
Examples:
  syncline expression check 'Guid()' --always
  syncline expression check '[givenName]' --required --output json
Exit code 1 when something is wrong with it.")]
    Check {
        /// The expression
        #[arg(allow_hyphen_values = true)]
        expression: String,
        /// Check as for a mapping that flows in every cycle: refuse an expression that yields another value each time
        #[arg(long)]
        always: bool,
        /// Check as for a target attribute that must have a value: refuse an expression that may yield none
        #[arg(long)]
        required: bool,
        #[command(flatten)]
        input: Typed,
    },
    /// Lists the functions, or explains one of them
    #[command(after_help = "\
Examples:
  syncline expression functions
  syncline expression functions Switch")]
    Functions {
        /// Only this function, with its parameters and examples
        #[arg(value_parser = PossibleValuesParser::new(functions().iter().map(|it| it.name)), hide_possible_values = true)]
        name: Option<String>,
    },
    /// Reads expressions line by line and answers each
    #[command(after_help = "\
Example:
  syncline expression repl --attributes '{\"mail\": \"Ana@contoso.example\"}'
Type `:help` in it. A line that ends with a backslash goes on in the next one.")]
    Repl {
        #[command(flatten)]
        input: Typed,
    },
}

/// What an expression is evaluated on.
#[derive(Debug, Args)]
pub struct Typed {
    /// The attributes it may name, as a JSON object or a file that holds one; null is a text without a
    /// value. Without this flag it may name those of a user, none of which has a value
    #[arg(long, value_name = "JSON|FILE")]
    attributes: Option<String>,
    /// What `Now()` says [default: the present time]
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    now: Option<Timestamp>,
    /// What `Guid()` and `RandomString()` are drawn from; the same seed gives the same values [default: a random one]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// What `DefaultDomain()` yields
    #[arg(long, value_name = "D")]
    default_domain: Option<String>,
    /// How many characters an expression may have
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max_length: u32,
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "write a time such as 2026-01-31T12:00:00Z".to_owned())
}

impl Typed {
    fn input(self) -> Result<Input, Failure> {
        Input::new(
            self.attributes.as_deref(),
            self.now,
            self.seed,
            self.default_domain,
            self.max_length as usize,
        )
    }
}

impl Expression {
    pub fn run(self, format: Format) -> Result<bool, Failure> {
        match self {
            Self::Eval { expression, input } => {
                expression::eval::run(&expression, &input.input()?, format)
            }
            Self::Check {
                expression,
                always,
                required,
                input,
            } => {
                let place = expression::check::Place { always, required };
                let input = input.input()?;
                expression::check::run(&expression, place, &input, format)
            }
            Self::Functions { name } => {
                expression::list::run(name.as_deref(), format)?;
                Ok(true)
            }
            Self::Repl { input } => expression::repl::run(input.input()?, format),
        }
    }
}
