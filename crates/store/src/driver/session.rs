//! One connection to PostgreSQL with the statements it has prepared.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use futures_core::Stream as _;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, SimpleQueryMessage, Statement};

use super::batch;
use super::param::{Column, Param};
use super::postgres::{Asked, History, Numbered, wait};
use crate::{Pulse, Result, StoreError};

/// So many rows travel in one statement: enough that the round trip does not count, few enough that
/// the arrays stay small beside the memory of a page.
const ROWS_PER_STATEMENT: usize = 5_000;

/// Prepared statements of one connection; more are forgotten and prepared again.
const KNOWN_STATEMENTS: usize = 512;

/// How a statement begins that undoes what failed behind a savepoint: the server refuses it where
/// something had failed before that.
const UNDO: &str = "ROLLBACK TO ";

type Answer<T> = std::result::Result<T, tokio_postgres::Error>;

pub(crate) struct Session {
    client: Client,
    asked: Arc<Asked>,
    /// By the text as written in this crate, and whether it is for many rows.
    single: RefCell<HashMap<String, Statement>>,
    many: RefCell<HashMap<String, Many>>,
    /// Rows sent to be written since they were asked for.
    rows: Cell<u64>,
    /// `None` where it can not be told.
    history: Option<History>,
    number: RefCell<Option<String>>,
    /// Why the server has kept nothing of the transaction. It answers its `COMMIT` as if all were well.
    failed: RefCell<Option<StoreError>>,
    /// While the rows of an answer are handed out: another would wait behind it for ever.
    answering: Cell<bool>,
}

#[derive(Clone)]
struct Many {
    statement: Statement,
    conflict_key: Vec<usize>,
}

impl Session {
    /// On a new connection. [`StoreError::Busy`] where that is lost before it has told of its history.
    pub(super) fn open(client: Client, asked: Arc<Asked>) -> Result<Self> {
        let mut session = Self {
            client,
            asked,
            single: RefCell::default(),
            many: RefCell::default(),
            rows: Cell::new(0),
            history: None,
            number: RefCell::default(),
            failed: RefCell::default(),
            answering: Cell::default(),
        };
        let told = match session.word(History::QUESTION) {
            Err(error @ StoreError::Busy(_)) => return Err(error),
            told => told.ok().flatten(),
        };
        session.history = told.as_deref().and_then(History::read);
        Ok(session)
    }

    /// Begins a transaction, which has a number if the statement asks for one.
    pub(super) fn begin(&self, statement: &str) -> Result<()> {
        self.number.take();
        self.failed.take();
        self.number.replace(self.word(statement)?);
        Ok(())
    }

    /// By which the transaction is found again.
    pub(super) fn numbered(&self) -> Option<Numbered> {
        let number = self.number.borrow().clone()?;
        let history = self.history.clone()?;
        Some(Numbered { number, history })
    }

    pub(super) fn history(&self) -> Option<History> {
        self.history.clone()
    }

    /// Whether a number of this history means the same here.
    pub(super) fn is_of(&self, history: &History) -> bool {
        self.history.as_ref() == Some(history)
    }

    /// How many rows were sent to be written since this was asked last.
    pub(super) fn take_rows(&self) -> u64 {
        self.rows.take()
    }

    /// Whether the connection is known to be lost.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Waits for an answer, as long as the server is there.
    fn ask<T>(&self, answer: impl Future<Output = Answer<T>>) -> Result<T> {
        if self.answering.get() {
            debug_assert!(false, "a statement among the rows of another one's answer");
            return Err(StoreError::Damaged("a statement among the rows of another"));
        }
        self.asked.begins();
        let answer = wait(answer);
        self.asked.answered();
        Pulse::beat();
        answer.map_err(|error| {
            let error = StoreError::from(error);
            // Those behind it only say that there was one.
            self.failed
                .borrow_mut()
                .get_or_insert_with(|| error.of_commit());
            error
        })
    }

    /// Why the transaction can not be committed, where a statement of it has failed.
    pub(super) fn take_failure(&self) -> Option<StoreError> {
        self.failed.take()
    }

    pub(super) fn run(&self, sql: &str) -> Result<()> {
        self.ask(self.client.batch_execute(sql))?;
        if sql.starts_with(UNDO) {
            self.failed.take();
        }
        Ok(())
    }

