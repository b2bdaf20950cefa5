//! The tables of an SQLite file as its own catalogue tells them, and their rows, a page at a time.
//!
//! A backup knows no table by name: a migration that makes a new one or a new column changes nothing
//! here, as long as both databases get it. But for the tenants, by whose rows those who write on a server wait for each other:
//! one that is in both databases keeps its row, in which whoever waited for it finds out that it is in another database now.

use crate::directory::objects::fitting::fitting;
use crate::driver::connection::Connection;
use crate::driver::{Param, Row, int, optional_int};
use crate::{Result, StoreError};

/// Rows held in memory at once.
const PAGE: usize = 2_000;

/// Bytes of their texts and blobs: a tenant decides how large each of its rows is.
const BYTES: usize = 4 * 1024 * 1024;

/// What is not data: how far the migrations are, and what a backup says of itself.
const NOT_COPIED: [&str; 2] = ["refinery_schema_history", "backup"];

pub(super) struct Table {
    pub(super) name: String,
    columns: Vec<Column>,
    /// Which columns are the primary key, in its order.
    key: Vec<usize>,
}

struct Column {
    name: String,
    ty: Ty,
}

#[derive(Clone, Copy)]
enum Ty {
    Int,
    Text,
    Blob,
}

/// All tables of an SQLite file.
pub(super) fn of(file: &rusqlite::Connection) -> Result<Vec<Table>> {
    let mut names = file.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )?;
    let names: Vec<String> = names
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    names
        .into_iter()
        .filter(|name| !NOT_COPIED.contains(&name.as_str()))
        .map(|name| table(file, name))
        .collect()
}

fn table(file: &rusqlite::Connection, name: String) -> Result<Table> {
    let mut told = file.prepare("SELECT name, type, pk FROM pragma_table_info(?1) ORDER BY cid")?;
    let mut rows = told.query([&name])?;
    let mut columns = Vec::new();
    let mut key = Vec::new();
    while let Some(row) = rows.next()? {
        let ty = match row.get_ref(1)?.as_str().unwrap_or_default() {
            "INTEGER" => Ty::Int,
            "TEXT" => Ty::Text,
            "BLOB" => Ty::Blob,
            _ => return Err(StoreError::Damaged("a backup's tables")),
        };
        // From 1; 0 is not a part of it.
        let place: i64 = row.get(2)?;
        if place > 0 {
            key.push((place, columns.len()));
        }
        columns.push(Column {
            name: row.get(0)?,
            ty,
        });
    }
    key.sort_unstable();
    if key.is_empty() {
        return Err(StoreError::Damaged("a backup's tables"));
    }
    Ok(Table {
        name,
        columns,
        key: key.into_iter().map(|(_, at)| at).collect(),
    })
}

impl Table {
    pub(super) fn count(&self, connection: &Connection<'_>) -> Result<u64> {
        connection.count(
            &format!("SELECT COUNT(*) FROM {} WHERE {}", self.name, self.kept()),
            &[],
        )
    }

    /// Copies all rows; tells after each page how many there were in it, and ends if that fails.
    pub(super) fn copy(
        &self,
        from: &Connection<'_>,
        to: &Connection<'_>,
        mut told: impl FnMut(u64) -> Result<()>,
    ) -> Result<()> {
        let numbers: Vec<String> = (1..=self.columns.len())
            .map(|at| format!("?{at}"))
            .collect();
        let insert = format!(
            "INSERT INTO {} ({}) VALUES ({}){}",
            self.name,
            self.names(),
            numbers.join(", "),
            self.in_place(to)
        );
        let mut last: Option<Vec<Param<'static>>> = None;
        loop {
            // Asked before they are in memory.
            let sizes = self.page(from, &self.size(), last.as_deref(), PAGE, |row| {
                row.number(0)
            })?;
            let fitting = fitting(&sizes, BYTES).unwrap_or(sizes.len());
            let rows = self.page(from, &self.names(), last.as_deref(), fitting, |row| {
                self.read(row)
            })?;
            last = rows.last().map(|row| {
                let key = self.key.iter().filter_map(|at| row.get(*at).cloned());
                key.collect()
            });
            let count = rows.len();
            if to.execute_each(&insert, &[], rows.into_iter())? != count as u64 {
                // A tenant with the id of what belongs to none.
                return Err(StoreError::Taken);
            }
            told(count as u64)?;
            if count == sizes.len() && count < PAGE {
                return Ok(());
            }
        }
    }

