//! References that wait: rows indexed by the source object they wait for, so that its link wakes
//! exactly those and no restart is ever needed. Those of whoever has left the target are suspended, and only the verbs
//! of `suspended.rs` know of them.

use syncline_model::{Attr, EntityKind, JobId, ObjectId, TenantId};

use crate::driver::{Param, Row, blob, int};
use crate::{Reader, Result, Tx};

/// One waiting reference, in ids of source objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WaitingReference {
    pub waits_for: ObjectId,
    pub source: ObjectId,
    pub kind: EntityKind,
    /// Target attribute.
    pub attr: Attr,
}

impl Reader<'_> {
    /// How many references of a job wait, but for those that are suspended. Reads them all.
    pub fn count_waiting(&self, tenant: TenantId, job: &JobId) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.count(
            "SELECT COUNT(*) FROM waiting_reference WHERE tenant_no = ?1 AND job_no = ?2 AND refused < 2",
            &[int(tenant_no), int(job_no)],
        )
    }

    /// A page of what waits, ordered by the object it waits for and the one that waits, behind `after` in
    /// this order. Of several attributes of one pair those behind `after` are left out.
    pub fn waiting(
        &self,
        tenant: TenantId,
        job: &JobId,
        after: Option<&WaitingReference>,
        limit: usize,
    ) -> Result<Vec<WaitingReference>> {
        let sql = "SELECT waits_for, source, attr, kind FROM waiting_reference WHERE tenant_no = ?1 AND job_no = ?2 AND waits_for >= ?3 AND (waits_for > ?3 OR source > ?4) AND refused < 2 ORDER BY waits_for, source LIMIT ?5";
        self.behind(sql, tenant, job, after, limit)
    }

    /// Everything that waits for these source objects.
    pub fn waiting_for(
        &self,
        tenant: TenantId,
        job: &JobId,
        waits_for: &[ObjectId],
    ) -> Result<Vec<WaitingReference>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.query_each(
            "SELECT waits_for, source, attr, kind FROM waiting_reference WHERE tenant_no = ?1 AND job_no = ?2 AND waits_for = ?3 AND refused < 2",
            &[int(tenant_no), int(job_no)],
            waits_for.iter().map(one_id),
            read,
        )
    }

    /// Everything that these source objects wait for.
    pub fn waiting_of(
        &self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<Vec<WaitingReference>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.query_each(
            "SELECT waits_for, source, attr, kind FROM waiting_reference WHERE tenant_no = ?1 AND job_no = ?2 AND source = ?3 AND refused < 2",
            &[int(tenant_no), int(job_no)],
            sources.iter().map(one_id),
            read,
        )
    }

    /// A page of such rows in the order of `waiting`.
    fn behind(
        &self,
        sql: &str,
        tenant: TenantId,
        job: &JobId,
        after: Option<&WaitingReference>,
        limit: usize,
    ) -> Result<Vec<WaitingReference>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let (waits_for, source) = match after {
            Some(row) => (&row.waits_for.as_bytes()[..], &row.source.as_bytes()[..]),
            None => (&[][..], &[][..]),
        };
        self.connection.query(
            sql,
            &[
                int(tenant_no),
                int(job_no),
                blob(waits_for),
                blob(source),
                int(limit),
            ],
            read,
        )
    }

    /// Up to `limit` waiting references whose object has been linked meanwhile, and that were not refused since,
    /// ordered by the object they wait for and the one that waits, behind `after` in this order. Of several
    /// attributes of one pair those behind `after` are left out: they are found from the start.
    pub fn ready_references(
        &self,
        tenant: TenantId,
        job: &JobId,
        after: Option<&WaitingReference>,
        limit: usize,
    ) -> Result<Vec<WaitingReference>> {
        let sql = "SELECT waits_for, source, attr, kind FROM ready_reference JOIN waiting_reference USING (tenant_no, job_no, waits_for) WHERE tenant_no = ?1 AND job_no = ?2 AND waits_for >= ?3 AND (waits_for > ?3 OR source > ?4) AND refused = 0 ORDER BY waits_for, source LIMIT ?5";
        self.behind(sql, tenant, job, after, limit)
    }

    /// The last of the next `limit` woken objects of a job behind `after`; `None` when there are fewer.
    pub fn ready_behind(
        &self,
        tenant: TenantId,
        job: &JobId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Option<ObjectId>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        self.connection.first(
            "SELECT waits_for FROM ready_reference WHERE tenant_no = ?1 AND job_no = ?2 AND waits_for > ?3 ORDER BY waits_for LIMIT 1 OFFSET ?4",
            &[
                int(tenant_no),
                int(job_no),
                blob(&after),
                int(limit.max(1) - 1),
            ],
            |row| row.id(0, ObjectId::from_bytes),
        )
    }
}

