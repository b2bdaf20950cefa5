//! Answers a page's look-ups. What a look-up asks is a predicate; the store says by which key whoever
//! satisfies it is found, and the keys of a page are asked for together. Only the key of a source anchor is made
//! without that detour: there is one for each object that is not linked yet.

use syncline_engine::{Fault, LookupQuery, TargetObject};
use syncline_model::{Attr, EntityKind, IdMap, ObjectId, TenantId, id_map};
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
            LookupQuery::Matching { attr, value, .. } => {
                if *attr != Attr::ALTERNATIVE_SECURITY_IDS {
                    return Err(fault::invalid(
                        "schemaInvalid",
                        "Only alternativeSecurityIds can match objects of this target.".to_owned(),
                    ));
                }
                value
                    .as_text()
                    .map(|anchor| source_anchor(target.source, anchor))
            }
            LookupQuery::Taken { kind, .. } => match key(target.source, query, *kind) {
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
pub(super) fn key(home: TenantId, query: &LookupQuery, kind: EntityKind) -> Option<Key> {
    let predicate = query.predicate(home);
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
    let mut found = id_map(wanted.len());
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
            .filter(|it| it.state != ObjectState::Purged && !it.is_being_purged())
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

#[cfg(test)]
mod tests {
    use syncline_model::Value;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_key_of_a_source_anchor_is_the_one_that_its_predicate_leads_to() {
        let home = TenantId(Uuid::from_u128(0xc0c0_0000_0000_4000_8000_0000_0000_0001));
        let matching = |value| LookupQuery::Matching {
            kind: EntityKind::User,
            attr: Attr::ALTERNATIVE_SECURITY_IDS,
            value,
        };
        for anchor in [
            "5::1003BFFD8A1B2C3D",
            "5::abc",
            "Zo\u{eb}",
            "ZOE\u{308}",
            "a|b",
            "",
        ] {
            let query = matching(Value::text(anchor));
            let found = key(home, &query, EntityKind::User);
            assert_eq!(found, Some(source_anchor(home, anchor)), "{anchor}");
        }
        for other in [Value::Int(5), Value::Guid(home.0), Value::List(Vec::new())] {
            assert_eq!(key(home, &matching(other), EntityKind::User), None);
        }
    }
}
