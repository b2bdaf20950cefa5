//! References the target object should have: written after the objects, by whoever resolves source
//! objects to target objects through links.

use syncline_model::{Attr, ObjectId};

use super::Case;
use super::explain::Explained;
use crate::rule::{FlowType, MappingSource, Nulls};
use crate::{Action, Reference};

/// Empty unless the target object is created or kept in step.
pub(super) fn wanted(case: &Case<'_>, action: &Action, explained: &Explained) -> Vec<Reference> {
    let creating = match action {
        Action::Create { .. } => true,
        action if action.restores_released() => return Vec::new(),
        Action::Update { .. } | Action::Disable { .. } | Action::Restore { .. }
            if case.rule.flow.update =>
        {
            false
        }
        // "Unchanged" is also the answer for an object that stays out of the target.
        Action::Unchanged { .. }
            if case.rule.flow.update && case.standing.wanted() && !explained.target_in_bin =>
        {
            false
        }
        _ => return Vec::new(),
    };
    let mut references = Vec::new();
    for mapping in &case.rule.mappings {
        let MappingSource::Reference(source) = mapping.source else {
            continue;
        };
        if !creating && mapping.flow_type == FlowType::ObjectAddOnly {
            continue;
        }
        let sources = of(&case.subject.references, source);
        let current = of(&explained.target_references, mapping.target);
        let adds_only = mapping.flow_type.adds_only();
        let stays = current.is_empty() || adds_only || mapping.nulls == Nulls::Ignore;
        if sources.is_empty() && stays {
            continue;
        }
        if mapping.flow_type == FlowType::AttributeAddOnly && !current.is_empty() {
            continue;
        }
        references.push(Reference {
            attr: mapping.target,
            sources,
            current,
            adds_only,
        });
    }
    references
}

fn of(references: &[(Attr, Vec<ObjectId>)], attr: Attr) -> Vec<ObjectId> {
    references
        .iter()
        .filter(|(of, _)| *of == attr)
        .flat_map(|(_, ids)| ids)
        .copied()
        .collect()
}
