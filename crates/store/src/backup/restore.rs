//! A backup becomes a database again.

use std::fs;
use std::io;

use syncline_model::{Ids, Timestamp};

use super::digest::PAGE;
use super::new_file::in_its_real_folder;
use super::{Backup, DigestKey, NewFile, Prepare, Progress, complete, copy, tables};
use crate::driver::connection::Connection;
use crate::driver::migrate;
use crate::{MasterKey, Older, Reader, Result, Store, StoreError};

/// To a server, while it is not asked for anything.
const STILL_HERE: &str = "SELECT 1 AS still_here";

/// 64 MiB. Each is read within seconds, also where the whole file takes longer than a server waits.
const PAGES_WITHOUT_A_WORD: u64 = (64 << 20) / PAGE as u64;

impl Backup {
    /// Makes a database file of it, with today's layout and what `prepare` writes, in an empty file; on
    /// the disk when this returns, with nothing beside it. The key is not in it. [`StoreError::Damaged`] when
    /// what stands in the file now does not have the digest that it had when it was opened, with this key. Fails, too,
    /// when the name of the new file is another one's by now, to which nothing is written.
    pub fn write_database(
        &self,
        file: &NewFile,
        key: &MasterKey,
        prepare: Prepare<'_>,
    ) -> Result<()> {
        let mut to = file.file();
        match &self.digest {
            Some(digest) => {
                let key = DigestKey::new(key);
                if !digest.matches_copied(&self.path, &key, &mut to)? {
                    return Err(StoreError::Damaged(
                        "the backup: it was damaged or changed since it was looked at, its digest does not match",
                    ));
                }
            }
            None => {
                io::copy(&mut fs::File::open(&self.path)?, &mut to)?;
            }
        }
        let mut connection = file.connect()?;
        // Overwritten, not only forgotten: a key may have stood there.
        connection.pragma_update(None, "secure_delete", "ON")?;
        connection.execute_batch("DROP TABLE backup")?;
        migrate(&mut connection)?;
        connection.close().map_err(|(_, error)| error)?;
        let name = in_its_real_folder(file.path())?;
        Store::open_not_linked(&name, key)?.write(|tx| prepare(tx))?;
        merge_log(file)?;
        file.file().sync_all()?;
        file.refuse_replaced()
    }

    /// Replaces what is in a PostgreSQL database by `file`, which [`Self::write_database`] has made, in
    /// one transaction: until it commits others see what was there before, in the layout that it had, and
    /// nobody writes. `before` is asked once nobody else can begin to; what it refuses is not replaced, and
    /// what it keeps aside is what is replaced. `key` is that of what is there. Whoever opened the database before is
    /// refused to write from then on ([`StoreError::Replaced`], [`StoreError::Upgraded`]).
    pub fn write_server<E: From<StoreError>>(
        &self,
        url: &str,
        key: &MasterKey,
        file: &NewFile,
        ids: &dyn Ids,
        before: impl FnOnce(&Reader<'_>) -> std::result::Result<(), E>,
        progress: Progress<'_>,
    ) -> std::result::Result<(), E> {
        // In today's layout, which becomes the server's, too.
        let file = file.connect()?;
        let tables = tables::of(&file)?;
        let store = match Store::connect_to_replace(url, key) {
            // Nobody's layout is changed.
            Err(StoreError::Empty) => Store::connect_unchecked(url, key, Older::BringUpToDate)?,
            connected => connected?,
        };
        store.write(|tx| {
            let to = &tx.connection;
            // What somebody committed behind the emptying of its table would be left in it.
            tx.enter_everything()?;
            before(tx)?;
            let names: Vec<&str> = tables.iter().map(|it| it.name.as_str()).collect();
            let there = tx.there_of(&names)?;
            for table in tables.iter().filter(|it| there.contains(&it.name.as_str())) {
                table.clear(to)?;
            }
            // Nothing is in the way of it any more.
            tx.bring_up_to_date()?;
            copy(&tables, &Connection::Sqlite(&file), to, progress, &|| false)?;
            for table in &tables {
                table.clear_rest(to)?;
                table.go_on_numbering(to)?;
            }
            // What the file says of that is of another database.
            tx.begin_on_timeline()?;
            Ok(tx.begin_epoch(ids, store.expected_layout())?)
        })
    }
}

/// Whoever moves a file moves it alone: what is in a log beside it is merged, and the log is gone.
fn merge_log(file: &NewFile) -> Result<()> {
    let connection = file.connect()?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0))?;
    connection.close().map_err(|(_, error)| error)?;
    match mode.as_str() {
        "delete" => Ok(()),
        _ => Err(io::Error::other("the write-ahead log cannot be merged").into()),
    }
}

impl Reader<'_> {
    /// A backup of what is about to be replaced, while nobody writes there: see
    /// [`Backup::write_server`]. Without the key; with a digest if what is there was made with it. Fails when the name of
    /// the new file is another one's by now.
    pub fn keep_aside(
        &self,
        file: &NewFile,
        made_at: Timestamp,
        progress: Progress<'_>,
    ) -> Result<()> {
        file.refuse_replaced()?;
        let digested = self.copy_rows_into(file.path(), progress, &|| false)?;
        let vault = digested.then(|| self.vault());
        let mut pages = 0_u64;
        complete(file.path(), made_at, None, vault, &mut || {
            let is_due = pages.is_multiple_of(PAGES_WITHOUT_A_WORD);
            pages += 1;
            match is_due {
                true => self.say_something(),
                false => Ok(()),
            }
        })?;
        file.refuse_replaced()
    }

    /// To a server that takes whoever says nothing for so long for lost.
    fn say_something(&self) -> Result<()> {
        match self.is_shared() {
            true => self.connection.run(STILL_HERE),
            false => Ok(()),
        }
    }
}

impl Store {
    /// What a PostgreSQL database holds, whatever key it was made with: to keep it aside before it
    /// is replaced. `key` is what its sealed documents are never opened with here. Changes nothing;
    /// [`StoreError::Empty`] where there are no tables, and [`StoreError::Server`] where nothing could be replaced,
    /// because the server is a standby.
    pub fn connect_to_replace(url: &str, key: &MasterKey) -> Result<Self> {
        Self::connect_unchecked(url, key, Older::Leave)
    }
}
