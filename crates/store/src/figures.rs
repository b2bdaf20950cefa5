//! What the store can tell an operator about itself: how long transactions take and wait, how large
//! the files are. It has no clock and keeps no counters: a [`Meter`] brings both.

use std::cell::Cell;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::{Reader, Result, Store, StoreError};

/// Brings a clock and writes down what was measured. Called on the thread of the transaction, so it
/// must not block.
pub trait Meter: Send + Sync {
    /// Time since some moment that stays the same; never runs backwards.
    fn now(&self) -> Duration;

    fn read(&self, took: Duration);

    fn wrote(&self, written: &Written);

    /// A write met a full disk, or was the first that did not since one did.
    fn room(&self, _there: bool) {}

    /// The database took no write, and why.
    fn writing_refused(&self, _why: &str) {}

    /// It has taken the first one since.
    fn writing_taken(&self) {}
}

/// One writing transaction that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Until the one writer was free; on a shared database for the writers before it on this node, and
    /// for a connection.
    pub waited: Duration,
    /// The rest, to the end of the commit or rollback.
    pub took: Duration,
    pub committed: bool,
}

/// How much of the disk the database uses, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// `None` where the database does not tell.
    pub database: Option<u64>,
    /// The write-ahead log beside it; 0 when there is none.
    pub wal: u64,
}

/// Which layout the tables have. Ordered numbers, as migrations have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub applied: i64,
    /// What this binary works with.
    pub expected: i64,
}

impl Layout {
    pub fn is_current(self) -> bool {
        self.applied == self.expected
    }
}

impl Store {
    /// Asks the database which layout it has: the smallest question that shows that it answers.
    ///
    /// # Errors
    /// Also when the database file is gone: connections that are open would go on in a file that
    /// nobody finds any more. When its write-ahead log can not be merged, and grows: but not for want of room,
    /// which [`Store::has_room`] tells, or because the file may not be written, which [`Store::takes_writes`] tells.
    /// And when a restore has replaced a shared database since it was opened.
    pub fn layout(&self) -> Result<Layout> {
        self.refuse_lost_file()?;
        match self.refuse_unmerged() {
            Err(error) if !error.is_obstacle() => return Err(error),
            _ => {}
        }
        let applied = self.read(|reader| {
            match reader.refuse_replaced() {
                // That is what is told here.
                Ok(()) | Err(StoreError::Upgraded { .. }) => reader.applied_layout(),
                Err(error) => Err(error),
            }
        })?;
        let expected = self.expected_layout();
        Ok(Layout { applied, expected })
    }

    /// Bytes that a copy of the database file takes, with what only the log of it has by now and without what holds nothing
    /// any more. `None` of a shared database, which is not copied as a file.
    ///
    /// # Errors
    /// The file can not be read.
    pub fn size_of_a_copy(&self) -> Result<Option<u64>> {
        if self.is_shared() {
            return Ok(None);
        }
        self.read(|reader| reader.full_pages()).map(Some)
    }

    /// Bytes of the database file that hold nothing any more: the file never becomes smaller, and what is written next
    /// goes there. `None` of a shared database, whose server sees to that.
    ///
    /// # Errors
    /// The file can not be read.
    pub fn free_inside(&self) -> Result<Option<u64>> {
        if self.is_shared() {
            return Ok(None);
        }
        self.read(|reader| reader.free_pages()).map(Some)
    }

    /// Measures every transaction from now on. The first meter stays.
    pub fn measure(&self, meter: Arc<dyn Meter>) {
        self.metered.set(meter);
    }
}

