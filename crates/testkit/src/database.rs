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

/// Whether tests run on PostgreSQL.
pub fn on_postgres() -> bool {
    server().is_some()
}

/// The URL of the schema that belongs to this path, when tests run on PostgreSQL.
pub fn postgres_url(path: &Path) -> Option<String> {
    let name: String = path
        .to_string_lossy()
        .chars()
        .map(|c| match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => c,
            _ => '_',
        })
        .collect();
    // PostgreSQL cuts names at 63 bytes; the end is what differs.
    let end = &name[name.len().saturating_sub(50)..];
    Some(format!("{}?options=-csearch_path%3Dt_{end}", server()?))
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
