//! One transaction: it has a connection from its first statement on.

use std::cell::{Cell, Ref, RefCell};

use tokio_postgres::Row;

use super::patience::Patience;
use super::places::{Lease, Purpose};
use super::turns::{Arrival, Queue, Turn};
use super::{History, PATIENCE, Pool};
use crate::driver::param::Param;
use crate::driver::session::Session;
use crate::driver::store::Durability;
use crate::figures::Writing;
use crate::{Result, StoreError};

/// So long one that only reads may stand still. Nobody waits for what it holds, and a page is decided in it: that may
/// take as long as it takes, without a statement in between.
macro_rules! stands_still {
    () => {
        "'5min'"
    };
}
pub(in crate::driver) use stands_still;

/// How a transaction begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    Reading,
    Durable,
    Relaxed,
}

impl Begin {
    /// `numbered`: it also asks for the number by which the transaction is found again, which it
    /// would be given at its first lock.
    pub(super) fn statement(self, numbered: bool) -> &'static str {
        match self {
            Self::Reading => concat!(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = ",
                stands_still!()
            ),
            Self::Durable if numbered => {
                "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_current_xact_id()"
            }
            Self::Durable => "BEGIN ISOLATION LEVEL READ COMMITTED",
            Self::Relaxed => {
                "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = off"
            }
        }
    }
}

pub(crate) struct Transaction<'p> {
    pool: &'p Pool,
    purpose: Purpose,
    begin: Begin,
    measured: Option<&'p Writing<'p>>,
    lease: RefCell<Option<Lease>>,
    /// Whether it may hold a lock, or has changed something: what was asked before then could as well
    /// have been asked on another connection, for every statement has a state of its own to look at.
    engaged: Cell<bool>,
    turn: RefCell<Option<Turn>>,
    /// When it first wanted a turn: also when it has to begin anew, it is as old as that.
    arrival: Cell<Option<Arrival>>,
    patience: Patience,
}

impl<'p> Transaction<'p> {
    fn new(
        pool: &'p Pool,
        purpose: Purpose,
        begin: Begin,
        measured: Option<&'p Writing<'p>>,
    ) -> Self {
        Self {
            pool,
            purpose,
            begin,
            measured,
            lease: RefCell::default(),
            engaged: Cell::new(false),
            turn: RefCell::default(),
            arrival: Cell::default(),
            patience: Patience::new(PATIENCE),
        }
    }

    /// With its connection, for there is nothing to wait for.
    pub(super) fn reading(pool: &'p Pool) -> Result<Self> {
        let begun = Self::new(pool, Purpose::Reading, Begin::Reading, None);
        begun.session()?;
        Ok(begun)
    }

    pub(super) fn writing(
        pool: &'p Pool,
        durability: Durability,
        measured: &'p Writing<'p>,
    ) -> Self {
        let begin = match durability {
            Durability::Full => Begin::Durable,
            Durability::Relaxed => Begin::Relaxed,
        };
        Self::new(pool, Purpose::Writing, begin, Some(measured))
    }

    /// Waits until all others of this node who are at one of these are done, without a connection. Not
    /// where it has locked or written something already: others wait for that on the server, which finds
    /// out who waits for each other.
    pub(in crate::driver) fn take_turns(&self, queues: &[Queue]) -> Result<()> {
        if self.engaged.get() {
            // Whoever has written or locked something without any turn waits on a connection, as one of many
            // perhaps: the verb that came first should have taken one.
            debug_assert!(self.turn.borrow().is_some(), "no turn before {queues:?}");
            return Ok(());
        }
        // One that covers less is given up: nothing was done in it, and who kept it while waiting could
        // wait for somebody who waits for it.
        match self.turn.take() {
            Some(turn) if turn.covers(queues) => {
                self.turn.replace(Some(turn));
                return Ok(());
            }
            other => drop(other),
        }
        let turns = &self.pool.turns;
        let arrival = self.arrival.get().unwrap_or_else(|| turns.arrives());
        self.arrival.set(Some(arrival));
        let turn = turns.join_as(arrival, queues);
        if !turn.has_come() {
            self.give_back();
            self.waits(|| turn.wait(&self.patience))?;
        }
        self.turn.replace(Some(turn));
        Ok(())
    }

    pub(in crate::driver) fn is_engaged(&self) -> bool {
        self.engaged.get()
    }

    /// Whether these may be entered without waiting for others while something is held.
    pub(in crate::driver) fn may_enter(&self, queues: &[Queue]) -> bool {
        let covers = || {
            self.turn
                .borrow()
                .as_ref()
                .is_some_and(|it| it.covers(queues))
        };
        !self.engaged.get() || covers()
    }

    /// Lets go of what was locked, where nothing was changed. It stays engaged if it can not.
    pub(in crate::driver) fn start_anew(&self) {
        self.give_back();
        if self.lease.borrow().is_none() {
            self.turn.take();
            self.engaged.set(false);
        }
    }

    /// What is done here is to wait for another node in a queue.
    pub(in crate::driver) fn elsewhere<T>(&self, queue: Queue, work: impl FnOnce() -> T) -> T {
        match &*self.turn.borrow() {
            Some(turn) => turn.elsewhere(queue, work),
            None => work(),
        }
    }

    fn waits<T>(&self, work: impl FnOnce() -> T) -> T {
        match self.measured {
            Some(measured) => measured.waits(work),
            None => work(),
        }
    }

