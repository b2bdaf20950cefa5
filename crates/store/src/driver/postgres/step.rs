//! One step of bringing the layout up to date, as soon as nobody is in its way.
//!
//! Whoever reads may stand still for minutes, and keeps the tables that it has read from being changed. While a step
//! waits for a lock, everybody who comes later waits behind it: so it waits for moments only, lets those go first,
//! and tries again. At last it says who is in its way.

use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Error, Row};

use super::network::wait;
use super::outcome::pause;
use super::server;
use crate::{Result, StoreError};

/// From one layout to the next.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) from: i64,
    /// Whether it changes the table of tenants itself. Then it does nothing else.
    pub(super) changes_tenants: bool,
    pub(super) statements: Vec<String>,
}

/// How those who write are kept out while a step is taken. A node of an older version may be at it, as it knows the
/// tables: who has begun is waited for, and who comes later is to find the new layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeepsOut {
    Nobody,
    /// By the table, before they ask what layout it is: those who ask another table than the one whose row they
    /// lock. An engine that has no such lock never had such nodes, or all must have been stopped.
    Table,
    /// By the rows that they lock and compare.
    Rows,
    /// By the rows, behind statements that change the table they are in: whoever waits for a row has the table.
    RowsLast,
}

/// What belongs to no tenant: locked first, for then no tenant is made.
const NO_TENANT: &str = "SELECT tenant_no FROM tenant WHERE tenant_no = 0 FOR UPDATE";

/// All others, in the order in which those who want several wait for them.
pub(in crate::driver) const OTHER_TENANTS: &str =
    "SELECT id, tenant_no FROM tenant WHERE tenant_no > 0 ORDER BY id FOR UPDATE";

/// Which are renewed by who locks no tenant, and waits for nobody. Behind the tenants, as by those who take them. An `UPDATE`,
/// because engines that spread the tenants of a table lock no rows of several with a `SELECT`.
pub(in crate::driver) const LEASES: &str = "UPDATE lease SET until = until";

/// How long a step waits for whoever is in its way.
#[derive(Clone, Copy)]
pub(super) struct Waits {
    /// For a lock, each time.
    pub(super) lock: Duration,
    pub(super) pause: Duration,
    pub(super) tries: u32,
}

/// A minute in all. Pages take a fraction of a second.
pub(super) const WAITS: Waits = Waits {
    lock: Duration::from_secs(2),
    pause: Duration::from_secs(1),
    tries: 20,
};

/// So many of those who are in the way are named.
const NAMED: usize = 3;

/// Does all of these statements in one transaction, or none, while those who write are kept out. `made`: the layout that the
/// steps before have made, where this is not the first.
///
/// # Errors
/// [`StoreError::Server`] when somebody was in the way all the time, who is named.
pub(super) fn apply(
    client: &Client,
    config: &Config,
    keeps_out: KeepsOut,
    statements: &[String],
    waits: Waits,
    made: Option<i64>,
) -> Result<()> {
    let mut tried = 0;
    loop {
        let Err(error) = in_transaction(client, keeps_out, statements, waits.lock) else {
            return Ok(());
        };
        if !error.code().is_some_and(|code| IN_THE_WAY.contains(code)) {
            return Err(error.into());
        }
        // Those who wait behind this one go first.
        wait(client.batch_execute("ROLLBACK"))?;
        tried += 1;
        if tried >= waits.tries {
            return Err(in_use(config, &in_the_way(client, waits.lock)?, made));
        }
        pause(waits.pause);
    }
}

/// Somebody has a lock, or waits for one of ours while we wait for one of his.
const IN_THE_WAY: [SqlState; 3] = [
    SqlState::LOCK_NOT_AVAILABLE,
    SqlState::T_R_DEADLOCK_DETECTED,
    SqlState::T_R_SERIALIZATION_FAILURE,
];

