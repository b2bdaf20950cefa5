//! Looking for damage: what no use of the verbs can bring about. Reads only; memory does not grow with
//! the database.

mod readable;
mod rules;

pub use readable::{Checked, DocumentPlace, ObjectPlace};
pub use rules::{RULES, Rule};

use crate::{Reader, Result, Store};

/// How many rows break a rule, and one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breaches {
    pub count: u64,
    pub example: Option<String>,
}

impl Store {
    /// What the database itself finds wrong with its pages and indexes, a few lines at most. A
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

impl Reader<'_> {
    /// How many rows break a rule. Walks through a table.
    pub fn breaches(&self, rule: &Rule) -> Result<Breaches> {
        let count = self
            .connection
            .count(&format!("SELECT COUNT(*) FROM {}", rule.rows), &[])?;
        let example = match count {
            0 => None,
            _ => self.connection.first(
                &format!("SELECT {} FROM {} LIMIT 1", rule.example, rule.rows),
                &[],
                |row| {
                    Ok(match row.id(0, uuid::Uuid::from_bytes) {
                        Ok(id) => id.to_string(),
                        Err(_) => "one without an id".to_owned(),
                    })
                },
            )?,
        };
        Ok(Breaches { count, example })
    }
}
