//! Writes the people: new ones are created, known ones updated where they differ.

use std::path::Path;

use syncline_directory::deleted_items::{self, Restoration};
use syncline_directory::{Context, users};
use syncline_model::{Attr, ObjectId, Schema, Value};
use syncline_store::{Key, ObjectState, Reader, Stored, Tx};

use super::check_users::People;
use super::left_behind::{Addresses, given_up};
use super::pages::Pages;
use super::problems::{name, not_written};
use super::row::Person;
use super::table::Table;
use super::{End, PAGE, RESTORED_AT_ONCE, Summary, columns, known_users};
use crate::failure::Failure;
use crate::progress::Progress;

/// Reads the checked file again and writes it page by page.
pub(super) fn write(
    pages: &Pages<'_>,
    file: &Path,
    people: &People,
    addresses_so_far: &mut Addresses,
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<(), End> {
    let mut table = Table::open(file)?;
    let schema = pages
        .app
        .store
        .read(|reader| reader.schema(pages.tenant.id))?;
    let columns = columns::bind(&schema, file, &table.header)?;
    let label = pages.label(file);
    let mut import = Importing {
        pages,
        people,
        schema: &schema,
        addresses_so_far,
        bereft: 0,
    };
    let mut restored = 0;
    let mut page: Vec<Person> = Vec::with_capacity(PAGE);
    while let Some(line) = table.next(&label, progress)? {
        let Ok(cells) = &line.cells else { continue };
        if people.is_bad(line.index) {
            continue;
        }
        // Checked before; a file that changes while it is read is not worth a better message.
        let person = Person::read(&columns, cells)
            .map_err(|wrong| changed_meanwhile(file, line.number, &wrong.message))?;
        let comes_back = people.brought_back(&person.user_principal_name).is_some();
        restored += usize::from(comes_back);
        page.push(person);
        if page.len() == PAGE || restored == RESTORED_AT_ONCE {
            restored = 0;
            import.rows(&std::mem::take(&mut page), summary)?;
        }
    }
    import.rows(&page, summary)?;
    let bereft = import.bereft;
    if bereft > 0 {
        let come = match bereft {
            1 => "comes",
            _ => "come",
        };
        summary.warnings.push(format!(
            "{bereft} of the restored users {come} back without mail addresses that others have by then, or in the file"
        ));
    }
    Ok(())
}

/// What is to be done with people.
#[derive(Debug, Default)]
struct Decided<'p> {
    new: Vec<&'p Person>,
    differing: Vec<Differing<'p>>,
    back: Vec<Back<'p>>,
    /// Those among them whose mail address was handed over already, and who have all else that their rows say.
    only_moved: u64,
    unchanged: u64,
}

/// Somebody who is not as his row says.
#[derive(Debug)]
struct Differing<'p> {
    person: &'p Person,
    id: ObjectId,
    changes: Vec<(Attr, Option<Value>)>,
}

/// Somebody who is brought back from the recycle bin.
#[derive(Debug)]
struct Back<'p> {
    person: &'p Person,
    id: ObjectId,
    /// Others have them, or another row.
    without_addresses: Vec<Key>,
}

impl Decided<'_> {
    fn updated(&self) -> u64 {
        self.differing.len() as u64 + self.only_moved
    }

    /// Of how many rows.
    fn rows(&self) -> usize {
        let same = (self.unchanged + self.only_moved) as usize;
        self.new.len() + self.differing.len() + self.back.len() + same
    }

    /// Adds what a page did, at once: whoever interrupts the import is told how far it came.
    fn told(&self, summary: &mut Summary) {
        summary.created += self.new.len() as u64;
        summary.restored += self.back.len() as u64;
        summary.updated += self.updated();
        summary.unchanged += self.unchanged;
    }
}

struct Importing<'a> {
    pages: &'a Pages<'a>,
    people: &'a People,
    schema: &'a Schema,
    addresses_so_far: &'a mut Addresses,
    /// So many came back without an address that somebody else has, or another row.
    bereft: usize,
}

