//! `docs/reference/failure-codes.md`: the codes of the provisioning log, from the tables that fill it.

use std::fmt::Write;

use syncline_engine::SkipReason;
use syncline_engine::failure::{Category, ERROR_CODES, ErrorCode, recommended_action};

use super::Page;

pub(super) fn page() -> Page {
    let mut text = String::from(include_str!("failure_codes.txt"));
    text.push_str("\n## Skipped objects\n\n| code | means | what to do |\n| --- | --- | --- |\n");
    for (code, means) in skips() {
        let action = recommended_action(code);
        let _ = writeln!(text, "| `{code}` | {means} | {action} |");
    }
    for matter in ERROR_CODES {
        let mut codes = matter.codes.iter().filter(|it| !is_skip(it)).peekable();
        if codes.peek().is_none() {
            continue;
        }
        let _ = write!(
            text,
            "\n## {}\n\n| code | category | what to do |\n| --- | --- | --- |\n",
            matter.matter
        );
        for it in codes {
            let category = match it.category {
                Category::Failure => "failure",
                Category::NonServiceFailure => "nonServiceFailure",
            };
            let _ = writeln!(text, "| `{}` | `{category}` | {} |", it.code, it.action);
        }
    }
    Page {
        path: "docs/reference/failure-codes.md".to_owned(),
        text,
    }
}

/// Codes of skipped objects, with what the log says of them.
fn skips() -> impl Iterator<Item = (&'static str, &'static str)> {
    let reasons = SkipReason::ALL.into_iter();
    let reasons = reasons.map(|it| (it.code(), it.sentence()));
    reasons.chain([SkipReason::RELEASED])
}

fn is_skip(it: &ErrorCode) -> bool {
    skips().any(|(code, _)| code == it.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_there_once() {
        let text = page().text;
        let codes = ERROR_CODES.iter().flat_map(|it| it.codes);
        for code in codes.map(|it| it.code) {
            assert_eq!(
                text.matches(&format!("\n| `{code}` |")).count(),
                1,
                "{code}"
            );
        }
    }
}
