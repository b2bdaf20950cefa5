//! A recipe that nobody finds is not used.

use super::{Check, Finding};
use crate::Checkout;

pub(super) const CHECK: Check = Check {
    name: "recipes",
    rule: "CONTRIBUTING.md links every recipe, and every link of the documents leads somewhere",
    run,
};

const GUIDE: &str = "CONTRIBUTING.md";

fn run(checkout: &Checkout) -> Vec<Finding> {
    let Some(guide) = checkout.files.get(GUIDE) else {
        return vec![Finding::file(GUIDE, "is missing")];
    };
    let recipes = checkout
        .files
        .keys()
        .filter(|path| path.starts_with("docs/recipes/") && path.ends_with(".md"));
    let mut findings: Vec<Finding> = recipes
        .filter(|path| {
            !links(guide).any(|(_, link)| link.trim_start_matches("./") == path.as_str())
        })
        .map(|path| Finding::file(path, format!("is not linked from {GUIDE}")))
        .collect();
    let documents = checkout
        .files
        .iter()
        .filter(|(path, _)| path.ends_with(".md"));
    for (path, text) in documents {
        for (line, link) in links(text) {
            let target = link.split('#').next().unwrap_or(link);
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let target = resolve(path, target);
            let known = checkout
                .files
                .keys()
                .any(|file| *file == target || file.starts_with(&format!("{target}/")));
            if !known {
                findings.push(Finding::line(
                    path,
                    line,
                    format!("links to {target}, which is not there"),
                ));
            }
        }
    }
    findings
}

/// The targets of `[text](target)`, with their lines.
fn links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().flat_map(|(at, line)| {
        line.match_indices("](").filter_map(move |(from, mark)| {
            let rest = &line[from + mark.len()..];
            rest.find(')').map(|to| (at + 1, rest[..to].trim()))
        })
    })
}

/// The path from the root that a link in `document` means.
fn resolve(document: &str, link: &str) -> String {
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in link.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_without_link_is_found() {
        let recipe = (
            "docs/recipes/bake.md",
            "Back to [the guide](../../CONTRIBUTING.md#recipes).",
        );
        let without = run(&Checkout::of(&[(GUIDE, "nothing"), recipe]));
        assert_eq!(
            without,
            [Finding::file(
                "docs/recipes/bake.md",
                "is not linked from CONTRIBUTING.md"
            )]
        );
        assert_eq!(
            run(&Checkout::of(&[
                (GUIDE, "[bake](docs/recipes/bake.md)"),
                recipe
            ])),
            []
        );
    }

    #[test]
    fn a_link_to_nowhere_is_found() {
        let guide = (
            GUIDE,
            "see\n[a](docs/gone.md), [b](https://example.com), [c](#here)",
        );
        assert_eq!(
            run(&Checkout::of(&[guide])),
            [Finding::line(
                GUIDE,
                2,
                "links to docs/gone.md, which is not there"
            )]
        );
    }
}
