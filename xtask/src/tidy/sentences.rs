//! A crate that can not be told in one sentence does too much.

use super::{Check, Finding};
use crate::{Checkout, Package};

pub(super) const CHECK: Check = Check {
    name: "sentences",
    rule: "every crate has a one-sentence description and its first file begins with `//!`",
    run,
};

fn run(checkout: &Checkout) -> Vec<Finding> {
    checkout
        .packages
        .iter()
        .flat_map(|package| judge(checkout, package))
        .collect()
}

fn judge(checkout: &Checkout, package: &Package) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(message) = description_problem(&package.description) {
        findings.push(Finding::file(
            format!("{}/Cargo.toml", package.folder),
            message,
        ));
    }
    let roots = ["lib.rs", "main.rs"].map(|file| format!("{}/src/{file}", package.folder));
    let texts: Vec<_> = roots
        .iter()
        .filter_map(|path| checkout.files.get(path).map(|text| (path, text)))
        .collect();
    if texts.is_empty() {
        findings.push(Finding::file(
            format!("{}/src", package.folder),
            "has neither lib.rs nor main.rs",
        ));
    }
    for (path, text) in texts {
        if !text.starts_with("//! ") {
            findings.push(Finding::line(
                path,
                1,
                "does not begin with `//!` and what the crate is for",
            ));
        }
    }
    findings
}

fn description_problem(description: &str) -> Option<String> {
    if description.is_empty() {
        return Some("has no description: say in one sentence what the crate is for".into());
    }
    if !description.ends_with('.') {
        return Some(format!(
            "the description does not end in a full stop: `{description}`"
        ));
    }
    let inner = description.trim_end_matches('.');
    if [". ", "! ", "? ", "\n"]
        .iter()
        .any(|end| inner.contains(end))
    {
        return Some(format!(
            "the description is more than one sentence: `{description}`"
        ));
    }
    if !description.starts_with(|first: char| first.is_uppercase()) {
        return Some(format!(
            "the description does not begin with a capital letter: `{description}`"
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sentence_it_is() {
        assert_eq!(
            description_problem("Decides: scope, map, match; pure."),
            None
        );
        for wrong in [
            "",
            "No full stop",
            "Two. Sentences.",
            "lower case.",
            "Asks? Answers.",
        ] {
            assert!(description_problem(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn the_first_file_says_what_it_is() {
        let package = Package {
            folder: "crates/model".into(),
            description: "Nouns.".into(),
            ..Package::default()
        };
        for (text, findings) in [("//! Nouns.\n", 0), ("mod attr;\n", 1)] {
            let checkout = Checkout::of(&[("crates/model/src/lib.rs", text)]);
            assert_eq!(judge(&checkout, &package).len(), findings, "{text}");
        }
    }
}
