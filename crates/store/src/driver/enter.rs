//! Entering tenants: the turns of this node first, then the locks of the shared database.

use syncline_model::TenantId;

use super::param::text;
use super::postgres::{
    LEASES, OTHER_TENANTS, Queue, says_which_database, stands_still, statements_after,
};
use super::reader::{Known, Reader};
use super::tx::Tx;
use crate::{Result, StoreError};

/// So long whoever replaces everything may be at other things between two statements: what is kept aside is written to
/// the disk. While it is digested, which may take longer, the server is told so now and then.
const REPLACING_IDLE_MS: u64 = 600_000;

/// So often whoever replaces everything begins again where somebody was in the way for as long as a lock is waited for, or
/// waited for him.
const REPLACING_TRIES: usize = 3;

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
            self.connection.take_turns(&queues(tenants))?;
            let Some(elsewhere) = self.lock_all_if_free(tenants)? else {
                return Ok(());
            };
            self.connection.start_anew();
            self.connection.take_turns(&queues(&[elsewhere]))?;
            self.lock(elsewhere)?
                .ok_or(StoreError::UnknownTenant(elsewhere))?;
            self.connection.start_anew();
        }
        self.connection.take_turns(&queues(tenants))?;
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

    /// From here on this transaction may stand still for as long as one that only reads, where a server would take it for
    /// lost after seconds: for what takes that long to be decided, however little it is. After everything is entered,
    /// for others wait meanwhile, and wait longer for a node that is stopped.
    pub fn let_stand_still(&self) -> Result<()> {
        if self.is_shared() {
            self.connection.run(concat!(
                "SET LOCAL idle_in_transaction_session_timeout = ",
                stands_still!()
            ))?;
        }
        self.stands_still();
        Ok(())
    }

    /// Everything there is, for who replaces it, before anything else: nobody else writes, or changes the layout,
    /// until the transaction ends, and whoever has begun to is waited for.
    ///
    /// # Errors
    /// [`StoreError::Replaced`] and [`StoreError::Upgraded`], as for any other writer.
    pub(crate) fn enter_everything(&self) -> Result<()> {
        let mut tries = REPLACING_TRIES;
        loop {
            match self.lock_everything() {
                Err(StoreError::Busy(_)) if tries > 1 => {
                    tries -= 1;
                    self.connection.start_anew();
                    self.return_to(Known::default());
                }
                done => return done,
            }
        }
    }

    /// Everybody who writes has one of these rows. In the order in which others take them: who has begun is waited for with
    /// nothing held that he may need.
    fn lock_everything(&self) -> Result<()> {
        self.connection.take_turns(&[Queue::NoTenant])?;
        // Whoever brings the layout up to date begins with this one.
        self.connection.run(&format!(
            "SET LOCAL idle_in_transaction_session_timeout = {REPLACING_IDLE_MS}; SELECT id FROM migration_gate WHERE id = 1 FOR UPDATE"
        ))?;
        if says_which_database(self.applied_layout()?) {
            // From here on no tenant is made. What is asked next finds all that there are.
            self.enter_no_tenant()?;
            let tenants = self.connection.query(OTHER_TENANTS, &[], |row| {
                Ok((row.id(0, TenantId::from_bytes).ok(), row.int(1)?))
            })?;
            // Nobody asks for one by an id that can not be read, which a restore is to mend perhaps.
            let readable = tenants
                .into_iter()
                .filter_map(|(id, number)| Some((id?, number)));
            self.is_in_all(readable);
        } else {
            // Nodes of older versions find out in another table, where a row would answer them as of before their wait. They
            // wait for this one before they ask.
            self.connection.run("LOCK TABLE tenant IN EXCLUSIVE MODE")?;
            self.is_in_all([]);
        }
        self.connection.run(LEASES)
    }

    /// Which of these tables are there.
    pub(crate) fn there_of<'t>(&self, tables: &[&'t str]) -> Result<Vec<&'t str>> {
        let mut there = Vec::new();
        for table in tables {
            let sql = "SELECT 1 WHERE to_regclass(?1) IS NOT NULL";
            if self
                .connection
                .first(sql, &[text(table)], |_| Ok(()))?
                .is_some()
            {
                there.push(*table);
            }
        }
        Ok(there)
    }

    /// Brings the layout up to date, with all else that this transaction does. After
    /// [`Self::enter_everything`].
    pub(crate) fn bring_up_to_date(&self) -> Result<()> {
        for statement in statements_after(self.applied_layout()?)? {
            self.connection.run(&statement)?;
        }
        Ok(())
    }

    /// For a tenant that is about to be made, of which nobody has anything yet. What belongs to no tenant is entered: by that
    /// [`Self::enter_everything`] keeps new tenants away.
    pub(crate) fn enter_new(&self, tenant: TenantId) -> Result<()> {
        let queues = [Queue::NoTenant, Queue::Tenant(tenant)];
        self.connection.take_turns(&queues)?;
        self.enter_no_tenant()
    }
}

fn queues(tenants: &[TenantId]) -> Vec<Queue> {
    tenants.iter().copied().map(Queue::Tenant).collect()
}
