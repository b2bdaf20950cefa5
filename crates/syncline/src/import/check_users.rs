//! Checks every row of `users.csv` and writes nothing.

use std::collections::HashSet;
use std::path::Path;

use syncline_directory::{Context, users};
use syncline_model::{Attr, IdSet, ObjectId, Schema, Value};
use syncline_store::{Key, KeyName, Reader, StoreError, Stored, Tenant};

use super::check_addresses::Waiting;
use super::columns::{self, Column};
use super::moves::{Move, Together};
use super::problems::{Place, Problems, name};
use super::recycled::Recycled;
use super::refused::has_derived_alias;
use super::row::{Person, Wrong};
use super::rows::{Hashed, Rows};
use super::table::{Line, Table};
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
    /// The names in them, as far as they can be read.
    pub(super) left_out: IdSet<Hashed>,
    /// Who is in the recycle bin under a name of the file, and under no other.
    pub(super) recycled: Recycled,
    /// Mail addresses that are handed over, in this order.
    pub(super) moves: Vec<Together<Move>>,
    /// The names of those who give them up.
    pub(super) moved: IdSet<Hashed>,
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

    /// The same of a name that is a key of the store.
    pub fn comes_back(&self, name: &Key) -> Option<ObjectId> {
        self.recycled.get(&Hashed::of(name)).copied()
    }

    /// Whether this person (any case) gets another mail address before all others are written.
    pub fn has_moved(&self, name: &str) -> bool {
        !self.moved.is_empty() && self.moved.contains(&Hashed::name(name))
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
    /// Why the row is good only of somebody who is known already.
    pub not_new: Option<Wrong>,
}

/// The check of a file, so far.
pub(super) struct Check<'a> {
    pub app: &'a App,
    pub tenant: &'a Tenant,
    pub file: &'a Path,
    pub schema: &'a Schema,
    pub columns: Vec<Column<'a>>,
    pub people: People,
    /// Rows whose mail address somebody else has so far, in the order of the file.
    pub waiting: Vec<Waiting>,
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
        waiting: Vec::new(),
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
            Ok((person, not_new)) => {
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
                    not_new,
                });
            }
            Err(wrong) => {
                check.note_left_out(&line);
                check.reject(line.index, line.number, &wrong);
            }
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
    // Behind whatever else leaves out the row of somebody in the tenant, who then gives nothing up. The recycle bin does not:
    // nobody in it has an address.
    check.addresses(progress)?;
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

    /// One row by itself and against the rows before it; and why nobody new can be made of it.
    fn row(&self, line: u64, cells: &csv::StringRecord) -> Result<(Person, Option<Wrong>), Wrong> {
        let person = Person::read(&self.columns, cells)?;
        let not_new = self.as_new(&person)?;
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
        Ok((person, not_new))
    }

    /// Whether somebody new can be made of a row. Who is known has an alias, and one that can not be made of his name,
    /// as of a guest's long one, is wrong only where nobody is.
    fn as_new(&self, person: &Person) -> Result<Option<Wrong>, Wrong> {
        let check = |new| users::check(self.schema, &self.context(), new);
        let Err(problem) = check(person.new_user()) else {
            return Ok(None);
        };
        let wrong = self.refused(person, &problem);
        if !has_derived_alias(person, &problem) {
            return Err(wrong);
        }
        let mut known = person.new_user();
        known.attrs.set(Attr::MAIL_NICKNAME, Value::text("known"));
        match check(known) {
            Ok(()) => Ok(Some(wrong)),
            Err(problem) => Err(self.refused(person, &problem)),
        }
    }

    /// Names and addresses that the tenant's own objects hold, and what these would become.
    fn against_tenant(&mut self, mut page: &[Candidate]) -> Result<(), Failure> {
        while !page.is_empty() {
            let (known, held) = self.app.store.read(|reader| {
                let people = page.iter().map(|it| &it.person);
                let known = known_users::read(reader, self.tenant, &self.people, people)?;
                let held = held_by_others(reader, self.tenant, page, &known)?;
                Ok::<_, Failure>((known, held))
            })?;
            let (some, rest) = page.split_at(known.len());
            for (candidate, (known, held)) in some.iter().zip(known.iter().zip(held)) {
                let wrong = match known {
                    Some(stored) => self.not_updated(&candidate.person, stored),
                    None => candidate.not_new.clone(),
                };
                match (wrong, held) {
                    (Some(wrong), _) => self.leave_out(candidate, &wrong),
                    (None, Some(holder)) => {
                        let own = known.as_ref().map(|it| it.entry.id);
                        self.wait(candidate, holder, own);
                    }
                    (None, None) => {}
                }
            }
            page = rest;
        }
        Ok(())
    }

    /// Leaves out a row that was good by itself.
    pub(super) fn leave_out(&mut self, candidate: &Candidate, wrong: &Wrong) {
        let name = Hashed::name(&candidate.person.user_principal_name);
        self.leave_out_row(candidate.index, candidate.line, name, wrong);
    }

    /// The same of a row of which no more is known.
    pub(super) fn leave_out_row(&mut self, index: u64, line: u64, name: Hashed, wrong: &Wrong) {
        self.people.rows.remove(&name);
        self.people.left_out.insert(name);
        self.reject(index, line, wrong);
    }

    /// Notes whose row is wrong by itself: whom others have as manager. In a row of which the columns are not known it is
    /// any address.
    fn note_left_out(&mut self, line: &Line) {
        let name_at = columns::position(&self.columns, Attr::USER_PRINCIPAL_NAME);
        let name = line.cells.as_ref().ok();
        let name = name.and_then(|cells| cells.get(name_at?));
        let torn = line.torn.iter().map(String::as_str);
        let torn = torn.filter(|it| it.contains('@'));
        let names = name.into_iter().chain(torn).map(Hashed::name);
        self.people.left_out.extend(names);
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

    pub(super) fn context(&self) -> Context<'_> {
        Context {
            tenant: self.tenant,
            now: self.app.clock.now(),
            ids: self.app.ids.as_ref(),
        }
    }
}

fn too_long(file: &Path) -> Failure {
    Failure::new(format!("{} has more than {} lines", name(file), u32::MAX))
        .with_help("cut it into several files and import one after the other")
}

/// Who has each candidate's address, if that is somebody else of the tenant than who is known by his name.
fn held_by_others(
    reader: &Reader<'_>,
    tenant: &Tenant,
    page: &[Candidate],
    known: &[Option<Stored>],
) -> Result<Vec<Option<ObjectId>>, StoreError> {
    let addresses: Vec<Key> = page
        .iter()
        .take(known.len())
        .map(|it| it.person.attrs.text(Attr::MAIL).unwrap_or_default())
        .map(|mail| Key::new(KeyName::ProxyAddress, mail))
        .collect();
    let holders = reader.holders(tenant.id, &addresses)?;
    Ok(page
        .iter()
        .zip(known.iter().zip(holders))
        .map(|(candidate, (known, holder))| {
            let own = known.as_ref().map(|it| it.entry.id);
            let holder = holder.map(|(_, id)| id).filter(|id| Some(*id) != own);
            holder.filter(|_| candidate.person.attrs.contains(Attr::MAIL))
        })
        .collect())
}
