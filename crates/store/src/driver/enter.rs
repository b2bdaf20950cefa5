//! Entering tenants: the turns of this node first, then the locks of the shared database.

use syncline_model::TenantId;

use super::postgres::Queue;
use super::reader::Reader;
use super::tx::Tx;
use crate::{Result, StoreError};

impl Reader<'_> {
    /// Whoever waits while others may wait for what he holds, waits on the server, with a connection.
    pub(super) fn may_enter(&self, queues: &[Queue]) {
        debug_assert!(
            self.connection.may_enter(queues),
            "something is held already that others may wait for: name {queues:?} before"
        );
    }
}

impl Tx<'_> {
    /// Says now which tenants this transaction is going to work in. Said first, nothing of the database
    /// is held until it is their turn, and two transactions across the same two tenants never wait for
    /// each other.
    ///
    /// While it waits in one of them, others go on in the rest, also while another node stands still there.
    /// Only what is at work at the end of its wait in one that is named later is waited for by the writers
    /// of those before it, too: last is named who is to be troubled least.
    ///
    /// It waits for turns and connections as long as any transaction does, all its tries together, and for
    /// each lock that another node has as long as any statement does.
    ///
    /// All of them at once, and before anything else is written: later, others would wait while this one
    /// waits.
    pub fn enter(&self, tenants: &[TenantId]) -> Result<()> {
        self.may_enter(&queues(tenants));
        // All at once first, and who is waited for elsewhere alone: with nothing else held. Once only: two nodes
        // that write pages of one tenant would take the locks from each other again and again, where in the
        // server's own queue they take turns.
        if self.is_shared() && tenants.len() > 1 && !self.connection.is_engaged() {
            self.take_turns(tenants)?;
            let Some(elsewhere) = self.lock_all_if_free(tenants)? else {
                return Ok(());
            };
            self.connection.start_anew();
            self.take_turns(&[elsewhere])?;
            self.lock(elsewhere)?
                .ok_or(StoreError::UnknownTenant(elsewhere))?;
            self.connection.start_anew();
        }
        self.take_turns(tenants)?;
        let mut ordered = tenants.to_vec();
        ordered.sort();
        for tenant in ordered {
            self.tenant_no(tenant)?;
        }
        Ok(())
    }

    /// The same for what belongs to no tenant.
    pub fn enter_no_tenant(&self) -> Result<()> {
        self.tenant_or_none(None).map(drop)
    }

    /// Everything there is, for who replaces it: nobody else writes in these tables until the transaction
    /// ends, and whoever has begun to is waited for.
    pub(crate) fn enter_everything(&self, tables: &[&str]) -> Result<()> {
        let tables = tables.join(", ");
        self.connection
            .run(&format!("LOCK TABLE {tables} IN EXCLUSIVE MODE"))?;
        self.is_in_no_tenant();
        Ok(())
    }

    /// Waits for the others of this node alone: nobody has anything of a tenant that is about to be made.
    pub(crate) fn take_turns(&self, tenants: &[TenantId]) -> Result<()> {
        self.connection.take_turns(&queues(tenants))
    }
}

fn queues(tenants: &[TenantId]) -> Vec<Queue> {
    tenants.iter().copied().map(Queue::Tenant).collect()
}
