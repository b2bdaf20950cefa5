//! Filters that are nothing but a list of values of one attribute.

use syncline_model::predicate::{Operand, Operator};
use syncline_model::{Attr, Predicate, Value};

/// All values of `attr` that satisfy the predicate, when it asks for nothing else: `id eq 'a' or
/// id eq 'b'`, `id in ('a','b')`. Delta takes only such filters.
pub fn values_of(predicate: &Predicate, attr: Attr) -> Option<Vec<&Value>> {
    match predicate {
        Predicate::Or(any) if !any.is_empty() => {
            let lists: Option<Vec<_>> = any.iter().map(|it| values_of(it, attr)).collect();
            Some(lists?.concat())
        }
        Predicate::Compare {
            operand,
            operator: Operator::Equal,
            value,
            ..
        } if is_plain(operand, attr) && *value != Value::Null => Some(vec![value]),
        Predicate::In {
            operand, values, ..
        } if is_plain(operand, attr) && !values.contains(&Value::Null) => {
            Some(values.iter().collect())
        }
        _ => None,
    }
}

fn is_plain(operand: &Operand, attr: Attr) -> bool {
    operand.function.is_none() && operand.path.attr == Some(attr) && operand.path.members.is_empty()
}
