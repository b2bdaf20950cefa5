//! The planner's statistics, kept true while tables grow.
//!
//! Without any, PostgreSQL takes all rows of a tenant for one or two, and an index that begins with
//! the tenant for as good as any other: every look-up of a first cycle then reads the whole tenant.
//! Its own daemon notices up to a minute later, which is the whole first cycle of a small tenant.
//! On SQLite the statistics are fixed (migration V2).

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio_postgres::error::SqlState;

use super::super::session::Session;
use crate::{Result, StoreError};

/// After so many rows that were sent, tables are looked at: a page of people or two. Whoever writes
/// single objects comes by seldom.
const EVERY: u64 = 2_000;

/// Those of our tables of which more than a third has changed since their statistics were taken.
/// Smaller changes are left to the daemon, and so are tables that this role may not analyze.
const OUTDATED: &str = "SELECT watched.relname::text FROM pg_stat_user_tables AS watched JOIN pg_class AS found ON found.oid = watched.relid WHERE watched.schemaname = current_schema() AND watched.relname IN ('object', 'object_key', 'object_key_recent', 'edge', 'app_role_assignment', 'link', 'waiting_reference', 'ready_reference', 'membership_due', 'evaluated', 'provisioning_log') AND pg_has_role(found.relowner, 'USAGE') AND n_mod_since_analyze > 500 AND n_mod_since_analyze > n_live_tup / 3";

#[derive(Debug, Default)]
pub(super) struct Statistics {
    rows: AtomicU64,
    /// The engine has no such views: it keeps its statistics in its own way.
    unknown: AtomicBool,
}

impl Statistics {
    /// Called after each commit, on the thread of whoever committed: a look takes a millisecond, a
    /// table some ten, and then none for as long as it does not grow by half.
    pub(super) fn after_write(&self, session: &Session) {
        let rows = self.rows.fetch_add(session.take_rows(), Ordering::Relaxed);
        if rows < EVERY || self.unknown.load(Ordering::Relaxed) {
            return;
        }
        self.rows.store(0, Ordering::Relaxed);
        // What was written is committed: a plan that is worse than it could be is no reason to tell
        // anybody otherwise. What is in the way now may be gone the next time.
        if renew(session).is_err_and(|error| is_missing(&error)) {
            self.unknown.store(true, Ordering::Relaxed);
        }
    }
}

fn renew(session: &Session) -> Result<()> {
    let mut outdated: Vec<String> = Vec::new();
    session.query(OUTDATED, &[], |row| {
        outdated.push(row.try_get(0)?);
        Ok(())
    })?;
    for table in outdated {
        // Whoever is at it already, another node or the daemon, does it for all.
        session.run(&format!("ANALYZE (SKIP_LOCKED) {table}"))?;
    }
    Ok(())
}

/// Whether the engine does not know what it was asked.
fn is_missing(error: &StoreError) -> bool {
    let StoreError::Postgres(error) = error else {
        return false;
    };
    error.code().is_some_and(|code| {
        [
            SqlState::UNDEFINED_TABLE,
            SqlState::UNDEFINED_COLUMN,
            SqlState::UNDEFINED_FUNCTION,
            SqlState::FEATURE_NOT_SUPPORTED,
            SqlState::SYNTAX_ERROR,
        ]
        .contains(code)
    })
}
