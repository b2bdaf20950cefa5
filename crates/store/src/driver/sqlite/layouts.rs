//! Which layout a file has, and bringing it up to date.

use rusqlite::functions::FunctionFlags;

use crate::driver::store::Older;
use crate::{Result, StoreError};

mod embedded {
    refinery::embed_migrations!("migrations/sqlite");
}

/// Brings the layout up to date.
pub(crate) fn migrate(connection: &mut rusqlite::Connection) -> Result<()> {
    migrate_to(connection, newest_layout())
}

/// Brings the layout to an earlier one than today's: that of a database whose rows are copied.
pub(crate) fn migrate_to(connection: &mut rusqlite::Connection, layout: i32) -> Result<()> {
    add_key_hash(connection)?;
    let (found, known) = layouts(connection)?;
    Older::BringUpToDate.check(found, known)?;
    embedded::migrations::runner()
        .set_target(refinery::Target::Version(layout))
        .run(connection)?;
    Ok(())
}

/// The layout that this program works with.
pub(crate) fn newest_layout() -> i32 {
    embedded::migrations::runner()
        .get_migrations()
        .iter()
        .map(refinery::Migration::version)
        .max()
        .unwrap_or_default()
}

/// See [`newest`](crate::driver::newest).
pub(super) fn newest_migration() -> i64 {
    crate::driver::newest(&embedded::migrations::runner())
}

/// The layout before the migration of this name.
pub(in crate::driver) fn layout_before(name: &str) -> Result<i32> {
    let runner = embedded::migrations::runner();
    let mut migrations = runner.get_migrations().iter();
    let next = migrations.find(|it| it.name() == name);
    next.map(|it| it.version() - 1)
        .ok_or(StoreError::Damaged("the layout"))
}

/// The function that the migration of unique values calls.
fn add_key_hash(connection: &rusqlite::Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("key_hash", 2, flags, |context| {
        let name: u8 = context.get(0)?;
        let value: String = context.get(1)?;
        Ok(crate::directory::keys::key_hash(name, value.as_bytes()).to_vec())
    })?;
    Ok(())
}

pub(super) fn refuse_no_tables(connection: &rusqlite::Connection) -> Result<()> {
    if has_layouts(connection)? {
        return Ok(());
    }
    Err(StoreError::Empty)
}

fn has_layouts(connection: &rusqlite::Connection) -> Result<bool> {
    Ok(connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'refinery_schema_history')",
        [],
        |row| row.get(0),
    )?)
}

/// The one that the file has, and the one that this program works with. One that can not be read is not that of a new
/// file: the file is damaged.
pub(super) fn layouts(connection: &rusqlite::Connection) -> Result<(i32, i32)> {
    let known = newest_layout();
    if !has_layouts(connection)? {
        return Ok((0, known));
    }
    let found: Option<i32> = connection.query_row(
        "SELECT MAX(version) FROM refinery_schema_history",
        [],
        |row| row.get(0),
    )?;
    Ok((found.unwrap_or_default(), known))
}
