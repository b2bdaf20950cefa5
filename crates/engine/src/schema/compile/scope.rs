//! Scoping filters become predicates.
//!
//! Entra's rules: clauses of a group are ANDed, groups are ORed, comparison is case-sensitive, and
//! a clause on an attribute without a value is false, `IS NULL` excepted. An empty text counts as
//! no value.

use syncline_model::predicate::{Case, Operand, Operator};
use syncline_model::{Attr, EntityType, Predicate, Property, PropertyType, Value};

use super::Diagnostics;
use crate::rule::{Scope, ScopeClause, ScopeGroup};
use crate::schema::{Filter, FilterClause, FilterGroup};

/// A compiled scope and the attributes it reads.
#[derive(Default)]
pub(super) struct Compiled {
    pub(super) scope: Scope,
    pub(super) attributes: Vec<Attr>,
}

/// What a clause compares with.
enum Comparison {
    Equals,
    NotEquals,
    IsNull,
    IsNotNull,
    IsTrue,
    IsFalse,
}

/// Every operator of Entra's filters: its name in words, and how we compile it; `None` is not
/// supported yet.
const OPERATORS: &[(&str, Option<Comparison>)] = &[
    ("EQUALS", Some(Comparison::Equals)),
    ("NOT EQUALS", Some(Comparison::NotEquals)),
    ("IS NULL", Some(Comparison::IsNull)),
    ("IS NOT NULL", Some(Comparison::IsNotNull)),
    ("IS TRUE", Some(Comparison::IsTrue)),
    ("IS FALSE", Some(Comparison::IsFalse)),
    ("&", None),
    ("!&", None),
    ("ENDS_WITH", None),
    ("GREATER_THAN", None),
    ("GREATER_THAN_OR_EQUALS", None),
    ("INCLUDES", None),
    ("REGEX MATCH", None),
    ("NOT REGEX MATCH", None),
    ("IsMemberOf", None),
];

pub(super) fn compile(
    filter: Option<&Filter>,
    types: &EntityType,
    path: &str,
    found: &mut Diagnostics,
) -> Compiled {
    let mut compiled = Compiled::default();
    let Some(filter) = filter else {
        return compiled;
    };
    for (name, groups) in [
        ("categoryFilterGroups", &filter.category_filter_groups),
        ("inputFilterGroups", &filter.input_filter_groups),
    ] {
        if groups.iter().any(|group| !group.clauses.is_empty()) {
            found.not_supported(
                &format!("{path}.{name}"),
                format!("{name} are not supported yet; move their clauses to `groups`"),
            );
        }
    }
    for (at, group) in filter.groups.iter().enumerate() {
        let path = format!("{path}.groups[{at}]");
        let group = compile_group(group, types, &path, found, &mut compiled.attributes);
        compiled.scope.groups.push(group);
    }
    compiled
}

fn compile_group(
    group: &FilterGroup,
    types: &EntityType,
    path: &str,
    found: &mut Diagnostics,
    attributes: &mut Vec<Attr>,
) -> ScopeGroup {
    if group.clauses.is_empty() {
        // Without a clause it would hold for everyone and switch the other groups off.
        found.invalid(
            &format!("{path}.clauses"),
            "a filter group needs a clause; remove the group or add one",
        );
    }
    let mut clauses = Vec::new();
    for (at, clause) in group.clauses.iter().enumerate() {
        if let Some((clause, attr)) =
            compile_clause(clause, types, &format!("{path}.clauses[{at}]"), found)
        {
            clauses.push(clause);
            attributes.push(attr);
        }
    }
    ScopeGroup {
        name: group.name.clone().unwrap_or_default(),
        clauses,
    }
}

fn compile_clause(
    clause: &FilterClause,
    types: &EntityType,
    path: &str,
    found: &mut Diagnostics,
) -> Option<(ScopeClause, Attr)> {
    let property = operand(clause, types, path, found);
    let (operator, comparison) = operator(clause, path, found)?;
    let property = property?;
    let is_text = matches!(property.kind, PropertyType::Text | PropertyType::Guid);
    let is_bool = property.kind == PropertyType::Bool;
    let name = property.engine_or_graph_name();
    let attr = property.attr;

    let (words, predicate) = match comparison {
        Comparison::IsNull | Comparison::IsNotNull => {
            let is_null = no_value(attr, is_text);
            let holds = matches!(comparison, Comparison::IsNull);
            let predicate = if holds {
                is_null
            } else {
                Predicate::Not(Box::new(is_null))
            };
            (format!("{name} {operator}"), predicate)
        }
        Comparison::IsTrue | Comparison::IsFalse => {
            if !is_bool {
                found.invalid(
                    &format!("{path}.operatorName"),
                    format!("{operator} is for Boolean attributes; `{name}` is none"),
                );
                return None;
            }
            let wanted = matches!(comparison, Comparison::IsTrue);
            (
                format!("{name} {operator}"),
                compare(attr, Operator::Equal, Value::Bool(wanted)),
            )
        }
        Comparison::Equals | Comparison::NotEquals => {
            let (text, value) = value(clause, property, operator, path, found)?;
            let words = format!("{name} {operator} '{text}'");
            let predicate = if matches!(comparison, Comparison::Equals) {
                compare(attr, Operator::Equal, value)
            } else {
                // A missing value is not "different": the clause is false then.
                Predicate::And(vec![
                    Predicate::Not(Box::new(no_value(attr, is_text))),
                    compare(attr, Operator::NotEqual, value),
                ])
            };
            (words, predicate)
        }
    };
    Some((ScopeClause { words, predicate }, attr))
}

