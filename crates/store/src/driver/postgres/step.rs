//! One step of bringing the layout up to date, as soon as nobody is in its way.
//!
//! Whoever reads may stand still for minutes, and keeps the tables that it has read from being changed. While a step
//! waits for a lock, everybody who comes later waits behind it: so it waits for moments only, lets those go first,
//! and tries again. At last it says who is in its way.

use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Error};

use super::network::wait;
use super::outcome::pause;
use super::server;
use crate::{Result, StoreError};

/// How long a step waits for whoever is in its way.
#[derive(Clone, Copy)]
pub(super) struct Waits {
    /// For a lock, each time.
    lock: Duration,
    pause: Duration,
    tries: u32,
}

/// A minute in all. Pages take a fraction of a second.
pub(super) const WAITS: Waits = Waits {
    lock: Duration::from_secs(2),
    pause: Duration::from_secs(1),
    tries: 20,
};

/// So many of those who are in the way are named.
const NAMED: usize = 3;

/// Does all of these statements in one transaction, or none.
///
/// # Errors
/// [`StoreError::Server`] when somebody was in the way all the time, who is named.
pub(super) fn apply(
    client: &Client,
    config: &Config,
    statements: &[String],
    waits: Waits,
) -> Result<()> {
    let mut tried = 0;
    loop {
        let Err(error) = in_transaction(client, statements, waits.lock) else {
            return Ok(());
        };
        if error.code() != Some(&SqlState::LOCK_NOT_AVAILABLE) {
            return Err(error.into());
        }
        // Those who wait behind this one go first.
        wait(client.batch_execute("ROLLBACK"))?;
        tried += 1;
        if tried >= waits.tries {
            return Err(in_use(config, &in_the_way(client, waits.lock)?));
        }
        pause(waits.pause);
    }
}

fn in_transaction(
    client: &Client,
    statements: &[String],
    lock: Duration,
) -> std::result::Result<(), Error> {
    // A node of an older version may still write, as it knows the tables. Whoever does so locks a row of
    // this one first, and compares the layout there: those who have are waited for, and those who come
    // later find the new one.
    let begin = format!("BEGIN; SET LOCAL lock_timeout = {}", lock.as_millis());
    wait(client.batch_execute(&format!("{begin}; LOCK TABLE tenant IN EXCLUSIVE MODE"))).or_else(
        |error| match error.code() {
            // Engines that have no such lock: there all nodes must have been stopped.
            Some(&SqlState::FEATURE_NOT_SUPPORTED | &SqlState::SYNTAX_ERROR) => {
                wait(client.batch_execute(&format!("ROLLBACK; {begin}")))
            }
            _ => Err(error),
        },
    )?;
    for statement in statements {
        wait(client.batch_execute(statement))?;
    }
    wait(client.batch_execute("COMMIT"))
}

/// Who has had these tables for longer than was waited; not who is at the gate, as whoever takes steps is himself, and
/// those who wait for their turn. Empty where the engine does not tell.
fn in_the_way(client: &Client, lock: Duration) -> Result<Vec<String>> {
    let sql = format!(
        "SELECT pid, COALESCE(application_name, ''), COALESCE(host(client_addr), ''), CAST(EXTRACT(EPOCH FROM CLOCK_TIMESTAMP() - xact_start) AS bigint) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND xact_start < CLOCK_TIMESTAMP() - INTERVAL '{} milliseconds' AND pid IN (SELECT held.pid FROM pg_locks AS held JOIN pg_class AS class ON class.oid = held.relation WHERE held.granted AND class.relnamespace = CAST(current_schema() AS regnamespace) AND class.relkind = 'r' AND class.relname <> 'migration_gate') ORDER BY xact_start LIMIT {NAMED}",
        lock.as_millis()
    );
    let Ok(rows) = wait(client.query(&sql, &[])) else {
        return Ok(Vec::new());
    };
    let named = rows.iter().map(|row| {
        let (pid, name): (i32, String) = (row.try_get(0)?, row.try_get(1)?);
        let (host, seconds): (String, i64) = (row.try_get(2)?, row.try_get(3)?);
        let who: Vec<String> = [name, host]
            .into_iter()
            .filter(|it| !it.is_empty())
            .collect();
        Ok(format!(
            "process {pid} ({}), in one transaction for {seconds} seconds",
            who.join(", ")
        ))
    });
    named.collect()
}

