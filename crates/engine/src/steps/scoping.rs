//! Whether the object is in scope, fact by fact and clause by clause.

use std::collections::HashMap;

use super::{Draft, Face, Kind, Status, boolean};
use crate::Evidence;
use crate::evidence::{EvidenceOutcome, Scoping};

/// `None` for objects that were not asked.
pub(super) fn step(evidence: &Evidence, face: Face) -> Option<Draft> {
    let scoping = evidence.scoping.as_ref()?;
    let kind = evidence.kind.engine_name();
    let skipped = matches!(evidence.outcome, EvidenceOutcome::Skipped(_));
    let in_scope = scoping.active && scoping.has_role && scoping.filter_passed;
    Some(Draft {
        name: "EntrySynchronizationScoping",
        kind: Kind::Scoping,
        status: if skipped && !in_scope {
            Status::Skipped
        } else {
            Status::Success
        },
        description: format!(
            "Determine if {kind} in scope by evaluating against each scoping filter"
        ),
        details: match face {
            Face::Log => log_details(scoping, kind),
            Face::OnDemand => on_demand_details(scoping, evidence),
        },
    })
}

fn log_details(scoping: &Scoping, kind: &str) -> Vec<(String, String)> {
    let mut details = vec![
        (
            "Active in the source system".to_owned(),
            boolean(scoping.active),
        ),
        (
            "Assigned to the application".to_owned(),
            boolean(scoping.assigned),
        ),
        (
            format!("{kind} has the required role"),
            boolean(scoping.has_role),
        ),
        (
            "Scoping filter evaluation passed".to_owned(),
            boolean(scoping.filter_passed),
        ),
        ("ScopeEvaluationResult".to_owned(), clauses(scoping)),
    ];
    if scoping.sync_all {
        // Why somebody who is not assigned is in scope nevertheless.
        details.insert(2, ("Scope sync all".to_owned(), boolean(true)));
    }
    details
}

fn on_demand_details(scoping: &Scoping, evidence: &Evidence) -> Vec<(String, String)> {
    let entitled = scoping.active && scoping.has_role;
    let mut details = vec![
        ("IsActive".to_owned(), boolean(scoping.active)),
        ("Assigned".to_owned(), boolean(scoping.assigned)),
        (
            "IsEffectivelyEntitledForProvisioning".to_owned(),
            boolean(entitled),
        ),
        (
            "IsInProvisioningScopeDisplayName".to_owned(),
            boolean(scoping.filter_passed),
        ),
        ("ScopeEvaluationResult".to_owned(), clauses(scoping)),
    ];
    if scoping.sync_all {
        details.insert(2, ("ScopeSyncAll".to_owned(), boolean(true)));
    }
    if let EvidenceOutcome::Skipped(reason) = &evidence.outcome {
        details.push(("SkipReason".to_owned(), reason.code().to_owned()));
    }
    details
}

/// A JSON text in the clauses' order, e.g. `{"Marketing.department EQUALS 'Marketing'":true}`. Readers
/// of JSON keep one member of a name: a clause that stands in two groups of one name is numbered.
fn clauses(scoping: &Scoping) -> String {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let members: Vec<String> = scoping
        .clauses
        .iter()
        .map(|(words, holds)| {
            let times = seen.entry(words).or_default();
            *times += 1;
            let name = match times {
                1 => words.clone(),
                again => format!("{words} ({again})"),
            };
            format!("{}:{holds}", serde_json::Value::from(name))
        })
        .collect();
    format!("{{{}}}", members.join(","))
}
