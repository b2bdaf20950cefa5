//! A backup becomes a database again.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use super::{Backup, Progress, copy, tables};
use crate::driver::connection::Connection;
use crate::driver::migrate;
use crate::{MasterKey, Result, Store, StoreError};

impl Backup {
    /// Makes a database file of it, with today's layout, in an empty file; on the disk when this
    /// returns. The key is not in it.
    pub fn write_database(&self, file: &Path) -> Result<()> {
        let from = fs::File::open(&self.path)?;
        let length = match &self.digest {
            Some(digest) => digest.database,
            None => from.metadata()?.len(),
        };
        let mut to = fs::File::create(file)?;
        io::copy(&mut from.take(length), &mut to)?;
        // SQLite has locks of its own on it from here on.
        drop(to);
        let mut connection = rusqlite::Connection::open(file)?;
        // Overwritten, not only forgotten: a key may have stood there.
        connection.pragma_update(None, "secure_delete", "ON")?;
        connection.execute_batch("DROP TABLE backup")?;
        migrate(&mut connection)?;
        connection.close().map_err(|(_, error)| error)?;
        fs::File::open(file)?.sync_all()?;
        Ok(())
    }

    /// Replaces what is in a PostgreSQL database, in one transaction: until it commits others see
    /// what was there before. `work` is an empty file to work in; the caller removes it.
    pub fn write_server(
        &self,
        url: &str,
        key: &MasterKey,
        work: &Path,
        progress: Progress<'_>,
    ) -> Result<()> {
        // In today's layout, which is the server's too.
        self.write_database(work)?;
        let file = rusqlite::Connection::open(work)?;
        let tables = tables::of(&file)?;
        let store = Store::connect_unchecked(url, key)?;
        store.write(|tx| {
            let to = &tx.connection;
            for table in &tables {
                table.clear(to)?;
            }
            copy(&tables, &Connection::Sqlite(&file), to, progress)?;
            for table in &tables {
                table.go_on_numbering(to)?;
            }
            Ok::<_, StoreError>(())
        })
    }
}

impl Store {
    /// What a PostgreSQL database holds, whatever key it was made with: to keep it aside before it
    /// is replaced. `key` is what its sealed documents are never opened with here.
    pub fn connect_to_replace(url: &str, key: &MasterKey) -> Result<Self> {
        Self::connect_unchecked(url, key)
    }
}
