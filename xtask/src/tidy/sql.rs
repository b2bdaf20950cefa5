//! Only the store knows the SQL of our tables; everyone else speaks its verbs.

use super::{Check, Finding};
use crate::{Checkout, DependencyKind};

pub(super) const CHECK: Check = Check {
    name: "sql",
    rule: "SQL stands only in crates/store and the test kit",
    run,
};

/// Libraries that speak SQL.
const DRIVERS: [&str; 4] = ["rusqlite", "tokio-postgres", "postgres", "refinery"];

/// The store, and the test kit, which copies whole databases for tests.
const SPEAKERS: [&str; 2] = ["crates/store", "crates/testkit"];

fn run(checkout: &Checkout) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in checkout.rust("crates/") {
        if SPEAKERS.iter().any(|it| path.starts_with(it)) || !path.contains("/src/") {
            continue;
        }
        for literal in source
            .literals
            .iter()
            .filter(|literal| is_sql(&literal.text))
        {
            let message = "SQL outside the store: add a verb to crates/store (docs/contributing/add-a-store-verb.md)";
            findings.push(Finding::line(path, literal.line, message));
        }
    }
    for package in checkout
        .packages
        .iter()
        .filter(|it| it.folder.starts_with("crates/") && !SPEAKERS.contains(&it.folder.as_str()))
    {
        let drivers = package
            .dependencies
            .iter()
            .filter(|it| it.kind == DependencyKind::Normal && DRIVERS.contains(&it.name.as_str()));
        findings.extend(drivers.map(|driver| {
            Finding::file(
                format!("{}/Cargo.toml", package.folder),
                format!("depends on `{}`; only the store may", driver.name),
            )
        }));
    }
    findings
}

/// Whether a literal is a statement, or a part of one. Words of a sentence ("select a user from the
/// list") are not: SQL is written in capitals here, or begins the literal.
fn is_sql(literal: &str) -> bool {
    let text = literal
        .replace("\\n", " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let words: Vec<&str> = text.split(' ').collect();
    let capitals = words.windows(2).enumerate().any(|(at, pair)| match pair {
        ["SELECT", _]
        | ["INSERT", "INTO" | "OR"]
        | ["DELETE", "FROM"]
        | ["CREATE", "TABLE" | "INDEX"] => true,
        ["UPDATE", _] => words.get(at + 2) == Some(&"SET"),
        _ => false,
    });
    let small = text.to_ascii_lowercase();
    let begins = small.starts_with("insert into ")
        || small.starts_with("delete from ")
        || small.starts_with("select ")
            && (small.contains(" from ") && small.contains(" where ")
                || small.starts_with("select *"))
        || small.starts_with("update ") && small.contains(" set ") && small.contains('=');
    capitals || begins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_found() {
        for statement in [
            "SELECT id FROM object",
            "SELECT {COLUMNS} FROM link WHERE source = $1",
            "WITH x AS (VALUES (1))\n  SELECT 1 FROM x",
            "INSERT INTO link VALUES ($1)",
            "UPDATE job SET state = 1",
            "DELETE FROM link",
            "select * from link",
            "delete from link where id = 1",
        ] {
            assert!(is_sql(statement), "{statement}");
        }
    }

    #[test]
    fn sentences_are_not() {
        for sentence in [
            "select a user from the list",
            "SELECT",
            "$select",
            "Update the policy of the target tenant and set isSyncAllowed",
            "UPDATE the object",
            "deleted from the target",
        ] {
            assert!(!is_sql(sentence), "{sentence}");
        }
    }

    #[test]
    fn the_store_may_and_comments_may() {
        let sql = "fn f() { run(\"DELETE FROM link\") }";
        assert_eq!(
            run(&Checkout::of(&[("crates/store/src/links.rs", sql)])),
            []
        );
        assert_eq!(
            run(&Checkout::of(&[(
                "crates/runner/src/a.rs",
                "// DELETE FROM link\n"
            )])),
            []
        );
        assert_eq!(
            run(&Checkout::of(&[("crates/runner/src/a.rs", sql)])).len(),
            1
        );
    }
}
