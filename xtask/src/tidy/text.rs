//! Plain text: what the eye sees is what the compiler reads.

use super::{Check, Finding};
use crate::{Checkout, Source};

pub(super) const CHECK: Check = Check {
    name: "text",
    rule: "no control characters, tabs or overlong lines in Rust, no `dbg!`, no open ends without an owner",
    run,
};

const LONGEST_LINE: usize = 160;

/// Marks of unfinished work, put together so that this file does not carry them itself.
const MARKS: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

/// Files in which a mark is a comment and not a text about something.
const CODE: [&str; 8] = [".rs", ".toml", ".sql", ".py", ".sh", ".js", ".mjs", ".ts"];

fn run(checkout: &Checkout) -> Vec<Finding> {
    let unreadable = checkout
        .unreadable
        .iter()
        .map(|path| Finding::file(path, "is not UTF-8"));
    let mut findings: Vec<Finding> = unreadable.collect();
    for (path, text) in &checkout.files {
        findings.extend(control_characters(path, text));
        if path.ends_with(".rs") {
            findings.extend(rust_lines(path, text));
        } else if CODE.iter().any(|ending| path.ends_with(ending)) {
            let lines = text
                .lines()
                .enumerate()
                .filter(|(_, line)| has_open_end(line));
            findings.extend(lines.map(|(at, _)| open_end(path, at + 1)));
        }
    }
    findings
}

fn control_characters(path: &str, text: &str) -> Vec<Finding> {
    // Tables of imported data may carry a byte order mark and Windows line ends; their tests say so.
    let data = path.ends_with(".csv");
    let forbidden = |it: char| match it {
        '\n' => false,
        '\t' => path.ends_with(".rs"),
        '\r' | '\u{feff}' => !data,
        // Characters that show text in another order, or nothing at all.
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => true,
        _ => it.is_control(),
    };
    let lines = text.split('\n').enumerate().filter_map(|(at, line)| {
        let found = line.chars().find(|it| forbidden(*it))?;
        Some(Finding::line(
            path,
            at + 1,
            format!("contains {}: write it as an escape", found.escape_unicode()),
        ))
    });
    lines.collect()
}

fn rust_lines(path: &str, text: &str) -> Vec<Finding> {
    let source = Source::new(text);
    let mut findings = Vec::new();
    for (at, line) in source.lines_without_literals().iter().enumerate() {
        let length: usize = line
            .split(' ')
            .filter(|word| !word.contains("://"))
            .map(|word| word.chars().count() + 1)
            .sum();
        if length > LONGEST_LINE + 1 {
            let message = format!(
                "is {} characters long without its strings; {LONGEST_LINE} are enough",
                length - 1
            );
            findings.push(Finding::line(path, at + 1, message));
        }
    }
    for at in crate::source::words(&source.code, "dbg!") {
        findings.push(Finding::line(
            path,
            source.line_of(at),
            "`dbg!` was for looking; take it out",
        ));
    }
    for comment in source
        .comments
        .iter()
        .filter(|comment| has_open_end(&comment.text))
    {
        findings.push(open_end(path, comment.line));
    }
    findings
}

/// A mark that does not say whose it is: `MARK(name): …` does.
fn has_open_end(text: &str) -> bool {
    MARKS.iter().any(|mark| {
        crate::source::words(text, mark).any(|at| {
            let owner = text[at + mark.len()..]
                .strip_prefix('(')
                .and_then(|rest| rest.split_once(')'));
            owner.is_none_or(|(name, _)| name.trim().is_empty())
        })
    })
}

fn open_end(path: &str, line: usize) -> Finding {
    Finding::line(
        path,
        line,
        format!(
            "open end without an owner: `{}(name): what is missing`",
            MARKS[0]
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        run(&Checkout::of(&[(path, text)])).len()
    }

    #[test]
    fn invisible_characters_are_found() {
        assert_eq!(found("a.md", "left\u{202e}right"), 1);
        assert_eq!(found("a.md", "a\u{7}b\r\n"), 1);
        assert_eq!(found("a.rs", "\tlet a;"), 1);
        assert_eq!(found("Makefile", "\tcargo build\n"), 0);
        assert_eq!(found("people.csv", "\u{feff}name\r\nŻółć\r\n"), 0);
    }

    #[test]
    fn long_lines_are_found_unless_strings_or_links_make_them_long() {
        assert_eq!(found("a.rs", &format!("let {} = 1;", "a".repeat(160))), 1);
        assert_eq!(
            found("a.rs", &format!("let a = \"{}\";", "a".repeat(200))),
            0
        );
        assert_eq!(
            found(
                "a.rs",
                &format!("// https://example.com/{}", "a".repeat(200))
            ),
            0
        );
        assert_eq!(found("a.md", &"a".repeat(500)), 0);
    }

    #[test]
    fn open_ends_need_an_owner() {
        let mark = MARKS[0];
        assert_eq!(found("a.rs", &format!("// {mark}: later")), 1);
        assert_eq!(found("a.rs", &format!("// {mark}(anna): later")), 0);
        assert_eq!(found("a.rs", &format!("let a = \"{mark}\";")), 0);
        assert_eq!(found("a.py", &format!("# {mark} later")), 1);
    }

    #[test]
    fn dbg_is_found() {
        assert_eq!(found("a.rs", "fn f() { dbg!(1); }"), 1);
    }
}
