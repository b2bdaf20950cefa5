//! Why a text is no pattern, in words: by the engine that has what the pattern asks for.

use fancy_regex::{CompileError, Error, ParseError};
use regex_syntax::ast::ErrorKind;

/// Of a pattern that neither engine takes.
pub(super) fn of_both(linear: &regex_syntax::Error, backtracking: &Error) -> String {
    match backtracking {
        Error::CompileError(error) => of_compiling(error),
        Error::ParseError(_, error) if lacks_only_a_feature(linear) => of_reading(error),
        _ => of(linear),
    }
}

/// The last line of the regex crates' drawings says what is wrong.
pub(super) fn of(error: &impl ToString) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim().trim_start_matches("error: ").to_owned()
}

/// Whether the linear engine stopped at something that the other one may have.
fn lacks_only_a_feature(error: &regex_syntax::Error) -> bool {
    let regex_syntax::Error::Parse(error) = error else {
        return false;
    };
    matches!(
        error.kind(),
        ErrorKind::UnsupportedLookAround
            | ErrorKind::UnsupportedBackreference
            | ErrorKind::FlagUnrecognized
            | ErrorKind::EscapeUnrecognized
    )
}

fn of_reading(error: &ParseError) -> String {
    match error {
        ParseError::UnclosedOpenParen => "a group `(…` is not closed".to_owned(),
        ParseError::TargetNotRepeatable => "a repetition repeats nothing".to_owned(),
        ParseError::RecursionExceeded => "its groups are nested too deep".to_owned(),
        ParseError::InvalidEscape(escape) => format!("`{escape}` is not supported"),
        ParseError::UnknownFlag(flag) => {
            format!("`{flag}` is not supported; the options are i, m, s and x")
        }
        other => of(other),
    }
}

fn of_compiling(error: &CompileError) -> String {
    match error {
        CompileError::LookBehindNotConst | CompileError::VariableLookBehindRequiresFeature => {
            "a look-behind takes texts of one length: write `(?<=a|aa)` for `(?<=a{1,2})`, or put what comes before into a group"
                .to_owned()
        }
        CompileError::InvalidBackref(group) => format!("it has no group `{group}`"),
        CompileError::InnerError(inner) => match inner.syntax_error() {
            Some(error) => of(error),
            None => of(inner),
        },
        other => of(other),
    }
}
