//! Unit tests for mappings: cases of source attributes with the target attributes they should make,
//! run against a schema without any directory, and how much of the schema they reach.

mod case;
mod coverage;
mod object;
pub mod report;
pub mod suite;

use std::collections::BTreeSet;

use syncline_model::{TenantId, Text, Timestamp};
use uuid::Uuid;

pub use report::{CaseReport, Missed, Report};
pub use suite::{Case, Suite};

use crate::schema::Types;
use crate::{JobFacts, RandomKey, Rule, template};

/// Runs all cases of a suite. `now` is the time for suites that name none.
/// `types` tells which attributes exist at both ends, as it did when the rules were compiled.
pub fn run<'t>(
    suite: &Suite,
    rules: &[Rule],
    types: impl Into<Types<'t>>,
    now: Timestamp,
) -> Report {
    let types = types.into();
    let facts = facts(suite);
    let now = suite.now.unwrap_or(now);
    let mut reached = BTreeSet::new();
    let mut cases = Vec::with_capacity(suite.cases.len());
    for case in &suite.cases {
        let run = case::Run {
            case,
            facts: &facts,
            rules,
            types,
            now,
        };
        cases.push(CaseReport {
            name: case.name.clone(),
            problems: run.problems(&mut reached),
        });
    }
    coverage::judge(rules, types.source, &reached, cases)
}

fn facts(suite: &Suite) -> JobFacts {
    JobFacts {
        source_tenant: TenantId(Uuid::from_u128(1)),
        source_default_domain: suite.source_default_domain.as_str().into(),
        target_tenant: TenantId(Uuid::from_u128(2)),
        target_initial_domain: suite.target_initial_domain.clone(),
        sync_all: suite.sync_all,
        skip_out_of_scope_deletions: false,
        matching: 0,
        source_system: Text::fixed(template::SOURCE_DIRECTORY),
        target_system: Text::fixed(template::TARGET_DIRECTORY),
        // The same values in every trial.
        random_key: RandomKey::new([0; 16]),
    }
}
