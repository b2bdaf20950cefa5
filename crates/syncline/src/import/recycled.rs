//! Who is in the recycle bin under a name of the file.
//!
//! The bin keeps no names, so that they can be given to others: it is read through, once, and
//! nothing is kept but who is asked for. [`known_groups`](super::known_groups) does so for groups.

use syncline_model::{Attr, EntityKind, IdMap, ObjectId, Problem, Timestamp};
use syncline_store::{Key, KeyName, Reader, Stored, Tenant};

use super::rows::Hashed;
use super::{BYTES, PAGE};
use crate::app::App;
use crate::failure::Failure;

/// By userPrincipalName, the one who was deleted last under it.
pub type Recycled = IdMap<Hashed, ObjectId>;

/// Users in the recycle bin under a wanted name that no live user has.
pub fn find(
    app: &App,
    tenant: &Tenant,
    wanted: impl Fn(&Hashed) -> bool,
) -> Result<Recycled, Failure> {
    let mut newest: IdMap<Hashed, (Option<Timestamp>, ObjectId)> = IdMap::default();
    let mut after = None;
    loop {
        let (page, last) = app.store.read(|reader| {
            let kind = EntityKind::User;
            let limit = reader.recycled_fitting(tenant.id, kind, after, PAGE, BYTES)?;
            let mut page = reader.recycled(tenant.id, kind, after, limit)?;
            let last = page.last().map(|it| it.entry.id);
            page.retain(|it| name(it).is_some_and(|it| wanted(&Hashed::name(it))));
            Ok::<_, Problem>((without_live(reader, tenant, page)?, last))
        })?;
        for (name, stored) in page {
            let this = (stored.deleted_at, stored.entry.id);
            let known = newest.entry(name).or_insert(this);
            *known = (*known).max(this);
        }
        if last.is_none() {
            break;
        }
        after = last;
    }
    Ok(newest
        .into_iter()
        .map(|(name, (_, id))| (name, id))
        .collect())
}

fn name(stored: &Stored) -> Option<&str> {
    stored.entry.text(Attr::USER_PRINCIPAL_NAME)
}

/// A name that somebody has is his: he is updated, as ever.
fn without_live(
    reader: &Reader<'_>,
    tenant: &Tenant,
    page: Vec<Stored>,
) -> Result<Vec<(Hashed, Stored)>, Problem> {
    let names: Vec<Key> = page
        .iter()
        .map(|it| Key::new(KeyName::UserPrincipalName, name(it).unwrap_or_default()))
        .collect();
    let holders = reader.holders(tenant.id, &names)?;
    Ok(page
        .into_iter()
        .zip(names.iter().zip(holders))
        .filter(|(_, (_, holder))| holder.is_none())
        .map(|(stored, (name, _))| (Hashed::of(name), stored))
        .collect())
}
