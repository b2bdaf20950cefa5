//! PostgreSQL: a bounded number of connections.
//!
//! Readers get a repeatable snapshot. Writers run at *read committed* and lock the tenants they
//! touch ([`super::reader::Reader::tenant_no`]), which makes the writers of one tenant take turns.
//! Nothing is held in a connection between two transactions but prepared statements.

mod liveness;
mod migrate;
mod network;
mod server;
mod statistics;
mod tls;

pub(super) use liveness::Asked;
pub(super) use network::wait;
pub(super) use server::{config, label};

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tokio_postgres::Config;

use self::network::Network;
use self::statistics::Statistics;
use super::connection::Connection;
use super::session::Session;
use super::store::Durability;
use crate::{Result, StoreError};

/// How many connections a node opens at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimit(pub usize);

impl Default for ConnectionLimit {
    fn default() -> Self {
        Self(16)
    }
}

/// So long a caller waits for a connection before it is told to come back later.
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(30);

/// So long a statement waits for a lock. Pages take a fraction of a second; whoever waits longer
/// waits for a node that hangs, and must not pile up behind it.
const LOCK_TIMEOUT_MS: u64 = 20_000;

/// So long a transaction may stand still between two statements. A node that was stopped or cut off
/// keeps the locks of its page until then; it is refused when it comes back.
const IDLE_IN_TRANSACTION_MS: u64 = 10_000;

/// Where the server, the database or the role says that a commit need not reach the disk: ours must
/// ([`Durability::Full`]). Other settings than `off` are the operator's: they are about standbys.
const COMMITS_LAST: &str = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

pub(super) struct Pool {
    network: Network,
    config: Config,
    limit: usize,
    state: Mutex<State>,
    freed: Condvar,
    statistics: Statistics,
}

#[derive(Default)]
struct State {
    idle: Vec<Session>,
    open: usize,
}

impl Pool {
    pub(super) fn connect(url: &str, limit: ConnectionLimit) -> Result<Self> {
        let mut config = server::config(url)?;
        liveness::configure(&mut config);
        if config.get_application_name().is_none() {
            config.application_name("syncline");
        }
        let network = Network::new()?;
        migrate::run(&network, &config)?;
        Ok(Self {
            network,
            config,
            limit: limit.0.max(2),
            state: Mutex::default(),
            freed: Condvar::new(),
            statistics: Statistics::default(),
        })
    }

    pub(super) fn newest_migration() -> i64 {
        migrate::newest_migration()
    }

    pub(super) fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(Connection<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let lease = self.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        let result = work(Connection::Postgres(lease.session()));
        lease.end("ROLLBACK")?;
        result
    }

    pub(super) fn write<T, E: From<StoreError>>(
        &self,
        durability: Durability,
        work: impl FnOnce(Connection<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let lease = self.begin(match durability {
            Durability::Full => "BEGIN ISOLATION LEVEL READ COMMITTED",
            Durability::Relaxed => {
                "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = off"
            }
        })?;
        match work(Connection::Postgres(lease.session())) {
            Ok(value) => {
                lease.commit()?;
                Ok(value)
            }
            Err(error) => {
                // What went wrong first is what is told; a connection that can not even roll back
                // is thrown away, which rolls back too.
                let _ = lease.end("ROLLBACK");
                Err(error)
            }
        }
    }

    /// Commits durably, which takes everything along that was committed before. A commit that changed
    /// no row would wait for nothing; this one is that which nodes lock to bring the layout up to
    /// date.
    pub(super) fn settle(&self) -> Result<()> {
        self.write(Durability::Full, |connection| {
            connection.execute("UPDATE migration_gate SET id = id", &[])?;
            Ok(())
        })
    }

    /// A connection in a new transaction. One that was lost while it was idle is replaced.
    fn begin(&self, statement: &str) -> Result<Lease<'_>> {
        loop {
            let (lease, fresh) = self.lease()?;
            match lease.session().run(statement) {
                Ok(()) => return Ok(lease),
                // Nothing has happened yet, so trying again on another connection is harmless.
                Err(_) if !fresh => drop(lease),
                Err(error) => return Err(error),
            }
        }
    }

