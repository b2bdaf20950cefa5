//! Whether one scoping filter lets in nobody that another keeps out. Told from the clauses alone:
//! `false` only means that it can not be told.

use crate::rule::{Scope, ScopeGroup};

/// Whoever passes `one` passes `other`, and is concerned by it.
pub(super) fn implies(one: &Scope, other: &Scope) -> bool {
    let pairs = one.sets().into_iter().zip(other.sets());
    pairs
        .into_iter()
        .all(|(one, other)| set_implies(one, other))
}

/// Whether both speak of the same memberships: subjects carry those that the rule in force asks for,
/// and another one would miss its own.
pub(super) fn asks_no_more(one: &Scope, other: &Scope) -> bool {
    let known = other.asked_groups();
    one.asked_groups().iter().all(|group| known.contains(group))
}

/// One set of groups, of which one must hold unless there is none.
fn set_implies(one: &[ScopeGroup], other: &[ScopeGroup]) -> bool {
    if other.is_empty() {
        return true;
    }
    !one.is_empty()
        && one
            .iter()
            .all(|group| other.iter().any(|wider| within(group, wider)))
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
