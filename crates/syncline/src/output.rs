//! The one place that writes to stdout and stderr. stdout carries what was asked for, with
//! `--output json` exactly one JSON document; stderr carries everything said beside it.

use std::borrow::Cow;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::failure::Failure;

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON document on stdout.
    Json,
}

/// An answer for people on stdout, at once.
///
/// # Errors
/// It could not be written: the disk is full, say. What was done is done all the same.
pub fn print(text: &str) -> Result<(), Failure> {
    write(&harmless(text)).map_err(unwritten)
}

/// A JSON document on stdout, just as it is.
///
/// # Errors
/// As [`print`].
pub fn document(json: &str) -> Result<(), Failure> {
    write(&format!("{json}\n")).map_err(unwritten)
}

/// A document to print.
pub fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new(format!("cannot write the answer: {error}")))
}

/// A reader who went away (`| head`) has read enough: that is no failure.
fn write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

fn unwritten(error: io::Error) -> Failure {
    Failure::new(format!("cannot write the answer: {error}"))
}

/// A line on stdout of what goes on: where it can not be told, it goes on.
pub fn line(text: &str) {
    if let Err(error) = write(&harmless(&format!("{text}\n"))) {
        tracing::warn!(%error, "stdout could not be written");
    }
}

/// Notes are log lines from now on: whoever reads the log as JSON reads stderr, too.
pub fn notes_as_log_lines() {
    NOTES_AS_LOG_LINES.store(true, Ordering::Relaxed);
}

static NOTES_AS_LOG_LINES: AtomicBool = AtomicBool::new(false);

/// A line on stderr.
pub fn note(text: &str) {
    if NOTES_AS_LOG_LINES.load(Ordering::Relaxed) {
        tracing::info!("{}", harmless(text));
        return;
    }
    // Nobody is left to tell when stderr is gone.
    let _ = writeln!(io::stderr().lock(), "{}", harmless(text));
}

/// `warning: …` on stderr, as a log line at its level.
pub fn warning(text: &str) {
    if NOTES_AS_LOG_LINES.load(Ordering::Relaxed) {
        tracing::warn!("{}", harmless(text));
        return;
    }
    note(&format!("warning: {text}"));
}

/// What we print has names in it that strangers chose: none of them may speak to the terminal.
fn harmless(text: &str) -> Cow<'_, str> {
    let speaks = |letter: char| speaks(letter) && !matches!(letter, '\n' | '\t');
    if text.contains(speaks) {
        Cow::Owned(text.replace(speaks, "\u{FFFD}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether a terminal does something else with it than to show it: it ends the line, moves the cursor, or turns round what is
/// written behind it ([UAX 9, explicit directional formatting](https://www.unicode.org/reports/tr9/)). Marks such as U+200F, which
/// turn nothing round, stay: texts of some languages need them.
fn speaks(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// An answer of which every text stands on one line, whatever somebody has called himself: none of them can forge a line
/// of ours. What is not shown as it is can be told from a blank: it may be what differs.
pub fn on_one_line(answer: Value) -> Value {
    let shown = |letter| match letter {
        '\n' => '\u{2424}',
        '\t' => '\u{2409}',
        other if speaks(other) => '\u{FFFD}',
        other => other,
    };
    let plain = |text: String| match text.contains(speaks) {
        true => text.chars().map(shown).collect(),
        false => text,
    };
    match answer {
        Value::String(text) => Value::String(plain(text)),
        Value::Array(items) => items.into_iter().map(on_one_line).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (plain(name), on_one_line(value)))
            .collect(),
        other => other,
    }
}

/// `error: …` and `help: …` on stderr.
pub fn failure(failure: &Failure) {
    note(&format!("error: {}", failure.message));
    if let Some(help) = &failure.help {
        note(&format!("help: {help}"));
    }
}

/// Whether somebody looks at stderr now: progress bars are for them only.
pub fn watched() -> bool {
    io::stderr().is_terminal()
}

/// What is told of rows that can not be read: nothing where there are none.
pub fn unreadable(what: &str, ids: &[impl std::fmt::Display]) -> String {
    ids.first().map_or_else(String::new, |first| {
        format!(
            "Not shown, as the rows cannot be read: {} {what}(s), e.g. {first}. `syncline doctor` says what to do.\n",
            ids.len()
        )
    })
}

/// A table for people: no box drawing but a line under the header.
pub fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = comfy_table::Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_header(header.to_vec());
    table.add_rows(rows);
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_speaks_to_the_terminal() {
        assert_eq!(harmless("a\tb\n"), "a\tb\n");
        assert_eq!(
            harmless("\u{1b}]0;owned\u{7} \r\u{9b}2J"),
            "\u{FFFD}]0;owned\u{FFFD} \u{FFFD}\u{FFFD}2J"
        );
        assert_eq!(
            harmless("a\u{202E}b\u{2067}\u{2028}"),
            "a\u{FFFD}b\u{FFFD}\u{FFFD}"
        );
        assert_eq!(harmless("\u{200F}\u{200E}é"), "\u{200F}\u{200E}é");
    }

    #[test]
    fn every_text_of_an_answer_stands_on_one_line() {
        let answer = serde_json::json!({
            "name": "Ana\nstatus  Active\u{202E}", "rows": [{ "a\tb": "x\r\u{85}y\u{2029}" }], "count": 2,
        });
        let expected = serde_json::json!({
            "name": "Ana␤status  Active\u{FFFD}", "rows": [{ "a␉b": "x\u{FFFD}\u{FFFD}y\u{FFFD}" }], "count": 2,
        });
        assert_eq!(on_one_line(answer), expected);
    }
}
