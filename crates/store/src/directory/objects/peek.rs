//! Some attributes of an object, read past the others: the objects that a reference names are looked
//! at for a value or two, lists show a dozen of each object, and decoding the rest costs more than finding
//! the row.

use syncline_model::{Attr, EntityKind, ObjectId, TenantId, Value};

use super::{BEING_PURGED, body};
use crate::driver::{blob, int};
use crate::{ObjectState, Reader, Result, StoreError};

/// What was asked of one object.
#[derive(Clone, Debug, PartialEq)]
pub struct Peeked<const N: usize> {
    pub id: ObjectId,
    pub kind: EntityKind,
    pub state: ObjectState,
    /// In the order asked.
    pub values: [Option<Value>; N],
}

impl Reader<'_> {
    /// The state and some attributes of the objects of one kind with these ids, in the order asked,
    /// absent ones left out; all states. What is being deleted for good is told as [`ObjectState::Purged`].
    pub fn peek<const N: usize>(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        ids: &[ObjectId],
        attrs: [Attr; N],
    ) -> Result<Vec<Peeked<N>>> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut peeked: Vec<Option<Peeked<N>>> = Vec::with_capacity(ids.len());
        let mut stored: Vec<ObjectId> = Vec::new();
        for id in ids {
            let inserted = self.inserted(tenant_no, *id).filter(|it| it.kind == kind);
            if inserted.is_none() {
                stored.push(*id);
            }
            let fresh = inserted.map(|it| {
                Ok::<_, StoreError>(Peeked {
                    id: *id,
                    kind,
                    state: ObjectState::Live,
                    values: body::values_of(&it.body, &attrs)?,
                })
            });
            peeked.push(fresh.transpose()?);
        }
        let mut found = self
            .connection
            .find_each(
                "SELECT id, state, body, deleted_at FROM object WHERE tenant_no = ?1 AND kind = ?2 AND id = ?3",
                &[int(tenant_no), int(kind as u8)],
                stored.iter().map(|id| [blob(id.as_bytes())]),
                |row| {
                    let state = ObjectState::from_number(row.int(1)?)?;
                    let goes = state == ObjectState::Deleted
                        && row.optional_int(3)? == Some(BEING_PURGED.0);
                    Ok(Peeked {
                        id: row.id(0, ObjectId::from_bytes)?,
                        kind,
                        state: if goes { ObjectState::Purged } else { state },
                        values: body::values_of(row.blob(2)?, &attrs)?,
                    })
                },
            )?
            .into_iter();
        Ok(peeked
            .into_iter()
            .filter_map(|fresh| fresh.or_else(|| found.next().flatten()))
            .collect())
    }
}
