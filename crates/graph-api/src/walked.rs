//! The groups that walks through groups in groups have found, for the pages that come next: each page would walk all the
//! way again.
//!
//! They hold for one state of the tenant, which its sequence tells. Once anything has changed there, the next page walks
//! anew.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use syncline_model::{ObjectId, Problem, TenantId};
use syncline_store::Reader;

use crate::Call;

/// Walks that are remembered. The largest has 20,000 groups, and takes 320 KB.
const MOST: usize = 32;

/// Those of one tenant: it does not make the others walk again.
const OF_TENANT: usize = 4;

/// Where a walk began, and which way it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walk {
    /// To the members of a group, and theirs.
    Down(ObjectId),
    /// To the groups that somebody is in, and theirs.
    Up(ObjectId),
}

/// What is remembered, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Walked(Mutex<VecDeque<One>>);

#[derive(Debug)]
struct One {
    tenant: TenantId,
    sequence: u64,
    walk: Walk,
    found: Arc<[ObjectId]>,
}

impl Walked {
    fn find(&self, tenant: TenantId, sequence: u64, walk: Walk) -> Option<Arc<[ObjectId]>> {
        let known = self.0.lock();
        let is_it = |it: &&One| (it.tenant, it.sequence, it.walk) == (tenant, sequence, walk);
        known.iter().find(is_it).map(|it| Arc::clone(&it.found))
    }

    fn remember(&self, one: One) {
        let mut known = self.0.lock();
        let tenant = one.tenant;
        known.retain(|it| (it.tenant, it.walk) != (tenant, one.walk));
        known.push_back(one);
        let of_tenant = known.iter().filter(|it| it.tenant == tenant).count();
        let oldest = match of_tenant > OF_TENANT {
            true => known.iter().position(|it| it.tenant == tenant),
            false => (known.len() > MOST).then_some(0),
        };
        if let Some(oldest) = oldest {
            known.remove(oldest);
        }
    }
}

impl Call<'_> {
    /// What this walk finds as the reader sees the tenant: from memory when it was made before.
    pub(crate) fn walked(
        &self,
        reader: &Reader<'_>,
        walk: Walk,
        make: impl FnOnce() -> Result<Vec<ObjectId>, Problem>,
    ) -> Result<Arc<[ObjectId]>, Problem> {
        let tenant = self.tenant();
        let sequence = reader.sequence(tenant)?;
        if let Some(found) = self.api.walked.find(tenant, sequence, walk) {
            return Ok(found);
        }
        let found: Arc<[ObjectId]> = make()?.into();
        self.api.walked.remember(One {
            tenant,
            sequence,
            walk,
            found: Arc::clone(&found),
        });
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn one(tenant: u128, sequence: u64, from: u128) -> One {
        One {
            tenant: TenantId(Uuid::from_u128(tenant)),
            sequence,
            walk: Walk::Down(ObjectId(Uuid::from_u128(from))),
            found: Arc::from([]),
        }
    }

    fn knows(walked: &Walked, tenant: u128, sequence: u64, from: u128) -> bool {
        let One { tenant, walk, .. } = one(tenant, sequence, from);
        walked.find(tenant, sequence, walk).is_some()
    }

    #[test]
    fn a_walk_is_known_for_its_state_of_its_tenant_alone() {
        let walked = Walked::default();
        walked.remember(one(1, 1, 1));
        assert!(knows(&walked, 1, 1, 1));
        assert!(!knows(&walked, 1, 2, 1));
        assert!(!knows(&walked, 2, 1, 1));
        assert!(!knows(&walked, 1, 1, 2));
        let up = Walk::Up(ObjectId(Uuid::from_u128(1)));
        assert!(walked.find(TenantId(Uuid::from_u128(1)), 1, up).is_none());
        walked.remember(one(1, 2, 1));
        assert!(!knows(&walked, 1, 1, 1));
        assert!(knows(&walked, 1, 2, 1));
    }

    #[test]
    fn a_tenant_takes_no_more_than_its_share() {
        let walked = Walked::default();
        walked.remember(one(1, 1, 1));
        for from in 0..100 {
            walked.remember(one(2, 1, from));
        }
        assert!(knows(&walked, 1, 1, 1));
        assert!(knows(&walked, 2, 1, 99));
        assert!(!knows(&walked, 2, 1, 95));
        for tenant in 3..200 {
            walked.remember(one(tenant, 1, 1));
        }
        assert!(!knows(&walked, 1, 1, 1));
        assert_eq!(walked.0.lock().len(), MOST);
    }
}
