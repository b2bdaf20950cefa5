//! What a clause asks, as a predicate: the null rules, several values of the attribute, several
//! values to compare with.

use syncline_model::predicate::{Case, Operand as Compared, Operator, Path, TextFunction};
use syncline_model::{Predicate, Value};

use super::operand::Operand;
use super::value;
use crate::schema::operators::Test;
use crate::schema::{AttributeType, FilterOperator, MultivaluedComparison};

pub(super) fn of(
    operand: &Operand,
    operator: &FilterOperator,
    multivalued: MultivaluedComparison,
    with: &value::Compared,
) -> Predicate {
    match operator.test {
        Test::IsNull => no_value(operand),
        Test::IsNotNull => not(no_value(operand)),
        Test::IsMemberOf => membership(operand, multivalued, with),
        test => {
            let holds = |path: Path| one(test, operand, path, with);
            let holds = match (operand.many, multivalued) {
                (false, _) => holds(operand.path.clone()),
                (true, MultivaluedComparison::Any) => Predicate::Any {
                    path: operand.path.clone(),
                    inner: Box::new(holds(Path::element())),
                },
                (true, _) => Predicate::All {
                    path: operand.path.clone(),
                    inner: Box::new(holds(Path::element())),
                },
            };
            // A clause on an attribute without a value is false, whatever it asks: a missing value
            // is neither different nor unmatched.
            Predicate::And(vec![not(no_value(operand)), holds])
        }
    }
}

fn no_value(operand: &Operand) -> Predicate {
    if operand.many {
        return Predicate::Count {
            path: operand.path.clone(),
            operator: Operator::Equal,
            value: 0,
        };
    }
    let is = |value: Value| compare(operand.path.clone(), Operator::Equal, value);
    match operand.kind {
        AttributeType::String => Predicate::Or(vec![is(Value::Null), is(Value::text(""))]),
        _ => is(Value::Null),
    }
}

/// What one value must be like.
fn one(test: Test, operand: &Operand, path: Path, with: &value::Compared) -> Predicate {
    let each = |operator: Operator| {
        any(with
            .values
            .iter()
            .map(|value| compare(path.clone(), operator, value.clone())))
    };
    let matches = || {
        any(with.patterns.iter().map(|pattern| Predicate::Matches {
            operand: Compared::of(path.clone()),
            pattern: pattern.clone(),
        }))
    };
    let ordered = |operator: Operator| {
        any(with.values.iter().map(|value| Predicate::Compare {
            operand: Compared {
                path: path.clone(),
                function: (operand.kind == AttributeType::String)
                    .then_some(TextFunction::ToInteger),
            },
            operator,
            value: value.clone(),
            case: Case::Sensitive,
        }))
    };
    match test {
        Test::Equals => each(Operator::Equal),
        Test::NotEquals => not(each(Operator::Equal)),
        Test::Matches => matches(),
        Test::NotMatches => not(matches()),
        Test::IsTrue => compare(path, Operator::Equal, Value::Bool(true)),
        Test::IsFalse => compare(path, Operator::Equal, Value::Bool(false)),
        Test::Greater => ordered(Operator::Greater),
        Test::GreaterOrEqual => ordered(Operator::GreaterOrEqual),
        Test::Includes => each(Operator::Contains),
        Test::EndsWith => each(Operator::EndsWith),
        Test::OccursIn => each(Operator::ContainedIn),
        Test::OccursNotIn => not(each(Operator::ContainedIn)),
        // Asked of the attribute as a whole.
        Test::IsNull | Test::IsNotNull | Test::IsMemberOf => Predicate::And(Vec::new()),
    }
}

/// Among the object's groups is one of those named, or (`All`) each of them.
fn membership(
    operand: &Operand,
    multivalued: MultivaluedComparison,
    with: &value::Compared,
) -> Predicate {
    let is_member = with.values.iter().map(|group| Predicate::Any {
        path: operand.path.clone(),
        inner: Box::new(compare(Path::element(), Operator::Equal, group.clone())),
    });
    match multivalued {
        MultivaluedComparison::All => Predicate::And(is_member.collect()),
        _ => any(is_member),
    }
}

fn any(mut alternatives: impl ExactSizeIterator<Item = Predicate>) -> Predicate {
    match (alternatives.len(), alternatives.next()) {
        (1, Some(only)) => only,
        (_, first) => Predicate::Or(first.into_iter().chain(alternatives).collect()),
    }
}

fn not(predicate: Predicate) -> Predicate {
    Predicate::Not(Box::new(predicate))
}

fn compare(path: Path, operator: Operator, value: Value) -> Predicate {
    Predicate::Compare {
        operand: Compared::of(path),
        operator,
        value,
        case: Case::Sensitive,
    }
}
