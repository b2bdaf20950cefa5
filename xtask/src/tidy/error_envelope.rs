//! Graph's error body is built in one file, so that every error has the same shape and every
//! internal detail stays inside.

use super::{Check, Finding};
use crate::Checkout;

pub(super) const CHECK: Check = Check {
    name: "error_envelope",
    rule: "one file of graph-api builds the error envelope, and no other crate does",
    run,
};

/// Only the envelope has this key, whichever way it is spelled in Rust.
const MARKS: [&str; 3] = ["innerError", "innererror", "inner_error"];

fn run(checkout: &Checkout) -> Vec<Finding> {
    let mut builders: Vec<(String, usize)> = Vec::new();
    for (path, source) in checkout
        .production("crates/")
        .filter(|(path, _)| path.contains("/src/"))
    {
        let code = source.production_code();
        let in_code = MARKS
            .iter()
            .filter_map(|mark| code.find(mark))
            .map(|at| source.line_of(at));
        let in_text = source
            .production_literals()
            .filter(|literal| MARKS.iter().any(|mark| literal.text.contains(mark)))
            .map(|literal| literal.line);
        if let Some(line) = in_code.chain(in_text).min() {
            builders.push((path.to_owned(), line));
        }
    }
    let (inside, outside): (Vec<_>, Vec<_>) = builders
        .into_iter()
        .partition(|(path, _)| path.starts_with("crates/graph-api/"));
    let mut findings: Vec<Finding> = outside
        .into_iter()
        .map(|(path, line)| {
            Finding::line(
                path,
                line,
                "builds an error envelope: return a `Problem` and let graph-api write it",
            )
        })
        .collect();
    match inside.as_slice() {
        [] => findings.push(Finding::file(
            "crates/graph-api/src",
            "no file builds the error envelope (`innerError`)",
        )),
        [_] => {}
        several => {
            let names: Vec<&str> = several.iter().map(|(path, _)| path.as_str()).collect();
            findings.extend(several.iter().map(|(path, line)| {
                Finding::line(
                    path,
                    *line,
                    format!(
                        "one of {} files that build the error envelope: {}",
                        names.len(),
                        names.join(", ")
                    ),
                )
            }));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILDS: &str = "fn body() { json!({ \"innerError\": {} }) }";
    const TESTS: &str = "#[cfg(test)]\nmod tests { fn f() { assert!(x[\"innerError\"]) } }";

    #[test]
    fn one_builder_is_right() {
        let checkout = Checkout::of(&[
            ("crates/graph-api/src/error.rs", BUILDS),
            ("crates/graph-api/src/users/get.rs", TESTS),
        ]);
        assert_eq!(run(&checkout), []);
    }

    #[test]
    fn none_two_and_foreign_ones_are_wrong() {
        assert_eq!(run(&Checkout::of(&[])).len(), 1);
        let two = [
            ("crates/graph-api/src/error.rs", BUILDS),
            ("crates/graph-api/src/batch.rs", BUILDS),
        ];
        assert_eq!(run(&Checkout::of(&two)).len(), 2);
        let foreign = [
            ("crates/graph-api/src/error.rs", BUILDS),
            ("crates/identity/src/token.rs", BUILDS),
        ];
        assert_eq!(run(&Checkout::of(&foreign)).len(), 1);
    }
}
