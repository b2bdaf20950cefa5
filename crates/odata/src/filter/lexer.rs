//! Filter text to tokens.

use syncline_model::{Problem, Timestamp};
use uuid::Uuid;

use super::ast::Literal;

/// A token and where it begins, in characters.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub kind: Kind,
    pub at: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A name, keyword, `$count`, `true`, `null`: what it is, the parser decides.
    Word(String),
    /// Numbers, times, GUIDs and strings.
    Literal(Literal),
    Open,
    Close,
    Comma,
    Slash,
    Colon,
    End,
}

/// Reads all tokens; the last is always [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Problem> {
    let mut lexer = Lexer {
        text,
        rest: text,
        at: 0,
        tokens: Vec::new(),
    };
    while lexer.next()? {}
    Ok(lexer.tokens)
}

/// Graph's wording of a syntax error.
pub(super) fn syntax_error(at: usize, text: &str, what: &str) -> Problem {
    let shown: String = text.chars().take(200).collect();
    let more = if shown.len() < text.len() { "…" } else { "" };
    Problem::malformed(format!(
        "Invalid filter clause: Syntax error at position {at} in '{shown}{more}': {what}."
    ))
}

struct Lexer<'a> {
    text: &'a str,
    rest: &'a str,
    /// Characters already read.
    at: usize,
    tokens: Vec<Token>,
}

impl<'a> Lexer<'a> {
    /// Reads one token; false after the last.
    fn next(&mut self) -> Result<bool, Problem> {
        self.take(|it| it.is_whitespace());
        let at = self.at;
        let Some(first) = self.rest.chars().next() else {
            self.tokens.push(Token {
                kind: Kind::End,
                at,
            });
            return Ok(false);
        };
        let kind = match first {
            '(' => self.single(Kind::Open),
            ')' => self.single(Kind::Close),
            ',' => self.single(Kind::Comma),
            '/' => self.single(Kind::Slash),
            ':' => self.single(Kind::Colon),
            '\'' => Kind::Literal(Literal::Text(self.string()?)),
            '0'..='9' | '-' | '+' => {
                let word = self
                    .take(|it| it.is_ascii_alphanumeric() || matches!(it, '.' | ':' | '+' | '-'));
                Kind::Literal(number(word).ok_or_else(|| {
                    syntax_error(
                        at,
                        self.text,
                        &format!("'{word}' is not a number, date, time or GUID"),
                    )
                })?)
            }
            'a'..='z' | 'A'..='Z' | '_' | '$' | '@' => self.word()?,
            other => {
                return Err(syntax_error(
                    at,
                    self.text,
                    &format!("unexpected character '{other}'"),
                ));
            }
        };
        self.tokens.push(Token { kind, at });
        Ok(true)
    }

    fn single(&mut self, kind: Kind) -> Kind {
        self.advance(1);
        kind
    }

    fn word(&mut self) -> Result<Kind, Problem> {
        let at = self.at;
        // A hyphen occurs in GUIDs only, but those may begin with a letter.
        let word =
            self.take(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '$' | '@' | '.' | '-'));
        if let Some(id) = guid(word) {
            return Ok(Kind::Literal(Literal::Guid(id)));
        }
        if self.rest.starts_with('\'') {
            // `microsoft.graph.provisioningResult'success'` is OData's spelling of an enum member.
            if word
                .get(..16)
                .is_some_and(|it| it.eq_ignore_ascii_case("microsoft.graph."))
            {
                return Ok(Kind::Literal(Literal::Text(self.string()?)));
            }
            return Err(syntax_error(
                at,
                self.text,
                &format!("literals of type '{word}' are not supported"),
            ));
        }
        Ok(Kind::Word(word.to_owned()))
    }

    /// A string in single quotes, with `''` for a quote.
    fn string(&mut self) -> Result<String, Problem> {
        let at = self.at;
        let mut value = String::new();
        loop {
            self.advance(1);
            value.push_str(self.take(|it| it != '\''));
            if self.rest.is_empty() {
                return Err(syntax_error(at, self.text, "the string does not end"));
            }
            self.advance(1);
            if !self.rest.starts_with('\'') {
                return Ok(value);
            }
            value.push('\'');
        }
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|it| !wanted(it)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.at += taken.chars().count();
        taken
    }

    /// Skips ASCII characters already looked at.
    fn advance(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
        self.at += count;
    }
}

fn guid(word: &str) -> Option<Uuid> {
    (word.len() == 36)
        .then(|| Uuid::try_parse(word).ok())
        .flatten()
}

fn number(word: &str) -> Option<Literal> {
    if let Ok(number) = word.parse::<i64>() {
        return Some(Literal::Int(number));
    }
    if let Some(id) = guid(word) {
        return Some(Literal::Guid(id));
    }
    // `2022-12-10`, `2022-12-10T08:00:00`, `2022-12-10T08:00:00.1234567Z`.
    let dated = word.len() >= 10 && word.as_bytes()[4] == b'-' && word.as_bytes()[7] == b'-';
    if dated {
        Timestamp::parse(word).map(Literal::Time)
    } else {
        None
    }
}
