//! What every writing function needs to know besides its transaction.

use std::fmt;

use syncline_model::{Ids, TenantId, Timestamp};
use syncline_store::Tenant;

/// The tenant written to, the time of the write, and where new ids come from.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub tenant: &'a Tenant,
    pub now: Timestamp,
    pub ids: &'a dyn Ids,
}

impl Context<'_> {
    /// The id of the tenant written to.
    pub fn tenant_id(&self) -> TenantId {
        self.tenant.id
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("tenant", &self.tenant.id)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}
