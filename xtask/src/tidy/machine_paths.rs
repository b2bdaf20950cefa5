//! The repository works in any folder of any machine.

use super::{Check, Finding};
use crate::Checkout;

pub(super) const CHECK: Check = Check {
    name: "machine_paths",
    rule: "no path of one developer's machine stands in the repository",
    run,
};

/// Folders of a machine, put together so that this file does not carry them itself.
const FOLDERS: [&str; 2] = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// Where the data sets lie next to a checkout, and the one file that may know it.
const NEXT_DOOR: &str = concat!("../sha", "red");
const MAY_LOOK_NEXT_DOOR: &str = ".ci/run";

fn run(checkout: &Checkout) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in &checkout.files {
        for (at, line) in text.lines().enumerate() {
            for folder in FOLDERS.iter().filter(|folder| begins_a_path(line, folder)) {
                findings.push(Finding::line(
                    path,
                    at + 1,
                    format!("names `{folder}`, a folder of one machine"),
                ));
            }
            if line.contains(NEXT_DOOR) && path != MAY_LOOK_NEXT_DOOR {
                findings.push(Finding::line(
                    path,
                    at + 1,
                    format!("names `{NEXT_DOOR}`: only {MAY_LOOK_NEXT_DOOR} may"),
                ));
            }
        }
    }
    findings
}

/// Whether the folder stands in the line as the start of a path; one within an address or a relative
/// path does not count.
fn begins_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|it| {
            it.is_alphanumeric() || matches!(it, '/' | '.' | '_' | '-' | '}' | ')')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_folders_are_found() {
        let text = format!(
            "let path = \"{}main\";\n// https://example.com{}x",
            FOLDERS[0], FOLDERS[0]
        );
        assert_eq!(run(&Checkout::of(&[("a.rs", &text)])).len(), 1);
    }

    #[test]
    fn only_the_gate_may_look_next_door() {
        let text = format!("ls {NEXT_DOOR}/data");
        assert_eq!(run(&Checkout::of(&[(".ci/run", &text)])), []);
        assert_eq!(run(&Checkout::of(&[("Makefile", &text)])).len(), 1);
    }
}
