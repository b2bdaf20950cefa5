//! Walks through all objects of one kind, in order of arrival (= of id).
//!
//! There is no index of the living alone: it would be written for everybody whom a cycle creates. Objects of other
//! states stand between those that are wanted, perhaps millions of them, where many were deleted at once. So a
//! statement is bounded by what it looks at, not by what it finds.

use syncline_model::{Attr, Attrs, EntityKind, ObjectId, TenantId};

use super::{Stored, body, read_with};
use crate::driver::{Row, blob, int};
use crate::{ObjectState, Reader, Result};

/// Those of the next objects that are in the state asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scanned {
    pub rows: Vec<Stored>,
    /// Objects of whatever state that were looked at.
    pub looked_at: usize,
    /// Where to go on: there may be more, however few were found. `None`: there is nothing behind.
    pub next: Option<ObjectId>,
}

impl Scanned {
    /// Rows that were looked for without others between them: fewer than `limit` are the last ones.
    pub fn of(rows: Vec<Stored>, limit: usize) -> Self {
        let last = rows.last().filter(|_| rows.len() >= limit);
        Self {
            next: last.map(|it| it.entry.id),
            looked_at: rows.len(),
            rows,
        }
    }
}

/// The attributes of those that are left out are not read.
const SCAN: &str = "SELECT id, state, changed_seq, created_at, deleted_at, CASE WHEN state = ?5 THEN body END FROM object WHERE tenant_no = ?1 AND kind = ?2 AND id > ?3 AND id <= ?4 ORDER BY id LIMIT ?6";

impl Reader<'_> {
    /// Looks at the next `limit` objects of one kind behind `after`, and returns those in this state.
    pub fn scan(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        state: ObjectState,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Scanned> {
        self.scan_until(tenant, kind, state, after, None, limit)
    }

    /// As [`Reader::scan`], with these attributes alone, whatever others the objects have: to be shown, and
    /// not to be written back.
    pub fn scan_showing(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        state: ObjectState,
        after: Option<ObjectId>,
        limit: usize,
        attrs: &[Attr],
    ) -> Result<Scanned> {
        self.scan_rows(tenant, kind, state, (after, None), limit, |body| {
            body::only(body, attrs)
        })
    }

    /// As [`Reader::scan`], up to and with the id `last`.
    pub fn scan_until(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        state: ObjectState,
        after: Option<ObjectId>,
        last: Option<ObjectId>,
        limit: usize,
    ) -> Result<Scanned> {
        self.scan_rows(tenant, kind, state, (after, last), limit, body::decode)
    }

    fn scan_rows(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        state: ObjectState,
        (after, last): (Option<ObjectId>, Option<ObjectId>),
        limit: usize,
        attrs: impl Fn(&[u8]) -> Result<Attrs>,
    ) -> Result<Scanned> {
        let tenant_no = self.tenant_no(tenant)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let last = last.map_or([0xff; 16], |id| *id.as_bytes());
        // At least one, or a walk would end before its end.
        let limit = limit.max(1);
        let mut scanned = Scanned::default();
        let mut behind = None;
        self.connection.query(
            SCAN,
            &[
                int(tenant_no),
                int(kind as u8),
                blob(&after),
                blob(&last),
                int(state as u8),
                int(limit),
            ],
            |row| {
                scanned.looked_at += 1;
                behind = Some(row.id(0, ObjectId::from_bytes)?);
                if ObjectState::from_number(row.int(1)?)? == state {
                    scanned.rows.push(read_with(kind, row, &attrs)?);
                }
                Ok(())
            },
        )?;
        scanned.next = behind.filter(|_| scanned.looked_at == limit);
        Ok(scanned)
    }

    /// Ids of objects of one kind, in order: borders that cut the live ones into pieces of about `size`, between half
    /// as many and half as many more, but for the last. Walks through them all, `size` objects at a time.
    pub fn borders(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        size: usize,
    ) -> Result<Vec<ObjectId>> {
        let tenant_no = self.tenant_no(tenant)?;
        let size = size.max(1);
        let (mut borders, mut after, mut in_piece) = (Vec::new(), Vec::new(), 0);
        loop {
            let step = |end| [int(tenant_no), int(kind as u8), blob(&after), end];
            let read = |row: &Row<'_>| row.id(0, ObjectId::from_bytes);
            let last = self.connection.first(STEP, &step(int(size - 1)), read)?;
            let Some(last) = last else {
                return Ok(borders);
            };
            let live = step(blob(last.as_bytes()));
            in_piece += self.connection.count(LIVE_IN_STEP, &live)?;
            if in_piece * 2 >= size as u64 {
                borders.push(last);
                in_piece = 0;
            }
            after = last.as_bytes().to_vec();
        }
    }
}

/// Where the next so many objects end, and how many of them are live.
const STEP: &str = "SELECT id FROM object WHERE tenant_no = ?1 AND kind = ?2 AND id > ?3 ORDER BY id LIMIT 1 OFFSET ?4";
const LIVE_IN_STEP: &str = "SELECT COUNT(*) FROM object WHERE tenant_no = ?1 AND kind = ?2 AND id > ?3 AND id <= ?4 AND state = 0";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_is_in_order_of_the_key_and_sorts_nothing() {
        for statement in [SCAN, STEP, LIVE_IN_STEP] {
            let plan = crate::driver::plan(statement);
            assert!(
                plan.contains("PRIMARY KEY (tenant_no=? AND kind=? AND id>?"),
                "{plan}"
            );
            assert!(!plan.contains("TEMP"), "{plan}");
        }
    }
}