impl Importing<'_> {
    /// Writes rows, in as many transactions as it takes to read whom they name.
    fn rows(&mut self, mut rows: &[Person], summary: &mut Summary) -> Result<(), Failure> {
        while !rows.is_empty() {
            let pages = self.pages;
            let decided = pages.page(|reader| self.decide(reader, rows), carry_out)?;
            decided.told(summary);
            let bereft = decided.back.iter();
            self.bereft += bereft.filter(|it| !it.without_addresses.is_empty()).count();
            rows = rows.get(decided.rows()..).unwrap_or_default();
        }
        Ok(())
    }

    fn decide<'p>(
        &mut self,
        reader: &Reader<'_>,
        rows: &'p [Person],
    ) -> Result<Decided<'p>, Failure> {
        let tenant = self.pages.tenant;
        let known = known_users::read(reader, tenant, self.people, rows)?;
        let mut decided = Decided::default();
        let mut recycled = Vec::new();
        for (person, known) in rows.iter().zip(known) {
            match known {
                None => decided.new.push(person),
                Some(stored) if stored.state == ObjectState::Live => {
                    let has_moved = self.people.has_moved(&person.user_principal_name);
                    match self.differing(person, stored)? {
                        Some(differing) => decided.differing.push(differing),
                        None if has_moved => decided.only_moved += 1,
                        None => decided.unchanged += 1,
                    }
                }
                Some(stored) => recycled.push((person, stored)),
            }
        }
        // Behind all who may give up an address: they are written first.
        for (person, stored) in recycled {
            let mail = person.attrs.text(Attr::MAIL);
            let without_addresses =
                self.addresses_so_far
                    .without(reader, tenant, self.people, &stored, mail)?;
            decided.back.push(Back {
                person,
                id: stored.entry.id,
                without_addresses,
            });
        }
        Ok(decided)
    }

    fn differing<'p>(
        &mut self,
        person: &'p Person,
        stored: Stored,
    ) -> Result<Option<Differing<'p>>, Failure> {
        let changes = known_users::changes(person, &stored);
        if changes.is_empty() {
            return Ok(None);
        }
        let attrs = users::check_update(self.schema, &self.pages.context(), &stored, &changes)
            .map_err(|problem| refused(person, &problem))?;
        // No value of an extension is one that is not there.
        if attrs == stored.entry.attrs {
            return Ok(None);
        }
        self.addresses_so_far.give_up(given_up(&stored, attrs));
        Ok(Some(Differing {
            person,
            id: stored.entry.id,
            changes,
        }))
    }
}

fn carry_out(tx: &mut Tx<'_>, context: &Context<'_>, decided: &Decided<'_>) -> Result<(), Failure> {
    for Differing {
        person,
        id,
        changes,
    } in &decided.differing
    {
        users::update(tx, context, *id, changes).map_err(|problem| refused(person, &problem))?;
    }
    for back in &decided.back {
        restore(tx, context, back)?;
    }
    let drafts = decided.new.iter().map(|person| person.new_user()).collect();
    let results = users::create_many(tx, context, drafts)?;
    for (person, result) in decided.new.iter().zip(results) {
        result.map_err(|problem| refused(person, &problem))?;
    }
    Ok(())
}

/// Brings somebody back and lets him be as his row says.
fn restore(tx: &mut Tx<'_>, context: &Context<'_>, back: &Back<'_>) -> Result<(), Failure> {
    let Back { person, id, .. } = back;
    let how = Restoration {
        without_taken_addresses: true,
        without_addresses: &back.without_addresses,
        ..Restoration::default()
    };
    let restored = deleted_items::restore(tx, context, *id, how)
        .map_err(|problem| refused(person, &problem))?;
    let changes = known_users::changes(person, &restored);
    if !changes.is_empty() {
        users::update(tx, context, *id, &changes).map_err(|problem| refused(person, &problem))?;
    }
    Ok(())
}

fn refused(person: &Person, problem: &syncline_model::Problem) -> Failure {
    not_written(&person.user_principal_name, problem)
}

fn changed_meanwhile(file: &Path, line: u64, message: &str) -> Failure {
    Failure::new(format!("{}:{line}: {message}", name(file)))
        .with_help("the file changed while it was read; run the import again")
}
