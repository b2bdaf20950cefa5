//! Whether the object is in scope, fact by fact and clause by clause.

use std::collections::HashMap;

use syncline_model::Text;

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

fn log_details(scoping: &Scoping, kind: &str) -> Vec<(Text, Text)> {
    let mut details = vec![
        (
            Text::fixed("Active in the source system"),
            boolean(scoping.active),
        ),
        (
            Text::fixed("Assigned to the application"),
            boolean(scoping.assigned),
        ),
        (
            format!("{kind} has the required role").into(),
            boolean(scoping.has_role),
        ),
        (
            Text::fixed("Scoping filter evaluation passed"),
            boolean(scoping.filter_passed),
        ),
        (
            Text::fixed("ScopeEvaluationResult"),
            clauses(scoping).into(),
        ),
    ];
    if scoping.sync_all {
        // Why somebody who is not assigned is in scope nevertheless.
        details.insert(2, (Text::fixed("Scope sync all"), boolean(true)));
    }
    details
}

fn on_demand_details(scoping: &Scoping, evidence: &Evidence) -> Vec<(Text, Text)> {
    let entitled = scoping.active && scoping.has_role;
    let mut details = vec![
        (Text::fixed("IsActive"), boolean(scoping.active)),
        (Text::fixed("Assigned"), boolean(scoping.assigned)),
        (
            Text::fixed("IsEffectivelyEntitledForProvisioning"),
            boolean(entitled),
        ),
        (
            Text::fixed("IsInProvisioningScopeDisplayName"),
            boolean(scoping.filter_passed),
        ),
        (
            Text::fixed("ScopeEvaluationResult"),
            clauses(scoping).into(),
        ),
    ];
    if scoping.sync_all {
        details.insert(2, (Text::fixed("ScopeSyncAll"), boolean(true)));
    }
    if let EvidenceOutcome::Skipped(reason) = &evidence.outcome {
        details.push((Text::fixed("SkipReason"), Text::fixed(reason.code())));
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
                1 => words.to_string(),
                again => format!("{words} ({again})"),
            };
            format!("{}:{holds}", serde_json::Value::from(name))
        })
        .collect();
    format!("{{{}}}", members.join(","))
}
