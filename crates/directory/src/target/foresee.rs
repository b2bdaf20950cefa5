//! Which creates would fail, said before anybody is asked to write: a value that is no good or another tenant's to
//! give, and a unique value that another object has.

use syncline_connector::Refused;
use syncline_engine::{Creation, Fault};
use syncline_model::{Attr, Entry};
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
