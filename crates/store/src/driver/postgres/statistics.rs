//! The planner's statistics, kept true while tables grow.
//!
//! Without any, PostgreSQL takes all rows of a tenant for one or two, and an index that begins with
//! the tenant for as good as any other: every look-up of a first cycle then reads the whole tenant.
//! Its own daemon notices up to a minute later, which is the whole first cycle of a small tenant.
//! On SQLite the statistics are fixed (migration V2).

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::super::session::Session;
use crate::Result;

/// After so many transactions that wrote, tables are looked at.
const EVERY: u64 = 2;

/// Tables of which more than a third has changed since their statistics were taken. Smaller changes
/// are left to the daemon.
const OUTDATED: &str = "SELECT relname::text FROM pg_stat_user_tables WHERE schemaname = current_schema() AND n_mod_since_analyze > 500 AND n_mod_since_analyze > n_live_tup / 3";

#[derive(Debug, Default)]
pub(super) struct Statistics {
    writes: AtomicU64,
    /// The engine has no such view: it keeps its statistics in its own way.
    unknown: AtomicBool,
}

impl Statistics {
    /// Called after each commit.
    pub(super) fn after_write(&self, session: &Session) {
        let due = self.writes.fetch_add(1, Ordering::Relaxed) % EVERY == EVERY - 1;
        if due && !self.unknown.load(Ordering::Relaxed) && renew(session).is_err() {
            // What was written is committed: a plan that is worse than it could be is no reason to
            // tell anybody otherwise. A lost connection shows at its next transaction.
            self.unknown.store(!session.is_closed(), Ordering::Relaxed);
        }
    }
}

fn renew(session: &Session) -> Result<()> {
    for row in session.query(OUTDATED, &[])? {
        let table: String = row.try_get(0)?;
        // Whoever is at it already, another node or the daemon, does it for all. A node that may
        // only read and write gets a warning in place of statistics.
        session.run(&format!(
            "ANALYZE (SKIP_LOCKED) \"{}\"",
            table.replace('"', "\"\"")
        ))?;
    }
    Ok(())
}
