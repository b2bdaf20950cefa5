//! Evaluates scoping filters, clause by clause, so that the log can show each.

use syncline_model::Predicate;
use syncline_model::predicate::{Attributes, TooMuchWork};

use crate::rule::{Scope, ScopeGroup};

/// What the filters say of one object.
pub(super) struct Scoping {
    /// The object is this mapping's business, and worth a look: otherwise it is left alone.
    pub(super) concerned: bool,
    pub(super) passed: bool,
    /// A clause that nobody can answer for this object; it counts as false.
    pub(super) stuck: Option<TooMuchWork>,
    /// `<group>.<attribute> <OPERATOR> '<value>'` and its result.
    pub(super) clauses: Vec<(String, bool)>,
}

pub(super) fn evaluate(scope: &Scope, object: &dyn Attributes) -> Scoping {
    let mut scoping = Scoping {
        concerned: true,
        passed: true,
        stuck: None,
        clauses: Vec::new(),
    };
    scoping.concerned &= scoping.any_holds(&scope.category, object);
    scoping.concerned &= scoping.any_holds(&scope.input, object);
    scoping.passed = scoping.any_holds(&scope.groups, object) && scoping.concerned;
    scoping
}

impl Scoping {
    /// One that can not be answered settles the matter, and spares the others' work.
    fn asks(&mut self, predicate: &Predicate, object: &dyn Attributes) -> bool {
        if self.stuck.is_some() {
            return false;
        }
        predicate.try_evaluate(object).unwrap_or_else(|stuck| {
            self.stuck = Some(stuck);
            false
        })
    }

    /// Whether any of the groups holds, or there is none. Every clause is evaluated.
    fn any_holds(&mut self, groups: &[ScopeGroup], object: &dyn Attributes) -> bool {
        let mut passed = groups.is_empty();
        for group in groups {
            let mut holds = true;
            for clause in &group.clauses {
                let result = self.asks(&clause.predicate, object);
                self.clauses
                    .push((format!("{}.{}", group.name, clause.words), result));
                holds &= result;
            }
            passed |= holds;
        }
        passed
    }
}
