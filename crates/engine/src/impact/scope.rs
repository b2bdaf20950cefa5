//! Whether one scoping filter lets in nobody that another keeps out. Told from the clauses alone:
//! `false` only means that it can not be told.

use crate::rule::{Scope, ScopeGroup};

/// Whoever passes `one` passes `other`.
pub(super) fn implies(one: &Scope, other: &Scope) -> bool {
    if other.groups.is_empty() {
        return true;
    }
    !one.groups.is_empty()
        && one
            .groups
            .iter()
            .all(|group| other.groups.iter().any(|wider| within(group, wider)))
}

/// Each clause of the wider group is one of the narrower group, too: names, order and repetition
/// mean nothing.
fn within(narrower: &ScopeGroup, wider: &ScopeGroup) -> bool {
    wider.clauses.iter().all(|clause| {
        narrower
            .clauses
            .iter()
            .any(|it| it.predicate == clause.predicate)
    })
}
