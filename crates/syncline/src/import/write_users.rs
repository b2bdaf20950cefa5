//! Writes the people: new ones are created, known ones updated where they differ.

use std::path::Path;

use syncline_directory::deleted_items::{self, Restoration};
use syncline_directory::{Context, users};
use syncline_model::{Attr, ObjectId};
use syncline_store::{Stored, Tenant, Tx};

use super::check_users::People;
use super::problems::name;
use super::row::Person;
use super::table::Table;
use super::{End, PAGE, RESTORED_AT_ONCE, Summary, columns, known_users};
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

/// Reads the checked file again and writes it page by page.
pub(super) fn write(
    app: &App,
    tenant: &Tenant,
    file: &Path,
    people: &People,
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<(), End> {
    let mut table = Table::open(file)?;
    let schema = app.store.read(|reader| reader.schema(tenant.id))?;
    let columns = columns::bind(&schema, file, &table.header)?;
    let label = format!("importing {}", name(file));
    let import = Importing {
        app,
        tenant,
        people,
    };
    let (mut bereft, mut restored) = (0, 0);
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
            bereft += import.page(&std::mem::take(&mut page))?.told(summary);
        }
    }
    bereft += import.page(&page)?.told(summary);
    if bereft > 0 {
        summary.warnings.push(format!(
            "{bereft} of the restored users came back without mail addresses that others have by now, or in the file"
        ));
    }
    Ok(())
}

/// What was done with people.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    created: u64,
    restored: u64,
    updated: u64,
    unchanged: u64,
    /// Restored without an address that somebody else has, or another row.
    bereft: u64,
}

impl Counts {
    /// Adds what a page did, at once: whoever interrupts the import is told how far it came. Says how many are bereft.
    fn told(self, summary: &mut Summary) -> u64 {
        summary.created += self.created;
        summary.restored += self.restored;
        summary.updated += self.updated;
        summary.unchanged += self.unchanged;
        self.bereft
    }
}

struct Importing<'a> {
    app: &'a App,
    tenant: &'a Tenant,
    people: &'a People,
}

impl Importing<'_> {
    /// Writes one page in one transaction.
    fn page(&self, page: &[Person]) -> Result<Counts, Failure> {
        if page.is_empty() {
            return Ok(Counts::default());
        }
        self.app.store.write(|tx| {
            let context = Context {
                tenant: self.tenant,
                now: self.app.clock.now(),
                ids: self.app.ids.as_ref(),
            };
            let known = known_users::read(tx, self.tenant, page)?;
            let mut counts = Counts::default();
            let mut new = Vec::new();
            for (person, known) in page.iter().zip(known) {
                let recycled = || self.people.brought_back(&person.user_principal_name);
                match known {
                    Some(stored) => match update(tx, &context, person, &stored)? {
                        true => counts.updated += 1,
                        false => counts.unchanged += 1,
                    },
                    None => match recycled() {
                        Some(id) => {
                            counts.restored += 1;
                            let bereft = self.restore(tx, &context, person, id)?;
                            counts.bereft += u64::from(bereft);
                        }
                        None => new.push(person),
                    },
                }
            }
            counts.created = new.len() as u64;
            let drafts = new.iter().map(|person| person.new_user()).collect();
            let results = users::create_many(tx, &context, drafts)?;
            for (person, result) in new.iter().zip(results) {
                result.map_err(|problem| refused(person, &problem))?;
            }
            Ok::<_, Failure>(counts)
        })
    }

    /// Brings somebody back and lets him be as his row says; whether he lost an address to others.
    fn restore(
        &self,
        tx: &mut Tx<'_>,
        context: &Context<'_>,
        person: &Person,
        id: ObjectId,
    ) -> Result<bool, Failure> {
        let addresses = |stored: &Stored| {
            let proxies = stored.entry.get(Attr::PROXY_ADDRESSES);
            proxies.map_or(0, |it| it.as_slice().len())
        };
        let before = tx.object(context.tenant.id, id)?;
        let how = Restoration {
            without_taken_addresses: true,
            ..Restoration::default()
        };
        let mut restored = deleted_items::restore(tx, context, id, how)
            .map_err(|problem| refused(person, &problem))?;
        // The address that his own row does not speak of may be another row's, which he must not stop.
        let mail = restored.entry.text(Attr::MAIL);
        if !person.attrs.contains(Attr::MAIL) && mail.is_some_and(|it| self.people.has_address(it))
        {
            restored = users::update(tx, context, id, &[(Attr::MAIL, None)])
                .map_err(|problem| refused(person, &problem))?;
        }
        update(tx, context, person, &restored)?;
        Ok(before.is_some_and(|it| addresses(&restored) < addresses(&it)))
    }
}

/// Whether there was anything to change.
fn update(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    person: &Person,
    stored: &Stored,
) -> Result<bool, Failure> {
    let changes = known_users::changes(person, stored);
    if changes.is_empty() {
        return Ok(false);
    }
    let after = users::update(tx, context, stored.entry.id, &changes)
        .map_err(|problem| refused(person, &problem))?;
    // No value of an extension is one that is not there.
    Ok(after.entry.attrs != stored.entry.attrs)
}

fn refused(person: &Person, problem: &syncline_model::Problem) -> Failure {
    Failure::new(format!(
        "`{}` could not be imported: {}",
        person.user_principal_name, problem.message
    ))
    .with_help(
        "the pages before it are imported, and this row was good when the file was checked: something changed in the tenant since. Run the import again: it checks every row anew and goes on with the rest",
    )
}

fn changed_meanwhile(file: &Path, line: u64, message: &str) -> Failure {
    Failure::new(format!("{}:{line}: {message}", name(file)))
        .with_help("the file changed while it was read; run the import again")
}
