//! The database a test works on: an embedded file, or PostgreSQL when the environment names one. The
//! same tests, on both.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::OnceLock;

use syncline_store::{ConnectionLimit, MasterKey, Store};
use tokio_postgres::{Client, Error, NoTls};

/// A PostgreSQL server for tests, `postgres://…` without a query; what is in its database is left
/// alone, every test works in a schema of its own.
pub const TEST_DATABASE: &str = "SYNCLINE_TEST_DATABASE";

/// A command that restarts that server, which nobody else uses then.
pub const TEST_DATABASE_RESTART: &str = "SYNCLINE_TEST_DATABASE_RESTART";

/// Opens the database that belongs to this path, as [`Store::open`] does: the same path names the
/// same data.
pub fn open_store(path: &Path, key: &MasterKey) -> syncline_store::Result<Store> {
    match postgres_url(path) {
        Some(url) => Store::connect(&url, ConnectionLimit(6), key),
        None => Store::open(path, key),
    }
}

/// Makes a copy of the database that belongs to one path for another path. Nobody has the first one
/// open; `key` is that of both.
pub fn copy_store(from: &Path, to: &Path, key: &MasterKey) {
    let Some(server) = server() else {
        std::fs::copy(from, to).expect("the database file can be copied");
        return;
    };
    // Makes the schema and its tables.
    drop(open_store(to, key).expect("the copy can be opened"));
    let copy = clone_rows(&server, &schema_of(from), &schema_of(to));
    on_server(server, async move |client| {
        client.batch_execute(&copy).await?;
        Ok(())
    });
}

/// Every row of every table, and where numbers go on. All schemas have the same of both, and every look into the
/// catalogue goes through those of all tests: one look is enough for all copies.
fn clone_rows(server: &str, from: &str, to: &str) -> String {
    static STATEMENTS: OnceLock<String> = OnceLock::new();
    let statements = STATEMENTS.get_or_init(|| clone_statements(server.to_owned(), from));
    statements.replace("{from}", from).replace("{to}", to)
}

/// The same for two schemas, `{from}` and `{to}`, with the tables and sequences that this one has.
fn clone_statements(server: String, schema: &str) -> String {
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = $1 AND tablename NOT IN ('refinery_schema_history', 'migration_gate')";
    let sequences = "SELECT sequencename::text FROM pg_sequences WHERE schemaname = $1";
    let schema = schema.to_owned();
    on_server(server, async move |client| {
        let names = async |sql: &str| {
            let rows = client.query(sql, &[&schema]).await?;
            rows.iter()
                .map(|row| row.try_get(0))
                .collect::<Result<Vec<String>, Error>>()
        };
        let rows = names(tables).await?.into_iter().map(|it| {
            format!("DELETE FROM {{to}}.{it}; INSERT INTO {{to}}.{it} SELECT * FROM {{from}}.{it};")
        });
        let numbers = names(sequences).await?.into_iter().map(|it| {
            format!("SELECT setval('{{to}}.{it}', last_value, is_called) FROM {{from}}.{it};")
        });
        Ok(rows.chain(numbers).collect())
    })
}

/// Cuts every connection of this `application_name`, as a network or an operator does; returns how
/// many there were once they are gone.
pub fn cut_connections(application_name: &str) -> usize {
    let Some(server) = server() else { return 0 };
    let name = application_name.to_owned();
    on_server(server, async move |client| {
        let cut = client
            .query(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = $1",
                &[&name],
            )
            .await?;
        Ok(cut.len())
    })
}

/// How many connections of this `application_name` there are.
pub fn connections(application_name: &str) -> usize {
    found(application_name, "true")
}

/// Whether a connection of this `application_name` waits for a lock that another one has.
pub fn waits_for_a_lock(application_name: &str) -> bool {
    found(application_name, "wait_event_type = 'Lock'") > 0
}

fn found(application_name: &str, which: &str) -> usize {
    let Some(server) = server() else { return 0 };
    let name = application_name.to_owned();
    let sql = format!("SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND {which}");
    on_server(server, async move |client| {
        Ok(client.query(&sql, &[&name]).await?.len())
    })
}

