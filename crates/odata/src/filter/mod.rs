//! `$filter`: text → tokens (`lexer`) → expression ([`ast`], `parser`) → predicate ([`bind()`]).
//! [`print()`] writes a predicate as filter text again; [`values`] tells filters that only list values.

pub mod ast;
pub mod values;

mod bind;
mod lexer;
mod parser;
pub(crate) mod path;
mod print;

use syncline_model::{EntityType, Predicate, Problem};

use crate::Rules;

pub use print::print;

/// Parses a filter without asking what its names mean.
///
/// # Errors
/// 400 `BadRequest` with the position of the syntax error; 400 `Request_UnsupportedQuery` when the
/// filter is nested too deeply or has too many clauses.
pub fn parse(text: &str) -> Result<ast::Expression, Problem> {
    parser::parse(text)
}

/// Parses a filter and binds its names, operators and literals to an entity type.
///
/// # Errors
/// As [`parse`]; and 400 naming the clause for unknown properties, operators a property or the
/// collection does not support, and literals of the wrong type.
pub fn bind(text: &str, entity: &EntityType, rules: &Rules) -> Result<Predicate, Problem> {
    bind::bind(&parser::parse(text)?, entity, rules)
}
