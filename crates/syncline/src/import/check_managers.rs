//! Checks that every manager in `users.csv` is somebody.

use syncline_model::{Attr, IdMap};
use syncline_store::{Key, KeyName};

use super::check_users::Check;
use super::problems::name;
use super::row::Wrong;
use super::rows::Hashed;
use super::table::Table;
use super::{End, columns, value};
use crate::failure::Failure;
use crate::progress::Progress;

impl Check<'_> {
    /// Reads the file again, now that all names are known.
    pub(super) fn managers(&mut self, progress: &dyn Progress) -> Result<(), End> {
        let Some(at) = columns::manager(&self.columns) else {
            return Ok(());
        };
        let mut table = Table::open(self.file)?;
        let label = format!("checking managers in {}", name(self.file));
        let name_at = columns::position(&self.columns, Attr::USER_PRINCIPAL_NAME);
        let mut own = 0;
        // Managers who are not in the file: few names, asked for often.
        let mut known: IdMap<Hashed, bool> = IdMap::default();
        while let Some(line) = table.next(&label, progress)? {
            let Ok(cells) = &line.cells else { continue };
            let manager = cells.get(at).unwrap_or_default();
            if manager.is_empty() || self.people.is_bad(line.index) {
                continue;
            }
            let text = Hashed::name(manager);
            let person = name_at.and_then(|at| cells.get(at)).unwrap_or_default();
            let person = Hashed::name(person);
            own += u64::from(text == person);
            // Whoever names somebody whose own row is left out is imported without a manager.
            let is_in_file = self.people.rows.with_name(&text).is_some();
            if is_in_file || self.people.left_out.contains(&text) {
                continue;
            }
            let exists = match known.get(&text) {
                Some(exists) => *exists,
                None => {
                    let exists = self.exists(manager)?;
                    known.insert(text, exists);
                    exists
                }
            };
            if !exists {
                let message = format!(
                    "manager: nobody in the file or in the tenant has the userPrincipalName `{}`",
                    value::shorten(manager)
                );
                self.people.rows.remove(&person);
                self.people.left_out.insert(person);
                self.reject(
                    line.index,
                    line.number,
                    &Wrong {
                        column: at,
                        message,
                    },
                );
            }
        }
        // What lists of personnel say of who is at the top; Graph refuses it.
        if own > 0 {
            let who = match own {
                1 => "1 row names its own person".to_owned(),
                _ => format!("{own} rows name their own person"),
            };
            self.problems.warn(format!(
                "{who} as manager; nobody can be their own manager, so that manager is left out"
            ));
        }
        Ok(())
    }

    fn exists(&self, user_principal_name: &str) -> Result<bool, Failure> {
        let key = Key::new(KeyName::UserPrincipalName, user_principal_name);
        Ok(self
            .app
            .store
            .read(|reader| reader.holder(self.tenant.id, &key))?
            .is_some())
    }
}