impl Reader<'_> {
    pub(crate) fn applied_layout(&self) -> Result<i64> {
        let newest = self.connection.first(
            "SELECT COALESCE(MAX(version), 0) FROM refinery_schema_history",
            &[],
            |row| row.int(0),
        )?;
        Ok(newest.unwrap_or(0))
    }

    /// Bytes of the pages of an SQLite file that are in no table.
    fn free_pages(&self) -> Result<u64> {
        let question =
            "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size";
        self.connection.count(question, &[])
    }

    /// Bytes of those that are in one.
    fn full_pages(&self) -> Result<u64> {
        let question = "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
        self.connection.count(question, &[])
    }

    /// Bytes of a PostgreSQL database; `None` from an engine that speaks its protocol and has no such
    /// function, or does not let us ask.
    pub(crate) fn database_size(&self) -> Result<Option<u64>> {
        self.told("SELECT PG_DATABASE_SIZE(CURRENT_DATABASE())")
    }

    fn told(&self, question: &str) -> Result<Option<u64>> {
        match self.connection.count(question, &[]) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.is_unsupported() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The meter of a store, once there is one.
#[derive(Default)]
pub(crate) struct Metered(OnceLock<Arc<dyn Meter>>);

impl Metered {
    fn set(&self, meter: Arc<dyn Meter>) {
        // A second one would count the same transactions again.
        let _ = self.0.set(meter);
    }

    pub(crate) fn room(&self, there: bool) {
        if let Some(meter) = self.0.get() {
            meter.room(there);
        }
    }

    pub(crate) fn writing_refused(&self, why: &str) {
        if let Some(meter) = self.0.get() {
            meter.writing_refused(why);
        }
    }

    pub(crate) fn writing_taken(&self) {
        if let Some(meter) = self.0.get() {
            meter.writing_taken();
        }
    }

    /// A reading transaction, until what is returned is dropped.
    pub(crate) fn reading(&self) -> Reading<'_> {
        Reading(self.0.get().map(|meter| (meter.as_ref(), meter.now())))
    }

    /// A writing transaction that waits for its turn.
    pub(crate) fn writing(&self) -> Writing<'_> {
        Writing(self.0.get().map(|meter| Turn {
            meter: meter.as_ref(),
            asked: meter.now(),
            waited: Cell::new(Duration::ZERO),
            committed: Cell::new(false),
        }))
    }
}

pub(crate) struct Reading<'m>(Option<(&'m dyn Meter, Duration)>);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if let Some((meter, began)) = self.0 {
            meter.read(meter.now().saturating_sub(began));
        }
    }
}

#[derive(Default)]
pub(crate) struct Writing<'m>(Option<Turn<'m>>);

struct Turn<'m> {
    meter: &'m dyn Meter,
    asked: Duration,
    waited: Cell<Duration>,
    committed: Cell<bool>,
}

impl Writing<'_> {
    /// The writer is ours.
    pub(crate) fn begins(&self) {
        if let Some(turn) = &self.0 {
            turn.waited.set(turn.meter.now().saturating_sub(turn.asked));
        }
    }

    /// Does what is to be waited for after all, since it began.
    pub(crate) fn waits<T>(&self, work: impl FnOnce() -> T) -> T {
        let Some(turn) = &self.0 else {
            return work();
        };
        let began = turn.meter.now();
        let done = work();
        let waited = turn.meter.now().saturating_sub(began);
        turn.waited.set(turn.waited.get() + waited);
        done
    }

    pub(crate) fn committed(&self, committed: bool) {
        if let Some(turn) = &self.0 {
            turn.committed.set(committed);
        }
    }
}

/// Also when the work panicked: it took its time and was rolled back.
impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if let Some(turn) = &self.0 {
            let waited = turn.waited.get();
            let all = turn.meter.now().saturating_sub(turn.asked);
            turn.meter.wrote(&Written {
                waited,
                took: all.saturating_sub(waited),
                committed: turn.committed.get(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{ConnectionLimit, MasterKey, Store, StoreError};

    #[test]
    fn what_an_engine_can_not_tell_is_left_open_and_not_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let Some(url) = syncline_testkit::postgres_url(folder.path()) else {
            eprintln!("not run: it needs a PostgreSQL server");
            return;
        };
        let key = MasterKey::load_or_create(&folder.path().join("key")).unwrap();
        let store = Store::connect(&url, ConnectionLimit(2), &key).unwrap();
        let told = |question: &str| store.read(|reader| reader.told(question));
        assert_eq!(told("SELECT NO_SUCH_FUNCTION()").unwrap(), None);
        assert!(matches!(
            told("SELECT nothing FROM nowhere"),
            Err(StoreError::Postgres(_))
        ));
        assert!(store.sizes().unwrap().database > Some(0));
    }
}
