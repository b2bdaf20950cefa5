//! Two databases behind one [`Store`]: an SQLite file (embedded, one process) or PostgreSQL (shared,
//! many nodes).
//!
//! Verbs know neither: they send statements through a [`connection::Connection`], which differs only in how it
//! sends many rows ([`batch`]), and is watched for a full disk ([`watched`]). What else differs stands in [`sqlite`] and [`postgres`]: opening,
//! beginning and ending a transaction, and the lock of a tenant.

mod batch;
pub(crate) mod connection;
mod database;
mod enter;
pub(crate) mod neighbours;
mod nul;
mod param;
mod postgres;
mod reader;
mod row;
mod session;
mod sqlite;
mod store;
mod tenant_numbers;
mod tx;
mod watched;

pub use database::Database;
pub(crate) use param::{Param, blob, flag, int, optional_blob, optional_int, owned_blob, text};
pub use postgres::ConnectionLimit;
pub(crate) use postgres::says_which_database;
pub use reader::Reader;
pub(crate) use row::Row;
#[cfg(test)]
pub(crate) use sqlite::{assert_plan, plan};
pub(crate) use sqlite::{migrate, migrate_to, newest_layout};
pub use store::{Durability, Older, Store};
pub use tx::Tx;

/// The layout of a file that has the same tables as this one of a server: what made it differ from today's has
/// one name for both. What only files needed came in between.
pub(crate) fn layout_of_file(of_server: i64) -> crate::Result<i32> {
    match postgres::name_after(of_server)? {
        None => Ok(newest_layout()),
        Some(next) => sqlite::layout_before(&next),
    }
}

/// The number of the newest of these migrations.
fn newest(migrations: &refinery::Runner) -> i64 {
    migrations
        .get_migrations()
        .iter()
        .map(|migration| i64::from(migration.version()))
        .max()
        .unwrap_or(0)
}
