//! `targetOperand.values`, in the type of the attribute.

use std::str::FromStr;

use syncline_expression::{PatternRoom, search_pattern, shown};
use syncline_model::predicate::Pattern;
use syncline_model::{ObjectId, Timestamp, Value};

use super::Diagnostics;
use super::operand::Operand;
use crate::schema::operators::Test;
use crate::schema::{AttributeType, FilterClause, FilterOperator};

/// What a clause compares with.
#[derive(Default)]
pub(super) struct Compared {
    pub(super) values: Vec<Value>,
    /// Of pattern operators.
    pub(super) patterns: Vec<Pattern>,
}

impl Compared {
    /// The ids among the values.
    pub(super) fn groups(&self) -> Vec<ObjectId> {
        let ids = self.values.iter().filter_map(|value| match value {
            Value::Guid(id) => Some(ObjectId(*id)),
            _ => None,
        });
        ids.collect()
    }
}

/// As written.
pub(super) fn texts(clause: &FilterClause) -> &[String] {
    clause
        .target_operand
        .as_ref()
        .map(|operand| operand.values.as_slice())
        .unwrap_or_default()
}

/// `None` when a value does not fit; each is told.
pub(super) fn compile(
    clause: &FilterClause,
    operand: &Operand,
    operator: &FilterOperator,
    room: &mut PatternRoom,
    path: &str,
    found: &mut Diagnostics,
) -> Option<Compared> {
    let mut compared = Compared::default();
    if !operator.is_binary() {
        return Some(compared);
    }
    let path = format!("{path}.targetOperand");
    let texts = texts(clause);
    let ordered = matches!(operator.test, Test::Greater | Test::GreaterOrEqual);
    if texts.is_empty() || (ordered && texts.len() > 1) {
        let wanted = if ordered {
            "exactly one value"
        } else {
            "a value"
        };
        found.invalid(
            &path,
            format!(
                "{} compares with {wanted}; write it in `targetOperand.values`",
                operator.name
            ),
        );
        return None;
    }
    let before = found.count();
    for (at, text) in texts.iter().enumerate() {
        let read = match operator.test {
            test if test.is_of_patterns() => {
                pattern(text, room).map(|it| compared.patterns.push(it))
            }
            _ => value(text, operand, operator).map(|it| compared.values.push(it)),
        };
        if let Err(message) = read {
            found.invalid(&format!("{path}.values[{at}]"), message);
        }
    }
    (found.count() == before).then_some(compared)
}

fn pattern(text: &str, room: &mut PatternRoom) -> Result<Pattern, String> {
    search_pattern(text, room).map_err(|problem| {
        format!(
            "`{}` is not a pattern that can be used: {problem}",
            shown(text)
        )
    })
}

fn value(text: &str, operand: &Operand, operator: &FilterOperator) -> Result<Value, String> {
    let name = &operand.name;
    let quoted = shown(text);
    let ordered = matches!(operator.test, Test::Greater | Test::GreaterOrEqual);
    match operand.kind {
        AttributeType::Integer => {
            integer(text).ok_or_else(|| format!("`{name}` is an integer, `{quoted}` is none"))
        }
        AttributeType::String if ordered => integer(text).ok_or_else(|| {
            format!(
                "{} compares whole numbers such as 42; `{quoted}` is none",
                operator.name
            )
        }),
        AttributeType::DateTime => Timestamp::parse(text.trim()).map(Value::Time).ok_or_else(|| {
            format!("`{name}` is a time; write `{quoted}` as 2026-01-31T12:00:00Z, as 2026-01-31T12:00:00+01:00, or as the bare date 2026-01-31 (midnight UTC)")
        }),
        _ if operand.is_membership || (operand.is_id && is_equality(operator.test)) => {
            ObjectId::from_str(text.trim())
                .map(|id| Value::Guid(id.0))
                .map_err(|_| {
                    format!("`{quoted}` is not an object id such as 6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111")
                })
        }
        _ => Ok(Value::text(text)),
    }
}

fn is_equality(test: Test) -> bool {
    matches!(test, Test::Equals | Test::NotEquals)
}

fn integer(text: &str) -> Option<Value> {
    text.trim().parse().ok().map(Value::Int)
}
