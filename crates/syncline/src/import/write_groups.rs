//! Brings groups back and makes the others.

use std::collections::HashMap;

use syncline_directory::Context;
use syncline_directory::deleted_items::{self, Restoration};
use syncline_directory::groups::{self, NewGroup};
use syncline_model::{Attr, Attrs, ObjectId};
use syncline_store::{Stored, Tenant};

use super::check_groups::Groups;
use super::{End, PAGE, RESTORED_AT_ONCE, Summary};
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

/// Brings back the groups that are in the recycle bin and makes those that are new. All groups of the file by their
/// folded names.
pub(super) fn write(
    app: &App,
    tenant: &Tenant,
    groups: &Groups,
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<HashMap<String, ObjectId>, End> {
    restore(app, tenant, &groups.restored, summary, progress)?;
    let existing = groups.existing.iter();
    let mut ids: HashMap<String, ObjectId> = existing
        .map(|(folded, group)| (folded.clone(), group.id))
        .collect();
    for page in groups.new.chunks(PAGE) {
        if progress.gone() {
            return Err(End::Interrupted);
        }
        app.store.write(|tx| {
            let context = Context {
                tenant,
                now: app.clock.now(),
                ids: app.ids.as_ref(),
            };
            for (folded, display_name) in page {
                let group = NewGroup {
                    attrs: attrs(display_name),
                    ..NewGroup::default()
                };
                ids.insert(
                    folded.clone(),
                    groups::create(tx, &context, group)?.entry.id,
                );
            }
            Ok::<_, Failure>(())
        })?;
        summary.groups_created += page.len() as u64;
    }
    Ok(ids)
}

fn restore(
    app: &App,
    tenant: &Tenant,
    groups: &[ObjectId],
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<(), End> {
    let how = Restoration {
        without_taken_addresses: true,
        ..Restoration::default()
    };
    let addresses = |stored: &Stored| {
        let proxies = stored.entry.get(Attr::PROXY_ADDRESSES);
        proxies.map_or(0, |it| it.as_slice().len())
    };
    let mut bereft = 0_u64;
    for page in groups.chunks(RESTORED_AT_ONCE) {
        if progress.gone() {
            return Err(End::Interrupted);
        }
        bereft += app.store.write(|tx| {
            let context = Context {
                tenant,
                now: app.clock.now(),
                ids: app.ids.as_ref(),
            };
            let mut bereft = 0;
            for id in page {
                let before = tx.object(tenant.id, *id)?;
                let restored = deleted_items::restore(tx, &context, *id, how)?;
                let lost = before.is_some_and(|it| addresses(&restored) < addresses(&it));
                bereft += u64::from(lost);
            }
            Ok::<_, Failure>(bereft)
        })?;
        summary.groups_restored += page.len() as u64;
    }
    if bereft > 0 {
        summary.warnings.push(format!(
            "{bereft} of the restored groups came back without mail addresses that others have by now, or in the file"
        ));
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
