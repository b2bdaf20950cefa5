//! Sets the managers, once everybody is there.

use std::path::Path;

use syncline_directory::{Context, users};
use syncline_model::{Attr, ObjectId};
use syncline_store::{EdgeKind, Key, KeyName, Tenant};

use super::check_users::People;
use super::problems::name;
use super::table::Table;
use super::{End, PAGE, Summary, columns};
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

/// Reads the checked file again and sets the managers that differ.
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
    let (Some(manager_at), Some(user_at)) = (
        columns::manager(&columns),
        columns::position(&columns, Attr::USER_PRINCIPAL_NAME),
    ) else {
        return Ok(());
    };
    let label = format!("setting managers of {}", name(file));
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
            without += one_page(app, tenant, std::mem::take(&mut page))?.told(summary);
        }
    }
    without += one_page(app, tenant, page)?.told(summary);
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

/// What became of managers.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    set: u64,
    /// Nobody has the name: the row of the one who has it in the file is left out.
    without: u64,
}

impl Counts {
    /// Adds what a page did, at once, as of people. Says how many are without.
    fn told(self, summary: &mut Summary) -> u64 {
        summary.managers_set += self.set;
        self.without
    }
}

fn one_page(app: &App, tenant: &Tenant, page: Vec<(Key, Key)>) -> Result<Counts, Failure> {
    if page.is_empty() {
        return Ok(Counts::default());
    }
    let (names, managers): (Vec<Key>, Vec<Key>) = page.into_iter().unzip();
    app.store.write(|tx| {
        let context = Context {
            tenant,
            now: app.clock.now(),
            ids: app.ids.as_ref(),
        };
        let names = tx.holders(tenant.id, &names)?;
        let managers = tx.holders(tenant.id, &managers)?;
        let without = managers.iter().filter(|it| it.is_none()).count() as u64;
        let pairs: Vec<(ObjectId, ObjectId)> = names
            .into_iter()
            .zip(managers)
            .filter_map(|(user, manager)| Some((user?.1, manager?.1)))
            // Nobody is his own manager: warned of when the rows were checked.
            .filter(|(user, manager)| user != manager)
            .collect();
        let users: Vec<ObjectId> = pairs.iter().map(|(user, _)| *user).collect();
        let current = tx.single_edges(tenant.id, EdgeKind::Manager, &users)?;
        let differing: Vec<(ObjectId, ObjectId)> = pairs
            .into_iter()
            .zip(current)
            .filter(|((_, to), now)| *now != Some(*to))
            .map(|(pair, _)| pair)
            .collect();
        users::set_managers(tx, &context, &differing)?;
        Ok(Counts {
            set: differing.len() as u64,
            without,
        })
    })
}
