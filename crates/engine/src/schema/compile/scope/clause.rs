//! One clause: an attribute, an operator, and what it compares with.

use syncline_expression::{closest, shown_up_to};

use super::operand::Operand;
use super::{Context, Diagnostics, condition, value};
use crate::decide::REDACTED;
use crate::rule::ScopeClause;
use crate::schema::operators::Test;
use crate::schema::{
    AttributeType, FILTER_OPERATORS, FilterClause, FilterOperator, MultivaluedComparison,
};

impl Context<'_> {
    /// `None` when something is wrong with it, all of which is told.
    pub(super) fn clause(
        &mut self,
        clause: &FilterClause,
        group: &str,
        path: &str,
        found: &mut Diagnostics,
    ) -> Option<ScopeClause> {
        let operand = self.operand(clause, &format!("{path}.sourceOperandName"), found);
        let operator = operator(clause, &format!("{path}.operatorName"), found);
        let multivalued = multivalued(clause, operator, path, found);
        let (operand, operator, multivalued) = (operand?, operator?, multivalued?);
        if !check_type(&operand, operator, path, found) {
            return None;
        }
        let values = value::compile(clause, &operand, operator, self.room, path, found)?;
        self.attributes.push(operand.attr);
        let words = self.words(&operand, operator, clause);
        Some(ScopeClause {
            told: format!("{group}.{words}").into(),
            words: words.into(),
            predicate: condition::of(&operand, operator, multivalued, &values),
            members_of: match operator.test {
                Test::IsMemberOf => values.groups(),
                _ => Vec::new(),
            },
        })
    }

    /// As Graph writes it: `department EQUALS 'Marketing'`. Values behind the letters that a clause may
    /// have are counted only.
    fn words(&self, operand: &Operand, operator: &FilterOperator, clause: &FilterClause) -> String {
        let (name, operator_name) = (&operand.name, operator.name);
        if !operator.is_binary() {
            return format!("{name} {operator_name}");
        }
        let secret = operand.sensitive || self.redacted.contains(&operand.attr);
        let values = value::texts(clause);
        let redacted = REDACTED;
        let mut words = format!("{name} {operator_name} ");
        for (at, text) in values.iter().enumerate() {
            if at > 0 {
                words.push(',');
            }
            if words.len() > self.letters {
                let more = values.len() - at;
                words.push_str(&format!("… ({more} more)"));
                break;
            }
            let text = if secret { redacted.as_str() } else { text };
            words.push('\'');
            words.push_str(&shown_up_to(text, self.letters));
            words.push('\'');
        }
        words
    }
}

fn operator(
    clause: &FilterClause,
    path: &str,
    found: &mut Diagnostics,
) -> Option<&'static FilterOperator> {
    let name = clause.operator_name.as_deref().unwrap_or("");
    if name.is_empty() {
        found.invalid(
            path,
            "operatorName is missing; write how the clause compares, such as `EQUALS`",
        );
        return None;
    }
    let operator = FilterOperator::named(name);
    if operator.is_none() {
        let written = name.replace('_', " ");
        let meant = closest(&written, FILTER_OPERATORS.iter().map(|it| it.name))
            .map(|it| format!("did you mean `{it}`?"))
            .unwrap_or_else(|| {
                let names: Vec<&str> = FILTER_OPERATORS.iter().map(|it| it.name).collect();
                format!("use one of {}", names.join(", "))
            });
        found.invalid(path, format!("`{name}` is not a filter operator; {meant}"));
    }
    operator
}

/// What the clause says of several values, else what the operator does.
fn multivalued(
    clause: &FilterClause,
    operator: Option<&FilterOperator>,
    path: &str,
    found: &mut Diagnostics,
) -> Option<MultivaluedComparison> {
    match &clause.multivalued_comparison_type {
        Some(MultivaluedComparison::Unknown(word)) => {
            found.invalid(
                &format!("{path}.multivaluedComparisonType"),
                format!("`{word}` is not a comparison of several values; use All or Any"),
            );
            None
        }
        Some(said) => Some(said.clone()),
        None => operator.map(|it| it.multivalued.clone()),
    }
}

fn check_type(
    operand: &Operand,
    operator: &FilterOperator,
    path: &str,
    found: &mut Diagnostics,
) -> bool {
    let path = format!("{path}.operatorName");
    let (name, kind) = (&operand.name, operand.kind.as_str());
    if operand.is_membership && !matches!(operator.test, Test::IsMemberOf) {
        found.invalid(
            &path,
            format!("`{name}` can only be asked with IsMemberOf and the id of a group"),
        );
        return false;
    }
    if operator.test == Test::IsMemberOf {
        if !operand.is_membership {
            found.invalid(
                &path,
                format!("IsMemberOf is about the object itself; write `memberOf` in `sourceOperandName` instead of `{name}`"),
            );
        }
        return operand.is_membership;
    }
    if operator.types.contains(&operand.kind) {
        return true;
    }
    let fitting: Vec<&str> = FILTER_OPERATORS
        .iter()
        .filter(|it| it.test != Test::IsMemberOf && it.types.contains(&operand.kind))
        .map(|it| it.name)
        .collect();
    let types: Vec<&str> = operator.types.iter().map(AttributeType::as_str).collect();
    found.invalid(
        &path,
        format!(
            "{} is for attributes of type {}; `{name}` is {kind}; use one of {}",
            operator.name,
            types.join(", "),
            fitting.join(", ")
        ),
    );
    false
}
