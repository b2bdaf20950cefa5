//! What a text says, before any name in it is looked up, and how it prints.

use std::fmt;

/// A piece of the expression's text, in bytes: `start..end`. What is told of it is its [`crate::Place`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// From the beginning of `self` to the end of `last`.
    pub fn to(self, last: Self) -> Self {
        Self {
            start: self.start,
            end: last.end,
        }
    }
}

/// One node of the tree. Two are equal when they say the same: where they stand does not count.
#[derive(Clone, Debug)]
pub struct Expression {
    pub kind: ExpressionKind,
    pub span: Span,
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    /// `[userPrincipalName]`
    Attribute(String),
    /// `"text"`, without quotes and escapes.
    Text(String),
    /// `-10`, `&HF`
    Number(Number),
    /// A bare word: `vbBinaryCompare`, `True`.
    Word(String),
    /// `Name(argument, , argument)`; a blank argument is `None`.
    Call {
        function: String,
        arguments: Vec<Option<Expression>>,
    },
    /// `left = right`
    Comparison {
        left: Box<Expression>,
        operator: Operator,
        right: Box<Expression>,
    },
    /// Stands where a text could not be read, so that the rest can still be checked. Never inside
    /// a successful parse.
    Invalid,
}

/// A whole number and how it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    pub value: i64,
    /// Written `&H…`; never for negative numbers.
    pub hexadecimal: bool,
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Operator {
    pub const ALL: [Self; 6] = [
        Self::Equal,
        Self::NotEqual,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Less,
        Self::LessOrEqual,
    ];

    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }

    pub fn from_symbol(symbol: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|operator| operator.symbol() == symbol)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.hexadecimal {
            write!(f, "&H{:X}", self.value)
        } else {
            write!(f, "{}", self.value)
        }
    }
}

/// Puts `text` into quotes, as it stands inside an expression.
pub fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl fmt::Display for Expression {
    /// The canonical text: one space after each comma and around operators, blanks kept, as in
    /// `Replace([preferredLanguage], "-", , , "_", , )`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExpressionKind::Attribute(name) => write!(f, "[{name}]"),
            ExpressionKind::Text(text) => f.write_str(&quote(text)),
            ExpressionKind::Number(number) => number.fmt(f),
            ExpressionKind::Word(word) => f.write_str(word),
            ExpressionKind::Call {
                function,
                arguments,
            } => {
                write!(f, "{function}(")?;
                for (at, argument) in arguments.iter().enumerate() {
                    if at > 0 {
                        f.write_str(", ")?;
                    }
                    if let Some(argument) = argument {
                        argument.fmt(f)?;
                    }
                }
                f.write_str(")")
            }
            ExpressionKind::Comparison {
                left,
                operator,
                right,
            } => {
                write!(f, "{left} {} {right}", operator.symbol())
            }
            ExpressionKind::Invalid => f.write_str("?"),
        }
    }
}
