//! Has a restore replaced the database since this process opened it, or a newer version its layout, or
//! somebody its key?
//!
//! Whoever writes in several transactions on a shared database would put one half of its work into
//! what was there and the other into what was restored, and what a process remembers of the rows
//! is not true any more; and whoever has the old key would seal what nobody opens. So a restore, and the replacement
//! of the key, leave another epoch each time, which a process reads when it opens the database and compares where
//! it locks a tenant. So it is with the layout: a node of an older version that stood still, or was not stopped, would
//! write rows that mean something else by now.
//!
//! INVARIANT: both stand in every row of `tenant`, as columns that the locking statement itself answers with, and whoever
//! changes one of them holds all of these rows ([`Tx::enter_everything`], and a step of the layout). Whoever waited for
//! a row gets its newest version. Anything that is asked beside the lock, in another table or row, is answered as of before the
//! wait: that would let pass who must not.

use std::sync::OnceLock;

use syncline_model::Ids;

use crate::driver::{Row, blob, int, optional_int, says_which_database};
use crate::{Reader, Result, StoreError, Tx};

/// What was there when the database was opened; unset where nobody asks.
#[derive(Debug, Default)]
pub(crate) struct Opened(OnceLock<Found>);

#[derive(Debug, PartialEq, Eq)]
struct Found {
    epoch: Vec<u8>,
    layout: i64,
}

/// Of the row that is there in every shared database: what belongs to no tenant.
const FOUND: &str = "SELECT epoch, layout FROM tenant WHERE tenant_no = 0";

impl Opened {
    /// Notes what is there now, and tells its layout. In tables of a layout that has no such columns nobody writes
    /// who has not brought them up to date.
    pub(crate) fn note(&self, reader: &Reader<'_>) -> Result<i64> {
        let layout = reader.applied_layout()?;
        if says_which_database(layout) {
            let found = reader.connection.first(FOUND, &[], |row| {
                Ok(Found {
                    epoch: row.blob(0)?.to_vec(),
                    layout: row.int(1)?,
                })
            })?;
            // What was noted first stays.
            let _ = self.0.set(found.ok_or(StoreError::Damaged("tenant"))?);
        }
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
        match opened.epoch == row.blob(column)? {
            true => Ok(()),
            false => Err(StoreError::Replaced),
        }
    }

    /// What the row of a new tenant has, as all others have it. Of a file: what nobody looks at.
    pub(crate) fn of_new_row(&self) -> (&[u8], i64) {
        let opened = self.0.get();
        opened.map_or((&[], 0), |it| (&it.epoch, it.layout))
    }
}

impl Reader<'_> {
    /// [`StoreError::Replaced`] where a restore has replaced the shared database since it was opened, and
    /// [`StoreError::Upgraded`] where a newer version has changed its layout.
    pub(crate) fn refuse_replaced(&self) -> Result<()> {
        if self.opened().0.get().is_none() {
            return Ok(());
        }
        self.connection
            .first(FOUND, &[], |row| self.opened().check(row, 0))?
            .ok_or(StoreError::Damaged("tenant"))
    }
}

impl Tx<'_> {
    /// Tells everybody who opened the database before that it is another one now, of this layout. After
    /// [`Self::enter_everything`].
    pub(crate) fn begin_epoch(&self, ids: &dyn Ids, layout: i64) -> Result<()> {
        let epoch = ids.random_uuid();
        self.connection
            .execute(
                "UPDATE tenant SET epoch = ?1, layout = ?2",
                &[blob(epoch.as_bytes()), int(layout)],
            )
            .map(drop)
    }

    /// All tenants are written in on the timeline that the server has now, whatever is said where they come from: a
    /// standby that takes over before the first change is told from that.
    pub(crate) fn begin_on_timeline(&self) -> Result<()> {
        self.connection
            .execute(
                "UPDATE tenant SET timeline = ?1",
                &[optional_int(self.connection.timeline())],
            )
            .map(drop)
    }
}
