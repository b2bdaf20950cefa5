//! The expression language through its public door.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod diagnostics;
mod documented;
mod entity;
mod evaluation;
mod examples;
mod fuzz;
mod mapping_source;
mod patterns;
mod properties;
mod syntax;
mod work;

use serde_json::Value as Json;
use syncline_expression::functions::Expected;
use syncline_expression::{Context, EvaluationError, Outcome, Sample, compile, sample};
use syncline_model::Timestamp;

/// A Saturday afternoon, Contoso, and always the same random numbers.
pub fn context() -> Context {
    Context {
        now: Timestamp::parse("2024-02-10T15:33:38Z").unwrap(),
        default_domain: Some("contoso.com".into()),
        seed: 1,
    }
}

pub fn sample_of(attributes: &str) -> Sample {
    let Json::Object(attributes) = serde_json::from_str(attributes).unwrap() else {
        panic!("attributes are a JSON object: {attributes}");
    };
    Sample::from_json(&attributes)
}

/// Compiles and runs an expression on an object given as JSON.
pub fn run(expression: &str, attributes: &str) -> Result<Outcome, EvaluationError> {
    let subject = sample_of(attributes);
    let program = compile(expression, &subject)
        .unwrap_or_else(|problems| panic!("{expression}: {problems:#?}"));
    program.evaluate(&subject, &context())
}

/// Runs an expression and compares what comes out.
pub fn check(expression: &str, attributes: &str, expected: Expected) {
    let outcome = run(expression, attributes);
    let expected = match expected {
        Expected::Value(json) => Ok(Outcome::Value(sample::value_of(
            &serde_json::from_str(json).unwrap(),
        ))),
        Expected::Null => Ok(Outcome::Value(None)),
        Expected::Ignored => Ok(Outcome::Ignored),
        Expected::Fails(code) => Err(code),
    };
    assert_eq!(
        outcome.map_err(|error| error.code),
        expected,
        "{expression} on {attributes}"
    );
}
