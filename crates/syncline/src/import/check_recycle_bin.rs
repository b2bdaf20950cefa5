//! Checks what is to be done with names of `users.csv` that are in the recycle bin.

use std::collections::HashMap;

use syncline_model::{Attr, EntityKind, ObjectId};
use syncline_store::{StoreError, Stored};

use super::check_users::{Candidate, Check};
use super::problems::name;
use super::row::Person;
use super::rows::{At, Hashed};
use super::table::Table;
use super::{BYTES, End, PAGE, columns, recycled};
use crate::commands::import::InRecycleBin;
use crate::failure::Failure;
use crate::progress::Progress;

impl Check<'_> {
    /// Whoever is in the recycle bin and has a name of the file is told, unless it is said what to
    /// do: two people of one name, of which one is deleted, are not told apart later.
    pub(super) fn recycle_bin(
        &mut self,
        wanted: InRecycleBin,
        progress: &dyn Progress,
    ) -> Result<(), End> {
        if self.people.rows.is_empty() {
            return Ok(());
        }
        let rows = &self.people.rows;
        let recycled =
            recycled::find(self.app, self.tenant, |name| rows.with_name(name).is_some())?;
        match wanted {
            InRecycleBin::Restore => {
                self.people.recycled = recycled;
                self.brought_back(progress)?;
            }
            InRecycleBin::Recreate => self.problems.warn_of_recreated(recycled.len()),
            InRecycleBin::Refuse => {
                let mut rows: Vec<At> = recycled
                    .keys()
                    .filter_map(|name| self.people.rows.remove(name))
                    .collect();
                self.people.left_out.extend(recycled.into_keys());
                rows.sort_unstable_by_key(At::index);
                self.problems.in_recycle_bin(rows.len());
                let wrong = self.wrong(
                    Attr::USER_PRINCIPAL_NAME,
                    "somebody of this name is in the recycle bin".to_owned(),
                );
                for row in rows {
                    self.reject(row.index(), row.line(), &wrong);
                }
            }
        }
        Ok(())
    }

    /// Whether those who are brought back can become as their rows say. Reads the file again: of which rows that is to
    /// be asked is known only now.
    fn brought_back(&mut self, progress: &dyn Progress) -> Result<(), End> {
        if self.people.recycled.is_empty() {
            return Ok(());
        }
        let mut table = Table::open(self.file)?;
        let label = format!("checking who comes back in {}", name(self.file));
        let name_at = columns::position(&self.columns, Attr::USER_PRINCIPAL_NAME);
        let mut page = Vec::new();
        while let Some(line) = table.next(&label, progress)? {
            let Ok(cells) = &line.cells else { continue };
            let name = name_at.and_then(|at| cells.get(at)).unwrap_or_default();
            let Some(id) = self.people.brought_back(name) else {
                continue;
            };
            if self.people.is_bad(line.index) {
                continue;
            }
            // It was good a moment ago; should it no longer be, the file is being changed, which writing it tells.
            if let Ok(person) = Person::read(&self.columns, cells) {
                let candidate = Candidate {
                    index: line.index,
                    line: line.number,
                    person,
                    not_new: None,
                };
                page.push((candidate, id));
            }
            if page.len() == PAGE {
                self.against_recycle_bin(&std::mem::take(&mut page))?;
            }
        }
        self.against_recycle_bin(&page)?;
        Ok(())
    }

    /// As for those who are live.
    fn against_recycle_bin(&mut self, mut page: &[(Candidate, ObjectId)]) -> Result<(), Failure> {
        let (app, tenant, kind) = (self.app, self.tenant.id, EntityKind::User);
        while !page.is_empty() {
            let ids: Vec<ObjectId> = page.iter().map(|(_, id)| *id).collect();
            let (fit, stored) = app.store.read(|reader| {
                let fit = reader.fitting_of(tenant, &[kind], &ids, BYTES)?;
                let some = ids.get(..fit).unwrap_or(&ids);
                Ok::<_, StoreError>((some.len(), reader.objects(tenant, kind, some)?))
            })?;
            let stored: HashMap<ObjectId, Stored> =
                stored.into_iter().map(|it| (it.entry.id, it)).collect();
            let (some, rest) = page.split_at(fit);
            for (candidate, id) in some {
                let Some(stored) = stored.get(id) else {
                    continue;
                };
                if let Some(wrong) = self.not_updated(&candidate.person, stored) {
                    let name = Hashed::name(&candidate.person.user_principal_name);
                    self.people.recycled.remove(&name);
                    self.leave_out(candidate, &wrong);
                }
            }
            page = rest;
        }
        Ok(())
    }
}