impl Tx<'_> {
    /// Lets references wait, whose owners are in the target; those already waiting stay. Says how many are new.
    pub fn insert_waiting(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        rows: &[WaitingReference],
    ) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let new = self.connection.execute_each(
            "INSERT INTO waiting_reference (tenant_no, job_no, waits_for, source, attr, kind) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
            &[int(tenant_no), int(job_no)],
            rows.iter().map(|row| {
                [
                    blob(row.waits_for.as_bytes()),
                    blob(row.source.as_bytes()),
                    int(row.attr.0),
                    int(row.kind as u8),
                ]
            }),
        )?;
        if new == rows.len() as u64 {
            return Ok(new);
        }
        Ok(new + self.resume_waiting((tenant_no, job_no), rows)?)
    }

    /// Removes these waiting references; says how many there were.
    pub fn delete_waiting(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        rows: &[WaitingReference],
    ) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute_each(
            "DELETE FROM waiting_reference WHERE tenant_no = ?1 AND job_no = ?2 AND waits_for = ?3 AND source = ?4 AND attr = ?5 AND refused < 2",
            &[int(tenant_no), int(job_no)],
            rows.iter().map(|row| {
                [
                    blob(row.waits_for.as_bytes()),
                    blob(row.source.as_bytes()),
                    int(row.attr.0),
                ]
            }),
        )
    }

    /// Removes what these references (source object, target attribute) wait for: they are decided
    /// anew; says how many there were.
    pub fn delete_waiting_at(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        references: &[(ObjectId, Attr)],
    ) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute_each(
            "DELETE FROM waiting_reference WHERE tenant_no = ?1 AND job_no = ?2 AND source = ?3 AND attr = ?4 AND refused < 2",
            &[int(tenant_no), int(job_no)],
            references
                .iter()
                .map(|(source, attr)| [blob(source.as_bytes()), int(attr.0)]),
        )
    }

    /// Wakes whatever waits for these source objects, which were just linked, refused before or not.
    pub fn wake_waiting(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        linked: &[ObjectId],
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let waited_for = self.waited_for((tenant_no, job_no), linked)?;
        self.unmark_waiting_for((tenant_no, job_no), &waited_for)?;
        self.insert_ready((tenant_no, job_no), &waited_for)
    }

    /// What waits for these source objects is ready; nothing, where nothing waits.
    pub(super) fn insert_ready(
        &mut self,
        (tenant_no, job_no): (i64, i64),
        waits_for: &[ObjectId],
    ) -> Result<()> {
        self.connection.execute_each(
            "INSERT INTO ready_reference (tenant_no, job_no, waits_for) SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM waiting_reference WHERE tenant_no = ?1 AND job_no = ?2 AND waits_for = ?3) ON CONFLICT DO NOTHING",
            &[int(tenant_no), int(job_no)],
            waits_for.iter().map(one_id),
        )?;
        Ok(())
    }

    /// Those of these source objects for which something waits, ascending. Few do, mostly: from each the
    /// next one that is waited for is looked for, and all before it are passed over. On a shared database
    /// each look would be a round trip: all are returned, and who is waited for is asked with the insert.
    fn waited_for(
        &self,
        (tenant_no, job_no): (i64, i64),
        linked: &[ObjectId],
    ) -> Result<Vec<ObjectId>> {
        let mut left = linked.to_vec();
        left.sort_unstable();
        if self.is_shared() {
            return Ok(left);
        }
        let mut waited_for = Vec::new();
        let mut left = left.as_slice();
        while let Some(first) = left.first() {
            let next = self.connection.first(
                "SELECT waits_for FROM waiting_reference WHERE tenant_no = ?1 AND job_no = ?2 AND waits_for >= ?3 ORDER BY waits_for LIMIT 1",
                &[int(tenant_no), int(job_no), blob(first.as_bytes())],
                |row| row.id(0, ObjectId::from_bytes),
            )?;
            let Some(next) = next else { break };
            left = &left[left.partition_point(|id| *id < next)..];
            if let Some((id, behind)) = left.split_first()
                && *id == next
            {
                waited_for.push(next);
                left = behind;
            }
        }
        Ok(waited_for)
    }

    /// Puts woken objects back to sleep: they are not linked after all, and what waits goes on waiting.
    pub fn delete_ready(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        waits_for: &[ObjectId],
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute_each(
            "DELETE FROM ready_reference WHERE tenant_no = ?1 AND job_no = ?2 AND waits_for = ?3",
            &[int(tenant_no), int(job_no)],
            waits_for.iter().map(one_id),
        )?;
        Ok(())
    }

    /// Looks at the next `limit` woken objects behind `after` and forgets those for which nothing waits any more but what was refused.
    /// Returns where to go on, if there are more.
    pub fn sweep_ready(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Option<ObjectId>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let next = self.ready_behind(tenant, job, after, limit)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let last = next.map_or([0xff; 16], |id| *id.as_bytes());
        self.connection.execute(
            "DELETE FROM ready_reference WHERE tenant_no = ?1 AND job_no = ?2 AND waits_for > ?3 AND waits_for <= ?4 AND NOT EXISTS (SELECT 1 FROM waiting_reference AS waiting WHERE waiting.tenant_no = ?1 AND waiting.job_no = ?2 AND waiting.waits_for = ready_reference.waits_for AND waiting.refused = 0)",
            &[int(tenant_no), int(job_no), blob(&after), blob(&last)],
        )?;
        Ok(next)
    }
}

pub(super) fn one_id(id: &ObjectId) -> [Param<'_>; 1] {
    [blob(id.as_bytes())]
}

pub(super) fn read(row: &Row<'_>) -> Result<WaitingReference> {
    Ok(WaitingReference {
        waits_for: row.id(0, ObjectId::from_bytes)?,
        source: row.id(1, ObjectId::from_bytes)?,
        attr: Attr(row.number(2)?),
        kind: row.kind(3)?,
    })
}
