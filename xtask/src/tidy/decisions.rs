//! A decision is cited by its number, so that the number must be the right one.

use super::{Check, Finding};
use crate::Checkout;

pub(super) const CHECK: Check = Check {
    name: "decisions",
    rule: "decisions are numbered without a gap, in their file names and headings alike",
    run,
};

const FOLDER: &str = "docs/adr/";

fn run(checkout: &Checkout) -> Vec<Finding> {
    let pages = checkout
        .files
        .iter()
        .filter(|(path, _)| path.starts_with(FOLDER) && path.ends_with(".md"));
    let mut findings = Vec::new();
    // The files come in the order of their names.
    for ((path, text), expected) in pages.zip(1_usize..) {
        let name = &path[FOLDER.len()..];
        if !name.starts_with(&format!("{expected:04}-")) {
            findings.push(Finding::file(
                path,
                format!("should begin with {expected:04}-, the next number"),
            ));
        }
        let number = name.split('-').next().unwrap_or_default();
        let number = number.trim_start_matches('0');
        if !text.starts_with(&format!("# {number}. ")) {
            findings.push(Finding::line(
                path,
                1,
                format!("the heading should begin with `# {number}. `, as the file name does"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let findings = run(&Checkout::of(files));
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn numbers_follow_each_other() {
        let first = ("docs/adr/0001-a.md", "# 1. A\n");
        let none: [String; 0] = [];
        assert_eq!(found(&[first, ("docs/adr/0002-b.md", "# 2. B\n")]), none);
        assert_eq!(
            found(&[first, ("docs/adr/0003-c.md", "# 3. C\n")]),
            ["docs/adr/0003-c.md: should begin with 0002-, the next number"]
        );
    }

    #[test]
    fn a_heading_with_another_number_is_found() {
        assert_eq!(
            found(&[("docs/adr/0001-a.md", "# 10. A\n")]),
            ["docs/adr/0001-a.md:1: the heading should begin with `# 1. `, as the file name does"]
        );
    }
}