fn in_use(config: &Config, who: &[String]) -> StoreError {
    let who = if who.is_empty() {
        "by somebody who uses it for long".to_owned()
    } else {
        format!("by {}", who.join("; by "))
    };
    StoreError::Server {
        message: format!(
            "the layout of the database at {} can not be brought up to date, because it is kept from that {who}",
            server::address(config)
        ),
        help: "nothing was changed; stop that node or program, or end its process on the database server with SELECT pg_terminate_backend(PROCESS), and start again; a node that only reads is ended by the server within five minutes".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use super::super::settings::Use;
    use super::super::{ConnectionLimit, Network, Pool};
    use super::*;
    use crate::driver::store::Older;

    /// A connection that is to take a step, and others; `None` without a server.
    fn connections() -> Option<(tempfile::TempDir, Network, Config, [Client; 3])> {
        let folder = tempfile::tempdir().unwrap();
        let url = syncline_testkit::postgres_url(&folder.path().join("step"))?;
        Pool::connect(&url, ConnectionLimit(2), Older::BringUpToDate).unwrap();
        let network = Network::new().unwrap();
        let mut config = server::config(&url).unwrap();
        config.application_name("standing still");
        let clients = [(); 3].map(|()| {
            let connected = network.connect(&config, Arc::default(), Use::Layout);
            connected.unwrap().unwrap()
        });
        Some((folder, network, config, clients))
    }

    fn say(client: &Client, statements: &str) {
        wait(client.batch_execute(statements)).unwrap();
    }

    fn one(client: &Client, question: &str) -> i64 {
        let row = wait(client.query_one(question, &[])).unwrap();
        row.get(0)
    }

    fn step() -> [String; 2] {
        ["ALTER TABLE job ADD COLUMN more bigint", "SELECT 1"].map(str::to_owned)
    }

    const FOREVER: Waits = Waits {
        lock: Duration::from_millis(50),
        pause: Duration::ZERO,
        tries: u32::MAX,
    };

    /// Readers, who keep a table from being changed, and writers, who are to be done before.
    const HOLDS: [&str; 2] = [
        "SELECT COUNT(*) FROM job",
        "SELECT tenant_no FROM tenant WHERE tenant_no = 0 FOR UPDATE",
    ];

    #[test]
    fn whoever_is_in_the_way_of_a_step_for_too_long_is_named_and_nothing_is_changed() {
        for holds in HOLDS {
            let Some((_folder, _network, config, [client, holder, other])) = connections() else {
                return;
            };
            // As whoever takes steps keeps others from doing so.
            say(&other, "BEGIN; SELECT id FROM migration_gate FOR UPDATE");
            say(&holder, &format!("BEGIN; {holds}"));
            let [pid, gate] =
                [&holder, &other].map(|it| one(it, "SELECT CAST(pg_backend_pid() AS bigint)"));
            let waits = Waits {
                tries: 2,
                ..FOREVER
            };
            let Err(StoreError::Server { message, .. }) = apply(&client, &config, &step(), waits)
            else {
                panic!("{holds}");
            };
            assert!(
                message.contains(&format!("process {pid} (standing still")),
                "{message}"
            );
            assert!(!message.contains(&format!("process {gate} ")), "{message}");
            say(&other, "ROLLBACK");
            // Nobody waits for it any more.
            say(
                &other,
                "SELECT more FROM (SELECT COUNT(*) AS more FROM job) AS it",
            );
            say(&holder, "ROLLBACK");
            apply(&client, &config, &step(), waits).unwrap();
            say(&other, "SELECT more FROM job");
        }
    }

    #[test]
    fn a_step_is_taken_when_whoever_was_in_its_way_is_done() {
        for holds in HOLDS {
            let Some((_folder, _network, config, [client, holder, other])) = connections() else {
                return;
            };
            say(&holder, &format!("BEGIN; {holds}"));
            std::thread::scope(|scope| {
                let taken = scope.spawn(|| apply(&client, &config, &step(), FOREVER));
                syncline_testkit::until("it is in the way", || {
                    one(&other, "SELECT COUNT(*) FROM pg_locks WHERE NOT granted") > 0
                });
                say(&holder, "COMMIT");
                taken.join().unwrap().unwrap();
            });
            say(&other, "SELECT more FROM job");
        }
    }
}
