//! Checks every row of `users.csv` and writes nothing.

use std::collections::HashSet;
use std::path::Path;

use syncline_directory::{Context, users};
use syncline_model::{Attr, IdMap, ObjectId, Schema};
use syncline_store::{Key, KeyName, Reader, StoreError, Stored, Tenant};

use super::columns::{self, Column};
use super::problems::{Place, Problems, name};
use super::recycled::Recycled;
use super::row::{Person, Wrong};
use super::rows::{Hashed, Rows};
use super::table::Table;
use super::{End, PAGE, known_users, value};
use crate::app::App;
use crate::commands::import::InRecycleBin;
use crate::failure::Failure;
use crate::progress::Progress;

/// What later steps need to know of the checked file.
#[derive(Debug, Default)]
pub struct People {
    pub(super) rows: Rows,
    /// Rows that are left out, by their place.
    bad: HashSet<u64>,
    /// Who is in the recycle bin under a name of the file, and under no other.
    pub(super) recycled: Recycled,
}

impl People {
    pub fn is_bad(&self, index: u64) -> bool {
        self.bad.contains(&index)
    }

    /// How many rows are not left out.
    pub fn count(&self) -> usize {
        self.rows.count()
    }

    /// Whether a good row has this name (any case).
    pub fn has(&self, name: &str) -> bool {
        self.rows.with_name(&Hashed::name(name)).is_some()
    }

    /// Whether a row that is not left out has this mail address (any case).
    pub fn has_address(&self, address: &str) -> bool {
        let row = self.rows.with_address(address);
        row.is_some_and(|at| !self.is_bad(at.index()))
    }

    /// Whoever is in the recycle bin under this name (any case) and is brought back.
    pub fn brought_back(&self, name: &str) -> Option<ObjectId> {
        self.recycled.get(&Hashed::name(name)).copied()
    }

    /// Everybody who is brought back, in the order of ids.
    pub fn all_brought_back(&self) -> Vec<ObjectId> {
        let mut all: Vec<ObjectId> = self.recycled.values().copied().collect();
        all.sort_unstable();
        all
    }
}

/// A row that is good by itself and still to be compared with the tenant.
pub(super) struct Candidate {
    pub index: u64,
    pub line: u64,
    pub person: Person,
}

/// The check of a file, so far.
pub(super) struct Check<'a> {
    pub app: &'a App,
    pub tenant: &'a Tenant,
    pub file: &'a Path,
    pub schema: &'a Schema,
    pub columns: Vec<Column<'a>>,
    pub people: People,
    pub problems: &'a mut Problems,
}

/// Checks the file: the header, each row, names and addresses against the other rows and the
/// tenant, that every manager is somebody, and that it is clear what to do with names of the
/// recycle bin.
pub(super) fn check(
    app: &App,
    tenant: &Tenant,
    file: &Path,
    in_recycle_bin: InRecycleBin,
    problems: &mut Problems,
    progress: &dyn Progress,
) -> Result<People, End> {
    let mut table = Table::open(file)?;
    let schema = app.store.read(|reader| reader.schema(tenant.id))?;
    let columns = columns::bind(&schema, file, &table.header)?;
    let mut check = Check {
        app,
        tenant,
        file,
        schema: &schema,
        columns,
        people: People::default(),
        problems,
    };
    let label = format!("checking {}", name(file));
    let mut page = Vec::with_capacity(PAGE);
    while let Some(line) = table.next(&label, progress)? {
        let checked = match &line.cells {
            Ok(cells) => check.row(line.number, cells),
            Err(message) => Err(Wrong {
                column: 0,
                message: message.clone(),
            }),
        };
        match checked {
            Ok(person) => {
                let rows = &mut check.people.rows;
                if !rows.insert(
                    line.index,
                    line.number,
                    &person.user_principal_name,
                    person.attrs.text(Attr::MAIL),
                ) {
                    return Err(too_long(file).into());
                }
                page.push(Candidate {
                    index: line.index,
                    line: line.number,
                    person,
                });
            }
            Err(wrong) => check.reject(line.index, line.number, &wrong),
        }
        if page.len() == PAGE {
            check.against_tenant(&std::mem::take(&mut page))?;
        }
    }
    if let Some(warning) = table.without_rows() {
        check.problems.warn(warning);
    }
    check.against_tenant(&page)?;
    if columns::manager(&check.columns).is_some() {
        check.managers(progress)?;
    }
    check.recycle_bin(in_recycle_bin, progress)?;
    Ok(check.people)
}

