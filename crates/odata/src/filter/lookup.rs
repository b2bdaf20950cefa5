//! Finding the key in a predicate, so that a list request reads one index entry and not the table.

use syncline_model::predicate::{Operand, Operator};
use syncline_model::{Attr, Predicate, Value};

/// Attributes that identify one object (or few), best first.
pub const KEY_ATTRS: [Attr; 5] = [
    Attr::ID,
    Attr::USER_PRINCIPAL_NAME,
    Attr::APP_ID,
    Attr::UNIQUE_NAME,
    Attr::MAIL,
];

/// The equality on the first of `indexed` that every object satisfying `predicate` must fulfil.
/// What the look-up finds must still be evaluated: the predicate may ask for more.
pub fn equality_lookup<'p>(
    predicate: &'p Predicate,
    indexed: &[Attr],
) -> Option<(Attr, &'p Value)> {
    indexed
        .iter()
        .find_map(|attr| Some((*attr, equality(predicate, *attr)?)))
}

fn equality(predicate: &Predicate, wanted: Attr) -> Option<&Value> {
    match predicate {
        Predicate::And(all) => all.iter().find_map(|it| equality(it, wanted)),
        Predicate::Or(one) if one.len() == 1 => equality(&one[0], wanted),
        Predicate::Compare {
            operand,
            operator: Operator::Equal,
            value,
            ..
        } if is_plain(operand, wanted) && *value != Value::Null => Some(value),
        Predicate::In {
            operand, values, ..
        } if is_plain(operand, wanted) && values.len() == 1 => values.first(),
        _ => None,
    }
}

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
