//! The database a test works on: an embedded file, or PostgreSQL when the environment names one. The
//! same tests, on both.

use std::path::Path;

use syncline_store::{ConnectionLimit, MasterKey, Result, Store};

/// A PostgreSQL server for tests, `postgres://…` without a query; what is in its database is left
/// alone, every test works in a schema of its own.
pub const TEST_DATABASE: &str = "SYNCLINE_TEST_DATABASE";

/// Opens the database that belongs to this path, as [`Store::open`] does: the same path names the
/// same data.
pub fn open_store(path: &Path, key: &MasterKey) -> Result<Store> {
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
    let copy = clone_rows(&schema_of(from), &schema_of(to));
    // On a thread of its own: the test may run on one that must not block.
    let done = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime
            .block_on(async {
                let (client, connection) =
                    tokio_postgres::connect(&server, tokio_postgres::NoTls).await?;
                let connection = tokio::spawn(connection);
                client.batch_execute(&copy).await?;
                drop(client);
                // It ends because its client is gone.
                let _ = connection.await;
                Ok(())
            })
            .map_err(|error: tokio_postgres::Error| std::io::Error::other(error))
    });
    done.join()
        .expect("the copying thread ends")
        .expect("the rows can be copied");
}

/// Every row of every table, and where numbers go on.
fn clone_rows(from: &str, to: &str) -> String {
    format!(
        "DO $$
        DECLARE name text; last bigint;
        BEGIN
            FOR name IN SELECT table_name FROM information_schema.tables
                WHERE table_schema = '{from}' AND table_name NOT IN ('refinery_schema_history', 'migration_gate')
            LOOP
                EXECUTE format('DELETE FROM {to}.%I', name);
                EXECUTE format('INSERT INTO {to}.%I SELECT * FROM {from}.%I', name, name);
            END LOOP;
            FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = '{from}'
            LOOP
                EXECUTE format('SELECT last_value FROM {from}.%I', name) INTO last;
                PERFORM setval(format('{to}.%I', name)::regclass, last);
            END LOOP;
        END $$"
    )
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

fn schema_of(path: &Path) -> String {
    let name: String = path
        .to_string_lossy()
        .chars()
        .map(|c| match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => c,
            _ => '_',
        })
        .collect();
    // PostgreSQL cuts names at 63 bytes; the end is what differs.
    format!("t_{}", &name[name.len().saturating_sub(50)..])
}

#[expect(
    clippy::disallowed_methods,
    reason = "how a test run is told its server"
)]
fn server() -> Option<String> {
    std::env::var(TEST_DATABASE)
        .ok()
        .filter(|it| !it.is_empty())
}
