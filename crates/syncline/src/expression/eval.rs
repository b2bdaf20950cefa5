//! `syncline expression eval`.

use serde_json::{Value as Json, json};
use syncline_expression::sample::json_of;
use syncline_expression::{Diagnostic, EvaluationError, Outcome, Program, Span};
use syncline_model::{Text, Value};

use super::{Input, report};
use crate::failure::Failure;
use crate::output::{self, Format};

/// Evaluates and prints; false when it could not.
pub fn run(expression: &str, input: &Input, format: Format) -> Result<bool, Failure> {
    match evaluate(expression, input) {
        Ok(answer) => {
            match format {
                Format::Text => output::print(&format!("{}\n", answer.text))?,
                Format::Json => output::document(&answer.json.to_string())?,
            }
            Ok(true)
        }
        Err(diagnostics) => {
            report(expression, &diagnostics, format)?;
            Ok(false)
        }
    }
}

/// What comes out, for people and for programs.
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) json: Json,
}

pub(super) fn evaluate(expression: &str, input: &Input) -> Result<Answer, Vec<Diagnostic>> {
    let program = input.compile(expression)?;
    let failed = |error| vec![located(error, expression)];
    let outcome = program.evaluate(input, &input.context).map_err(failed)?;
    let mut answer = match outcome {
        Outcome::Ignored => Answer {
            text: "(ignored: the attribute does not flow)".to_owned(),
            json: json!({ "value": null, "type": "Ignored" }),
        },
        Outcome::Value(None) => Answer {
            text: "(no value)".to_owned(),
            json: json!({ "value": null, "type": program.result_type().graph_name() }),
        },
        Outcome::Value(Some(value)) => Answer {
            text: text(&value),
            json: json!({ "value": json_of(&value), "type": type_name(&value) }),
        },
    };
    add_candidates(&program, input, &mut answer).map_err(failed)?;
    Ok(answer)
}

/// A unique value is one of several, depending on the target.
fn add_candidates(
    program: &Program,
    input: &Input,
    answer: &mut Answer,
) -> Result<(), EvaluationError> {
    if program.selects_unique_value() {
        let candidates = program.candidates(input, &input.context)?;
        for (at, other) in candidates.iter().enumerate().skip(1) {
            answer.text.push_str(&format!(
                "\n(or {}, when {at} before it are taken)",
                other.display_text()
            ));
        }
        answer.json["candidates"] = candidates.iter().map(json_of).collect();
    }
    Ok(())
}

/// One value a line.
fn text(value: &Value) -> String {
    let texts: Vec<Text> = value.as_slice().iter().map(Value::display_text).collect();
    texts.join("\n")
}

/// Graph's names of types; a list has its elements'.
fn type_name(value: &Value) -> String {
    let name = match value {
        Value::Bool(_) => "Boolean",
        Value::Int(_) => "Integer",
        Value::Time(_) => "DateTime",
        Value::Bytes(_) => "Binary",
        Value::Map(_) => "Complex",
        Value::Text(_) | Value::Guid(_) | Value::Null => "String",
        Value::List(values) => {
            let element = values
                .first()
                .map_or_else(|| "String".to_owned(), type_name);
            return format!("Collection({element})");
        }
    };
    name.to_owned()
}

/// A failure as a diagnostic; without a place it is the whole expression's.
fn located(error: EvaluationError, expression: &str) -> Diagnostic {
    let whole = Span::new(0, expression.len());
    let span = error.span.unwrap_or(whole);
    Diagnostic::new(error.code, span, error.message).in_text(expression)
}
