//! What a verb sends its statements through.

use super::batch;
use super::param::Param;
use super::postgres::{History, Queue, Transaction};
use super::row::Row;
use crate::{Result, StoreError};

/// More rows save little more, and long texts cost when they are prepared.
const ROWS_PER_INSERT: usize = 16;

/// A connection inside its transaction.
pub(crate) enum Connection<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c Transaction<'c>),
}

impl Connection<'_> {
    /// Waits until it is this transaction's turn in each of these queues. On a file writers have taken
    /// turns before they have a connection.
    pub(super) fn take_turns(&self, queues: &[Queue]) -> Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(transaction) => transaction.take_turns(queues),
        }
    }

    /// On which timeline the server is: another one after a standby has taken over. `None` of a file, and of an engine
    /// that can not tell.
    pub(crate) fn timeline(&self) -> Option<i64> {
        self.history().as_ref().map(History::timeline)
    }

    /// In which history of the server its numbers count; `None` as for the timeline.
    pub(super) fn history(&self) -> Option<History> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(transaction) => transaction.history(),
        }
    }

    /// Whether this transaction may hold a lock, or has changed something.
    pub(super) fn is_engaged(&self) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Postgres(transaction) => transaction.is_engaged(),
        }
    }

    /// Whether these may be entered without waiting for others while something is held.
    pub(super) fn may_enter(&self, queues: &[Queue]) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Postgres(transaction) => transaction.may_enter(queues),
        }
    }

    /// Lets go of the locks and turns of a transaction that has changed nothing.
    pub(super) fn start_anew(&self) {
        if let Self::Postgres(transaction) = self {
            transaction.start_anew();
        }
    }

    /// What is done here is to wait for another process in a queue.
    pub(super) fn elsewhere<T>(&self, queue: Queue, work: impl FnOnce() -> T) -> T {
        match self {
            Self::Sqlite(_) => work(),
            Self::Postgres(transaction) => transaction.elsewhere(queue, work),
        }
    }

    /// All rows of an answer. The verb bounds them.
    pub(crate) fn query<T>(
        &self,
        sql: &str,
        params: &[Param<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(sql)?;
                bind(&mut statement, 0, params)?;
                let mut rows = statement.raw_query();
                while let Some(row) = rows.next()? {
                    found.push(read(&Row::Sqlite(row))?);
                }
            }
            Self::Postgres(transaction) => {
                transaction.query(sql, params, |row| {
                    found.push(read(&Row::Postgres(row))?);
                    Ok(())
                })?;
            }
        }
        Ok(found)
    }

    /// The first row of an answer.
    pub(crate) fn first<T>(
        &self,
        sql: &str,
        params: &[Param<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(sql)?;
                bind(&mut statement, 0, params)?;
                let mut rows = statement.raw_query();
                rows.next()?.map(|row| read(&Row::Sqlite(row))).transpose()
            }
            Self::Postgres(transaction) => {
                let (mut read, mut found) = (Some(read), None);
                transaction.query(sql, params, |row| {
                    if let Some(read) = read.take() {
                        found = Some(read(&Row::Postgres(row))?);
                    }
                    Ok(())
                })?;
                Ok(found)
            }
        }
    }

    /// A number that is always there: a count.
    pub(crate) fn count(&self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        self.first(sql, params, |row| row.number(0))?
            .ok_or(StoreError::Damaged("a count"))
    }

    /// Runs a statement; says how many rows it touched.
    pub(crate) fn execute(&self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(sql)?;
                bind(&mut statement, 0, params)?;
                Ok(statement.raw_execute()? as u64)
            }
            Self::Postgres(transaction) => transaction.execute(sql, params),
        }
    }

    /// Runs an `INSERT` of all rows that a `SELECT` finds; says how many. Should one break a rule, a file keeps those before
    /// it: the transaction is to be undone.
    pub(crate) fn insert_found(&self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        match self {
            Self::Sqlite(_) => self.execute(&batch::as_a_loop(sql), params),
            Self::Postgres(_) => self.execute(sql, params),
        }
    }

    /// For each row of values the first row it finds, in the order asked. Numbers in the text:
    /// first the `shared` values, then those of a row.
    pub(crate) fn find_each<'v, T, const N: usize>(
        &self,
        sql: &str,
        shared: &[Param<'_>],
        rows: impl ExactSizeIterator<Item = [Param<'v>; N]>,
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<Option<T>>> {
        let mut found = Vec::with_capacity(rows.len());
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(sql)?;
                bind(&mut statement, 0, shared)?;
                for values in rows {
                    bind(&mut statement, shared.len(), &values)?;
                    let mut answer = statement.raw_query();
                    found.push(
                        answer
                            .next()?
                            .map(|row| read(&Row::Sqlite(row)))
                            .transpose()?,
                    );
                }
            }
            Self::Postgres(transaction) => {
                found.resize_with(rows.len(), || None);
                transaction.query_many(sql, shared, rows, |at, row| {
                    if let Some(slot @ None) = found.get_mut(at) {
                        *slot = Some(read(&Row::Postgres(row))?);
                    }
                    Ok(())
                })?;
            }
        }
        Ok(found)
    }

    /// What all rows of values find together. In the order asked for a `SELECT`; a statement that
    /// writes and has a `RETURNING` answers in any order.
    pub(crate) fn query_each<'v, T, const N: usize>(
        &self,
        sql: &str,
        shared: &[Param<'_>],
        rows: impl ExactSizeIterator<Item = [Param<'v>; N]>,
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(sql)?;
                bind(&mut statement, 0, shared)?;
                for values in rows {
                    bind(&mut statement, shared.len(), &values)?;
                    let mut answer = statement.raw_query();
                    while let Some(row) = answer.next()? {
                        found.push(read(&Row::Sqlite(row))?);
                    }
                }
            }
            Self::Postgres(transaction) => {
                transaction.query_many(sql, shared, rows, |_, row| {
                    found.push(read(&Row::Postgres(row))?);
                    Ok(())
                })?
            }
        }
        Ok(found)
    }

    /// Runs a statement for each row of values; says how many rows it touched in all.
    pub(crate) fn execute_each<'v, R>(
        &self,
        sql: &str,
        shared: &[Param<'_>],
        rows: impl ExactSizeIterator<Item = R>,
    ) -> Result<u64>
    where
        R: AsRef<[Param<'v>]> + IntoIterator<Item = Param<'v>>,
    {
        match self {
            Self::Sqlite(connection) => execute_each_in_file(connection, sql, shared, rows),
            Self::Postgres(transaction) => transaction.execute_many(sql, shared, rows),
        }
    }

    /// Statements without values and without an answer.
    pub(crate) fn run(&self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
            Self::Postgres(transaction) => transaction.run(sql),
        }
    }
}

