//! The lower levels decide and never act: no files, no network, no clock, no randomness, no
//! threads of an async runtime, no output. What they need comes in as arguments.

use super::{Check, Finding};
use crate::source::words;
use crate::{Checkout, DependencyKind, Source};

pub(super) const CHECK: Check = Check {
    name: "purity",
    rule: "model, expression, odata and engine do no input or output, read no clock and draw no random numbers",
    run,
};

const PURE: [&str; 4] = [
    "crates/model",
    "crates/expression",
    "crates/odata",
    "crates/engine",
];

/// What pure code must not say, and what to do instead.
const FORBIDDEN: [(&str, &str); 22] = [
    ("std::fs", "let the caller read the file"),
    ("std::net", "let the caller connect"),
    ("std::env", "take the setting as an argument"),
    ("std::process", "let the caller run it"),
    ("std::thread", "let the caller choose threads"),
    ("std::time::SystemTime", "take a `Timestamp`"),
    ("SystemTime", "take a `Timestamp`"),
    ("Instant::now", "take a `Timestamp`"),
    ("Timestamp::now", "take a `Timestamp`"),
    ("Zoned::now", "take a `Timestamp`"),
    ("tokio", "the core is synchronous"),
    ("async fn", "the core is synchronous"),
    ("async move", "the core is synchronous"),
    ("rand", "take `&dyn Ids`"),
    ("Uuid::new_v4", "take `&dyn Ids`"),
    ("Uuid::now_v7", "take `&dyn Ids`"),
    ("println!", "return what there is to say"),
    ("print!", "return what there is to say"),
    ("eprintln!", "return what there is to say"),
    ("eprint!", "return what there is to say"),
    ("tracing", "return what there is to say; the caller logs"),
    ("log::", "return what there is to say; the caller logs"),
];

/// Libraries that can do nothing else.
const FORBIDDEN_LIBRARIES: [&str; 9] = [
    "tokio",
    "rand",
    "tracing",
    "log",
    "rusqlite",
    "reqwest",
    "axum",
    "hyper",
    "getrandom",
];

fn run(checkout: &Checkout) -> Vec<Finding> {
    let mut findings = Vec::new();
    for folder in PURE {
        for (path, source) in checkout.production(&format!("{folder}/src/")) {
            let code = source.production_code();
            for (word, instead) in FORBIDDEN {
                let spelled = words(&code, word).filter(|at| !is_name_in_path(&code, *at, word));
                let imported = Source::imported_paths(&code)
                    .into_iter()
                    .filter(|(_, path)| path == word || path.starts_with(&format!("{word}::")))
                    .map(|(at, _)| at);
                let mut lines: Vec<usize> = spelled
                    .chain(imported)
                    .map(|at| source.line_of(at))
                    .collect();
                lines.sort_unstable();
                lines.dedup();
                findings.extend(
                    lines
                        .into_iter()
                        .map(|line| Finding::line(path, line, format!("`{word}`: {instead}"))),
                );
            }
        }
    }
    for package in checkout
        .packages
        .iter()
        .filter(|package| PURE.contains(&package.folder.as_str()))
    {
        let forbidden = package.dependencies.iter().filter(|it| {
            it.kind == DependencyKind::Normal && FORBIDDEN_LIBRARIES.contains(&it.name.as_str())
        });
        findings.extend(forbidden.map(|dependency| {
            Finding::file(
                format!("{}/Cargo.toml", package.folder),
                format!("depends on `{}`", dependency.name),
            )
        }));
    }
    findings
}

/// `rand` in `pattern::rand` or in `operand.rand` is somebody's own name, not the library.
fn is_name_in_path(code: &str, at: usize, word: &str) -> bool {
    let is_library = matches!(word, "rand" | "tokio" | "tracing");
    is_library && !code[at + word.len()..].trim_start().starts_with("::")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        run(&Checkout::of(&[("crates/engine/src/decide.rs", text)])).len()
    }

    #[test]
    fn each_impurity_is_found() {
        for line in [
            "fn f() { std::fs::read(p); }",
            "use std::{fs as files, fmt};",
            "use std::time::{Duration, SystemTime};",
            "let t = Instant::now();",
            "pub async fn f() {}",
            "let id = Uuid::new_v4();",
            "use tracing::info;",
            "rand::random()",
            "println!(\"x\");",
        ] {
            assert!(found(line) >= 1, "{line}");
        }
    }

    #[test]
    fn words_in_comments_tests_and_other_names_are_free() {
        assert_eq!(
            found("// std::fs is not for us\nfn operand() { \"tokio::spawn\"; }"),
            0
        );
        assert_eq!(found("#[cfg(test)]\nmod tests { use std::fs; }"), 0);
        assert_eq!(found("use std::time::Duration;"), 0);
    }

    #[test]
    fn higher_levels_are_free() {
        assert!(
            run(&Checkout::of(&[(
                "crates/store/src/driver.rs",
                "use std::fs;"
            )]))
            .is_empty()
        );
    }
}
