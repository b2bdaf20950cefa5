//! `syncline expression check`.

use serde_json::json;
use syncline_expression::{Diagnostic, Program};

use super::{Input, report};
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
pub fn run(expression: &str, place: Place, input: &Input, format: Format) -> bool {
    match check(expression, place, input) {
        Ok(program) => {
            match format {
                Format::Text => output::line(&format!("ok: yields {}", program.result_type())),
                Format::Json => output::document(&format!(
                    "{:#}",
                    json!({
                        "diagnostics": [],
                        "type": program.result_type().graph_name(),
                        "multivalued": program.result_type().many,
                        "varies": program.is_random(),
                        "redacted": program.is_redacted(),
                    })
                )),
            }
            true
        }
        Err(diagnostics) => {
            report(expression, &diagnostics, format);
            false
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