/// Inserts go several to a statement: a statement's start and end cost as much as a row.
fn execute_each_in_file<'v, R: AsRef<[Param<'v>]>>(
    connection: &rusqlite::Connection,
    sql: &str,
    shared: &[Param<'_>],
    mut rows: impl ExactSizeIterator<Item = R>,
) -> Result<u64> {
    let mut touched = 0;
    let mut rest = rows.len();
    if rest >= 2 * ROWS_PER_INSERT
        && let Some(text) = batch::rows_of_values(sql, shared.len(), ROWS_PER_INSERT)
    {
        let mut statement = connection.prepare_cached(&text)?;
        bind(&mut statement, 0, shared)?;
        while rest >= ROWS_PER_INSERT {
            let mut before = shared.len();
            for values in rows.by_ref().take(ROWS_PER_INSERT) {
                bind(&mut statement, before, values.as_ref())?;
                before += values.as_ref().len();
            }
            touched += statement.raw_execute()? as u64;
            rest -= ROWS_PER_INSERT;
        }
    }
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, 0, shared)?;
    for values in rows {
        bind(&mut statement, shared.len(), values.as_ref())?;
        touched += statement.raw_execute()? as u64;
    }
    Ok(touched)
}

fn bind(
    statement: &mut rusqlite::Statement<'_>,
    before: usize,
    params: &[Param<'_>],
) -> Result<()> {
    for (at, param) in params.iter().enumerate() {
        statement.raw_bind_parameter(before + at + 1, param)?;
    }
    Ok(())
}
