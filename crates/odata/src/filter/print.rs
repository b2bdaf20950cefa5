//! A predicate as filter text, fully parenthesised. Names are the attributes' own; an attribute
//! outside the core table prints as its number.

use std::fmt::Write as _;

use syncline_model::predicate::{Operand, Operator, Path, TextFunction};
use syncline_model::{Predicate, Value};

/// Writes a predicate as `$filter` text.
pub fn print(predicate: &Predicate) -> String {
    let mut text = String::new();
    write(&mut text, predicate, 0);
    text
}

/// `level`: how many lambdas are open; each has its own variable.
fn write(text: &mut String, predicate: &Predicate, level: usize) {
    match predicate {
        Predicate::And(all) if all.is_empty() => text.push_str("true"),
        Predicate::Or(any) if any.is_empty() => text.push_str("false"),
        Predicate::And(all) => joined(text, all, " and ", level),
        Predicate::Or(any) => joined(text, any, " or ", level),
        Predicate::Not(inner) => {
            text.push_str("not (");
            write(text, inner, level);
            text.push(')');
        }
        Predicate::Compare {
            operand,
            operator,
            value,
            ..
        } => {
            let operand = operand_text(operand, level);
            match infix(*operator) {
                None if *operator == Operator::ContainedIn => {
                    push(
                        text,
                        format_args!("contains({},{operand})", value_text(value)),
                    );
                }
                Some(word) => push(text, format_args!("{operand} {word} {}", value_text(value))),
                None => push(
                    text,
                    format_args!("{}({operand},{})", function(*operator), value_text(value)),
                ),
            }
        }
        Predicate::Matches { operand, pattern } => push(
            text,
            format_args!(
                "matchesPattern({},{})",
                operand_text(operand, level),
                value_text(&Value::text(pattern.0.text()))
            ),
        ),
        Predicate::In {
            operand, values, ..
        } => {
            let values: Vec<String> = values.iter().map(value_text).collect();
            push(
                text,
                format_args!("{} in ({})", operand_text(operand, level), values.join(",")),
            );
        }
        Predicate::Any { path, inner } => lambda(text, path, "any", inner, level),
        Predicate::All { path, inner } => lambda(text, path, "all", inner, level),
        Predicate::Count {
            path,
            operator,
            value,
        } => {
            let word = infix(*operator).unwrap_or("eq");
            push(
                text,
                format_args!("{}/$count {word} {value}", path_text(path, level)),
            );
        }
    }
}

/// Writing into a `String` can not fail.
fn push(text: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(what);
}

fn joined(text: &mut String, parts: &[Predicate], between: &str, level: usize) {
    text.push('(');
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            text.push_str(between);
        }
        write(text, part, level);
    }
    text.push(')');
}

fn lambda(text: &mut String, path: &Path, word: &str, inner: &Predicate, level: usize) {
    push(
        text,
        format_args!("{}/{word}(x{}:", path_text(path, level), level + 1),
    );
    write(text, inner, level + 1);
    text.push(')');
}

fn operand_text(operand: &Operand, level: usize) -> String {
    let path = path_text(&operand.path, level);
    match operand.function {
        None => path,
        Some(TextFunction::ToLower) => format!("tolower({path})"),
        Some(TextFunction::ToUpper) => format!("toupper({path})"),
        Some(TextFunction::ToInteger) => format!("cast({path},Edm.Int64)"),
    }
}

fn path_text(path: &Path, level: usize) -> String {
    let mut text = match path.attr {
        None => format!("x{level}"),
        Some(attr) => attr
            .core_name()
            .map_or_else(|| format!("attribute_{}", attr.0), str::to_owned),
    };
    for member in &path.members {
        text.push('/');
        text.push_str(member);
    }
    text
}

fn infix(operator: Operator) -> Option<&'static str> {
    match operator {
        Operator::Equal => Some("eq"),
        Operator::NotEqual => Some("ne"),
        Operator::Greater => Some("gt"),
        Operator::GreaterOrEqual => Some("ge"),
        Operator::Less => Some("lt"),
        Operator::LessOrEqual => Some("le"),
        Operator::StartsWith | Operator::EndsWith | Operator::Contains | Operator::ContainedIn => {
            None
        }
    }
}

fn function(operator: Operator) -> &'static str {
    match operator {
        Operator::StartsWith => "startsWith",
        Operator::EndsWith => "endsWith",
        _ => "contains",
    }
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(it) => it.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Time(at) => at.to_string(),
        Value::Guid(id) => id.hyphenated().to_string(),
        other => format!("'{}'", other.display_text().replace('\'', "''")),
    }
}
