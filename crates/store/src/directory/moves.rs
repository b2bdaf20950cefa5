//! Objects that came into the recycle bin or out of it, in order: their references were hidden or shown by that, and
//! none of these was written. So whoever follows references walks through these moves beside the changes.

use syncline_model::{EntityKind, ObjectId, TenantId};

use crate::driver::int;
use crate::{ObjectState, Reader, Result};

/// One object that moved. It appears once, with its newest move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// A number of its own among those of the tenant's changes.
    pub sequence: u64,
    pub kind: EntityKind,
    pub id: ObjectId,
    /// Where it is now.
    pub state: ObjectState,
}

const MOVES: &str = "SELECT moved_seq, kind, id, state FROM object WHERE tenant_no = ?1 AND moved_seq > ?2 AND moved_seq <= ?3 ORDER BY moved_seq LIMIT ?4";

const COUNT: &str =
    "SELECT COUNT(*) FROM object WHERE tenant_no = ?1 AND moved_seq > ?2 AND moved_seq <= ?3";

impl Reader<'_> {
    /// How many objects moved after `after` and up to `until`.
    pub fn count_moves(&self, tenant: TenantId, after: u64, until: u64) -> Result<u64> {
        let tenant_no = self.tenant_no(tenant)?;
        let bounds = [int(tenant_no), int(after), int(until)];
        self.connection.count(COUNT, &bounds)
    }

    /// The first `limit` moves after `after` and up to `until`, ascending.
    pub fn moves_since(
        &self,
        tenant: TenantId,
        after: u64,
        until: u64,
        limit: usize,
    ) -> Result<Vec<Move>> {
        self.connection.query(
            MOVES,
            &[
                int(self.tenant_no(tenant)?),
                int(after),
                int(until),
                int(limit),
            ],
            |row| {
                Ok(Move {
                    sequence: row.number(0)?,
                    kind: row.kind(1)?,
                    id: row.id(2, ObjectId::from_bytes)?,
                    state: ObjectState::from_number(row.int(3)?)?,
                })
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_are_read_in_order_by_their_own_index() {
        for sql in [MOVES, COUNT] {
            crate::driver::assert_plan(
                sql,
                "INDEX object_moved (tenant_no=? AND moved_seq>? AND moved_seq<?)",
            );
        }
    }
}