    /// The first word that the first row says, of statements without values.
    pub(super) fn word(&self, sql: &str) -> Result<Option<String>> {
        let said = self.ask(self.client.simple_query(sql))?;
        Ok(said.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.try_get(0).ok().flatten().map(str::to_owned),
            _ => None,
        }))
    }

    /// Hands out the rows of an answer.
    pub(super) fn query(
        &self,
        sql: &str,
        params: &[Param<'_>],
        each: impl FnMut(&Row) -> Result<()>,
    ) -> Result<()> {
        let statement = self.prepared(sql, params)?;
        let values: Vec<&(dyn ToSql + Sync)> = params.iter().map(|it| it as _).collect();
        self.rows_of(&statement, &values, each)
    }

    /// Each row as it arrives: the server waits with the others, so that no more of a large answer is in memory
    /// than is made of it. One that is refused is the last.
    fn rows_of(
        &self,
        statement: &Statement,
        values: &[&(dyn ToSql + Sync)],
        mut each: impl FnMut(&Row) -> Result<()>,
    ) -> Result<()> {
        self.ask(async {
            let rows = self.client.query_raw(statement, values.iter().copied());
            let mut rows = pin!(rows.await?);
            while let Some(row) = poll_fn(|context| rows.as_mut().poll_next(context)).await {
                let row = row?;
                self.answering.set(true);
                let read = each(&row);
                self.answering.set(false);
                if read.is_err() {
                    return Ok(read);
                }
            }
            Ok(Ok(()))
        })?
    }

    pub(super) fn execute(&self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        let statement = self.prepared(sql, params)?;
        let values: Vec<&(dyn ToSql + Sync)> = params.iter().map(|it| it as _).collect();
        self.ask(self.client.execute(&statement, &values))
    }

    /// Hands out the rows a statement finds for each row of values, with the number of the latter.
    pub(super) fn query_many<'v, const N: usize>(
        &self,
        sql: &str,
        shared: &[Param<'_>],
        rows: impl Iterator<Item = [Param<'v>; N]>,
        mut each: impl FnMut(usize, &Row) -> Result<()>,
    ) -> Result<()> {
        let numbered = sql.starts_with("SELECT ");
        let mut before = 0;
        self.in_chunks(sql, shared, rows, |session, statement, values, count| {
            session.rows_of(statement, values, |row| {
                let at = if numbered {
                    let number: i64 = row.try_get(row.len().saturating_sub(1))?;
                    usize::try_from(number - 1).map_err(|_| StoreError::Damaged("a row number"))?
                } else {
                    0
                };
                each(before + at, row)
            })?;
            before += count;
            Ok(())
        })
    }

    pub(super) fn execute_many<'v, R>(
        &self,
        sql: &str,
        shared: &[Param<'_>],
        rows: impl Iterator<Item = R>,
    ) -> Result<u64>
    where
        R: AsRef<[Param<'v>]> + IntoIterator<Item = Param<'v>>,
    {
        let mut touched = 0;
        self.in_chunks(sql, shared, rows, |session, statement, values, count| {
            touched += session.ask(session.client.execute(statement, values))?;
            session.rows.set(session.rows.get() + count as u64);
            Ok(())
        })?;
        Ok(touched)
    }

    fn in_chunks<'v, R>(
        &self,
        sql: &str,
        shared: &[Param<'_>],
        mut rows: impl Iterator<Item = R>,
        mut send: impl FnMut(&Self, &Statement, &[&(dyn ToSql + Sync)], usize) -> Result<()>,
    ) -> Result<()>
    where
        R: AsRef<[Param<'v>]> + IntoIterator<Item = Param<'v>>,
    {
        loop {
            let chunk: Vec<R> = rows.by_ref().take(ROWS_PER_STATEMENT).collect();
            let Some(first) = chunk.first() else {
                return Ok(());
            };
            let count = chunk.len();
            let Many {
                statement,
                conflict_key,
            } = self.prepared_many(sql, shared, first.as_ref())?;
            let mut columns: Vec<Column<'v>> = first.as_ref().iter().map(Column::like).collect();
            for row in last_of_each_key(chunk, &conflict_key) {
                for (column, value) in columns.iter_mut().zip(row) {
                    if !column.push(value) {
                        return Err(StoreError::Damaged("a column of a statement"));
                    }
                }
            }
            let values: Vec<&(dyn ToSql + Sync)> = shared
                .iter()
                .map(|it| it as &(dyn ToSql + Sync))
                .chain(columns.iter().map(|it| it as _))
                .collect();
            send(self, &statement, &values, count)?;
        }
    }

    fn prepared(&self, sql: &str, params: &[Param<'_>]) -> Result<Statement> {
        if let Some(statement) = self.single.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let text = batch::single(sql, params);
        let statement = self.ask(self.client.prepare(&text))?;
        let mut known = self.single.borrow_mut();
        // Lists make statements of many lengths; the server keeps each as long as it is known here.
        if known.len() >= KNOWN_STATEMENTS {
            known.clear();
        }
        known.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn prepared_many(&self, sql: &str, shared: &[Param<'_>], row: &[Param<'_>]) -> Result<Many> {
        if let Some(known) = self.many.borrow().get(sql) {
            return Ok(known.clone());
        }
        let text = batch::many(sql, shared, row);
        let many = Many {
            statement: self.ask(self.client.prepare(&text))?,
            conflict_key: batch::conflict_key(sql, shared.len()),
        };
        self.many.borrow_mut().insert(sql.to_owned(), many.clone());
        Ok(many)
    }
}

/// Rows of values without those that a later row with the same key replaces.
fn last_of_each_key<'v, R: AsRef<[Param<'v>]>>(rows: Vec<R>, key: &[usize]) -> Vec<R> {
    if key.is_empty() {
        return rows;
    }
    let mut seen = HashSet::new();
    let mut kept: Vec<R> = rows
        .into_iter()
        .rev()
        .filter(|row| {
            let values: Vec<_> = key
                .iter()
                .map(|at| row.as_ref().get(*at).map(Param::key))
                .collect();
            seen.insert(values)
        })
        .collect();
    kept.reverse();
    kept
}
