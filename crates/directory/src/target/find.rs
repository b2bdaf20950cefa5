//! Answers a page's look-ups. What a look-up asks is a predicate; the store says by which key whoever
//! satisfies it is found, and the keys of a page are asked for together.

use syncline_engine::{Fault, LookupQuery, TargetObject};
use syncline_model::{Attr, EntityKind, IdMap, ObjectId, Value};
use syncline_store::{
    EdgeKind, Key, ObjectState, Reader, Restriction, Result as StoreResult, Stored,
};

use super::{LocalTarget, fault};
use crate::unique::source_anchor;

/// What each query finds, in the order asked. Links are looked up by id; matching knows the source
/// anchor only. Whether a value is taken is asked of the table of unique values.
pub(super) fn find(
    target: &LocalTarget,
    reader: &Reader<'_>,
    queries: &[LookupQuery],
) -> Result<Vec<Vec<TargetObject>>, Fault> {
    let mut keys: Vec<Option<Key>> = Vec::with_capacity(queries.len());
    for query in queries {
        keys.push(match query {
            LookupQuery::Linked { .. } => None,
            LookupQuery::Matching { kind, attr, value } => {
                if *attr != Attr::ALTERNATIVE_SECURITY_IDS {
                    return Err(fault::invalid(
                        "schemaInvalid",
                        "Only alternativeSecurityIds can match objects of this target.".to_owned(),
                    ));
                }
                match value {
                    // What the predicate comes to, for each object that is not linked yet.
                    Value::Text(anchor) => Some(source_anchor(target.source, anchor)),
                    _ => key(target, query, *kind),
                }
            }
            LookupQuery::Taken { kind, .. } => match key(target, query, *kind) {
                Some(key) => Some(key),
                None => {
                    return Err(fault::invalid(
                        "schemaInvalid",
                        "Only userPrincipalName and mail can be asked for in this target."
                            .to_owned(),
                    ));
                }
            },
        });
    }
    answer(target, reader, queries, &keys).map_err(fault::broken)
}

/// The unique value by which the store finds whom the query asks for. A source anchor is looked up
/// under this source's tenant, so that users of other sources and internal users are never found.
fn key(target: &LocalTarget, query: &LookupQuery, kind: EntityKind) -> Option<Key> {
    let predicate = query.predicate(target.source);
    let restriction = Restriction::of(&predicate, kind, ObjectState::Live);
    match restriction.keys()?.as_slice() {
        [key] => Some((*key).clone()),
        _ => None,
    }
}

fn answer(
    target: &LocalTarget,
    reader: &Reader<'_>,
    queries: &[LookupQuery],
    anchors: &[Option<Key>],
) -> StoreResult<Vec<Vec<TargetObject>>> {
    let keys: Vec<Key> = anchors.iter().flatten().cloned().collect();
    let mut holders = reader.holders(target.target, &keys)?.into_iter();
    let wanted: Vec<Option<(EntityKind, ObjectId)>> = queries
        .iter()
        .zip(anchors)
        .map(|(query, anchor)| match (query, anchor) {
            (LookupQuery::Linked { kind, target }, _) => Some((*kind, *target)),
            (LookupQuery::Matching { kind, .. }, Some(_)) => holders
                .next()
                .flatten()
                .filter(|(holder, _)| holder == kind),
            // A mail address may be a group's, too: whoever has it, it is taken.
            (LookupQuery::Taken { .. }, Some(_)) => holders.next().flatten(),
            (LookupQuery::Matching { .. } | LookupQuery::Taken { .. }, None) => None,
        })
        .collect();
    let found = load(target, reader, &wanted)?;
    Ok(wanted
        .iter()
        .map(|it| {
            it.and_then(|(_, id)| found.get(&id))
                .cloned()
                .into_iter()
                .collect()
        })
        .collect())
}

fn load(
    target: &LocalTarget,
    reader: &Reader<'_>,
    wanted: &[Option<(EntityKind, ObjectId)>],
) -> StoreResult<IdMap<ObjectId, TargetObject>> {
    let mut found = IdMap::with_capacity_and_hasher(wanted.len(), Default::default());
    for kind in EntityKind::DIRECTORY {
        let ids: Vec<ObjectId> = wanted
            .iter()
            .flatten()
            .filter(|(it, _)| *it == kind)
            .map(|(_, id)| *id)
            .collect();
        if ids.is_empty() {
            continue;
        }
        let objects: Vec<Stored> = reader
            .objects(target.target, kind, &ids)?
            .into_iter()
            .filter(|it| it.state != ObjectState::Purged)
            .collect();
        let managers = managers(target, reader, kind, &objects)?;
        for (object, manager) in objects.into_iter().zip(managers) {
            let references = manager
                .map(|manager| (Attr::MANAGER, vec![manager]))
                .into_iter()
                .collect();
            found.insert(
                object.entry.id,
                TargetObject {
                    soft_deleted: object.state == ObjectState::Deleted,
                    entry: object.entry,
                    references,
                    linked_source: None,
                },
            );
        }
    }
    Ok(found)
}

fn managers(
    target: &LocalTarget,
    reader: &Reader<'_>,
    kind: EntityKind,
    objects: &[Stored],
) -> StoreResult<Vec<Option<ObjectId>>> {
    if kind != EntityKind::User {
        return Ok(vec![None; objects.len()]);
    }
    let ids: Vec<ObjectId> = objects.iter().map(|it| it.entry.id).collect();
    reader.single_edges(target.target, EdgeKind::Manager, &ids)
}
