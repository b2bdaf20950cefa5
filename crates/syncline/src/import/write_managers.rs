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
            summary.managers_set += one_page(app, tenant, std::mem::take(&mut page))?;
        }
    }
    summary.managers_set += one_page(app, tenant, page)?;
    Ok(())
}

/// Says how many were set.
fn one_page(app: &App, tenant: &Tenant, page: Vec<(Key, Key)>) -> Result<u64, Failure> {
    if page.is_empty() {
        return Ok(0);
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
        // A manager whose own row was left out is nobody: the user stays without.
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
        Ok(differing.len() as u64)
    })
}
