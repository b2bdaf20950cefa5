//! Scoping filters become predicates.
//!
//! Entra's rules: clauses of a group are ANDed, groups are ORed, comparison is case-sensitive, and
//! a clause on an attribute without a value is false, `IS NULL` excepted. An empty text counts as
//! no value.

mod clause;
mod condition;
pub(crate) mod operand;
mod value;

use syncline_expression::{PatternRoom, shown_up_to};
use syncline_model::{Attr, EntityType};

use super::Diagnostics;
use crate::rule::{Scope, ScopeGroup};
use crate::schema::{Filter, FilterGroup, FilterOperator};

/// Groups whose members one object mapping may ask for: each is looked up for each object.
const MAX_ASKED_GROUPS: usize = 50;

/// Patterns of one object mapping: each is tried on each object, at a bounded cost.
const MAX_PATTERNS: usize = 200;

/// Bytes that the words of all clauses of one object mapping may take, about: every decided object
/// tells them.
const ALL_WORDS: usize = 32 * 1024;

/// Letters of a clause that are shown when there are few, and when there are many.
const MOST_LETTERS: usize = 256;
const LEAST_LETTERS: usize = 24;

/// A compiled scope and the attributes it reads.
#[derive(Default)]
pub(super) struct Compiled {
    pub(super) scope: Scope,
    pub(super) attributes: Vec<Attr>,
}

/// What clauses may speak of, and where complaints go.
struct Context<'a> {
    types: &'a EntityType,
    /// Attributes whose values must not be shown.
    redacted: &'a [Attr],
    attributes: Vec<Attr>,
    /// What patterns may still take.
    room: &'a mut PatternRoom,
    /// Letters that the words of a clause may have.
    letters: usize,
}

pub(super) fn compile(
    filter: Option<&Filter>,
    types: &EntityType,
    redacted: &[Attr],
    room: &mut PatternRoom,
    path: &str,
    found: &mut Diagnostics,
) -> Compiled {
    let Some(filter) = filter else {
        return Compiled::default();
    };
    // Counted first: each takes many times its letters once it is compiled.
    let patterns = patterns(filter);
    if patterns > MAX_PATTERNS {
        found.invalid(
            path,
            format!("there are {patterns} patterns, and at most {MAX_PATTERNS} are tried on an object; put several into one with `|`"),
        );
        return Compiled::default();
    }
    let clauses = filter.clauses().count().max(1);
    let mut context = Context {
        types,
        redacted,
        attributes: Vec::new(),
        room,
        letters: (ALL_WORDS / clauses).clamp(LEAST_LETTERS, MOST_LETTERS),
    };
    let mut groups = |name: &str, groups: &[FilterGroup]| -> Vec<ScopeGroup> {
        let mut compiled = Vec::with_capacity(groups.len());
        for (at, group) in groups.iter().enumerate() {
            let path = format!("{path}.{name}[{at}]");
            compiled.push(context.group(group, &path, found));
        }
        compiled
    };
    let scope = Scope {
        category: groups("categoryFilterGroups", &filter.category_filter_groups),
        input: groups("inputFilterGroups", &filter.input_filter_groups),
        groups: groups("groups", &filter.groups),
    };
    let asked = scope.asked_groups().len();
    if asked > MAX_ASKED_GROUPS {
        found.invalid(
            path,
            format!("IsMemberOf asks for {asked} groups, and at most {MAX_ASKED_GROUPS} can be asked for; put their members into fewer groups"),
        );
    }
    Compiled {
        scope,
        attributes: context.attributes,
    }
}

/// How many patterns there are in all its clauses.
fn patterns(filter: &Filter) -> usize {
    let clauses = filter.clauses().filter(|clause| {
        let operator = clause.operator_name.as_deref().unwrap_or("");
        FilterOperator::named(operator).is_some_and(|it| it.test.is_of_patterns())
    });
    clauses.map(|clause| value::texts(clause).len()).sum()
}

impl Context<'_> {
    fn group(&mut self, group: &FilterGroup, path: &str, found: &mut Diagnostics) -> ScopeGroup {
        if group.clauses.is_empty() {
            // Without a clause it would hold for everyone and switch the other groups off.
            found.invalid(
                &format!("{path}.clauses"),
                "a filter group needs a clause; remove the group or add one",
            );
        }
        let name = group.name.clone().unwrap_or_default();
        let shown_name = shown_up_to(&name, self.letters);
        let mut clauses = Vec::new();
        for (at, clause) in group.clauses.iter().enumerate() {
            let path = format!("{path}.clauses[{at}]");
            clauses.extend(self.clause(clause, &shown_name, &path, found));
        }
        ScopeGroup { name, clauses }
    }
}