    /// `what` of so many rows behind this key.
    fn page<T>(
        &self,
        from: &Connection<'_>,
        what: &str,
        after: Option<&[Param<'static>]>,
        limit: usize,
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let key: Vec<&str> = self
            .key
            .iter()
            .filter_map(|at| self.columns.get(*at))
            .map(|column| column.name.as_str())
            .collect();
        let key = key.join(", ");
        let mut params = after.map_or_else(Vec::new, <[_]>::to_vec);
        let beyond = if params.is_empty() {
            String::new()
        } else {
            let numbers: Vec<String> = (1..=params.len()).map(|at| format!("?{at}")).collect();
            format!(" AND ({key}) > ({})", numbers.join(", "))
        };
        params.push(int(limit));
        let sql = format!(
            "SELECT {what} FROM {} WHERE {}{beyond} ORDER BY {key} LIMIT ?{}",
            self.name,
            self.kept(),
            params.len()
        );
        from.query(&sql, &params, read)
    }

    /// How many bytes a row has besides its numbers; told by both databases without reading them.
    fn size(&self) -> String {
        let long = self.columns.iter().filter(|it| !matches!(it.ty, Ty::Int));
        long.fold("CAST(0 AS BIGINT)".to_owned(), |sum, column| {
            format!(
                "{sum} + CAST(COALESCE(octet_length({}), 0) AS BIGINT)",
                column.name
            )
        })
    }

    fn read(&self, row: &Row<'_>) -> Result<Vec<Param<'static>>> {
        let columns = self.columns.iter().enumerate();
        columns
            .map(|(at, column)| {
                Ok(match column.ty {
                    Ty::Int => optional_int(row.optional_int(at)?),
                    Ty::Text => {
                        Param::Text(row.optional_text(at)?.map(|it| it.into_owned().into()))
                    }
                    Ty::Blob => Param::Blob(row.optional_blob(at)?.map(|it| it.to_vec().into())),
                })
            })
            .collect()
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|it| it.name.as_str()).collect();
        names.join(", ")
    }

    /// Which rows are data: the row that stands for no tenant is a part of PostgreSQL's layout.
    fn kept(&self) -> &'static str {
        if self.is_of_tenants() {
            "tenant_no > 0"
        } else {
            "1 = 1"
        }
    }

    fn is_of_tenants(&self) -> bool {
        self.name == "tenant"
    }

    /// What becomes of a row that is there, in the table of a server that was cleared.
    fn in_place(&self, to: &Connection<'_>) -> String {
        if !self.is_of_tenants() || matches!(to, Connection::Sqlite(_)) {
            return String::new();
        }
        let columns = self.columns.iter().filter(|column| column.name != "id");
        let set: Vec<String> = columns
            .map(|Column { name, .. }| format!("{name} = excluded.{name}"))
            .collect();
        format!(
            " ON CONFLICT (id) DO UPDATE SET {} WHERE tenant.tenant_no < 0",
            set.join(", ")
        )
    }

    /// Empties the table of a server that is about to get the rows of another database. Those of tenants stay until
    /// [`Self::clear_rest`], with numbers that no other has.
    pub(super) fn clear(&self, connection: &Connection<'_>) -> Result<()> {
        let (name, kept) = (&self.name, self.kept());
        let sql = match self.is_of_tenants() {
            true => format!("UPDATE {name} SET tenant_no = -tenant_no WHERE {kept}"),
            false => format!("DELETE FROM {name} WHERE {kept}"),
        };
        connection.execute(&sql, &[]).map(drop)
    }

    /// Removes what was there and is not in the other database, when all of that is copied.
    pub(super) fn clear_rest(&self, connection: &Connection<'_>) -> Result<()> {
        match self.is_of_tenants() {
            true => connection
                .execute("DELETE FROM tenant WHERE tenant_no < 0", &[])
                .map(drop),
            false => Ok(()),
        }
    }

    /// Where rows are numbered by the database: the next number comes after those copied.
    pub(super) fn go_on_numbering(&self, connection: &Connection<'_>) -> Result<()> {
        let [at] = self.key.as_slice() else {
            return Ok(());
        };
        let Some(Column { name, ty: Ty::Int }) = self.columns.get(*at) else {
            return Ok(());
        };
        let table = &self.name;
        if let Connection::Postgres(_) = connection {
            connection.first(
                &format!("SELECT setval(pg_get_serial_sequence('{table}', '{name}'), (SELECT COALESCE(MAX({name}), 0) + 1 FROM {table}), false)"),
                &[],
                |_| Ok(()),
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table whose rows have texts and blobs of so many bytes.
    fn filled(sizes: &[(usize, usize)]) -> rusqlite::Connection {
        let file = rusqlite::Connection::open_in_memory().unwrap();
        file.execute_batch(
            "CREATE TABLE t (a INTEGER NOT NULL, b TEXT, c BLOB, d BLOB, PRIMARY KEY (a, b))",
        )
        .unwrap();
        let mut insert = file
            .prepare("INSERT INTO t VALUES (?1, ?2, ?3, NULL)")
            .unwrap();
        for (number, (text, blob)) in (0_i64..).zip(sizes) {
            let row = (number, "t".repeat(*text), vec![7_u8; *blob]);
            insert.execute(row).unwrap();
        }
        drop(insert);
        file
    }

    #[test]
    fn rows_that_are_large_are_copied_few_at_a_time() {
        const HALF: usize = BYTES / 2;
        let large = [(1, HALF), (0, HALF), (HALF, 0), (3, BYTES + 1), (0, 0)];
        let small = vec![(1, 1); PAGE];
        for (sizes, expected) in [
            (&large[..], &[1, 2, 1, 1][..]),
            (&small[..], &[2000, 0][..]),
            (&[], &[0]),
        ] {
            let (from, to) = (filled(sizes), filled(&[]));
            let table = of(&from).unwrap().remove(0);
            let mut pages = Vec::new();
            let told = |rows| {
                pages.push(rows);
                Ok(())
            };
            table
                .copy(&Connection::Sqlite(&from), &Connection::Sqlite(&to), told)
                .unwrap();
            assert_eq!(pages, expected);
            let all = |file: &rusqlite::Connection| -> Vec<(i64, i64)> {
                let sizes = "SELECT length(b), length(c) FROM t ORDER BY a";
                let mut asked = file.prepare(sizes).unwrap();
                let rows = asked.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
                rows.unwrap().map(|row| row.unwrap()).collect()
            };
            assert_eq!(all(&to), all(&from));
        }
    }
}