fn in_transaction(
    client: &Client,
    keeps_out: KeepsOut,
    statements: &[String],
    lock: Duration,
) -> std::result::Result<(), Error> {
    let begin = format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = {}",
        lock.as_millis()
    );
    let say = |statements: &str| wait(client.batch_execute(statements));
    say(&begin)?;
    // Each by itself: what is asked next finds those that were made before.
    let lock_rows = || {
        [NO_TENANT, OTHER_TENANTS, LEASES]
            .into_iter()
            .try_for_each(say)
    };
    match keeps_out {
        KeepsOut::Nobody | KeepsOut::RowsLast => {}
        KeepsOut::Table => {
            say("LOCK TABLE tenant IN EXCLUSIVE MODE").or_else(|error| match error.code() {
                Some(&SqlState::FEATURE_NOT_SUPPORTED | &SqlState::SYNTAX_ERROR) => {
                    say(&format!("ROLLBACK; {begin}"))
                }
                _ => Err(error),
            })?;
        }
        KeepsOut::Rows => lock_rows()?,
    }
    for statement in statements {
        say(statement)?;
    }
    if keeps_out == KeepsOut::RowsLast {
        lock_rows()?;
    }
    say("COMMIT")
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
    rows.iter().map(process).collect()
}

/// A process of the server in words: its number, the name that its program gives itself, the host it is on, and for how many
/// seconds it has been in its transaction.
pub(super) fn process(row: &Row) -> Result<String> {
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
}

