//! References that waited and that the schema does not give any more: it may have changed while they waited.

use syncline_engine::Lifecycle;
use syncline_engine::rule::{FlowType, MappingSource};
use syncline_model::{Attr, EntityKind, IdMap, IdSet, ObjectId, Problem};
use syncline_store::WaitingReference;

use super::references::in_order;
use crate::configuration::Configuration;
use crate::unavailable::unavailable;
use crate::view::View;

/// Those of these references that are not to be written any more.
///
/// One that flows later is decided anew whenever its owner changes, and so is right. One that does not is right
/// as long as the source says the same: nobody would have it replaced.
pub(crate) fn unwanted(
    view: &View<'_, '_>,
    rows: &[WaitingReference],
) -> Result<IdSet<WaitingReference>, Problem> {
    let mut unwanted = IdSet::default();
    let mut asked: Vec<(WaitingReference, Attr)> = Vec::new();
    for row in rows {
        match given(view.configuration, row.kind, row.attr) {
            Given::Never => drop(unwanted.insert(*row)),
            Given::AtCreation(from) => asked.push((*row, from)),
            Given::Later => {}
        }
    }
    let source = &view.configuration.connected.source;
    if asked.is_empty() || !source.capability().by_id {
        return Ok(unwanted);
    }
    let kinds: IdMap<ObjectId, EntityKind> = asked
        .iter()
        .map(|(row, _)| (row.source, row.kind))
        .collect();
    let owners = in_order(asked.iter().map(|(row, _)| row.source).collect());
    let owners: Vec<(EntityKind, ObjectId)> = owners
        .into_iter()
        .filter_map(|id| Some((*kinds.get(&id)?, id)))
        .collect();
    let found = source.by_id(view.reader, &owners).map_err(unavailable)?;
    let mut said: IdSet<(ObjectId, Attr, ObjectId)> = IdSet::default();
    for subject in found.iter().filter(|it| it.lifecycle == Lifecycle::Live) {
        for (attr, to) in &subject.references {
            said.extend(to.iter().map(|to| (subject.id, *attr, *to)));
        }
    }
    let is_unsaid = |(row, from): &&(WaitingReference, Attr)| {
        !said.contains(&(row.source, *from, row.waits_for))
    };
    unwanted.extend(asked.iter().filter(is_unsaid).map(|(row, _)| *row));
    Ok(unwanted)
}

/// Whether a reference of objects of this kind is given when they are created, and never again.
pub(crate) fn is_given_at_creation(
    configuration: &Configuration,
    kind: EntityKind,
    target: Attr,
) -> bool {
    matches!(given(configuration, kind, target), Given::AtCreation(_))
}

/// When a mapping gives a reference.
enum Given {
    Never,
    /// And never again: from this attribute of the source.
    AtCreation(Attr),
    Later,
}

fn given(configuration: &Configuration, kind: EntityKind, target: Attr) -> Given {
    let Some(rule) = configuration.rule_for(kind) else {
        return Given::Never;
    };
    let Some(mapping) = rule.mapping(target) else {
        return Given::Never;
    };
    let MappingSource::Reference(from) = mapping.source else {
        return Given::Never;
    };
    if rule.flow.update && mapping.flow_type != FlowType::ObjectAddOnly {
        Given::Later
    } else {
        Given::AtCreation(from)
    }
}
