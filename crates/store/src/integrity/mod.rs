//! Looking for damage: what no use of the verbs can bring about. Reads only, a page at a time; memory
//! does not grow with the database.

mod breaches;
mod readable;
mod rules;

pub use breaches::RulePlace;
pub use readable::{Checked, DocumentPlace, ObjectPlace};
pub use rules::{RULES, Rule};

use crate::{Result, Store};

impl Store {
    /// What the database itself finds wrong with its pages and indexes, a few lines at most. Reads the
    /// whole file in one snapshot, behind which the write-ahead log can not begin anew meanwhile. A
    /// PostgreSQL server looks after its own.
    pub fn broken_pages(&self) -> Result<Vec<String>> {
        if self.is_shared() {
            return Ok(Vec::new());
        }
        self.read(|reader| {
            let mut found = reader
                .connection
                .query("PRAGMA integrity_check(10)", &[], |row| {
                    Ok(row.text(0)?.into_owned())
                })?;
            found.retain(|line| line != "ok");
            Ok(found)
        })
    }
}