    fn open(&self) -> Result<Session> {
        let asked = Arc::<Asked>::default();
        let client = self.network.connect(&self.config, Arc::clone(&asked))??;
        let session = Session::new(client, asked);
        session.run(&format!(
            "SET lock_timeout = {LOCK_TIMEOUT_MS}; SET idle_in_transaction_session_timeout = {IDLE_IN_TRANSACTION_MS}; {COMMITS_LAST}"
        ))?;
        Ok(session)
    }

    /// A connection, and whether it is new.
    fn lease(&self) -> Result<(Lease<'_>, bool)> {
        let mut state = self.state.lock();
        loop {
            if let Some(session) = state.idle.pop() {
                if session.is_closed() {
                    state.open = state.open.saturating_sub(1);
                    continue;
                }
                return Ok((
                    Lease {
                        pool: self,
                        session: Some(session),
                        ended: false,
                    },
                    false,
                ));
            }
            if state.open < self.limit {
                state.open += 1;
                drop(state);
                // From here the lease counts: it gives the place back if connecting fails.
                let mut lease = Lease {
                    pool: self,
                    session: None,
                    ended: false,
                };
                lease.session = Some(self.open()?);
                return Ok((lease, true));
            }
            if self
                .freed
                .wait_for(&mut state, WAIT_FOR_CONNECTION)
                .timed_out()
            {
                return Err(StoreError::Busy(
                    "all connections to the database are in use".to_owned(),
                ));
            }
        }
    }
}

/// A connection on loan. Without a good end it is closed, not given back: the database rolls its
/// transaction back.
struct Lease<'p> {
    pool: &'p Pool,
    session: Option<Session>,
    ended: bool,
}

impl Lease<'_> {
    #[expect(
        clippy::expect_used,
        reason = "a lease is handed out with its session, and only dropping it takes that away"
    )]
    fn session(&self) -> &Session {
        self.session.as_ref().expect("a lease has its session")
    }

    fn end(mut self, statement: &str) -> Result<()> {
        self.session().run(statement)?;
        self.ended = true;
        Ok(())
    }

    fn commit(mut self) -> Result<()> {
        self.session().run("COMMIT")?;
        self.ended = true;
        self.pool.statistics.after_write(self.session());
        Ok(())
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let session = self.session.take();
        let mut state = self.pool.state.lock();
        match session {
            Some(session) if self.ended && !session.is_closed() => state.idle.push(session),
            lost => {
                state.open = state.open.saturating_sub(1);
                drop(state);
                drop(lost);
            }
        }
        self.pool.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// What a writing transaction finds a setting to be, on a server or role that says `said`.
    fn found(setting: &str, said: &str, durability: Durability) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let url = syncline_testkit::postgres_url(&folder.path().join("settings"))?;
        let url = format!("{url}%20-c{said}");
        let pool = Pool::connect(&url, ConnectionLimit(2)).unwrap();
        pool.write(durability, |connection| {
            connection.first(
                &format!("SELECT current_setting('{setting}')"),
                &[],
                |row| Ok(row.text(0)?.into_owned()),
            )
        })
        .unwrap()
    }

    #[test]
    fn what_is_acknowledged_reaches_the_disk_whatever_the_server_is_set_to() {
        if !syncline_testkit::on_postgres() {
            return;
        }
        let set = |said: &str, durability| {
            let said = format!("synchronous_commit%3D{said}");
            found("synchronous_commit", &said, durability)
        };
        for (said, durability, is) in [
            ("off", Durability::Full, "on"),
            ("off", Durability::Relaxed, "off"),
            ("on", Durability::Full, "on"),
            ("on", Durability::Relaxed, "off"),
            ("remote_apply", Durability::Full, "remote_apply"),
        ] {
            assert_eq!(set(said, durability).unwrap(), is, "{said}, {durability:?}");
        }
    }

    /// Who writes after another sees what that one wrote; it need not be told to try again.
    #[test]
    fn writers_are_isolated_as_they_ask_for_whatever_the_server_is_set_to() {
        if !syncline_testkit::on_postgres() {
            return;
        }
        for durability in [Durability::Full, Durability::Relaxed] {
            let said = "default_transaction_isolation%3Dserializable";
            let is = found("transaction_isolation", said, durability);
            assert_eq!(is.as_deref(), Some("read committed"), "{durability:?}");
        }
    }
}
