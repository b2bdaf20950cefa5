//! A writing transaction.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Deref;

use syncline_model::TenantId;

use super::connection::Connection;
use super::param::int;
use super::reader::Reader;
use super::store::Store;
use crate::{Result, StoreError};

/// One writing transaction. Reads see what it wrote.
pub struct Tx<'c> {
    reader: Reader<'c>,
    /// Sequences given out so far, per tenant row number; written back at the end.
    sequences: RefCell<BTreeMap<i64, u64>>,
}

impl std::fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tx")
    }
}

impl<'c> Deref for Tx<'c> {
    type Target = Reader<'c>;
    fn deref(&self) -> &Reader<'c> {
        &self.reader
    }
}

impl<'c> Tx<'c> {
    pub(super) fn new(store: &'c Store, connection: Connection<'c>) -> Self {
        Self {
            reader: Reader::writing(store, connection),
            sequences: RefCell::new(BTreeMap::new()),
        }
    }

    /// The next `changed_seq` of a tenant. Sequences never skip a commit: the row is written at the
    /// end of the transaction, under its lock.
    pub(crate) fn next_sequence(&self, tenant_no: i64) -> Result<u64> {
        let mut sequences = self.sequences.borrow_mut();
        let last = match sequences.get(&tenant_no) {
            Some(last) => *last,
            None => self
                .connection
                .first(
                    "SELECT sequence FROM tenant WHERE tenant_no = ?1",
                    &[int(tenant_no)],
                    |row| row.number(0),
                )?
                .ok_or(StoreError::Damaged("tenant"))?,
        };
        sequences.insert(tenant_no, last + 1);
        Ok(last + 1)
    }

    /// The next `count` sequences.
    pub(crate) fn next_sequences(&self, tenant_no: i64, count: usize) -> Result<Vec<u64>> {
        (0..count).map(|_| self.next_sequence(tenant_no)).collect()
    }

    /// Never gives the next `count` sequences of a tenant to anything.
    pub fn pass_over_sequences(&mut self, tenant: TenantId, count: u64) -> Result<()> {
        let tenant_no = self.tenant_no(tenant)?;
        let next = self.next_sequence(tenant_no)?;
        let last = next.saturating_add(count.saturating_sub(1));
        self.sequences.borrow_mut().insert(tenant_no, last);
        Ok(())
    }

    /// Takes back the last `count` sequences, which nothing was written with.
    pub(crate) fn return_sequences(&self, tenant_no: i64, count: usize) {
        if let Some(last) = self.sequences.borrow_mut().get_mut(&tenant_no) {
            *last = last.saturating_sub(count as u64);
        }
    }

    /// Whether anything in a tenant has got the number of a change.
    pub(super) fn has_changed_a_tenant(&self) -> bool {
        !self.sequences.borrow().is_empty()
    }

    /// Writes back what was only kept in memory, before the commit.
    pub(super) fn finish(&self) -> Result<()> {
        for (tenant_no, last) in self.sequences.borrow().iter() {
            self.connection.execute(
                "UPDATE tenant SET sequence = ?1 WHERE tenant_no = ?2",
                &[int(*last), int(*tenant_no)],
            )?;
        }
        Ok(())
    }

    /// Runs `work`; when it fails, only what it wrote is undone and the transaction goes on.
    pub fn savepoint<T, E>(
        &mut self,
        work: impl FnOnce(&mut Self) -> std::result::Result<T, E>,
    ) -> Result<std::result::Result<T, E>> {
        self.connection.run("SAVEPOINT attempt")?;
        let known = self.reader.remember();
        let numbered: Vec<i64> = self.sequences.borrow().keys().copied().collect();
        let result = work(self);
        let end = if result.is_ok() {
            "RELEASE attempt"
        } else {
            self.reader.return_to(known);
            // A tenant that was locked only since has no lock now: its sequence is read again. Those
            // of the others go on where they are; a number that is never used harms nobody.
            let mut sequences = self.sequences.borrow_mut();
            sequences.retain(|tenant_no, _| numbered.contains(tenant_no));
            "ROLLBACK TO attempt; RELEASE attempt"
        };
        self.connection.run(end)?;
        Ok(result)
    }
}
