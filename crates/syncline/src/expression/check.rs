//! `syncline expression check`.

use serde_json::json;
use syncline_expression::{Diagnostic, Program};

use super::{Input, report};
use crate::failure::Failure;
use crate::output::{self, Format};

/// Where the expression is to stand.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// In a mapping that flows in every cycle.
    pub always: bool,
    /// Where there must be a value.
    pub required: bool,
}

/// Checks and prints; false when something is wrong.
pub fn run(expression: &str, place: Place, input: &Input, format: Format) -> Result<bool, Failure> {
    match check(expression, place, input) {
        Ok(program) => {
            match format {
                Format::Text => output::print(&format!("ok: yields {}\n", program.result_type()))?,
                Format::Json => output::document(&format!(
                    "{:#}",
                    json!({
                        "diagnostics": [],
                        "type": program.result_type().graph_name(),
                        "multivalued": program.result_type().many,
                        "varies": program.is_random(),
                        "redacted": program.is_redacted(),
                    })
                ))?,
            }
            Ok(true)
        }
        Err(diagnostics) => {
            report(expression, &diagnostics, format)?;
            Ok(false)
        }
    }
}

fn check(expression: &str, place: Place, input: &Input) -> Result<Program, Vec<Diagnostic>> {
    let program = input.compile(expression)?;
    let always = program.problem_flowing_always().filter(|_| place.always);
    let missing = program.problem_without_value().filter(|_| place.required);
    let found: Vec<Diagnostic> = always.into_iter().chain(missing).collect();
    if found.is_empty() {
        Ok(program)
    } else {
        Err(found)
    }
}
