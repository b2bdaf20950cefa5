//! A connection that remembers of its transaction whether something keeps it from being stored, and whether anything
//! was written.

use std::cell::{Cell, RefCell};
use std::ops::Deref;

use super::connection::Connection;
use super::param::Param;
use super::row::Row;
use crate::{Result, StoreError};

/// What keeps a transaction from being stored, if anything does: a full disk, or one that may not be written. Or what
/// leaves it unknown whether it is stored.
#[derive(Default)]
pub(super) struct Obstacle(RefCell<Option<StoreError>>);

impl Obstacle {
    /// This happened in it. The first one stays.
    pub(super) fn note(&self, error: &StoreError) {
        if error.is_obstacle() || matches!(error, StoreError::Unanswered(_)) {
            self.0.borrow_mut().get_or_insert_with(|| error.of_commit());
        }
    }

    /// Fails once there is one.
    pub(super) fn refuse(&self) -> Result<()> {
        match &*self.0.borrow() {
            Some(error) => Err(error.of_commit()),
            None => Ok(()),
        }
    }
}

/// A connection inside its transaction. Once something has kept it from writing there, every further statement is
/// refused: SQLite may have rolled the transaction back by itself, and whatever came after would be
/// committed alone. So whoever passes over the failure of one object can not pass over this.
pub(crate) struct Watched<'c> {
    connection: Connection<'c>,
    obstacle: Obstacle,
    wrote: Cell<bool>,
}

/// What needs no watching: turns in queues, and whose connection it is.
impl<'c> Deref for Watched<'c> {
    type Target = Connection<'c>;
    fn deref(&self) -> &Connection<'c> {
        &self.connection
    }
}

impl<'c> Watched<'c> {
    pub(super) fn new(connection: Connection<'c>) -> Self {
        Self {
            connection,
            obstacle: Obstacle::default(),
            wrote: Cell::new(false),
        }
    }

    /// Whether one of its statements was kept from writing.
    pub(super) fn obstacle(&self) -> &Obstacle {
        &self.obstacle
    }

    /// Whether one of its statements has changed a row.
    pub(super) fn has_written(&self) -> bool {
        self.wrote.get()
    }

    fn watch<T>(&self, statement: impl FnOnce() -> Result<T>) -> Result<T> {
        self.obstacle.refuse()?;
        statement().inspect_err(|error| self.obstacle.note(error))
    }

    fn watch_write(&self, statement: impl FnOnce() -> Result<u64>) -> Result<u64> {
        let touched = self.watch(statement)?;
        if touched > 0 {
            self.wrote.set(true);
        }
        Ok(touched)
    }

    /// See [`Connection::query`].
    pub(crate) fn query<T>(
        &self,
        sql: &str,
        params: &[Param<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.watch(|| self.connection.query(sql, params, read))
    }

    /// See [`Connection::first`].
    pub(crate) fn first<T>(
        &self,
        sql: &str,
        params: &[Param<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.watch(|| self.connection.first(sql, params, read))
    }

    /// See [`Connection::count`].
    pub(crate) fn count(&self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        self.watch(|| self.connection.count(sql, params))
    }

    /// See [`Connection::execute`].
    pub(crate) fn execute(&self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        self.watch_write(|| self.connection.execute(sql, params))
    }

    /// See [`Connection::insert_found`].
    pub(crate) fn insert_found(&self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        self.watch_write(|| self.connection.insert_found(sql, params))
    }

    /// See [`Connection::find_each`].
    pub(crate) fn find_each<'v, T, const N: usize>(
        &self,
        sql: &str,
        shared: &[Param<'_>],
        rows: impl ExactSizeIterator<Item = [Param<'v>; N]>,
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<Option<T>>> {
        self.watch(|| self.connection.find_each(sql, shared, rows, read))
    }

    /// See [`Connection::query_each`].
    pub(crate) fn query_each<'v, T, const N: usize>(
        &self,
        sql: &str,
        shared: &[Param<'_>],
        rows: impl ExactSizeIterator<Item = [Param<'v>; N]>,
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.watch(|| self.connection.query_each(sql, shared, rows, read))
    }

    /// See [`Connection::execute_each`].
    pub(crate) fn execute_each<'v, R>(
        &self,
        sql: &str,
        shared: &[Param<'_>],
        rows: impl ExactSizeIterator<Item = R>,
    ) -> Result<u64>
    where
        R: AsRef<[Param<'v>]> + IntoIterator<Item = Param<'v>>,
    {
        self.watch_write(|| self.connection.execute_each(sql, shared, rows))
    }

    /// See [`Connection::run`].
    pub(crate) fn run(&self, sql: &str) -> Result<()> {
        self.watch(|| self.connection.run(sql))
    }
}
