//! What is told of every function: its documentation, its types, its examples, and what it does.

use crate::call_check::CallCheck;
use crate::diagnostic::Code;
use crate::evaluator::Call;
use crate::stop::Evaluated;
use crate::types::Type;

/// One function of the language. The checker, Graph's list of functions, the docs and the tests
/// all read it.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Case-sensitive.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    pub parameters: &'static [FunctionParameter],
    pub returns: Returns,
    pub nulls: Nulls,
    pub varies: Varies,
    /// What can be known of a call beyond counts and types.
    pub check: Option<fn(&mut CallCheck<'_>)>,
    pub examples: &'static [Example],
    pub evaluate: fn(&Call<'_>) -> Evaluated,
}

/// What a function yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returns {
    Always(Type),
    /// The text of a date, in the language's own form. Comparisons read it as the date it is.
    DateText,
    /// The argument at this position as a text, which is that of a date where the argument is.
    TextOf(usize),
    /// One of the arguments from this position on, as it is.
    OneOfArgumentsFrom(usize),
}

/// What happens without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// No first argument, no result.
    SourceGivesNull,
    /// Something else, in words; and when there may be no result, for the checker.
    Special(Missing, &'static str),
}

impl Nulls {
    /// When there may be no result.
    pub fn missing(self) -> Missing {
        match self {
            Self::SourceGivesNull => Missing::AnyOf(&[0]),
            Self::Special(missing, _) => missing,
        }
    }

    /// What happens, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::SourceGivesNull => "no first argument, no result",
            Self::Special(_, words) => words,
        }
    }
}

/// When a call may yield nothing, an empty text included: that is no value in a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Never,
    /// When one of these arguments may be missing.
    AnyOf(&'static [usize]),
    /// When one of the arguments from this position on may be missing.
    AnyFrom(usize),
    /// When all arguments from this position on may be missing.
    AllFrom(usize),
}

/// Whether the same object yields another value another time: a mapping that always flows would
/// then write in every cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Varies {
    Never,
    /// What depends on the time goes in, and what comes out seldom changes: a difference in days.
    SettlesTime,
    WithTime,
    AtRandom,
}

/// One parameter, or all the repetitions of the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionParameter {
    /// As Graph names it where it names it, else as the functions reference does.
    pub name: &'static str,
    pub kind: Type,
    pub required: bool,
    pub repeating: bool,
    /// A comparison may stand here.
    pub condition: bool,
    /// Bare words that may stand here.
    pub words: &'static [&'static str],
    pub doc: &'static str,
}

impl FunctionParameter {
    pub const fn required(name: &'static str, kind: Type, doc: &'static str) -> Self {
        Self {
            name,
            kind,
            required: true,
            repeating: false,
            condition: false,
            words: &[],
            doc,
        }
    }

    pub const fn optional(name: &'static str, kind: Type, doc: &'static str) -> Self {
        Self {
            required: false,
            ..Self::required(name, kind, doc)
        }
    }

    #[must_use]
    pub const fn repeating(self) -> Self {
        Self {
            repeating: true,
            ..self
        }
    }

    #[must_use]
    pub const fn condition(self) -> Self {
        Self {
            condition: true,
            ..self
        }
    }

    #[must_use]
    pub const fn words(self, words: &'static [&'static str]) -> Self {
        Self { words, ..self }
    }
}

/// A call, the object it runs on, and what comes out. Examples are documentation and tests alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    pub expression: &'static str,
    /// A JSON object.
    pub attributes: &'static str,
    pub expected: Expected,
}

/// What an example yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A JSON value.
    Value(&'static str),
    /// No value.
    Null,
    /// The attribute does not flow.
    Ignored,
    Fails(Code),
}

impl Example {
    /// `expected` is a JSON value.
    pub const fn new(
        expression: &'static str,
        attributes: &'static str,
        expected: &'static str,
    ) -> Self {
        Self {
            expression,
            attributes,
            expected: Expected::Value(expected),
        }
    }

    pub const fn null(expression: &'static str, attributes: &'static str) -> Self {
        Self {
            expression,
            attributes,
            expected: Expected::Null,
        }
    }

    pub const fn ignored(expression: &'static str, attributes: &'static str) -> Self {
        Self {
            expression,
            attributes,
            expected: Expected::Ignored,
        }
    }

    pub const fn fails(expression: &'static str, attributes: &'static str, code: Code) -> Self {
        Self {
            expression,
            attributes,
            expected: Expected::Fails(code),
        }
    }
}

impl Function {
    /// The parameter that the argument at `position` is given for.
    pub fn parameter(&self, position: usize) -> Option<&'static FunctionParameter> {
        self.parameters
            .get(position)
            .or_else(|| self.parameters.last().filter(|last| last.repeating))
    }
}
