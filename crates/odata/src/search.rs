//! `$search="displayName:Mario" AND "mail:x"`: clauses in double quotes, `AND` and `OR` in upper
//! case. A clause about a name or a description holds when it has these [`Words`], any other when the value begins
//! with the text.

use syncline_model::predicate::{Case, Operand, Operator, Path, Pattern};
use syncline_model::{Attr, EntityType, Predicate, Problem, Value};

use crate::words::Words;
use crate::{Rules, limits};

/// What is searched word by word; Graph knows no others.
const IN_WORDS: [Attr; 2] = [Attr::DISPLAY_NAME, Attr::DESCRIPTION];

/// Binds a search text.
pub(crate) fn bind(text: &str, entity: &EntityType, rules: &Rules) -> Result<Predicate, Problem> {
    if rules.searchable.is_empty() {
        return Err(rules.unsupported("$search is not supported for this resource."));
    }
    // `AND` binds tighter: a list of alternatives, each a list of conditions.
    let mut alternatives: Vec<Vec<Predicate>> = vec![Vec::new()];
    let mut clauses = 0;
    let mut rest = text.trim_start();
    loop {
        let (quoted, after) = quoted(rest).ok_or_else(|| syntax(text))?;
        clauses += 1;
        if clauses > limits::MAX_SEARCH_CLAUSES {
            return Err(rules.unsupported(format!(
                "More than {} clauses in $search.",
                limits::MAX_SEARCH_CLAUSES
            )));
        }
        let condition = clause(&quoted, entity, rules)?;
        if let Some(last) = alternatives.last_mut() {
            last.push(condition);
        }
        rest = after.trim_start();
        if rest.is_empty() {
            break;
        }
        if let Some(after) = rest.strip_prefix("AND") {
            rest = after.trim_start();
        } else if let Some(after) = rest.strip_prefix("OR") {
            alternatives.push(Vec::new());
            rest = after.trim_start();
        } else {
            return Err(syntax(text));
        }
    }
    let mut alternatives: Vec<Predicate> = alternatives.into_iter().map(all).collect();
    Ok(if alternatives.len() == 1 {
        alternatives.remove(0)
    } else {
        Predicate::Or(alternatives)
    })
}

fn all(mut conditions: Vec<Predicate>) -> Predicate {
    if conditions.len() == 1 {
        conditions.remove(0)
    } else {
        Predicate::And(conditions)
    }
}

fn clause(text: &str, entity: &EntityType, rules: &Rules) -> Result<Predicate, Problem> {
    let Some((name, wanted)) = text.split_once(':') else {
        return Err(syntax(text));
    };
    let (name, wanted) = (name.trim(), wanted.trim());
    if wanted.is_empty() {
        return Err(syntax(text));
    }
    let property = entity
        .by_name(name)
        .filter(|it| rules.searchable.contains(&it.attr));
    let Some(property) = property else {
        return Err(rules.unsupported(format!("$search is not supported on property '{name}'.")));
    };
    let path = Path::attr(property.attr);
    Ok(if property.multi_valued {
        Predicate::Any {
            path,
            inner: Box::new(begins(Path::element(), wanted)),
        }
    } else if IN_WORDS.contains(&property.attr) {
        Predicate::Matches {
            operand: Operand::of(path),
            pattern: Pattern::new(Words::of(wanted)),
        }
    } else {
        begins(path, wanted)
    })
}

fn begins(path: Path, wanted: &str) -> Predicate {
    Predicate::Compare {
        operand: Operand::of(path),
        operator: Operator::StartsWith,
        value: Value::text(wanted),
        case: Case::Insensitive,
    }
}

/// A text in double quotes, with `\"` and `\\` for themselves, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut letters = inside.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &inside[at + 1..])),
            '\\' => value.push(letters.next()?.1),
            _ => value.push(letter),
        }
    }
    None
}

fn syntax(text: &str) -> Problem {
    Problem::malformed(format!(
        "Syntax error in $search '{text}': clauses such as \"displayName:value\" in double quotes, joined by AND or OR, are expected."
    ))
}
