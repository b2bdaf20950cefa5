//! Brings groups back and makes the others.

use std::collections::HashMap;

use syncline_directory::Context;
use syncline_directory::deleted_items::{self, Restoration};
use syncline_directory::groups::{self, NewGroup};
use syncline_model::{Attr, Attrs, EntityKind, ObjectId};
use syncline_store::{Key, KeyName, Reader, Tx};

use super::check_groups::Groups;
use super::check_users::People;
use super::left_behind::Addresses;
use super::pages::{Pages, stand_in};
use super::{BYTES, End, PAGE, RESTORED_AT_ONCE, Summary};
use crate::failure::Failure;
use crate::progress::Progress;

/// Brings back the groups that are in the recycle bin and makes those that are new. All groups of the file by their
/// folded names.
pub(super) fn write(
    pages: &Pages<'_>,
    (people, groups): (&People, &Groups),
    addresses_so_far: &mut Addresses,
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<HashMap<String, ObjectId>, End> {
    restore(pages, (people, groups), addresses_so_far, summary, progress)?;
    let existing = groups.existing.iter();
    let mut ids: HashMap<String, ObjectId> = existing
        .map(|(folded, group)| (folded.clone(), group.id))
        .collect();
    for page in groups.new.chunks(PAGE) {
        if progress.gone() {
            return Err(End::Interrupted);
        }
        let created = pages.carry_out(|tx, context| create(tx, context, page))?;
        // Groups have no names among the keys of the store, and this one is for nobody's eyes.
        let to_come = |folded: &str| stand_in(&Key::new(KeyName::UniqueName, folded));
        let made = created.unwrap_or_else(|| page.iter().map(|(it, _)| to_come(it)).collect());
        summary.groups_created += page.len() as u64;
        ids.extend(page.iter().map(|(folded, _)| folded.clone()).zip(made));
    }
    Ok(ids)
}

fn create(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    page: &[(String, String)],
) -> Result<Vec<ObjectId>, Failure> {
    let mut ids = Vec::with_capacity(page.len());
    for (_, display_name) in page {
        let group = NewGroup {
            attrs: attrs(display_name),
            ..NewGroup::default()
        };
        ids.push(groups::create(tx, context, group)?.entry.id);
    }
    Ok(ids)
}

/// A group that is brought back, and the addresses that others have by now, or the file gives to them.
type Back = (ObjectId, Vec<Key>);

fn restore(
    pages: &Pages<'_>,
    (people, groups): (&People, &Groups),
    addresses_so_far: &mut Addresses,
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<(), End> {
    let mut bereft = 0;
    let mut left = &groups.restored[..];
    while !left.is_empty() {
        if progress.gone() {
            return Err(End::Interrupted);
        }
        let some = left.get(..RESTORED_AT_ONCE).unwrap_or(left);
        let back = pages.page(
            |reader| decide(pages, reader, people, addresses_so_far, some),
            |tx, context, back| bring_back(tx, context, back),
        )?;
        bereft += back.iter().filter(|(_, lost)| !lost.is_empty()).count();
        summary.groups_restored += back.len() as u64;
        left = left.get(back.len()..).unwrap_or_default();
    }
    if bereft > 0 {
        let come = match bereft {
            1 => "comes",
            _ => "come",
        };
        summary.warnings.push(format!(
            "{bereft} of the restored groups {come} back without mail addresses that others have by then, or in the file"
        ));
    }
    Ok(())
}

/// About as many of the first of these groups as are read at once.
fn decide(
    pages: &Pages<'_>,
    reader: &Reader<'_>,
    people: &People,
    addresses_so_far: &mut Addresses,
    ids: &[ObjectId],
) -> Result<Vec<Back>, Failure> {
    let (tenant, kind) = (pages.tenant, EntityKind::Group);
    let fit = reader.fitting_of(tenant.id, &[kind], ids, BYTES)?;
    let ids = ids.get(..fit).unwrap_or(ids);
    let mut lost = HashMap::new();
    for stored in reader.objects(tenant.id, kind, ids)? {
        let addresses = addresses_so_far.without(reader, tenant, people, &stored, None)?;
        lost.insert(stored.entry.id, addresses);
    }
    let back = ids.iter();
    Ok(back
        .map(|id| (*id, lost.remove(id).unwrap_or_default()))
        .collect())
}

fn bring_back(tx: &mut Tx<'_>, context: &Context<'_>, back: &[Back]) -> Result<(), Failure> {
    for (id, without_addresses) in back {
        let how = Restoration {
            without_taken_addresses: true,
            without_addresses,
            ..Restoration::default()
        };
        deleted_items::restore(tx, context, *id, how)?;
    }
    Ok(())
}

/// A security group: no mail, an alias made of the name's plain letters and digits.
fn attrs(display_name: &str) -> Attrs {
    let alias: String = display_name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(64)
        .collect();
    let alias = if alias.is_empty() {
        "group".to_owned()
    } else {
        alias
    };
    Attrs::new()
        .with(Attr::DISPLAY_NAME, display_name)
        .with(Attr::MAIL_NICKNAME, alias)
        .with(Attr::MAIL_ENABLED, false)
        .with(Attr::SECURITY_ENABLED, true)
}