impl Check<'_> {
    pub(super) fn reject(&mut self, index: u64, line: u64, wrong: &Wrong) {
        self.people.bad.insert(index);
        self.problems.add(
            self.file,
            &Place {
                line,
                column: wrong.column + 1,
            },
            &wrong.message,
        );
    }

    /// One row by itself and against the rows before it.
    fn row(&self, line: u64, cells: &csv::StringRecord) -> Result<Person, Wrong> {
        let person = Person::read(&self.columns, cells)?;
        users::check(self.schema, &self.context(), person.new_user())
            .map_err(|problem| self.refused(&person, &problem))?;
        let same = Hashed::name(&person.user_principal_name);
        if let Some(before) = self.people.rows.with_name(&same) {
            return Err(self.wrong(
                Attr::USER_PRINCIPAL_NAME,
                format!(
                    "`{}` is on line {} already",
                    value::shorten(&person.user_principal_name),
                    before.line()
                ),
            ));
        }
        if let Some(mail) = person.attrs.text(Attr::MAIL)
            && let Some(before) = self
                .people
                .rows
                .with_address(mail)
                .map(|at| at.line())
                .filter(|before| *before != line)
        {
            return Err(self.wrong(
                Attr::MAIL,
                format!("`{}` is on line {before} already", value::shorten(mail)),
            ));
        }
        Ok(person)
    }

    /// Names and addresses that the tenant's own objects hold, and what these would become.
    fn against_tenant(&mut self, page: &[Candidate]) -> Result<(), Failure> {
        let (known, taken) = self.app.store.read(|reader| {
            let people = page.iter().map(|it| &it.person);
            let known = known_users::read(reader, self.tenant, people)?;
            let taken = taken(reader, self.tenant, page, &known)?;
            Ok::<_, Failure>((known, taken))
        })?;
        for (candidate, (known, taken)) in page.iter().zip(known.iter().zip(taken)) {
            let wrong = match (taken, known) {
                (true, _) => Some(self.taken(&candidate.person)),
                (false, Some(stored)) => self.not_updated(&candidate.person, stored),
                (false, None) => None,
            };
            if let Some(wrong) = wrong {
                self.leave_out(candidate, &wrong);
            }
        }
        Ok(())
    }

    /// Leaves out a row that was good by itself.
    pub(super) fn leave_out(&mut self, candidate: &Candidate, wrong: &Wrong) {
        let name = Hashed::name(&candidate.person.user_principal_name);
        self.people.rows.remove(&name);
        self.reject(candidate.index, candidate.line, wrong);
    }

    fn taken(&self, person: &Person) -> Wrong {
        let mail = person.attrs.text(Attr::MAIL).unwrap_or_default();
        self.wrong(
            Attr::MAIL,
            format!(
                "`{}` is the address of another user or group of the tenant",
                value::shorten(mail)
            ),
        )
    }

    /// Why somebody cannot become as a row says: what is good by itself may be too much beside what he has already.
    pub(super) fn not_updated(&self, person: &Person, stored: &Stored) -> Option<Wrong> {
        let changes = known_users::changes(person, stored);
        if changes.is_empty() {
            return None;
        }
        let problem = users::check_update(self.schema, &self.context(), stored, &changes).err()?;
        Some(self.refused(person, &problem))
    }

    fn context(&self) -> Context<'_> {
        Context {
            tenant: self.tenant,
            now: self.app.clock.now(),
            ids: self.app.ids.as_ref(),
        }
    }

    /// Reads the file again, now that all names are known.
    fn managers(&mut self, progress: &dyn Progress) -> Result<(), End> {
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
            if self.people.rows.with_name(&text).is_some() {
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

fn too_long(file: &Path) -> Failure {
    Failure::new(format!("{} has more than {} lines", name(file), u32::MAX))
        .with_help("cut it into several files and import one after the other")
}

/// Whether each candidate's address belongs to somebody else in the tenant than who is known by his name.
fn taken(
    reader: &Reader<'_>,
    tenant: &Tenant,
    page: &[Candidate],
    known: &[Option<Stored>],
) -> Result<Vec<bool>, StoreError> {
    let addresses: Vec<Key> = page
        .iter()
        .map(|it| it.person.attrs.text(Attr::MAIL).unwrap_or_default())
        .map(|mail| Key::new(KeyName::ProxyAddress, mail))
        .collect();
    let holders = reader.holders(tenant.id, &addresses)?;
    Ok(page
        .iter()
        .zip(known.iter().zip(holders))
        .map(|(candidate, (known, holder))| {
            let holder = holder.map(|(_, id)| id);
            let own = known.as_ref().map(|it| it.entry.id);
            candidate.person.attrs.contains(Attr::MAIL) && holder.is_some() && holder != own
        })
        .collect())
}
