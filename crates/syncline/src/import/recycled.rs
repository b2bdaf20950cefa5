//! Who is in the recycle bin under a name of the file.
//!
//! The bin keeps no names, so that they can be given to others: it is read through, once, and
//! nothing is kept but who is asked for.

use std::collections::HashMap;

use syncline_model::fold::fold;
use syncline_model::{Attr, EntityKind, ObjectId, Timestamp};
use syncline_store::{Key, KeyName, Stored, Tenant};

use super::PAGE;
use crate::app::App;
use crate::failure::Failure;

/// Folded userPrincipalName → the one who was deleted last under it.
pub type Recycled = HashMap<String, ObjectId>;

/// Users in the recycle bin under a wanted name that no live user has.
pub fn find(
    app: &App,
    tenant: &Tenant,
    wanted: impl Fn(&str) -> bool,
) -> Result<Recycled, Failure> {
    let mut newest: HashMap<String, (Option<Timestamp>, ObjectId)> = HashMap::new();
    let mut after = None;
    loop {
        let page = app
            .store
            .read(|reader| reader.recycled(tenant.id, EntityKind::User, after, PAGE))?;
        let Some(last) = page.last() else { break };
        after = Some(last.entry.id);
        for stored in page {
            let Some(name) = name(&stored).filter(|name| wanted(name)) else {
                continue;
            };
            let this = (stored.deleted_at, stored.entry.id);
            let known = newest.entry(name).or_insert(this);
            *known = (*known).max(this);
        }
    }
    without_live(app, tenant, newest)
}

fn name(stored: &Stored) -> Option<String> {
    stored.entry.text(Attr::USER_PRINCIPAL_NAME).map(fold)
}

/// A name that somebody has is his: he is updated, as ever.
fn without_live(
    app: &App,
    tenant: &Tenant,
    found: HashMap<String, (Option<Timestamp>, ObjectId)>,
) -> Result<Recycled, Failure> {
    let found: Vec<(String, ObjectId)> = found
        .into_iter()
        .map(|(name, (_, id))| (name, id))
        .collect();
    let mut recycled = Recycled::with_capacity(found.len());
    for page in found.chunks(PAGE) {
        let names: Vec<Key> = page
            .iter()
            .map(|(name, _)| Key::new(KeyName::UserPrincipalName, name))
            .collect();
        let holders = app.store.read(|reader| reader.holders(tenant.id, &names))?;
        let free = page.iter().zip(holders).filter(|(_, it)| it.is_none());
        recycled.extend(free.map(|(pair, _)| pair.clone()));
    }
    Ok(recycled)
}