    /// Nothing is lost with it: it is another one afterwards.
    fn give_back(&self) {
        // Whoever is at reading an answer keeps it.
        let lease = self
            .lease
            .try_borrow_mut()
            .ok()
            .and_then(|mut it| it.take());
        if let Some(mut lease) = lease {
            // One that can not even do that is thrown away.
            let _ = lease.end("ROLLBACK");
        }
    }

    fn session(&self) -> Result<Ref<'_, Session>> {
        if self.lease.borrow().is_none() {
            let lease = self.waits(|| self.pool.begin(self.purpose, self.begin, &self.patience))?;
            self.lease.replace(Some(lease));
        }
        let lease = self.lease.borrow();
        Ref::filter_map(lease, |it| it.as_ref().and_then(Lease::session))
            .map_err(|_| StoreError::Busy("the connection is gone".to_owned()))
    }

    pub(in crate::driver) fn history(&self) -> Option<History> {
        // Without a connection the next statement says so.
        self.session().ok()?.history()
    }

    fn session_for(&self, sql: &str) -> Result<Ref<'_, Session>> {
        if !sql.starts_with("SELECT ") || sql.contains(" FOR UPDATE") {
            self.engaged.set(true);
        }
        self.session()
    }

    pub(in crate::driver) fn run(&self, sql: &str) -> Result<()> {
        self.session_for(sql)?.run(sql)
    }

    pub(in crate::driver) fn query(
        &self,
        sql: &str,
        params: &[Param<'_>],
        each: impl FnMut(&Row) -> Result<()>,
    ) -> Result<()> {
        self.session_for(sql)?.query(sql, params, each)
    }

    pub(in crate::driver) fn execute(&self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        self.session_for(sql)?.execute(sql, params)
    }

    pub(in crate::driver) fn query_many<'v, const N: usize>(
        &self,
        sql: &str,
        shared: &[Param<'_>],
        rows: impl Iterator<Item = [Param<'v>; N]>,
        each: impl FnMut(usize, &Row) -> Result<()>,
    ) -> Result<()> {
        self.session_for(sql)?.query_many(sql, shared, rows, each)
    }

    pub(in crate::driver) fn execute_many<'v, R>(
        &self,
        sql: &str,
        shared: &[Param<'_>],
        rows: impl Iterator<Item = R>,
    ) -> Result<u64>
    where
        R: AsRef<[Param<'v>]> + IntoIterator<Item = Param<'v>>,
    {
        self.session_for(sql)?.execute_many(sql, shared, rows)
    }

    pub(super) fn commit(self) -> Result<()> {
        let Some(mut lease) = self.lease.take() else {
            return Ok(());
        };
        if let Some(error) = lease.session().and_then(Session::take_failure) {
            // What went wrong is what is told.
            let _ = lease.end("ROLLBACK");
            return Err(error);
        }
        match lease.end("COMMIT") {
            Err(StoreError::Busy(why)) => return self.after_loss(&lease, why),
            ended => ended?,
        }
        // The next may begin: what follows needs no lock.
        self.turn.take();
        if let Some(session) = lease.session() {
            self.pool.statistics.after_write(session);
        }
        Ok(())
    }

    /// What to tell of a commit that was not answered, or refused. Whoever writes with less care looks
    /// for itself, and nothing is to be found where nothing was written.
    fn after_loss(&self, lease: &Lease, why: String) -> Result<()> {
        if self.begin != Begin::Durable || !self.engaged.get() {
            return Err(StoreError::Busy(why));
        }
        let numbered = lease.session().and_then(Session::numbered);
        self.pool.find_out(numbered.as_ref(), why)
    }

    pub(super) fn roll_back(self) -> Result<()> {
        match self.lease.take() {
            Some(mut lease) => lease.end("ROLLBACK"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ConnectionLimit;
    use super::*;
    use crate::driver::store::Older;

    /// Of an answer that is large no more is in memory than the caller keeps.
    #[test]
    fn rows_are_handed_out_as_they_arrive() {
        let folder = tempfile::tempdir().unwrap();
        let Some(url) = syncline_testkit::postgres_url(&folder.path().join("rows")) else {
            return;
        };
        let pool = Pool::connect(&url, ConnectionLimit(2), Older::BringUpToDate).unwrap();
        let transaction = Transaction::reading(&pool).unwrap();
        let all = "SELECT CAST(n AS BIGINT) FROM generate_series(1, 100000) AS n";
        let mut seen = 0;
        let refused = transaction.query(all, &[], |_| {
            seen += 1;
            Err(StoreError::Damaged("the first of them"))
        });
        assert!(matches!(refused, Err(StoreError::Damaged(_))));
        assert_eq!(seen, 1);
        let mut sum = 0;
        transaction
            .query(all, &[], |row| {
                sum += row.try_get::<_, i64>(0)?;
                Ok(())
            })
            .unwrap();
        assert_eq!(sum, 5_000_050_000);

        // Those before the one that the server can not make.
        let some = "SELECT CAST(6 / (5 - n) AS BIGINT) FROM generate_series(1, 9) AS n";
        let mut seen = 0;
        let failed = transaction.query(some, &[], |_| {
            seen += 1;
            Ok(())
        });
        assert!(matches!(failed, Err(StoreError::Postgres(_))));
        assert_eq!(seen, 4);
    }
}
