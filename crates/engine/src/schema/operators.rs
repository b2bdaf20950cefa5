//! The operators of scoping filters as Graph lists them (`filterOperatorSchema`).

use super::AttributeType::{self, Binary, Boolean, DateTime, Integer, Reference, String};

/// One operator of a filter clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterOperator {
    /// As `filterClause.operatorName` has it.
    pub name: &'static str,
    /// Compares with a value; otherwise it looks at the attribute alone.
    pub binary: bool,
    /// What attributes it can be asked of.
    pub types: &'static [AttributeType],
}

impl FilterOperator {
    /// Graph's `scopeOperatorType`.
    pub fn arity(&self) -> &'static str {
        if self.binary { "Binary" } else { "Unary" }
    }
}

const fn binary(name: &'static str, types: &'static [AttributeType]) -> FilterOperator {
    FilterOperator {
        name,
        binary: true,
        types,
    }
}

const fn unary(name: &'static str, types: &'static [AttributeType]) -> FilterOperator {
    FilterOperator {
        name,
        binary: false,
        types,
    }
}

/// In the order of Graph's page; those behind `IS NOT NULL` are the portal's.
pub const FILTER_OPERATORS: &[FilterOperator] = &[
    binary("EQUALS", &[Integer, String]),
    binary("NOT EQUALS", &[Integer, String]),
    binary("REGEX MATCH", &[Integer, String]),
    binary("NOT REGEX MATCH", &[Integer, String]),
    unary("IS TRUE", &[Boolean]),
    unary("IS FALSE", &[Boolean]),
    unary("IS NULL", &[Integer, String, Binary, Boolean]),
    unary("IS NOT NULL", &[Integer, String, Binary, Boolean]),
    binary("GREATER_THAN", &[Integer, DateTime]),
    binary("GREATER_THAN_OR_EQUALS", &[Integer, DateTime]),
    binary("INCLUDES", &[String]),
    binary("IsMemberOf", &[Reference]),
];