/// Keeps the server's daemon from taking statistics of a table of the database that belongs to this
/// path; false where there is no server.
pub fn without_the_daemon(path: &Path, table: &str) -> bool {
    let Some(server) = server() else { return false };
    let sql = format!(
        "ALTER TABLE {}.{table} SET (autovacuum_enabled = off)",
        schema_of(path)
    );
    on_server(server, async move |client| {
        client.batch_execute(&sql).await?;
        Ok(true)
    })
}

/// Whether the server's planner has statistics of that table.
pub fn has_statistics(path: &Path, table: &str) -> bool {
    let Some(server) = server() else { return false };
    let (schema, table) = (schema_of(path), table.to_owned());
    on_server(server, async move |client| {
        let found = client
            .query(
                "SELECT 1 FROM pg_stats WHERE schemaname = $1 AND tablename = $2",
                &[&schema, &table],
            )
            .await?;
        Ok(!found.is_empty())
    })
}

/// Runs statements in the database that belongs to this path, to damage it; false where there is no
/// server.
pub fn execute(path: &Path, statements: &str) -> bool {
    let Some(server) = server() else { return false };
    let sql = format!("SET search_path = {}; {statements}", schema_of(path));
    on_server(server, async move |client| {
        client.batch_execute(&sql).await?;
        Ok(true)
    })
}

/// Damages the row of a table that has this number, in a database file: nobody can read what is in it any more.
pub fn spoil(file: &Path, table: &str, number: i64) {
    let database = rusqlite::Connection::open(file).expect("a database file");
    let statement = format!("UPDATE {table} SET body = '{{' WHERE {table}_no = ?1");
    let spoilt = database.execute(&statement, [number]);
    assert_eq!(spoilt.expect("a table with numbers"), 1, "{table} {number}");
}

/// Whether these statements can be run in the database that belongs to this path, while others work there;
/// false where there is no server.
pub fn tries(path: &Path, statements: &str) -> bool {
    let Some(server) = server() else { return false };
    let sql = format!("SET search_path = {}; {statements}", schema_of(path));
    on_server(server, async move |client| {
        Ok(client.batch_execute(&sql).await.is_ok())
    })
}

/// Asks the server something, on a thread of its own: the test may run on one that must not block.
pub(crate) fn on_server<T: Send + 'static>(
    server: String,
    work: impl AsyncFnOnce(&Client) -> Result<T, Error> + Send + 'static,
) -> T {
    let asked = async move || {
        let (client, connection) = tokio_postgres::connect(&server, NoTls).await?;
        let connection = tokio::spawn(connection);
        let done = work(&client).await;
        drop(client);
        // It ends because its client is gone.
        let _ = connection.await;
        done
    };
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(asked())
    })
    .join()
    .expect("the thread ends")
    .expect("the database server answers")
}

/// Stops the server hard, as a power cut does, and starts it again; false when nobody said how
/// ([`TEST_DATABASE_RESTART`]).
pub fn restart_server() -> bool {
    let Some(command) = variable(TEST_DATABASE_RESTART) else {
        return false;
    };
    let done = std::process::Command::new(command)
        .stdout(std::process::Stdio::null())
        .status()
        .expect("the command that restarts the database server");
    assert!(done.success(), "the database server did not restart");
    true
}

/// Whether tests run on PostgreSQL.
pub fn on_postgres() -> bool {
    server().is_some()
}

/// The URL of the schema that belongs to this path, when tests run on PostgreSQL.
pub fn postgres_url(path: &Path) -> Option<String> {
    let schema = schema_of(path);
    Some(format!("{}?options=-csearch_path%3D{schema}", server()?))
}

pub(crate) fn schema_of(path: &Path) -> String {
    let name: String = path
        .to_string_lossy()
        .chars()
        .map(|c| match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => c,
            _ => '_',
        })
        .collect();
    // Temporary folders differ in the case of their letters alone, once in some hundred runs: what is folded is told
    // apart by the hash of what was not.
    let mut hash = DefaultHasher::new();
    path.hash(&mut hash);
    // PostgreSQL cuts names at 63 bytes; the end is what differs.
    let end = &name[name.len().saturating_sub(34)..];
    format!("t_{end}_{:016x}", hash.finish())
}

pub(crate) fn server() -> Option<String> {
    variable(TEST_DATABASE)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how a test run is told its server"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|it| !it.is_empty())
}
