//! The ways one object goes through a rule, for tests of mappings.

use syncline_expression::{Branch, Outcome};
use syncline_model::Timestamp;

use super::scoping_view::ScopingView;
use super::source_view::SourceView;
use super::standing::Standing;
use crate::{JobFacts, Rule, Subject};

/// One way through a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// A clause of the scoping filter holds or does not.
    Clause {
        group: usize,
        clause: usize,
        holds: bool,
    },
    /// The mapping at this place yields a value or none.
    Value { mapping: usize, present: bool },
    /// A call of the mapping at this place goes one way.
    Branch { mapping: usize, branch: Branch },
}

/// All ways of one object. Mappings are only reached by what is in scope.
pub(crate) fn of(
    rule: &Rule,
    facts: &JobFacts,
    subject: &Subject,
    now: Timestamp,
) -> impl Iterator<Item = Way> {
    let standing = Standing::of(rule, facts, subject);
    let mut ways = Vec::new();
    let scoping = ScopingView { subject };
    for (group_at, group) in rule.scope.all_groups().enumerate() {
        for (clause_at, clause) in group.clauses.iter().enumerate() {
            ways.push(Way::Clause {
                group: group_at,
                clause: clause_at,
                holds: clause.predicate.evaluate(&scoping),
            });
        }
    }
    if standing.wanted() {
        let view = SourceView {
            subject,
            standing: &standing,
        };
        let context = super::context(facts, now);
        for (mapping, program) in rule.mappings.iter().enumerate().filter_map(program) {
            let outcome = program.evaluate(&view, &context);
            let present =
                matches!(&outcome, Ok(Outcome::Value(Some(value))) if value.as_text() != Some(""));
            ways.push(Way::Value { mapping, present });
            let branches = program.trace(&view, &context);
            ways.extend(
                branches
                    .into_iter()
                    .map(|branch| Way::Branch { mapping, branch }),
            );
        }
    }
    ways.into_iter()
}

fn program(
    (at, mapping): (usize, &crate::rule::Mapping),
) -> Option<(usize, &syncline_expression::Program)> {
    Some((at, mapping.program()?))
}
