//! What would fail, said before anybody is asked to write. Of creates: a value that is no good or another tenant's to
//! give, and a unique value that another object has. Of updates and restores: a name or an address that is another tenant's.

use std::collections::BTreeMap;

use syncline_connector::Refused;
use syncline_engine::{Creation, Fault, Operation};
use syncline_model::{Attr, EntityKind, Entry, ObjectId};
use syncline_store::{ObjectState, Reader};

use super::homes::Homes;
use super::page::Whose;
use super::{LocalTarget, create, fault, refusals};
use crate::unique::{KeyTable, keys_of};

pub(super) fn foresee(
    target: &LocalTarget,
    snapshot: &Reader<'_>,
    creates: &[Creation<'_>],
) -> Result<Vec<Option<Refused>>, Fault> {
    let tenant = target.tenant(snapshot)?;
    let schema = snapshot.schema(target.target).map_err(fault::broken)?;
    let now = target.clock.now();
    let drafts: Vec<Result<Entry, Fault>> = creates
        .iter()
        .map(|it| create::draft(target, &tenant, &schema, now, *it))
        .collect();
    let mut table = KeyTable::default();
    let wanted = drafts
        .iter()
        .flatten()
        .flat_map(|entry| keys_of(entry, ObjectState::Live));
    table
        .load(snapshot, target.target, wanted)
        .map_err(fault::broken)?;
    let mut homes = Homes::new(target);
    let refused = drafts.into_iter().map(|draft| match draft {
        Err(fault) => Ok(Some(Refused {
            fault,
            holder: None,
        })),
        Ok(entry) => {
            let keys = keys_of(&entry, ObjectState::Live);
            let name = entry.text(Attr::USER_PRINCIPAL_NAME);
            if let Some(fault) = refusals::of_create(&mut homes, snapshot, name, &keys)? {
                return Ok(Some(Refused {
                    fault,
                    holder: None,
                }));
            }
            // As a page, which stops at the first one.
            let Some(taken) = table.taken(entry.id, &keys).into_iter().next() else {
                return Ok(None);
            };
            let whose = Whose::found(target, snapshot, taken.holder)?;
            Ok(Some(Refused {
                fault: fault::taken(&taken, whose),
                holder: Some(taken.holder.1),
            }))
        }
    });
    refused.collect()
}

/// Of each of these, in order.
pub(super) fn changes(
    target: &LocalTarget,
    snapshot: &Reader<'_>,
    operations: &[Operation],
) -> Result<Vec<Option<Fault>>, Fault> {
    let guarded = operations.iter().filter_map(refusals::guarded);
    let mut ids: Vec<ObjectId> = guarded.map(|(id, _)| id).collect();
    ids.sort_unstable();
    ids.dedup();
    let stored = snapshot
        .objects(target.target, EntityKind::User, &ids)
        .map_err(fault::broken)?;
    let stored = stored.into_iter().map(|it| (it.entry.id, it.entry));
    let before: BTreeMap<ObjectId, Entry> = stored.collect();
    let mut homes = Homes::new(target);
    let refused = operations.iter().map(|operation| {
        let Some((id, set)) = refusals::guarded(operation) else {
            return Ok(None);
        };
        match before.get(&id) {
            Some(before) => refusals::of_change(&mut homes, snapshot, before, set),
            None => Ok(None),
        }
    });
    refused.collect()
}
