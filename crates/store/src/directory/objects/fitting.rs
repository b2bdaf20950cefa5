//! How many objects are read at once, where a tenant decides how large each of them is: asked of their sizes, before
//! the objects themselves are in memory.

use syncline_model::{EntityKind, IdMap, ObjectId, TenantId};

use crate::driver::{blob, int};
use crate::{Reader, Result};

/// As [`Reader::scan`] looks at them: the dead have no size.
const OF_ALL: &str = "SELECT CASE WHEN state = 0 THEN CAST(length(body) AS BIGINT) ELSE 0 END FROM object WHERE tenant_no = ?1 AND kind = ?2 AND id > ?3 ORDER BY id LIMIT ?4";

impl Reader<'_> {
    /// How many objects of one kind a scan may look at behind `after`, so that the live ones among them have together no
    /// more than so many bytes as they are stored; the first one always counts. `limit` when all up to there have.
    pub fn fitting(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        after: Option<ObjectId>,
        limit: usize,
        bytes: usize,
    ) -> Result<usize> {
        let tenant_no = self.tenant_no(tenant)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let sizes: Vec<usize> = self.connection.query(
            OF_ALL,
            &[int(tenant_no), int(kind as u8), blob(&after), int(limit)],
            |row| row.number(0),
        )?;
        Ok(fitting(&sizes, bytes).unwrap_or(limit))
    }

    /// How many of the next objects in the recycle bin ([`Reader::recycled`]) have together no more than so many bytes; the first one always
    /// counts. `limit` when all up to there have.
    pub fn recycled_fitting(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        after: Option<ObjectId>,
        limit: usize,
        bytes: usize,
    ) -> Result<usize> {
        let found = self.recycled_sizes(tenant, kind, after, limit)?;
        let sizes: Vec<usize> = found.into_iter().map(|(_, size)| size).collect();
        Ok(fitting(&sizes, bytes).unwrap_or(limit))
    }

    /// How many bytes each of the objects of one kind with these ids has as it is stored, in the order asked; `None` for
    /// absent ones.
    pub fn sizes(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        ids: &[ObjectId],
    ) -> Result<Vec<Option<usize>>> {
        let tenant_no = self.tenant_no(tenant)?;
        self.connection.find_each(
            "SELECT CAST(length(body) AS BIGINT) FROM object WHERE tenant_no = ?1 AND kind = ?2 AND id = ?3",
            &[int(tenant_no), int(kind as u8)],
            ids.iter().map(|id| [blob(id.as_bytes())]),
            |row| row.number(0),
        )
    }

    /// How many of the first of the objects with these ids, each of any of these kinds, have together no more than so many
    /// bytes as they are stored; the first one always counts.
    pub fn fitting_of(
        &self,
        tenant: TenantId,
        kinds: &[EntityKind],
        ids: &[ObjectId],
        bytes: usize,
    ) -> Result<usize> {
        let mut sizes: IdMap<ObjectId, usize> = IdMap::default();
        let mut missing = ids.to_vec();
        for kind in kinds {
            let found = self.sizes(tenant, *kind, &missing)?;
            let found = missing.iter().zip(found);
            sizes.extend(found.filter_map(|(id, size)| Some((*id, size?))));
            missing.retain(|id| !sizes.contains_key(id));
            if missing.is_empty() {
                break;
            }
        }
        let of = |id: &ObjectId| sizes.get(id).copied().unwrap_or(0);
        let sizes: Vec<usize> = ids.iter().map(of).collect();
        Ok(fitting(&sizes, bytes).unwrap_or(ids.len()))
    }
}

/// How many of the first of these have together no more than so many bytes; the first one always counts. `None` when all
/// have.
pub(crate) fn fitting(sizes: &[usize], bytes: usize) -> Option<usize> {
    let mut sum = 0_usize;
    sizes
        .iter()
        .position(|size| {
            sum = sum.saturating_add(*size);
            sum > bytes
        })
        .map(|too_many| too_many.max(1))
        .filter(|fit| *fit < sizes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_one_always_fits() {
        assert_eq!(fitting(&[5, 1], 3), Some(1));
        assert_eq!(fitting(&[1, 2, 1], 3), Some(2));
        assert_eq!(fitting(&[5], 3), None);
        assert_eq!(fitting(&[1, 2], 3), None);
        assert_eq!(fitting(&[], 3), None);
    }
}
