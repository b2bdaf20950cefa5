//! A filter as written, names not yet looked up. `at` is the position in characters, from 0.

use std::fmt;

use syncline_model::Timestamp;
use syncline_model::predicate::TextFunction;
use uuid::Uuid;

/// A Boolean expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Compare {
        left: Term,
        comparison: Comparison,
        right: Term,
        at: usize,
    },
    In {
        left: Term,
        values: Vec<Term>,
        at: usize,
    },
    /// `startsWith(subject, wanted)` and its like.
    Test {
        test: TextTest,
        subject: Term,
        wanted: Term,
        at: usize,
    },
    /// `path/any(variable: inner)`; `any()` without inner.
    Lambda {
        path: Path,
        quantifier: Quantifier,
        body: Option<(String, Box<Expression>)>,
    },
    /// A term alone: a Boolean property, `true` or `false`.
    Term(Term),
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    Path(Path),
    /// `path/$count`.
    Count(Path),
    Literal(Literal, usize),
    Call {
        function: TextFunction,
        inner: Box<Term>,
        at: usize,
    },
}

/// A property path, split at `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    pub segments: Vec<String>,
    pub at: usize,
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.segments.join("/"))
    }
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    Guid(Uuid),
    Time(Timestamp),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextTest {
    StartsWith,
    EndsWith,
    Contains,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    Any,
    All,
}

impl Comparison {
    pub(crate) const ALL: [(&'static str, Self); 6] = [
        ("eq", Self::Equal),
        ("ne", Self::NotEqual),
        ("gt", Self::Greater),
        ("ge", Self::GreaterOrEqual),
        ("lt", Self::Less),
        ("le", Self::LessOrEqual),
    ];

    /// `eq`, `ne`, …
    pub fn word(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, it)| *it == self)
            .map_or("eq", |(word, _)| word)
    }

    /// The comparison that says the same with its sides exchanged.
    pub(crate) fn mirrored(self) -> Self {
        match self {
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            same => same,
        }
    }
}

impl TextTest {
    pub(crate) const ALL: [(&'static str, Self); 3] = [
        ("startsWith", Self::StartsWith),
        ("endsWith", Self::EndsWith),
        ("contains", Self::Contains),
    ];

    /// `startsWith`, …
    pub fn word(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, it)| *it == self)
            .map_or("contains", |(word, _)| word)
    }
}

impl Literal {
    /// The EDM type, for messages.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "Edm.Boolean",
            Self::Int(_) => "Edm.Int64",
            Self::Text(_) => "Edm.String",
            Self::Guid(_) => "Edm.Guid",
            Self::Time(_) => "Edm.DateTimeOffset",
        }
    }
}

impl Term {
    /// Where the term begins.
    pub fn at(&self) -> usize {
        match self {
            Self::Path(path) | Self::Count(path) => path.at,
            Self::Literal(_, at) | Self::Call { at, .. } => *at,
        }
    }
}
