//! The attribute-mapping expression language: parse, check, evaluate; one file per function.
//!
//! A text such as `Join(" ", [givenName], [surname])` is read ([`parse`]), checked against the
//! attributes of the source object ([`compile`]) and run on one object after the other
//! ([`Program::evaluate`]). [`functions`] is the table of all functions: their documentation,
//! types, examples and code. [`MappingSource`] is an expression as Graph writes it down.
//!
//! Without a value an attribute is absent (`None`); Booleans read as the texts `True` and `False`;
//! a list of one stands for its element.
//!
//! Deliberately absent: input and output, clocks, randomness. `Now()` and `Guid()` draw on the
//! [`Context`] they are given.

pub mod ast;
pub mod attributes;
pub mod branches;
pub mod call_check;
mod checker;
mod coerce;
mod comparison;
mod datetime;
pub mod diagnostic;
mod distinct;
mod dotnet_format;
mod dotnet_pattern;
mod dotnet_substitution;
pub mod evaluator;
mod facts;
pub mod functions;
mod letter_set;
mod lexer;
pub mod limits;
pub mod mapping_source;
mod output;
pub mod parser;
mod place;
pub mod program;
pub mod sample;
mod search_pattern;
mod shown;
mod similar;
pub mod stop;
pub mod types;

pub use ast::{Expression, Span};
pub use attributes::{AttributeInfo, AttributeTypes};
pub use branches::{Branch, Way};
pub use datetime::parse as parse_date;
pub use diagnostic::{Code, Diagnostic, EvaluationError};
pub use distinct::Distinct;
pub use dotnet_pattern::PatternRoom;
pub use evaluator::{Context, Outcome};
pub use functions::{Function, functions};
pub use limits::Limits;
pub use mapping_source::{MappingSource, MappingSourceType, Parameter};
pub use parser::parse;
pub use place::Place;
pub use program::{Program, compile, compile_with, compile_within};
pub use sample::Sample;
pub use search_pattern::search_pattern;
pub use shown::{shown, shown_up_to};
pub use similar::closest;
pub use types::{Kind, Type};
