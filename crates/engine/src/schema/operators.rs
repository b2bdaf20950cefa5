//! The operators of scoping filters: one table, from which the list of Graph
//! (`filterOperatorSchema`), the compiler of clauses and `docs/reference/scoping.md` are made.

use super::AttributeType::{self, Binary, Boolean, DateTime, Integer, Reference, String};
use super::MultivaluedComparison::{self, All, Any};

/// One operator of a filter clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterOperator {
    /// As `filterClause.operatorName` has it.
    pub name: &'static str,
    pub(crate) test: Test,
    /// Which of several values of the attribute must hold, unless the clause says otherwise.
    pub multivalued: MultivaluedComparison,
    /// What attributes it can be asked of.
    pub types: &'static [AttributeType],
    /// When it is true, in one sentence.
    pub doc: &'static str,
}

impl FilterOperator {
    /// The operator of this name; blanks, underscores and case do not count.
    pub fn named(name: &str) -> Option<&'static Self> {
        let plain = |text: &str| {
            text.chars()
                .filter(|letter| !letter.is_whitespace() && *letter != '_')
                .collect::<std::string::String>()
                .to_ascii_uppercase()
        };
        let wanted = plain(name);
        FILTER_OPERATORS
            .iter()
            .find(|operator| plain(operator.name) == wanted)
    }

    /// Whether it compares with a value; otherwise it looks at the attribute alone.
    pub fn is_binary(&self) -> bool {
        !matches!(
            self.test,
            Test::IsTrue | Test::IsFalse | Test::IsNull | Test::IsNotNull
        )
    }

    /// Graph's `scopeOperatorType`.
    pub fn arity(&self) -> &'static str {
        if self.is_binary() { "Binary" } else { "Unary" }
    }
}

/// What an operator asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    Equals,
    NotEquals,
    Matches,
    NotMatches,
    IsTrue,
    IsFalse,
    IsNull,
    IsNotNull,
    Greater,
    GreaterOrEqual,
    Includes,
    EndsWith,
    OccursIn,
    OccursNotIn,
    IsMemberOf,
}

impl Test {
    /// Whether the values it compares with are patterns.
    pub(crate) fn is_of_patterns(self) -> bool {
        matches!(self, Self::Matches | Self::NotMatches)
    }
}

const fn operator(
    name: &'static str,
    test: Test,
    multivalued: MultivaluedComparison,
    types: &'static [AttributeType],
    doc: &'static str,
) -> FilterOperator {
    FilterOperator {
        name,
        test,
        multivalued,
        types,
        doc,
    }
}

const EVERY_TYPE: &[AttributeType] = &[Integer, String, Binary, Boolean, DateTime, Reference];
const PLAIN: &[AttributeType] = &[Integer, String, DateTime, Reference];
const ORDERED: &[AttributeType] = &[Integer, String, DateTime];

/// In the order of Graph's page; those behind `IS NOT NULL` are the portal's.
// One row per line: a table reads better than wrapped calls.
#[rustfmt::skip]
pub const FILTER_OPERATORS: &[FilterOperator] = &[
    operator("EQUALS", Test::Equals, All, PLAIN, "The value is the same; of several values given, one of them."),
    operator("NOT EQUALS", Test::NotEquals, All, PLAIN, "The value differs; of several values given, from all of them."),
    operator("REGEX MATCH", Test::Matches, All, &[Integer, String], "The pattern (.NET's) matches somewhere in the value; `^…$` asks for all of it."),
    operator("NOT REGEX MATCH", Test::NotMatches, All, &[Integer, String], "The pattern matches nowhere in the value."),
    operator("IS TRUE", Test::IsTrue, All, &[Boolean], "The value is true."),
    operator("IS FALSE", Test::IsFalse, All, &[Boolean], "The value is false."),
    operator("IS NULL", Test::IsNull, All, EVERY_TYPE, "There is no value, or an empty text."),
    operator("IS NOT NULL", Test::IsNotNull, All, EVERY_TYPE, "There is a value that is no empty text."),
    operator("GREATER_THAN", Test::Greater, All, ORDERED, "The number or time is greater; a text counts when it says a whole number."),
    operator("GREATER_THAN_OR_EQUALS", Test::GreaterOrEqual, All, ORDERED, "The number or time is greater or the same; a text counts when it says a whole number."),
    operator("INCLUDES", Test::Includes, All, &[String], "The value contains the text."),
    operator("ENDS_WITH", Test::EndsWith, All, &[String], "The value ends with the text."),
    operator("&", Test::OccursIn, All, &[String], "The value occurs in the text given."),
    operator("!&", Test::OccursNotIn, All, &[String], "The value does not occur in the text given."),
    operator("IsMemberOf", Test::IsMemberOf, Any, &[Reference], "The object is a direct member of the group with this id; of several, of one of them (`All`: of each)."),
];
