//! Has a restore replaced the database since this process opened it?
//!
//! Whoever writes in several transactions on a shared database would put one half of its work into
//! what was there and the other into what was restored, and what a process remembers of the rows
//! is not true any more. So a restore leaves another mark each time, which a process reads when it opens the
//! database and compares where it locks a tenant: with the same statement, which costs no round trip.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use syncline_model::Ids;
use uuid::Uuid;

use crate::driver::Row;
use crate::{Document, Reader, Result, StoreError, Tx};

/// Key: `restoration`.
#[derive(Debug, Serialize, Deserialize)]
struct Restoration {
    id: Uuid,
}

impl Document for Restoration {
    const KIND: &'static str = "restoration";
}

const KEY: &str = "restoration";

/// The mark that is there, as a value of a statement. By its number, so that no statement has a parameter more.
macro_rules! mark {
    () => {
        "(SELECT mark.body FROM document AS mark WHERE mark.tenant_no = 0 AND mark.kind = 'restoration' AND mark.key = 'restoration')"
    };
}
pub(crate) use mark;

/// The mark that was there when the database was opened; unset where nobody asks.
#[derive(Debug, Default)]
pub(crate) struct Opened(OnceLock<Option<Vec<u8>>>);

impl Opened {
    /// Notes what is there now.
    pub(crate) fn note(&self, reader: &Reader<'_>) -> Result<()> {
        let mark = reader
            .connection
            .first(concat!("SELECT ", mark!()), &[], |row| {
                Ok(row.optional_blob(0)?.map(<[u8]>::to_vec))
            })?;
        // What was noted first stays.
        let _ = self.0.set(mark.flatten());
        Ok(())
    }

    /// [`StoreError::Replaced`] where a row has another mark than was there.
    pub(crate) fn check(&self, row: &Row<'_>, column: usize) -> Result<()> {
        match self.0.get() {
            Some(opened) if opened.as_deref() != row.optional_blob(column)? => {
                Err(StoreError::Replaced)
            }
            _ => Ok(()),
        }
    }
}

impl Reader<'_> {
    /// [`StoreError::Replaced`] where a restore has replaced the shared database since it was opened.
    pub(crate) fn refuse_replaced(&self) -> Result<()> {
        self.connection
            .first(concat!("SELECT ", mark!()), &[], |row| {
                self.opened().check(row, 0)
            })
            .map(drop)
    }
}

impl Tx<'_> {
    /// Tells everybody who opened the database before that it is another one now.
    pub fn mark_restored(&mut self, ids: &dyn Ids) -> Result<()> {
        let id = ids.random_uuid();
        self.put_document(None, KEY, &Restoration { id }, None)
    }
}
