//! How large files and functions are. Small ones are easier to find, to read and to change.

use std::fmt::Write;

use crate::Checkout;

const LARGE_FILE: usize = 500;
const LONG_FUNCTION: usize = 70;

/// The measurements of one crate.
#[derive(Clone, Debug, Default, PartialEq)]
struct Sizes {
    files: usize,
    lines: usize,
    /// Lines that stand in large files.
    lines_in_large: usize,
    functions: usize,
    /// `path:line name (lines)`.
    long_functions: Vec<String>,
    largest: (usize, String),
}

impl Sizes {
    fn add(&mut self, path: &str, text: &str, source: &crate::Source) {
        let lines = text.lines().count();
        self.files += 1;
        self.lines += lines;
        if lines > LARGE_FILE {
            self.lines_in_large += lines;
        }
        self.largest = std::mem::take(&mut self.largest).max((lines, path.to_owned()));
        for function in source.functions() {
            self.functions += 1;
            if function.lines > LONG_FUNCTION {
                self.long_functions.push(format!(
                    "{path}:{} {} ({})",
                    function.line, function.name, function.lines
                ));
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        self.files += other.files;
        self.lines += other.lines;
        self.lines_in_large += other.lines_in_large;
        self.functions += other.functions;
        self.long_functions.extend_from_slice(&other.long_functions);
        self.largest = std::mem::take(&mut self.largest).max(other.largest.clone());
    }

    fn row(&self, name: &str) -> String {
        format!(
            "{name:<18}{:>6}{:>8}{:>12}{:>13}%{:>14}  {} ({})\n",
            self.files,
            self.lines,
            self.lines / self.files.max(1),
            100 * self.lines_in_large / self.lines.max(1),
            format!("{} of {}", self.long_functions.len(), self.functions),
            self.largest.1,
            self.largest.0,
        )
    }
}

/// One row per crate (its tests included), the sum, and every long function by name.
pub fn report(checkout: &Checkout) -> String {
    let mut text = format!(
        "{:<18}{:>6}{:>8}{:>12}{:>14}{:>14}  largest file (lines)\n",
        "crate",
        "files",
        "lines",
        "lines/file",
        format!("in >{LARGE_FILE}"),
        format!("fn >{LONG_FUNCTION}")
    );
    let mut all = Sizes::default();
    for package in &checkout.packages {
        let mut sizes = Sizes::default();
        for (path, source) in checkout.rust(&format!("{}/", package.folder)) {
            sizes.add(path, &checkout.files[path], &source);
        }
        text.push_str(&sizes.row(&package.folder));
        all.merge(&sizes);
    }
    text.push_str(&all.row("all"));
    for function in &all.long_functions {
        // Writing to a string can not fail.
        let _ = writeln!(text, "long function: {function}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Package;

    #[test]
    fn files_and_functions_are_counted() {
        let long = format!("fn long() {{\n{}}}\n", "    call();\n".repeat(70));
        let large = format!("//! Large.\nfn short() {{}}\n{}", "\n".repeat(499));
        let checkout = Checkout::of(&[
            ("crates/model/src/lib.rs", &large),
            ("crates/model/src/a.rs", &long),
        ]);
        let package = Package {
            folder: "crates/model".into(),
            ..Package::default()
        };
        let checkout = checkout.with_packages(vec![package]);
        let report = report(&checkout);
        assert!(
            report.contains("long function: crates/model/src/a.rs:1 long (72)"),
            "{report}"
        );
        let row: Vec<&str> = report
            .lines()
            .nth(1)
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        assert_eq!(
            row,
            [
                "crates/model",
                "2",
                "573",
                "286",
                "87%",
                "1",
                "of",
                "2",
                "crates/model/src/lib.rs",
                "(501)"
            ]
        );
    }
}
