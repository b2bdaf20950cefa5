//! What a document refers to is there.

use super::{Check, Finding};
use crate::Checkout;

pub(super) const CHECK: Check = Check {
    name: "links",
    rule: "every link of the documents leads to a file and a heading, and every Rust file they name exists",
    run,
};

fn run(checkout: &Checkout) -> Vec<Finding> {
    let documents = checkout
        .files
        .iter()
        .filter(|(path, _)| path.ends_with(".md"));
    let mut findings = Vec::new();
    for (path, text) in documents {
        for (line, link) in links(text) {
            findings.extend(broken_link(checkout, path, text, line, link));
        }
        for (line, name) in rust_files(text) {
            if !is_a_file(checkout, name) {
                let message = format!("names {name}, which is not there");
                findings.push(Finding::line(path, line, message));
            }
        }
    }
    findings
}

fn broken_link(
    checkout: &Checkout,
    document: &str,
    text: &str,
    line: usize,
    link: &str,
) -> Option<Finding> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (page, heading) = link.split_once('#').unwrap_or((link, ""));
    let (target, text) = if page.is_empty() {
        (document.to_owned(), Some(text))
    } else {
        let target = resolve(document, page);
        let text = checkout.files.get(&target).map(String::as_str);
        (target, text)
    };
    let folder = format!("{target}/");
    let known = text.is_some() || checkout.files.keys().any(|file| file.starts_with(&folder));
    let message = if !known {
        format!("links to {target}, which is not there")
    } else if !heading.is_empty() && !headings(text?).any(|it| it == heading) {
        format!("links to the heading #{heading}, which {target} does not have")
    } else {
        return None;
    };
    Some(Finding::line(document, line, message))
}

/// The targets of `[text](target)`, with their lines.
pub(super) fn links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().flat_map(|(at, line)| {
        line.match_indices("](").filter_map(move |(from, mark)| {
            let rest = &line[from + mark.len()..];
            rest.find(')').map(|to| (at + 1, rest[..to].trim()))
        })
    })
}

/// The path from the root that a link in `document` means.
pub(super) fn resolve(document: &str, link: &str) -> String {
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

/// What links call the headings of a page: small letters, hyphens for spaces, no punctuation.
fn headings(text: &str) -> impl Iterator<Item = String> {
    let mut code = false;
    text.lines().filter_map(move |line| {
        code ^= line.trim_start().starts_with("```");
        let heading = line.trim_start_matches('#').strip_prefix(' ')?;
        let is_heading = line.starts_with('#') && !code;
        is_heading.then(|| {
            let letters = heading.trim().chars().filter_map(|it| match it {
                ' ' => Some('-'),
                '-' | '_' => Some(it),
                _ => it.is_alphanumeric().then_some(it),
            });
            letters.collect::<String>().to_lowercase()
        })
    })
}

/// The Rust files that a text names between backticks, with their lines: a whole path, or its end.
fn rust_files(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().flat_map(|(at, line)| {
        let code = line.split('`').skip(1).step_by(2);
        code.filter(|name| name.ends_with(".rs") && name.chars().all(is_of_path))
            .map(move |name| (at + 1, name))
    })
}

/// Placeholders such as `<verb>.rs` name no file.
fn is_of_path(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '/' | '.')
}

fn is_a_file(checkout: &Checkout, name: &str) -> bool {
    let end = format!("/{name}");
    checkout
        .files
        .keys()
        .any(|file| file == name || file.ends_with(&end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str = "CONTRIBUTING.md";

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let findings = run(&Checkout::of(files));
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_link_to_nowhere_is_found() {
        let guide = (
            GUIDE,
            "see\n[a](docs/gone.md), [b](https://example.com), [c](docs)",
        );
        let page = ("docs/here.md", "back to [it](../CONTRIBUTING.md)");
        assert_eq!(
            found(&[guide, page]),
            ["CONTRIBUTING.md:2: links to docs/gone.md, which is not there"]
        );
    }

    #[test]
    fn a_link_to_a_heading_that_is_gone_is_found() {
        let guide = (
            GUIDE,
            "[a](docs/a.md#two-words-and-1), [b](docs/a.md#in-code)\n[c](#gone)",
        );
        let page = (
            "docs/a.md",
            "# A\n\n## Two *words*, and 1\n\n```\n# in code\n```\n[x](#a)",
        );
        assert_eq!(
            found(&[guide, page]),
            [
                "CONTRIBUTING.md:1: links to the heading #in-code, which docs/a.md does not have",
                "CONTRIBUTING.md:2: links to the heading #gone, which CONTRIBUTING.md does not have",
            ]
        );
    }

    #[test]
    fn a_rust_file_that_was_moved_is_found() {
        let code = ("crates/model/src/attr.rs", "");
        let guide = (
            GUIDE,
            "`attr.rs`, `model/src/attr.rs`, `<verb>.rs`\n`src/gone.rs`, `tr.rs`",
        );
        assert_eq!(
            found(&[guide, code]),
            [
                "CONTRIBUTING.md:2: names src/gone.rs, which is not there",
                "CONTRIBUTING.md:2: names tr.rs, which is not there",
            ]
        );
    }
}
