//! Tokens to a tree, by recursive descent. A mistake in one argument is reported, and reading goes
//! on at the next comma, so that all mistakes come out at once.

use crate::ast::{Expression, ExpressionKind, Span};
use crate::diagnostic::{Code, Diagnostic};
use crate::lexer::{Token, TokenKind, tokenize};
use crate::limits::Limits;
use crate::place::locate;

/// Reads an expression; names are not looked up.
pub fn parse(text: &str) -> Result<Expression, Vec<Diagnostic>> {
    parse_with(text, &Limits::DEFAULT)
}

/// [`parse`] with other limits.
pub fn parse_with(text: &str, limits: &Limits) -> Result<Expression, Vec<Diagnostic>> {
    match parse_recovering(text, limits) {
        (Some(expression), diagnostics) if diagnostics.is_empty() => Ok(expression),
        (_, mut diagnostics) => {
            locate(text, &mut diagnostics);
            Err(diagnostics)
        }
    }
}

/// What could be read, with [`ExpressionKind::Invalid`] where something could not; nothing at all
/// when the text is empty or too long.
pub(crate) fn parse_recovering(
    text: &str,
    limits: &Limits,
) -> (Option<Expression>, Vec<Diagnostic>) {
    let length = text.chars().count();
    let whole = Span::new(0, text.len());
    if length > limits.length {
        let message = format!(
            "the expression has {length} characters; at most {} are allowed",
            limits.length
        );
        return (None, vec![Diagnostic::new(Code::TooLong, whole, message)]);
    }
    let (tokens, diagnostics) = tokenize(text);
    if tokens.is_empty() {
        let empty = Diagnostic::new(Code::EmptyExpression, whole, "the expression is empty")
            .with_help("write `\"\"` for an empty text");
        return (None, vec![empty]);
    }
    let mut parser = Parser {
        tokens,
        at: 0,
        end: text.len(),
        limits,
        diagnostics,
    };
    let expression = parser.expression(0);
    if let Some(token) = parser.peek().cloned() {
        let span = Span::new(token.span.start, text.len());
        parser.after_operand(
            &token,
            Code::TextAfterEnd,
            span,
            "the expression ends before this",
        );
    }
    (Some(expression), parser.diagnostics)
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    /// Length of the text: where a missing token would stand.
    end: usize,
    limits: &'a Limits,
    diagnostics: Vec<Diagnostic>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn peek_kind(&self) -> Option<&TokenKind> {
        self.peek().map(|token| &token.kind)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn here(&self) -> Span {
        self.peek()
            .map_or(Span::new(self.end, self.end), |token| token.span)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// operand [operator operand]
    fn expression(&mut self, depth: usize) -> Expression {
        let left = self.operand(depth);
        let Some(TokenKind::Operator(operator)) = self.peek_kind() else {
            return left;
        };
        let operator = *operator;
        self.at += 1;
        let right = self.operand(depth);
        if matches!(self.peek_kind(), Some(TokenKind::Operator(_))) {
            let span = self.here();
            self.report(
                Diagnostic::new(
                    Code::ChainedComparison,
                    span,
                    "a second comparison follows the first",
                )
                .with_help("nest a second `IIF` instead"),
            );
            self.skip_argument();
        }
        let span = left.span.to(right.span);
        let kind = ExpressionKind::Comparison {
            left: Box::new(left),
            operator,
            right: Box::new(right),
        };
        Expression { kind, span }
    }

    fn operand(&mut self, depth: usize) -> Expression {
        let start = self.here();
        let invalid = |span| Expression {
            kind: ExpressionKind::Invalid,
            span,
        };
        let Some(token) = self.peek().cloned() else {
            self.report(Diagnostic::new(
                Code::ExpectedExpression,
                start,
                "a value is missing at the end",
            ));
            return invalid(start);
        };
        let kind = match token.kind {
            TokenKind::Attribute(name) => ExpressionKind::Attribute(name),
            TokenKind::Text(text) => ExpressionKind::Text(text),
            TokenKind::Number(number) => ExpressionKind::Number(number),
            TokenKind::Invalid => ExpressionKind::Invalid,
            TokenKind::Name(name) => {
                self.at += 1;
                if self.peek_kind() == Some(&TokenKind::Open) {
                    return self.call(name, token.span, depth);
                }
                return Expression {
                    kind: ExpressionKind::Word(name),
                    span: token.span,
                };
            }
            TokenKind::Open | TokenKind::Close | TokenKind::Comma | TokenKind::Operator(_) => {
                let diagnostic = Diagnostic::new(
                    Code::ExpectedExpression,
                    token.span,
                    "a value is missing here",
                );
                self.report(match token.kind {
                    TokenKind::Open => {
                        diagnostic.with_help("round brackets only follow a function's name")
                    }
                    _ => diagnostic
                        .with_help("write an `[attribute]`, a `\"text\"` or a function call"),
                });
                self.skip_argument();
                return invalid(token.span);
            }
        };
        self.at += 1;
        Expression {
            kind,
            span: token.span,
        }
    }

    /// `Name(` is behind us up to the name.
    fn call(&mut self, function: String, name: Span, depth: usize) -> Expression {
        if depth >= self.limits.depth {
            let message = format!("functions are nested more than {} deep", self.limits.depth);
            self.report(Diagnostic::new(Code::TooDeep, name, message));
            self.skip_argument();
            return Expression {
                kind: ExpressionKind::Invalid,
                span: name,
            };
        }
        let open = self.here();
        self.at += 1;
        let mut arguments = Vec::new();
        loop {
            match self.peek_kind() {
                None => {
                    self.unclosed(&function, open);
                    break;
                }
                Some(TokenKind::Close) => {
                    // `F()` has no argument; `F(a, )` has a blank last one.
                    if !arguments.is_empty() {
                        arguments.push(None);
                    }
                    break;
                }
                Some(TokenKind::Comma) => arguments.push(None),
                Some(_) => {
                    let argument = self.expression(depth + 1);
                    arguments.push(Some(argument));
                    if self.separator_is_missing() {
                        continue;
                    }
                }
            }
            match self.peek_kind() {
                Some(TokenKind::Comma) => self.at += 1,
                Some(_) => break,
                None => {
                    self.unclosed(&function, open);
                    break;
                }
            }
        }
        let last = self
            .next()
            .map_or(Span::new(self.end, self.end), |token| token.span);
        Expression {
            kind: ExpressionKind::Call {
                function,
                arguments,
            },
            span: name.to(last),
        }
    }

    /// Behind an argument only `,` and `)` may follow; what else does is reported. Says whether to
    /// go on as if there were a comma: where a value follows, or a wrong separator such as `;`.
    fn separator_is_missing(&mut self) -> bool {
        let Some(token) = self.peek().cloned() else {
            return false;
        };
        match &token.kind {
            TokenKind::Comma | TokenKind::Close => false,
            TokenKind::Invalid => {
                self.at += 1;
                true
            }
            kind => {
                self.after_operand(
                    &token,
                    Code::ExpectedComma,
                    token.span,
                    "a comma or `)` is missing before this",
                );
                let value_follows = match kind {
                    TokenKind::Attribute(_) | TokenKind::Text(_) | TokenKind::Number(_) => true,
                    TokenKind::Name(word) => !is_logical(word),
                    _ => false,
                };
                if !value_follows {
                    self.skip_argument();
                }
                value_follows
            }
        }
    }

    /// Reports a token that may not follow a complete value.
    fn after_operand(&mut self, token: &Token, code: Code, span: Span, message: &str) {
        let diagnostic = match &token.kind {
            // The lexer has said what is wrong.
            TokenKind::Invalid => return,
            TokenKind::Name(word) if is_logical(word) => {
                let help =
                    "for AND nest a second `IIF` where the first is true, for OR where it is false";
                Diagnostic::new(
                    Code::UnsupportedOperator,
                    span,
                    format!("there is no operator `{word}`"),
                )
                .with_help(help)
            }
            TokenKind::Close => Diagnostic::new(code, span, "there is one `)` too many"),
            TokenKind::Open => Diagnostic::new(code, span, message)
                .with_help("round brackets only follow a function's name"),
            _ => Diagnostic::new(code, span, message),
        };
        self.report(diagnostic);
    }

    fn unclosed(&mut self, function: &str, open: Span) {
        // An unclosed text or attribute has eaten the bracket: that is already reported.
        let eaten = |it: &Diagnostic| {
            matches!(
                it.code,
                Code::UnclosedText | Code::UnclosedAttribute | Code::UnclosedCall
            )
        };
        if !self.diagnostics.iter().any(eaten) {
            let message = format!("the call of `{function}` is not closed");
            self.report(
                Diagnostic::new(Code::UnclosedCall, open, message).with_help("add `)` at its end"),
            );
        }
    }

    /// Goes to the comma or bracket that ends the argument we are in.
    fn skip_argument(&mut self) {
        let mut depth = 0_usize;
        while let Some(kind) = self.peek_kind() {
            match kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close if depth == 0 => return,
                TokenKind::Close => depth -= 1,
                TokenKind::Comma if depth == 0 => return,
                _ => {}
            }
            self.at += 1;
        }
    }
}

/// Infix operators of other languages.
fn is_logical(word: &str) -> bool {
    ["and", "or", "not"]
        .iter()
        .any(|it| word.eq_ignore_ascii_case(it))
}
