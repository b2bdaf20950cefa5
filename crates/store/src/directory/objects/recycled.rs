//! What is in the recycle bin: in order of id for whoever looks, oldest first for the sweep.

use syncline_model::{EntityKind, ObjectId, TenantId, Timestamp};

use super::{BEING_PURGED, COLUMNS, Stored, read};
use crate::driver::{Row, blob, int};
use crate::{Reader, Result};

/// In order of an index that has what is in the bin alone.
const RECYCLED: &str = "SELECT id, state, changed_seq, created_at, deleted_at, body FROM object WHERE tenant_no = ?1 AND kind = ?2 AND state = 1 AND id > ?3 AND deleted_at <> ?5 ORDER BY id LIMIT ?4";

/// As [`RECYCLED`], without what takes room.
const SIZES: &str = "SELECT id, CAST(length(body) AS BIGINT) FROM object WHERE tenant_no = ?1 AND kind = ?2 AND state = 1 AND id > ?3 AND deleted_at <> ?5 ORDER BY id LIMIT ?4";

/// In order of change. The signs keep it from the indexes of all that is in the bin, or of one kind: few have changed.
const SINCE: &str = "SELECT id, CAST(length(body) AS BIGINT) FROM object WHERE tenant_no = ?1 AND changed_seq > ?3 AND +kind = ?2 AND +state = 1 AND deleted_at <> ?5 ORDER BY changed_seq LIMIT ?4";

impl Reader<'_> {
    /// A page of the objects of one kind in the recycle bin, in order of id, after `after`. Reads
    /// this page of the bin alone ([`Reader::scan`] would walk past every live object). What is being
    /// deleted for good is not among them.
    pub fn recycled(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Stored>> {
        self.recycled_rows(RECYCLED, tenant, kind, after, limit, |row| read(kind, row))
    }

    /// Which those are, and how many bytes each has as it is stored. Reads none of them.
    pub fn recycled_sizes(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<(ObjectId, usize)>> {
        self.recycled_rows(SIZES, tenant, kind, after, limit, |row| {
            Ok((row.id(0, ObjectId::from_bytes)?, row.number(1)?))
        })
    }

    /// The same of those in the recycle bin that changed after a sequence of the tenant, in that order: all that have come
    /// into it since are among them. Reads as many rows as have changed.
    pub fn recycled_since(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        sequence: u64,
        limit: usize,
    ) -> Result<Vec<(ObjectId, usize)>> {
        let tenant_no = self.tenant_no(tenant)?;
        self.connection.query(
            SINCE,
            &[
                int(tenant_no),
                int(kind as u8),
                int(sequence),
                int(limit),
                int(BEING_PURGED.0),
            ],
            |row| Ok((row.id(0, ObjectId::from_bytes)?, row.number(1)?)),
        )
    }

    fn recycled_rows<T>(
        &self,
        statement: &str,
        tenant: TenantId,
        kind: EntityKind,
        after: Option<ObjectId>,
        limit: usize,
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let tenant_no = self.tenant_no(tenant)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        self.connection.query(
            statement,
            &[
                int(tenant_no),
                int(kind as u8),
                blob(&after),
                int(limit),
                int(BEING_PURGED.0),
            ],
            read,
        )
    }

    /// Objects in the recycle bin since before `deleted_before`, oldest first: before all others those that are being
    /// deleted for good.
    pub fn recycled_before(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        deleted_before: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>> {
        let tenant_no = self.tenant_no(tenant)?;
        self.connection.query(
            &format!("SELECT {COLUMNS} FROM object WHERE tenant_no = ?1 AND kind = ?2 AND state = 1 AND deleted_at < ?3 ORDER BY deleted_at LIMIT ?4"),
            &[
                int(tenant_no),
                int(kind as u8),
                int(deleted_before.0),
                int(limit),
            ],
            |row| read(kind, row),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_into_the_recycle_bin_is_found_among_what_changed() {
        crate::driver::assert_plan(
            SINCE,
            "INDEX object_changed (tenant_no=? AND changed_seq>?)",
        );
    }

    #[test]
    fn the_recycle_bin_is_listed_by_its_own_index() {
        for statement in [RECYCLED, SIZES] {
            crate::driver::assert_plan(
                statement,
                "INDEX object_recycled_id (tenant_no=? AND kind=? AND id>?)",
            );
        }
    }
}
