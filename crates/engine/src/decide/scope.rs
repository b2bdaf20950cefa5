//! Evaluates scoping filters, clause by clause, so that the log can show each.

use syncline_model::predicate::Attributes;

use crate::rule::Scope;

/// What the filters say of one object.
pub(super) struct Scoping {
    pub(super) passed: bool,
    /// `<group>.<attribute> <OPERATOR> '<value>'` and its result.
    pub(super) clauses: Vec<(String, bool)>,
}

pub(super) fn evaluate(scope: &Scope, object: &dyn Attributes) -> Scoping {
    let mut clauses = Vec::new();
    let mut passed = scope.groups.is_empty();
    for group in &scope.groups {
        let mut holds = true;
        for clause in &group.clauses {
            let result = clause.predicate.evaluate(object);
            clauses.push((format!("{}.{}", group.name, clause.words), result));
            holds &= result;
        }
        passed |= holds;
    }
    Scoping { passed, clauses }
}
