//! What of a page is not carried out at all, and why: what the target did not agree to, and names and
//! addresses that are other tenants' to give.

use syncline_engine::{Fault, Operation};
use syncline_model::fold::fold;
use syncline_model::{Attr, EntityKind, Entry, ObjectId, Value};
use syncline_store::{Key, KeyName, Reader};

use super::homes::Homes;
use super::page::Page;
use super::update::Set;
use super::values::{CHANGE, INVITATION};
use super::{LocalTarget, group_consent, home_address, home_name};

/// Of each operation, in order.
pub(super) fn of_page(
    target: &LocalTarget,
    reader: &Reader<'_>,
    operations: &[Operation],
    page: &Page<'_>,
) -> Result<Vec<Option<Fault>>, Fault> {
    let mut drafts = page.drafts().iter();
    let groups = group_consent::refusal(target, reader, operations)?;
    let mut homes = Homes::new(target);
    operations
        .iter()
        .map(|operation| {
            // Also of a group: the drafts are those of all creates.
            let draft = match operation {
                Operation::Create { .. } => drafts.next(),
                _ => None,
            };
            if group_consent::concerns(operation) && groups.is_some() {
                return Ok(groups.clone());
            }
            if let (Operation::Create { .. }, Some(Ok(draft))) = (operation, draft) {
                return of_create(&mut homes, reader, draft.name.as_deref(), &draft.keys);
            }
            let Some((id, set)) = guarded(operation) else {
                return Ok(None);
            };
            match page.object(id) {
                Some(before) => of_change(&mut homes, reader, before, set),
                None => Ok(None),
            }
        })
        .collect()
}

/// Of an object that would be created with this sign-in name, if it has one, and these unique values.
pub(super) fn of_create(
    homes: &mut Homes<'_>,
    reader: &Reader<'_>,
    name: Option<&str>,
    keys: &[Key],
) -> Result<Option<Fault>, Fault> {
    if let Some(name) = name
        && let Some(fault) = home_name::refusal(homes, reader, name)?
    {
        return Ok(Some(fault));
    }
    for key in keys.iter().filter(|it| it.name == KeyName::ProxyAddress) {
        if let Some(fault) = home_address::refusal(homes, reader, &key.value, INVITATION)? {
            return Ok(Some(fault));
        }
    }
    Ok(None)
}

/// The user to whom an update or a restore would give a name or an address, and what it sets.
pub(super) fn guarded(operation: &Operation) -> Option<(ObjectId, &Set)> {
    let (Operation::Update { kind, target, set } | Operation::Restore { kind, target, set }) =
        operation
    else {
        return None;
    };
    let is_guarded = |attr| attr == Attr::USER_PRINCIPAL_NAME || attr == Attr::MAIL;
    let guards = *kind == EntityKind::User && set.iter().any(|(attr, _)| is_guarded(*attr));
    guards.then_some((*target, set))
}

/// Of a user whose attributes are set. What they have already they keep: an earlier release may have let it
/// in, or the domain is another tenant's only since.
pub(super) fn of_change(
    homes: &mut Homes<'_>,
    reader: &Reader<'_>,
    before: &Entry,
    set: &Set,
) -> Result<Option<Fault>, Fault> {
    for (attr, value) in set {
        if *attr != Attr::USER_PRINCIPAL_NAME && *attr != Attr::MAIL {
            continue;
        }
        let had = before.text(*attr).map(fold);
        let texts = value.iter().flat_map(Value::as_slice);
        for text in texts.filter_map(Value::as_text) {
            if had.as_ref().is_some_and(|had| *had == fold(text)) {
                continue;
            }
            let refusal = if *attr == Attr::MAIL {
                home_address::refusal(homes, reader, text, CHANGE)?
            } else {
                home_name::refusal(homes, reader, text)?
            };
            if refusal.is_some() {
                return Ok(refusal);
            }
        }
    }
    Ok(None)
}
