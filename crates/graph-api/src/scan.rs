//! Reading that takes as long as a tenant is large: counting with a filter, sorting, members of
//! members, changes. It ends when nobody waits for it, and only few do so at a time: each keeps a snapshot of
//! the database and, on PostgreSQL, a connection, of which there are not many.

use std::cell::{Cell, OnceCell};

use syncline_model::Problem;

use crate::Call;
use crate::throttle::{Full, Share};

/// What one page of a walk costs beside the rows that it brings, counted in rows: a statement or two, which go to the
/// database and back even where there is nothing. Thousands of empty groups are not read for nothing.
const ROWS_OF_A_LOOK_UP: usize = 10;

/// How far a request's reading is.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    rows: Cell<usize>,
    share: OnceCell<Share>,
}

impl Call<'_> {
    /// To be asked after some rows, before more are read.
    ///
    /// # Errors
    /// 503 when the caller hung up; 429 or 503 when so many rows are too many while others scan.
    pub(crate) fn has_read(&self, rows: usize) -> Result<(), Problem> {
        self.waiting.still()?;
        let Scan { rows: sum, share } = &self.scan;
        sum.set(sum.get() + rows);
        let throttle = &self.api.throttle;
        if sum.get() > throttle.scan_rows && share.get().is_none() {
            let taken = throttle.scans.take(self.tenant(), 1);
            // Set at most once: it was empty.
            let _ = share.set(taken.map_err(Full::problem)?);
        }
        Ok(())
    }

    /// The same, after one of many small look-ups brought so many rows.
    ///
    /// # Errors
    /// As [`Call::has_read`].
    pub(crate) fn has_looked_up(&self, rows: usize) -> Result<(), Problem> {
        self.has_read(rows + ROWS_OF_A_LOOK_UP)
    }

    /// How many that are so far.
    pub(crate) fn rows_read(&self) -> usize {
        self.scan.rows.get()
    }
}
