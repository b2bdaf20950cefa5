//! Text to tokens. Reports what it can not read and goes on behind it.

use crate::ast::{Number, Operator, Span};
use crate::diagnostic::{Code, Diagnostic};

/// The smallest pieces of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum TokenKind {
    Attribute(String),
    Text(String),
    Number(Number),
    /// A function name or a bare word.
    Name(String),
    Open,
    Close,
    Comma,
    Operator(Operator),
    /// Could not be read; a diagnostic says why.
    Invalid,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

/// All tokens of `text`, and what is wrong with them.
pub fn tokenize(text: &str) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer = Lexer {
        text,
        at: 0,
        tokens: Vec::new(),
        diagnostics: Vec::new(),
    };
    while lexer.next_token() {}
    (lexer.tokens, lexer.diagnostics)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    diagnostics: Vec<Diagnostic>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn push(&mut self, start: usize, kind: TokenKind) {
        self.tokens.push(Token {
            kind,
            span: Span::new(start, self.at),
        });
    }

    /// Reports the text from `start` on, and stands a placeholder in its place.
    fn report(&mut self, start: usize, code: Code, message: impl Into<String>, help: &str) {
        let span = Span::new(start, self.at);
        self.diagnostics
            .push(Diagnostic::new(code, span, message).with_help(help));
        self.tokens.push(Token {
            kind: TokenKind::Invalid,
            span,
        });
    }

    fn next_token(&mut self) -> bool {
        while self.peek().is_some_and(char::is_whitespace) {
            self.bump();
        }
        let start = self.at;
        let Some(first) = self.bump() else {
            return false;
        };
        match first {
            '(' => self.push(start, TokenKind::Open),
            ')' => self.push(start, TokenKind::Close),
            ',' => self.push(start, TokenKind::Comma),
            '[' => self.attribute(start),
            '"' => self.text(start),
            '=' | '<' | '>' | '!' => self.operator(start),
            '0'..='9' => self.number(start),
            '-' if self.peek().is_some_and(|next| next.is_ascii_digit()) => self.number(start),
            '&' if self.rest().starts_with(['H', 'h']) => self.hexadecimal(start),
            _ if first.is_alphabetic() || first == '_' => self.name(start),
            _ => self.unexpected(start, first),
        }
        true
    }

    /// `[name]`; brackets inside a name are balanced, as in `[emails[type eq "work"].value]`.
    fn attribute(&mut self, start: usize) {
        let mut depth = 1;
        while let Some(next) = self.bump() {
            match next {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let name = self.text[start + 1..self.at - 1].trim().to_owned();
                if name.is_empty() {
                    let help = "write the attribute's name between the brackets, e.g. `[mail]`";
                    return self.report(
                        start,
                        Code::EmptyAttributeName,
                        "an attribute has no name",
                        help,
                    );
                }
                return self.push(start, TokenKind::Attribute(name));
            }
        }
        self.report(
            start,
            Code::UnclosedAttribute,
            "an attribute is not closed",
            "add `]` after the name",
        );
    }

    fn text(&mut self, start: usize) {
        let mut text = String::new();
        let mut readable = true;
        while let Some(next) = self.bump() {
            match next {
                '"' if readable => return self.push(start, TokenKind::Text(text)),
                '"' => return self.push(start, TokenKind::Invalid),
                '\\' => match self.peek() {
                    Some(escaped @ ('"' | '\\')) => {
                        self.bump();
                        text.push(escaped);
                    }
                    _ => {
                        readable = false;
                        let span = Span::new(self.at - 1, self.at);
                        self.diagnostics.push(
                            Diagnostic::new(
                                Code::UnescapedBackslash,
                                span,
                                "a backslash stands alone inside a text",
                            )
                            .with_help("write `\\\\` for a backslash and `\\\"` for a double quote")
                            .with_suggestion("\\\\"),
                        );
                    }
                },
                other => text.push(other),
            }
        }
        self.report(
            start,
            Code::UnclosedText,
            "a text is not closed",
            "add `\"` at its end",
        );
    }

    fn operator(&mut self, start: usize) {
        while self
            .peek()
            .is_some_and(|next| matches!(next, '=' | '<' | '>' | '!'))
        {
            self.bump();
        }
        let symbol = self.text[start..self.at].to_owned();
        if let Some(operator) = Operator::from_symbol(&symbol) {
            return self.push(start, TokenKind::Operator(operator));
        }
        let (meant, operator) = match symbol.as_str() {
            "==" | "===" => ("=", Operator::Equal),
            "!=" | "!==" => ("<>", Operator::NotEqual),
            "=>" => (">=", Operator::GreaterOrEqual),
            "=<" => ("<=", Operator::LessOrEqual),
            _ => {
                let help = "the operators are `=`, `<>`, `>`, `>=`, `<` and `<=`";
                return self.report(
                    start,
                    Code::UnsupportedOperator,
                    format!("unknown operator `{symbol}`"),
                    help,
                );
            }
        };
        let span = Span::new(start, self.at);
        self.diagnostics.push(
            Diagnostic::new(
                Code::UnsupportedOperator,
                span,
                format!("unknown operator `{symbol}`"),
            )
            .did_you_mean(Some(meant)),
        );
        // Read on as what was meant, so that the rest is checked too.
        self.push(start, TokenKind::Operator(operator));
    }

    fn number(&mut self, start: usize) {
        self.skip_word();
        let written = &self.text[start..self.at];
        match written.parse() {
            Ok(value) => self.push(
                start,
                TokenKind::Number(Number {
                    value,
                    hexadecimal: false,
                }),
            ),
            Err(_) => self.bad_number(start),
        }
    }

    fn hexadecimal(&mut self, start: usize) {
        self.skip_word();
        // Behind `&H`, both of one byte.
        match i64::from_str_radix(&self.text[start + 2..self.at], 16) {
            Ok(value) if !self.text[start + 2..].starts_with(['-', '+']) => {
                self.push(
                    start,
                    TokenKind::Number(Number {
                        value,
                        hexadecimal: true,
                    }),
                );
            }
            _ => self.bad_number(start),
        }
    }

    fn bad_number(&mut self, start: usize) {
        let message = format!("`{}` is not a number", &self.text[start..self.at]);
        let help = "numbers are whole, at most 9223372036854775807, or hexadecimal like `&HFF`; put texts in double quotes";
        self.report(start, Code::BadNumber, message, help);
    }

    fn name(&mut self, start: usize) {
        self.skip_word();
        let name = self.text[start..self.at].to_owned();
        self.push(start, TokenKind::Name(name));
    }

    /// Letters, digits, underscores, and the point of a decimal number (which is then refused).
    fn skip_word(&mut self) {
        while self
            .peek()
            .is_some_and(|next| next.is_alphanumeric() || next == '_' || next == '.')
        {
            self.bump();
        }
    }

    fn unexpected(&mut self, start: usize, first: char) {
        let message = format!("unexpected `{first}`");
        let help = match first {
            '\'' | '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' => {
                "texts stand in straight double quotes: `\"text\"`"
            }
            ']' => "an attribute begins with `[`",
            ';' => "arguments are separated by commas",
            '+' | '&' => "put texts together with `Join` or `Append`",
            '|' | '*' | '/' | '^' => "there are no infix operators but comparisons; use functions",
            '{' | '}' => "arguments stand in round brackets",
            _ => "an expression is a function call, an `[attribute]` or a `\"text\"`",
        };
        // A quoted text is skipped as a whole, lest every word in it be reported.
        if matches!(
            first,
            '\'' | '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}'
        ) {
            let closing =
                |c: char| matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}');
            if let Some(length) = self.rest().find(closing) {
                self.at += length;
                self.bump();
            }
        }
        self.report(start, Code::UnexpectedCharacter, message, help);
    }
}