fn operand<'t>(
    clause: &FilterClause,
    types: &'t EntityType,
    path: &str,
    found: &mut Diagnostics,
) -> Option<&'t Property> {
    let path = format!("{path}.sourceOperandName");
    let name = clause.source_operand_name.as_deref().unwrap_or("");
    let Some(property) = types.by_engine_name(name) else {
        found.invalid(
            &path,
            format!(
                "`{name}` is not an attribute of {} in the source",
                types.kind.engine_name()
            ),
        );
        return None;
    };
    // The engine sees one telephone number and one alternative security id, whatever Graph shows.
    let single = !property.multi_valued
        || [Attr::BUSINESS_PHONES, Attr::ALTERNATIVE_SECURITY_IDS].contains(&property.attr);
    if !single
        || matches!(
            property.kind,
            PropertyType::Reference | PropertyType::Complex | PropertyType::Bytes
        )
    {
        found.not_supported(
            &path,
            format!(
                "filtering on `{name}` is not supported yet; use an attribute with one plain value"
            ),
        );
        return None;
    }
    Some(property)
}

fn operator(
    clause: &FilterClause,
    path: &str,
    found: &mut Diagnostics,
) -> Option<(&'static str, &'static Comparison)> {
    let path = format!("{path}.operatorName");
    let name = clause.operator_name.as_deref().unwrap_or("");
    // Graph's tables write some names with blanks and some with underscores.
    let plain = |text: &str| text.trim().replace('_', " ").to_ascii_uppercase();
    let Some((operator, comparison)) = OPERATORS
        .iter()
        .find(|(known, _)| plain(known) == plain(name))
    else {
        found.invalid(
            &path,
            format!("`{name}` is not a filter operator; see schema/filterOperators"),
        );
        return None;
    };
    match comparison {
        Some(comparison) => Some((operator, comparison)),
        None => {
            found.not_supported(&path, format!("operator {operator} is not supported yet"));
            None
        }
    }
}

/// The one value compared with: as written, and in the attribute's type.
fn value(
    clause: &FilterClause,
    property: &Property,
    operator: &str,
    path: &str,
    found: &mut Diagnostics,
) -> Option<(String, Value)> {
    let path = format!("{path}.targetOperand");
    let values = clause
        .target_operand
        .as_ref()
        .map(|operand| operand.values.as_slice())
        .unwrap_or_default();
    let [text] = values else {
        found.invalid(
            &path,
            format!(
                "{operator} compares with exactly one value; write it in `targetOperand.values`"
            ),
        );
        return None;
    };
    let value = match property.kind {
        PropertyType::Text | PropertyType::Guid => Value::text(text),
        PropertyType::Int => match text.trim().parse() {
            Ok(number) => Value::Int(number),
            Err(_) => {
                found.invalid(
                    &path,
                    format!("`{}` is an integer, `{text}` is none", property.name),
                );
                return None;
            }
        },
        PropertyType::Bool => {
            found.invalid(
                &path,
                format!("`{}` is Boolean; use IS TRUE or IS FALSE", property.name),
            );
            return None;
        }
        _ => {
            found.not_supported(
                &path,
                format!(
                    "comparing `{}` with {operator} is not supported yet",
                    property.name
                ),
            );
            return None;
        }
    };
    Some((text.clone(), value))
}

fn no_value(attr: Attr, is_text: bool) -> Predicate {
    let mut either = vec![compare(attr, Operator::Equal, Value::Null)];
    if is_text {
        either.push(compare(attr, Operator::Equal, Value::text("")));
    }
    Predicate::Or(either)
}

fn compare(attr: Attr, operator: Operator, value: Value) -> Predicate {
    Predicate::Compare {
        operand: Operand::attr(attr),
        operator,
        value,
        case: Case::Sensitive,
    }
}
