//! Sets the managers, once everybody is there.

use std::path::Path;

use syncline_directory::users;
use syncline_model::{Attr, ObjectId};
use syncline_store::{EdgeKind, Key, KeyName, Reader};

use super::check_users::People;
use super::pages::Pages;
use super::problems::name;
use super::table::Table;
use super::{End, PAGE, Summary, columns};
use crate::failure::Failure;
use crate::progress::Progress;

/// Reads the checked file again and sets the managers that differ.
pub(super) fn write(
    pages: &Pages<'_>,
    file: &Path,
    people: &People,
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<(), End> {
    let mut table = Table::open(file)?;
    let schema = pages
        .app
        .store
        .read(|reader| reader.schema(pages.tenant.id))?;
    let columns = columns::bind(&schema, file, &table.header)?;
    let (Some(manager_at), Some(user_at)) = (
        columns::manager(&columns),
        columns::position(&columns, Attr::USER_PRINCIPAL_NAME),
    ) else {
        return Ok(());
    };
    let label = match pages.dry_run {
        true => format!("comparing managers of {}", name(file)),
        false => format!("setting managers of {}", name(file)),
    };
    let mut without = 0;
    let mut page: Vec<(Key, Key)> = Vec::with_capacity(PAGE);
    while let Some(line) = table.next(&label, progress)? {
        let Ok(cells) = &line.cells else { continue };
        let (user, manager) = (
            cells.get(user_at).unwrap_or_default(),
            cells.get(manager_at).unwrap_or_default(),
        );
        if manager.is_empty() || people.is_bad(line.index) {
            continue;
        }
        page.push((
            Key::new(KeyName::UserPrincipalName, user),
            Key::new(KeyName::UserPrincipalName, manager),
        ));
        if page.len() == PAGE {
            without += one_page(pages, people, std::mem::take(&mut page))?.told(summary);
        }
    }
    without += one_page(pages, people, page)?.told(summary);
    let who = match without {
        0 => return Ok(()),
        1 => "1 person is imported without the manager".to_owned(),
        _ => format!("{without} people are imported without their manager"),
    };
    summary
        .warnings
        .push(format!("{who}, whose own row is left out"));
    Ok(())
}

/// What is to be done with managers.
#[derive(Debug, Default)]
struct Decided {
    /// Users, and whom each gets.
    differing: Vec<(ObjectId, ObjectId)>,
    /// Nobody has the name: the row of the one who has it in the file is left out.
    without: u64,
}

impl Decided {
    /// Adds what a page did, at once, as of people. Says how many are without.
    fn told(self, summary: &mut Summary) -> u64 {
        summary.managers_set += self.differing.len() as u64;
        self.without
    }
}

fn one_page(pages: &Pages<'_>, people: &People, page: Vec<(Key, Key)>) -> Result<Decided, Failure> {
    if page.is_empty() {
        return Ok(Decided::default());
    }
    let (names, managers): (Vec<Key>, Vec<Key>) = page.into_iter().unzip();
    pages.page(
        |reader| decide(pages, reader, people, (&names, &managers)),
        |tx, context, decided| Ok(users::set_managers(tx, context, &decided.differing)?),
    )
}

fn decide(
    pages: &Pages<'_>,
    reader: &Reader<'_>,
    people: &People,
    (names, managers): (&[Key], &[Key]),
) -> Result<Decided, Failure> {
    let names = pages.users(reader, people, names)?;
    let managers = pages.users(reader, people, managers)?;
    let without = managers.iter().filter(|it| it.is_none()).count() as u64;
    let pairs: Vec<(ObjectId, ObjectId)> = names
        .into_iter()
        .zip(managers)
        .filter_map(|(user, manager)| Some((user?, manager?)))
        // Nobody is his own manager: warned of when the rows were checked.
        .filter(|(user, manager)| user != manager)
        .collect();
    let users: Vec<ObjectId> = pairs.iter().map(|(user, _)| *user).collect();
    let current = reader.single_edges(pages.tenant.id, EdgeKind::Manager, &users)?;
    let differing = pairs
        .into_iter()
        .zip(current)
        .filter(|((_, to), now)| *now != Some(*to))
        .map(|(pair, _)| pair)
        .collect();
    Ok(Decided { differing, without })
}
