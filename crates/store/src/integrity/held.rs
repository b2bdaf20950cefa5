//! Which unique values are held, and by whom: a page at a time.

use syncline_model::{EntityKind, ObjectId, TenantId};

use crate::directory::objects::fitting::fitting;
use crate::driver::{blob, int};
use crate::{Reader, Result};

/// A unique value that an object holds which is there, by its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub hash: [u8; 16],
    pub kind: EntityKind,
    pub id: ObjectId,
}

/// Values are held in two places, the second for those that are new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldIn {
    Settled,
    Recent,
}

impl Reader<'_> {
    /// A tenant's unique values behind that hash: at most so many, and so many that their holders have no more than these
    /// bytes together, as they are stored; the first one always counts. Values of objects that are not there are left out, which is a rule's
    /// concern. With the hash behind which the next page begins; `None` after the last.
    pub fn held(
        &self,
        tenant: TenantId,
        place: HeldIn,
        after: Option<[u8; 16]>,
        limit: usize,
        bytes: usize,
    ) -> Result<(Vec<Held>, Option<[u8; 16]>)> {
        let table = match place {
            HeldIn::Settled => "object_key",
            HeldIn::Recent => "object_key_recent",
        };
        let after = after.map_or_else(Vec::new, |hash| hash.to_vec());
        let rows = self.connection.query(
            &format!(
                "SELECT held.hash, held.kind, held.id, CAST(LENGTH(object.body) AS bigint) FROM {table} AS held
                 LEFT JOIN object ON object.tenant_no = held.tenant_no AND object.kind = held.kind AND object.id = held.id
                 WHERE held.tenant_no = ?1 AND held.hash > ?2 ORDER BY held.hash LIMIT ?3"
            ),
            &[int(self.tenant_no(tenant)?), blob(&after), int(limit)],
            |row| {
                let hash = row.id(0, |bytes| bytes)?;
                let length = row.optional_int(3)?;
                let held = match length {
                    None => None,
                    Some(_) => Some(Held {
                        hash,
                        kind: row.kind(1)?,
                        id: row.id(2, ObjectId::from_bytes)?,
                    }),
                };
                let length = length.and_then(|it| usize::try_from(it).ok());
                Ok((hash, held, length.unwrap_or(0)))
            },
        )?;
        let sizes: Vec<usize> = rows.iter().map(|(_, _, size)| *size).collect();
        let fits = fitting(&sizes, bytes).unwrap_or(rows.len());
        let ended = fits == rows.len() && rows.len() < limit;
        let last = rows[..fits].last().map(|(hash, ..)| *hash);
        let held = rows.into_iter().take(fits);
        Ok((
            held.filter_map(|(_, held, _)| held).collect(),
            last.filter(|_| !ended),
        ))
    }
}
