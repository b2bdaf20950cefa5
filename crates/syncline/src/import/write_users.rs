//! Writes the people: new ones are created, known ones updated where they differ.

use std::collections::HashMap;
use std::path::Path;

use syncline_directory::{Context, users};
use syncline_model::{Attr, EntityKind, ObjectId, Value};
use syncline_store::{Key, KeyName, Stored, Tenant, Tx};

use super::check_users::People;
use super::problems::name;
use super::row::Person;
use super::table::Table;
use super::{PAGE, Summary, columns};
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

/// Reads the checked file again and writes it page by page.
pub fn write(
    app: &App,
    tenant: &Tenant,
    file: &Path,
    people: &People,
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<(), Failure> {
    let mut table = Table::open(file)?;
    let schema = app.store.read(|reader| reader.schema(tenant.id))?;
    let columns = columns::bind(&schema, file, &table.header)?;
    let label = format!("importing {}", name(file));
    let mut page: Vec<Person> = Vec::with_capacity(PAGE);
    while let Some(line) = table.next(&label, progress)? {
        let Ok(cells) = &line.cells else { continue };
        if people.is_bad(line.index) {
            continue;
        }
        // Checked before; a file that changes while it is read is not worth a better message.
        page.push(
            Person::read(&columns, cells)
                .map_err(|wrong| changed_meanwhile(file, line.number, &wrong.message))?,
        );
        if page.len() == PAGE {
            one_page(app, tenant, &std::mem::take(&mut page), summary)?;
        }
    }
    one_page(app, tenant, &page, summary)
}

fn one_page(
    app: &App,
    tenant: &Tenant,
    page: &[Person],
    summary: &mut Summary,
) -> Result<(), Failure> {
    if page.is_empty() {
        return Ok(());
    }
    let (created, updated) = app.store.write(|tx| {
        let context = Context {
            tenant,
            now: app.clock.now(),
            ids: app.ids.as_ref(),
        };
        let known = known(tx, tenant, page)?;
        let mut new = Vec::new();
        let mut updated = 0;
        for (person, known) in page.iter().zip(known) {
            match known {
                Some(stored) => {
                    let changes = changes(person, &stored);
                    if !changes.is_empty() {
                        users::update(tx, &context, stored.entry.id, &changes)
                            .map_err(|problem| refused(person, &problem))?;
                        updated += 1;
                    }
                }
                None => new.push(person),
            }
        }
        let created = new.len() as u64;
        let results = users::create_many(
            tx,
            &context,
            new.iter().map(|person| person.new_user()).collect(),
        )?;
        for (person, result) in new.iter().zip(results) {
            result.map_err(|problem| refused(person, &problem))?;
        }
        Ok::<_, Failure>((created, updated))
    })?;
    summary.created += created;
    summary.updated += updated;
    summary.unchanged += page.len() as u64 - created - updated;
    Ok(())
}

/// The users that have these names already.
fn known(tx: &Tx<'_>, tenant: &Tenant, page: &[Person]) -> Result<Vec<Option<Stored>>, Failure> {
    let keys: Vec<Key> = page
        .iter()
        .map(|person| Key::new(KeyName::UserPrincipalName, &person.user_principal_name))
        .collect();
    let holders = tx.holders(tenant.id, &keys)?;
    let ids: Vec<ObjectId> = holders.iter().flatten().map(|(_, id)| *id).collect();
    let mut stored: HashMap<ObjectId, Stored> = tx
        .objects(tenant.id, EntityKind::User, &ids)?
        .into_iter()
        .map(|it| (it.entry.id, it))
        .collect();
    Ok(holders
        .into_iter()
        .map(|holder| holder.and_then(|(_, id)| stored.remove(&id)))
        .collect())
}

/// What the row says differently. The name is how the user was found; its case stays.
fn changes(person: &Person, stored: &Stored) -> Vec<(Attr, Option<Value>)> {
    person
        .attrs
        .iter()
        .filter(|(attr, value)| {
            *attr != Attr::USER_PRINCIPAL_NAME && stored.entry.get(*attr) != Some(*value)
        })
        .map(|(attr, value)| (attr, Some(value.clone())))
        .collect()
}

fn refused(person: &Person, problem: &syncline_model::Problem) -> Failure {
    Failure::new(format!(
        "`{}` could not be imported: {}",
        person.user_principal_name, problem.message
    ))
    .with_help(
        "the pages before it are imported; run the import again, it goes on where it stopped",
    )
}

fn changed_meanwhile(file: &Path, line: u64, message: &str) -> Failure {
    Failure::new(format!("{}:{line}: {message}", name(file)))
        .with_help("the file changed while it was read; run the import again")
}
