//! Has a restore replaced the database since this process opened it, or a newer version its layout, or
//! somebody its key?
//!
//! Whoever writes in several transactions on a shared database would put one half of its work into
//! what was there and the other into what was restored, and what a process remembers of the rows
//! is not true any more; and whoever has the old key would seal what nobody opens. So a restore, and the replacement
//! of the key, leave another mark each time, which a process reads when it opens the database and compares where
//! it locks a tenant: with the same statement, which costs no round trip. So it is with the layout: a node of an
//! older version that stood still, or was not stopped, would write rows that mean something else by now. Whoever
//! changes any of these keeps all writers out meanwhile, by the table of tenants.

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

/// The mark and the layout that are there, as two values of a statement. By its number, so that no statement
/// has a parameter more.
macro_rules! mark {
    () => {
        "(SELECT mark.body FROM document AS mark WHERE mark.tenant_no = 0 AND mark.kind = 'restoration' AND mark.key = 'restoration'), (SELECT MAX(version) FROM refinery_schema_history)"
    };
}
pub(crate) use mark;

/// What was there when the database was opened; unset where nobody asks.
#[derive(Debug, Default)]
pub(crate) struct Opened(OnceLock<Found>);

#[derive(Debug, PartialEq, Eq)]
struct Found {
    mark: Option<Vec<u8>>,
    layout: i64,
}

impl Opened {
    /// Notes what is there now, and tells its layout.
    pub(crate) fn note(&self, reader: &Reader<'_>) -> Result<i64> {
        let found = reader
            .connection
            .first(concat!("SELECT ", mark!()), &[], |row| {
                Ok(Found {
                    mark: row.optional_blob(0)?.map(<[u8]>::to_vec),
                    layout: row.int(1)?,
                })
            })?
            .ok_or(StoreError::Damaged("the layout"))?;
        // What was noted first stays.
        let layout = found.layout;
        let _ = self.0.set(found);
        Ok(layout)
    }

    /// [`StoreError::Upgraded`] or [`StoreError::Replaced`] where a row has, from this column on, something
    /// else than was there.
    pub(crate) fn check(&self, row: &Row<'_>, column: usize) -> Result<()> {
        let Some(opened) = self.0.get() else {
            return Ok(());
        };
        let (found, known) = (row.int(column + 1)?, opened.layout);
        // Where a newer version has restored, only a newer version helps.
        if found != known {
            return Err(StoreError::Upgraded { found, known });
        }
        match opened.mark.as_deref() == row.optional_blob(column)? {
            true => Ok(()),
            false => Err(StoreError::Replaced),
        }
    }
}

impl Reader<'_> {
    /// [`StoreError::Replaced`] where a restore has replaced the shared database since it was opened, and
    /// [`StoreError::Upgraded`] where a newer version has changed its layout.
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
