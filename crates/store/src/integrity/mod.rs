//! Looking for damage: what no use of the verbs can bring about. Reads only, a page at a time; memory
//! does not grow with the database.

mod breaches;
mod held;
mod readable;
mod rules;

pub use breaches::RulePlace;
pub use held::{Held, HeldIn};
pub use readable::{Checked, DocumentPlace, ObjectPlace};
pub use rules::{RULES, Rule};

use crate::backup::MustStop;
use crate::{Result, Store};

impl Store {
    /// What the database itself finds wrong with its pages and indexes, a few lines at most. Reads the
    /// whole file in one snapshot, behind which the write-ahead log can not begin anew meanwhile. A
    /// PostgreSQL server looks after its own.
    ///
    /// # Errors
    /// [`StoreError::GivenUp`](crate::StoreError::GivenUp) when it must stop meanwhile.
    pub fn broken_pages(&self, must_stop: MustStop<'_>) -> Result<Vec<String>> {
        let mut found = self.checked_file(must_stop)?;
        found.retain(|line| line != "ok");
        Ok(found)
    }
}
