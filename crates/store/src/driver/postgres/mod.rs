//! PostgreSQL: a bounded number of connections.
//!
//! Readers get a repeatable snapshot. Writers run at *read committed* and lock the tenants they
//! touch ([`super::reader::Reader::tenant_no`]), which makes the writers of one tenant take turns. Those
//! of one node do so before they take a connection ([`turns`]), and leave some to readers ([`places`]):
//! no tenant has all of them, however many write in it. Nothing is held in a connection between two
//! transactions but prepared statements.

mod gate;
mod history;
mod hosts;
mod liveness;
mod migrate;
mod network;
mod outcome;
mod patience;
mod places;
mod pooler;
mod server;
mod settings;
mod settling;
mod statistics;
mod step;
mod tls;
mod transaction;
mod turns;

pub(super) use history::History;
pub(super) use liveness::Asked;
pub(crate) use migrate::says_which_database;
pub(super) use migrate::{name_after, statements_after};
pub(super) use network::wait;
pub(super) use outcome::Numbered;
pub(super) use server::{config, label};
pub(super) use step::{LEASES, OTHER_TENANTS};
use transaction::Begin;
pub(crate) use transaction::Transaction;
pub(super) use transaction::stands_still;
pub(super) use turns::Queue;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio_postgres::Config;

use self::network::Network;
use self::patience::Patience;
use self::places::{Lease, Places, Purpose};
use self::settings::Use;
use self::settling::Settling;
use self::statistics::Statistics;
use self::turns::Turns;
use super::connection::Connection;
use super::session::Session;
use super::store::{Durability, Older};
use super::watched::Obstacle;
use crate::figures::Writing;
use crate::{Result, StoreError};

/// How many connections a node opens at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimit(pub usize);

impl Default for ConnectionLimit {
    fn default() -> Self {
        Self(16)
    }
}

/// So long a transaction waits before it is told to come back later: for those before it, without a
/// connection, and for connections, all its waits together. Locks of other nodes are waited for
/// besides, see [`settings`].
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether a server will do that takes no writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standby {
    Refused,
    /// Where no server refuses a connection that could be written on.
    Read,
}

pub(super) struct Pool {
    network: Network,
    config: Config,
    places: Arc<Places>,
    turns: Arc<Turns>,
    settling: Settling,
    statistics: Statistics,
    /// The engine gives transactions no numbers by which they are found again.
    unnumbered: AtomicBool,
}

impl Pool {
    pub(super) fn connect(url: &str, limit: ConnectionLimit, older: Older) -> Result<Self> {
        Self::connect_to(url, limit, older, Standby::Refused)
    }

    /// To a standby as well, where nothing else answers: it tells of what was.
    pub(super) fn connect_to_read(url: &str, limit: ConnectionLimit) -> Result<Self> {
        Self::connect_to(url, limit, Older::Leave, Standby::Read)
    }

    fn connect_to(
        url: &str,
        limit: ConnectionLimit,
        older: Older,
        standby: Standby,
    ) -> Result<Self> {
        let mut config = server::config(url)?;
        liveness::configure(&mut config);
        if config.get_application_name().is_none() {
            config.application_name("syncline");
        }
        let network = Network::new()?;
        migrate::run(&network, &mut config, older, standby)?;
        Ok(Self {
            network,
            config,
            places: Arc::new(Places::new(limit.0)),
            turns: Arc::default(),
            settling: Settling::default(),
            statistics: Statistics::default(),
            unnumbered: AtomicBool::new(false),
        })
    }

    pub(super) fn newest_migration() -> i64 {
        migrate::newest_migration()
    }

