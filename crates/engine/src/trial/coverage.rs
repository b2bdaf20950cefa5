//! Which ways through the schema the cases went.

use std::collections::BTreeSet;

use syncline_model::Schema;

use super::report::{CaseReport, Missed, Report};
use crate::Rule;
use crate::decide::trace::Way;
use crate::rule::{Mapping, MappingSource};

/// A way through the rule at this place.
pub(super) type Reached = (usize, Way);

pub(super) fn judge(
    rules: &[Rule],
    types: &Schema,
    reached: &BTreeSet<Reached>,
    cases: Vec<CaseReport>,
) -> Report {
    let mut missed = Vec::new();
    let mut branches = 0;
    for (at, rule) in Rule::all_deciding(rules) {
        let kind = types.of(rule.source).kind.engine_name();
        for (way, place) in all(rule, kind) {
            branches += 1;
            if !reached.contains(&(at, way)) {
                missed.push(place);
            }
        }
    }
    Report {
        cases,
        branches,
        reached: branches - missed.len(),
        missed,
    }
}

/// Every way through a rule, and how to call it.
fn all(rule: &Rule, kind: &str) -> Vec<(Way, Missed)> {
    let mut ways = Vec::new();
    for (group_at, group) in rule.scope.all_groups().enumerate() {
        for (clause_at, clause) in group.clauses.iter().enumerate() {
            for holds in [true, false] {
                let way = Way::Clause {
                    group: group_at,
                    clause: clause_at,
                    holds,
                };
                let missed = Missed {
                    place: format!("{kind}: scope"),
                    text: clause.words.to_string(),
                    way: if holds {
                        "it holds"
                    } else {
                        "it does not hold"
                    }
                    .to_owned(),
                };
                ways.push((way, missed));
            }
        }
    }
    for (at, mapping) in rule.mappings.iter().enumerate() {
        ways.extend(of_mapping(at, mapping, kind));
    }
    ways
}

fn of_mapping(at: usize, mapping: &Mapping, kind: &str) -> Vec<(Way, Missed)> {
    let MappingSource::Program(program) = &mapping.source else {
        return Vec::new();
    };
    let text = program.text();
    let place = format!("{kind}: {}", mapping.name());
    let yields = |present: bool| {
        let way = Way::Value {
            mapping: at,
            present,
        };
        let missed = Missed {
            place: place.clone(),
            text: text.to_owned(),
            way: if present {
                "it yields a value"
            } else {
                "it yields none"
            }
            .to_owned(),
        };
        (way, missed)
    };
    let mut ways = vec![yields(true)];
    if program.problem_without_value().is_some() {
        ways.push(yields(false));
    }
    let called = |way: syncline_expression::Way| {
        let span = way.branch.span;
        let missed = Missed {
            place: place.clone(),
            text: text.get(span.start..span.end).unwrap_or(text).to_owned(),
            way: way.words,
        };
        let way = Way::Branch {
            mapping: at,
            branch: way.branch,
        };
        (way, missed)
    };
    ways.extend(program.ways().into_iter().map(called));
    ways
}
