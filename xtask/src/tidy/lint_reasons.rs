//! A lint that forbids says what to use instead.

use super::{Check, Finding};
use crate::Checkout;

pub(super) const CHECK: Check = Check {
    name: "lint_reasons",
    rule: "every entry of clippy.toml says what to use instead",
    run,
};

const CONFIGURATION: &str = "clippy.toml";
/// Shorter than this is not a reason.
const SHORTEST_REASON: usize = 20;

fn run(checkout: &Checkout) -> Vec<Finding> {
    match checkout.files.get(CONFIGURATION) {
        Some(text) => configuration(text),
        None => vec![Finding::file(CONFIGURATION, "is missing")],
    }
}

/// Entries of `disallowed-…` lists without a reason.
fn configuration(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut in_list = false;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if !in_list {
            in_list = line.starts_with("disallowed-") && line.ends_with('[');
            if line.starts_with("disallowed-") && !in_list {
                findings.push(Finding::line(
                    CONFIGURATION,
                    at + 1,
                    "write the list with one entry per line",
                ));
            }
            continue;
        }
        if line.starts_with(']') {
            in_list = false;
        } else if !line.is_empty()
            && !line.starts_with('#')
            && reason_of(line).is_none_or(|it| it.len() < SHORTEST_REASON)
        {
            findings.push(Finding::line(
                CONFIGURATION,
                at + 1,
                "has no reason that says what to use instead",
            ));
        }
    }
    findings
}

fn reason_of(entry: &str) -> Option<&str> {
    let (_, after) = entry.split_once("reason = \"")?;
    after.split_once('"').map(|(reason, _)| reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_without_reason_are_found() {
        let good = "disallowed-methods = [\n    { path = \"a::b\", reason = \"use the clock of the model\" },\n]\n";
        assert_eq!(configuration(good), []);
        let bare = "disallowed-methods = [\n    \"a::b\",\n    { path = \"c::d\" },\n    { path = \"e\", reason = \"no\" },\n]\n";
        assert_eq!(configuration(bare).len(), 3);
    }
}
