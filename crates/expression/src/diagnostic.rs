//! What is wrong with an expression, where, and what to do about it.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::ast::Span;
use crate::place::{Place, locate};

/// Every way an expression can be wrong. Numbers are public: never reuse one. 100s: the text can
/// not be read; 200s: it can be read and makes no sense; 300s: it failed on one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Code {
    UnexpectedCharacter = 101,
    UnclosedText = 102,
    UnclosedAttribute = 103,
    UnescapedBackslash = 104,
    BadNumber = 105,
    TooLong = 106,
    TooDeep = 107,
    ExpectedExpression = 108,
    ExpectedComma = 109,
    UnclosedCall = 110,
    TextAfterEnd = 111,
    EmptyExpression = 112,
    EmptyAttributeName = 113,
    UnsupportedOperator = 114,
    ChainedComparison = 115,

    UnknownFunction = 201,
    UnknownAttribute = 202,
    UnknownWord = 203,
    MissingArgument = 204,
    TooManyArguments = 205,
    BlankArgument = 206,
    WrongType = 207,
    WrongConstant = 208,
    MisplacedComparison = 209,
    BadPattern = 210,
    UnknownGroup = 211,
    UnpairedKey = 212,
    UnclearMode = 213,
    MisplacedFunction = 214,
    NotConstant = 215,
    UnknownParameter = 217,
    VariesAlways = 218,
    MayBeMissing = 219,

    SeveralValues = 301,
    NotANumber = 302,
    NotADate = 303,
    OutOfRange = 304,
    NoDefaultDomain = 305,
    TooMuchWork = 306,
}

impl Code {
    /// Every code and what it stands for, sorted by number.
    pub const ALL: &'static [(Self, &'static str)] = &[
        (Self::UnexpectedCharacter, "a sign that cannot stand there"),
        (Self::UnclosedText, "a text without its closing quote"),
        (Self::UnclosedAttribute, "an attribute without its `]`"),
        (
            Self::UnescapedBackslash,
            "a backslash in a text that is not written twice",
        ),
        (Self::BadNumber, "a number that is not whole, or too large"),
        (Self::TooLong, "more characters than the setting allows"),
        (Self::TooDeep, "calls nested too deep"),
        (Self::ExpectedExpression, "a value is missing"),
        (Self::ExpectedComma, "a comma or `)` is missing"),
        (Self::UnclosedCall, "a call without its `)`"),
        (Self::TextAfterEnd, "something behind the end"),
        (Self::EmptyExpression, "nothing is written"),
        (Self::EmptyAttributeName, "`[]`"),
        (Self::UnsupportedOperator, "an operator of another language"),
        (
            Self::ChainedComparison,
            "a second comparison behind the first",
        ),
        (Self::UnknownFunction, "no function has this name"),
        (
            Self::UnknownAttribute,
            "the source object has no such attribute",
        ),
        (Self::UnknownWord, "a bare word that means nothing there"),
        (Self::MissingArgument, "a required argument is missing"),
        (
            Self::TooManyArguments,
            "more arguments than the function takes",
        ),
        (Self::BlankArgument, "an argument in the middle is blank"),
        (
            Self::WrongType,
            "a value of the wrong type, or several where one is needed",
        ),
        (Self::WrongConstant, "a constant the function cannot take"),
        (
            Self::MisplacedComparison,
            "a comparison where none may stand",
        ),
        (Self::BadPattern, "a pattern that cannot be read"),
        (Self::UnknownGroup, "a group the pattern does not have"),
        (Self::UnpairedKey, "the last key of a `Switch` has no value"),
        (
            Self::UnclearMode,
            "arguments of `Replace` that do not say what to do",
        ),
        (Self::MisplacedFunction, "a function where it cannot stand"),
        (
            Self::NotConstant,
            "a pattern or group name that is not a constant",
        ),
        (
            Self::UnknownParameter,
            "a tree names a parameter the function does not have",
        ),
        (
            Self::VariesAlways,
            "another value each time, in a mapping that always flows",
        ),
        (
            Self::MayBeMissing,
            "there may be no value where one is needed",
        ),
        (Self::SeveralValues, "several values where one is needed"),
        (Self::NotANumber, "a text that is no whole number"),
        (Self::NotADate, "a text that is no date"),
        (Self::OutOfRange, "a number outside what the function takes"),
        (Self::NoDefaultDomain, "the tenant has no default domain"),
        (Self::TooMuchWork, "a value or a pattern beyond the bounds"),
    ];

    pub fn number(self) -> u16 {
        self as u16
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EX{}", self.number())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A problem found without running the expression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// In bytes.
    #[serde(skip)]
    pub span: Span,
    /// The same for people and for what reads JSON.
    #[serde(rename = "span")]
    pub place: Place,
    pub code: Code,
    /// What is wrong; lower case, no full stop, the user's words in back-ticks.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// A replacement that would make it right.
    pub suggestion: Option<Box<Suggestion>>,
}

/// "Put `replacement` where `span` is".
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// In bytes.
    #[serde(skip)]
    pub span: Span,
    /// The same for what reads JSON.
    #[serde(rename = "span")]
    pub place: Place,
    pub replacement: String,
}

impl Diagnostic {
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            place: span.place_in_ascii(),
            code,
            message: message.into(),
            help: None,
            suggestion: None,
        }
    }

    /// Tells where in this text it is: without that all letters before it are taken for ASCII.
    #[must_use]
    pub fn in_text(mut self, text: &str) -> Self {
        locate(text, std::slice::from_mut(&mut self));
        self
    }

    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Replaces the diagnostic's own span.
    #[must_use]
    pub fn with_suggestion(mut self, replacement: impl Into<String>) -> Self {
        self.suggestion = Some(Box::new(Suggestion {
            span: self.span,
            place: self.place,
            replacement: replacement.into(),
        }));
        self
    }

    /// "did you mean", as help and as suggestion, when there is something to mean.
    #[must_use]
    pub fn did_you_mean(self, replacement: Option<&str>) -> Self {
        match replacement {
            Some(replacement) => self
                .with_help(format!("did you mean `{replacement}`?"))
                .with_suggestion(replacement),
            None => self,
        }
    }
}

impl fmt::Display for Diagnostic {
    /// One line: `unknown function `Foo` (did you mean `For`?) at character 3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(help) = &self.help {
            write!(f, " ({help})")?;
        }
        write!(f, " at character {}", self.place.character)
    }
}

/// An expression that could not be evaluated on one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationError {
    pub code: Code,
    pub message: String,
    /// The call or attribute that failed.
    pub span: Option<Span>,
}

impl EvaluationError {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            span: None,
        }
    }
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EvaluationError {}