    /// Also says what kept it from having a connection: there is none to a server that takes no writes.
    pub(super) fn read_noting<T, E: From<StoreError>>(
        &self,
        obstacle: &Obstacle,
        work: impl FnOnce(Connection<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let transaction = Transaction::reading(self).inspect_err(|error| obstacle.note(error))?;
        let result = work(Connection::Postgres(&transaction));
        transaction.roll_back()?;
        result
    }

    fn write<T, E: From<StoreError>>(
        &self,
        durability: Durability,
        measured: &Writing<'_>,
        work: impl FnOnce(Connection<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.write_noting(durability, measured, &Obstacle::default(), work)
    }

    /// Also says what kept the transaction from being stored when it ended.
    pub(super) fn write_noting<T, E: From<StoreError>>(
        &self,
        durability: Durability,
        measured: &Writing<'_>,
        obstacle: &Obstacle,
        work: impl FnOnce(Connection<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let transaction = Transaction::writing(self, durability, measured);
        match work(Connection::Postgres(&transaction)) {
            Ok(value) => {
                let commit = transaction.commit();
                commit.inspect_err(|error| obstacle.note(error))?;
                Ok(value)
            }
            Err(error) => {
                // What went wrong first is what is told; a connection that can not even roll back
                // is thrown away, which rolls back too.
                let _ = transaction.roll_back();
                Err(error)
            }
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.turns.waiting() + self.settling.waiting()
    }

    /// Commits durably, which takes everything along that was committed before. A commit that left nothing in the
    /// server's log would wait for nothing, and a row that is locked is noted there. Locked like this, others lock it as
    /// well, on all nodes at once: only whoever brings the layout up to date is waited for.
    pub(super) fn settle(&self) -> Result<()> {
        self.settling.settle(|| {
            self.write(Durability::Full, &Writing::default(), |connection| {
                let sql = "SELECT id FROM migration_gate WHERE id = 1 FOR KEY SHARE";
                connection.first(sql, &[], |_| Ok(())).map(drop)
            })
        })
    }

    /// A connection in a new transaction. One that was lost while it was idle is replaced; where the server has no room for
    /// one more, one of this node's is waited for.
    fn begin(&self, purpose: Purpose, begin: Begin, patience: &Patience) -> Result<Lease> {
        loop {
            let mut lease = self.places.take(purpose, patience)?;
            let is_new = lease.session().is_none();
            if is_new {
                match self.open()? {
                    Ok(session) => lease.opened(session),
                    Err(no_room) => {
                        drop(lease);
                        if self.places.wait_for_another(purpose, patience) {
                            continue;
                        }
                        return Err(no_room);
                    }
                }
            }
            let numbered = begin == Begin::Durable && !self.unnumbered.load(Ordering::Relaxed);
            // Nothing has happened yet, so trying again on another connection is harmless.
            match lease.begin(begin.statement(numbered)) {
                Ok(()) => return Ok(lease),
                Err(error) if numbered && error.is_unsupported() => {
                    self.unnumbered.store(true, Ordering::Relaxed);
                }
                Err(error) if is_new => return Err(error),
                Err(_) => {}
            }
        }
    }

    /// The inner failure is that the server has no room for another.
    fn open(&self) -> Result<Result<Session>> {
        let asked = Arc::<Asked>::default();
        let connected =
            self.network
                .connect(&self.config, Arc::clone(&asked), Use::Transactions)?;
        match connected {
            Ok(client) => Session::open(client, asked).map(Ok),
            Err(error) if server::is_full(&error) => Ok(Err(server::closed(error))),
            Err(error) => Err(server::closed(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    /// The server has no room for another connection of this node, or of its user.
    #[test]
    fn whoever_gets_no_connection_from_the_server_waits_for_one_of_this_node() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("full");
        let Some(role) = syncline_testkit::Role::of(&path) else {
            return;
        };
        let open =
            |url: &str| Pool::connect(url, ConnectionLimit(4), Older::BringUpToDate).unwrap();
        // The tables are made by somebody who stays.
        drop(open(&syncline_testkit::postgres_url(&path).unwrap()));
        let pool = open(role.url());
        let read = || {
            pool.read_noting(&Obstacle::default(), |connection| {
                connection.first("SELECT 1", &[], |row| row.int(0))
            })
        };
        let ((holds, held), (release, released)) = (channel(), channel());
        thread::scope(|scope| {
            let pool = &pool;
            scope.spawn(move || {
                pool.read_noting(&Obstacle::default(), |_| {
                    holds.send(()).unwrap();
                    let _ = released.recv();
                    Ok::<_, StoreError>(())
                })
                .unwrap();
            });
            held.recv().unwrap();
            role.has_enough();
            let reading = scope.spawn(read);
            syncline_testkit::until("it waits, or has failed", || {
                pool.places.without_room() == 1 || reading.is_finished()
            });
            release.send(()).unwrap();
            assert_eq!(reading.join().unwrap().unwrap(), Some(1));
        });
        // Where none is open, there is none to wait for.
        syncline_testkit::cut_connections(role.name());
        let told = read();
        assert!(matches!(told, Err(StoreError::Busy(_))), "{told:?}");
    }

    /// What a writing transaction finds a setting to be, on a server or role that says `said`.
    fn found(setting: &str, said: &str, durability: Durability) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let url = syncline_testkit::postgres_url(&folder.path().join("settings"))?;
        let url = format!("{url}%20-c{said}");
        let pool = Pool::connect(&url, ConnectionLimit(2), Older::BringUpToDate).unwrap();
        pool.write(durability, &Writing::default(), |connection| {
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

    #[test]
    fn a_server_without_room_on_its_disk_is_told_from_other_failures() {
        let folder = tempfile::tempdir().unwrap();
        let Some(url) = syncline_testkit::postgres_url(&folder.path().join("room")) else {
            return;
        };
        let pool = Pool::connect(&url, ConnectionLimit(2), Older::BringUpToDate).unwrap();
        // Each is raised as the server would.
        let raised = |code: &str| {
            let sql =
                format!("DO $$ BEGIN RAISE EXCEPTION 'told' USING ERRCODE = '{code}'; END $$");
            let work = |connection: Connection<'_>| connection.run(&sql);
            pool.write(Durability::Full, &Writing::default(), work)
        };
        assert!(matches!(raised("53100"), Err(StoreError::Full(_))));
        assert!(matches!(raised("25006"), Err(StoreError::Unwritable(_))));
        for passing in ["53300", "57014", "25P04"] {
            assert!(
                matches!(raised(passing), Err(StoreError::Busy(_))),
                "{passing}"
            );
        }
        assert!(matches!(raised("53000"), Err(StoreError::Postgres(_))));
    }

    #[test]
    fn limits_of_a_server_or_role_end_nothing_and_those_that_others_rely_on_are_there() {
        if !syncline_testkit::on_postgres() {
            return;
        }
        for (setting, said, is) in [
            ("statement_timeout", "100", "0"),
            ("lock_timeout", "0", "20s"),
            ("idle_in_transaction_session_timeout", "0", "10s"),
            ("tcp_user_timeout", "0", "10000"),
            ("tcp_keepalives_idle", "7200", "10"),
            ("tcp_keepalives_interval", "75", "5"),
            ("tcp_keepalives_count", "9", "3"),
        ] {
            let said = format!("{setting}%3D{said}");
            let found = found(setting, &said, Durability::Full);
            assert_eq!(found.as_deref(), Some(is), "{said}");
        }
    }

    /// Whoever only reads may be at deciding for long, and nobody waits for what he holds.
    #[test]
    fn whoever_reads_may_stand_still_for_longer_than_whoever_writes() {
        let folder = tempfile::tempdir().unwrap();
        let Some(url) = syncline_testkit::postgres_url(&folder.path().join("reads")) else {
            return;
        };
        let pool = Pool::connect(&url, ConnectionLimit(2), Older::BringUpToDate).unwrap();
        let ask = |connection: Connection<'_>| {
            connection.first(
                "SELECT current_setting('idle_in_transaction_session_timeout')",
                &[],
                |row| Ok(row.text(0)?.into_owned()),
            )
        };
        assert_eq!(
            pool.read_noting(&Obstacle::default(), ask)
                .unwrap()
                .as_deref(),
            Some("5min")
        );
        // The same connection.
        let written = pool.write(Durability::Full, &Writing::default(), ask);
        assert_eq!(written.unwrap().as_deref(), Some("10s"));
    }

    #[test]
    fn the_layout_is_brought_up_to_date_whatever_limits_a_server_or_role_has() {
        // The node that migrates stands still in the transaction that keeps others away.
        let limits = "idle_in_transaction_session_timeout%3D1";
        let Some(found) = found("lock_timeout", limits, Durability::Full) else {
            return;
        };
        assert_eq!(found, "20s");
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