fn in_use(config: &Config, who: &[String], made: Option<i64>) -> StoreError {
    let who = if who.is_empty() {
        "by somebody who uses it for long".to_owned()
    } else {
        format!("by {}", who.join("; by "))
    };
    let changed = match made {
        None => "nothing was changed".to_owned(),
        Some(layout) => format!(
            "the database has layout {layout} by now, which older versions refuse, and starting again does the rest"
        ),
    };
    StoreError::Server {
        message: format!(
            "the layout of the database at {} can not be brought up to date, because it is kept from that {who}",
            server::address(config)
        ),
        help: format!(
            "{changed}; stop that node or program, or end its process on the database server with SELECT pg_terminate_backend(PROCESS), and start again; a node that only reads is ended by the server within five minutes"
        ),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use serde::{Deserialize, Serialize};
    use syncline_model::{TenantId, Timestamp};
    use syncline_testkit::until;

    use super::super::settings::Use;
    use super::super::{ConnectionLimit, Network, Pool};
    use super::*;
    use crate::driver::store::Older;
    use crate::{Document, MasterKey, Store, Tenant};

    #[derive(Serialize, Deserialize)]
    struct Nothing;

    impl Document for Nothing {
        const KIND: &'static str = "test_nothing";
    }

    /// A connection that is to take a step, and others; `None` without a server.
    pub(in super::super) fn connections()
    -> Option<(tempfile::TempDir, Network, Config, [Client; 3])> {
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

    pub(in super::super) fn say(client: &Client, statements: &str) {
        wait(client.batch_execute(statements)).unwrap();
    }

    fn one(client: &Client, question: &str) -> i64 {
        let row = wait(client.query_one(question, &[])).unwrap();
        row.get(0)
    }

    /// Of the server's process, of which others are told.
    pub(in super::super) fn pid(client: &Client) -> i64 {
        one(client, "SELECT CAST(pg_backend_pid() AS bigint)")
    }

    /// Other tests wait on the same server.
    fn until_it_waits(client: &Client, pid: i64) {
        let sql = format!("SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND pid = {pid}");
        until("it waits for a lock", || one(client, &sql) > 0);
    }

    fn step() -> [String; 2] {
        ["ALTER TABLE job ADD COLUMN more bigint", "SELECT 1"].map(str::to_owned)
    }

    fn change_tenants() -> [String; 2] {
        ["ALTER TABLE tenant ADD COLUMN more bigint", "SELECT 1"].map(str::to_owned)
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
            let [holder_pid, gate] = [&holder, &other].map(pid);
            let waits = Waits {
                tries: 2,
                ..FOREVER
            };
            let refused = apply(&client, &config, KeepsOut::Rows, &step(), waits, None);
            let Err(StoreError::Server { message, help }) = refused else {
                panic!("{holds}");
            };
            assert!(
                message.contains(&format!("process {holder_pid} (standing still")),
                "{message}"
            );
            assert!(!message.contains(&format!("process {gate} ")), "{message}");
            assert!(help.starts_with("nothing was changed;"), "{help}");
            say(&other, "ROLLBACK");
            // Nobody waits for it any more.
            say(
                &other,
                "SELECT more FROM (SELECT COUNT(*) AS more FROM job) AS it",
            );
            say(&holder, "ROLLBACK");
            apply(&client, &config, KeepsOut::Rows, &step(), waits, None).unwrap();
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
            let waits = pid(&client);
            std::thread::scope(|scope| {
                let taken =
                    scope.spawn(|| apply(&client, &config, KeepsOut::Rows, &step(), FOREVER, None));
                until_it_waits(&other, waits);
                say(&holder, "COMMIT");
                taken.join().unwrap().unwrap();
            });
            say(&other, "SELECT more FROM job");
        }
    }

    /// Both of them have the table, and one would wait for the other.
    #[test]
    fn a_step_that_changes_the_table_of_tenants_waits_for_nobody_who_waits_for_it() {
        let Some((_folder, _network, config, [client, holder, other])) = connections() else {
            return;
        };
        say(&holder, &format!("BEGIN; {}", HOLDS[1]));
        let pids = [pid(&other), pid(&client)];
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| say(&other, HOLDS[1]));
            until_it_waits(&holder, pids[0]);
            let waits = Waits {
                lock: Duration::from_secs(60),
                tries: 1,
                ..FOREVER
            };
            let taken = scope.spawn(move || {
                apply(
                    &client,
                    &config,
                    KeepsOut::RowsLast,
                    &change_tenants(),
                    waits,
                    None,
                )
            });
            until_it_waits(&holder, pids[1]);
            say(&holder, "COMMIT");
            writer.join().unwrap();
            taken.join().unwrap().unwrap();
        });
        say(&other, "SELECT more FROM tenant");
    }

    /// Of a node of today's version while one of tomorrow's takes a step.
    #[test]
    fn whoever_waits_for_a_step_finds_the_layout_that_it_made() {
        let Some((folder, _network, config, [client, holder, other])) = connections() else {
            return;
        };
        let url = syncline_testkit::postgres_url(&folder.path().join("step")).unwrap();
        let key = MasterKey::generate().unwrap();
        let node = Store::connect(&url, ConnectionLimit(4), &key).unwrap();
        let tenant = |number: u128| Tenant {
            id: TenantId(uuid::Uuid::from_u128(number)),
            display_name: "Contoso".to_owned(),
            created_at: Timestamp(0),
            domains: Vec::new(),
        };
        node.write(|tx| tx.insert_tenant(&tenant(1))).unwrap();
        let write = |tenant_id| {
            let node = &node;
            move || node.write(|tx| tx.delete_documents::<Nothing>(tenant_id))
        };
        // Kept from the table, with the rows of the tenants.
        say(&holder, "BEGIN; SELECT COUNT(*) FROM job");
        std::thread::scope(|scope| {
            let waits = Waits {
                lock: Duration::from_secs(60),
                tries: 1,
                ..FOREVER
            };
            let [more, _] = step();
            let step = [more, "UPDATE tenant SET layout = 99".to_owned()];
            let taken =
                scope.spawn(move || apply(&client, &config, KeepsOut::Rows, &step, waits, None));
            let waiting = |sql: &str, count| {
                let count_of = format!("SELECT COUNT(*) FROM pg_locks WHERE {sql}");
                until(sql, || one(&other, &count_of) >= count);
            };
            waiting("NOT granted AND relation = 'job'::regclass", 1);
            let writers = [
                scope.spawn(write(Some(tenant(1).id))),
                scope.spawn(write(None)),
            ];
            waiting("locktype = 'tuple' AND relation = 'tenant'::regclass", 2);
            say(&holder, "COMMIT");
            taken.join().unwrap().unwrap();
            let made = scope.spawn(|| node.write(|tx| tx.insert_tenant(&tenant(2))));
            for writer in writers.into_iter().chain([made]) {
                let refused = writer.join().unwrap();
                let found = matches!(refused, Err(StoreError::Upgraded { found: 99, .. }));
                assert!(found, "{refused:?}");
            }
        });
    }
}
