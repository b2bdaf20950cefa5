//! Brings groups back, makes the others and adds their members.

use std::collections::BTreeMap;
use std::path::Path;

use syncline_directory::Context;
use syncline_directory::deleted_items::{self, Restoration};
use syncline_directory::groups::{self, NewGroup};
use syncline_model::fold::fold;
use syncline_model::{Attr, Attrs, ObjectId};
use syncline_store::{Edge, EdgeKind, Key, KeyName, Stored, Tenant};

use super::check_groups::Groups;
use super::problems::name;
use super::table::Table;
use super::{End, PAGE, Summary};
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

/// Brought back in one transaction.
const RESTORED_AT_ONCE: usize = 200;

/// Brings back the groups that are in the recycle bin and makes those that are new, then reads the checked file again
/// and adds who is no member yet.
pub(super) fn write(
    app: &App,
    tenant: &Tenant,
    file: &Path,
    groups: &Groups,
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<(), End> {
    restore(app, tenant, &groups.restored, summary, progress)?;
    let mut ids = groups.existing.clone();
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

    let mut table = Table::open(file)?;
    let label = format!("importing {}", name(file));
    let mut page: Vec<(ObjectId, Key)> = Vec::with_capacity(PAGE);
    while let Some(line) = table.next(&label, progress)? {
        let Ok(cells) = &line.cells else { continue };
        let display_name = cells.get(groups.display_name_at).unwrap_or_default();
        let (false, Some(group)) = (groups.is_bad(line.index), ids.get(&fold(display_name))) else {
            continue;
        };
        let member = cells.get(groups.member_at).unwrap_or_default();
        page.push((*group, Key::new(KeyName::UserPrincipalName, member)));
        if page.len() == PAGE {
            summary.members_added += one_page(app, tenant, std::mem::take(&mut page))?;
        }
    }
    summary.members_added += one_page(app, tenant, page)?;
    Ok(())
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

/// Says how many members were added.
fn one_page(app: &App, tenant: &Tenant, page: Vec<(ObjectId, Key)>) -> Result<u64, Failure> {
    if page.is_empty() {
        return Ok(0);
    }
    let (wanted, keys): (Vec<ObjectId>, Vec<Key>) = page.into_iter().unzip();
    app.store.write(|tx| {
        let context = Context {
            tenant,
            now: app.clock.now(),
            ids: app.ids.as_ref(),
        };
        let members = tx.holders(tenant.id, &keys)?;
        let mut edges: Vec<Edge> = wanted
            .into_iter()
            .zip(members)
            .filter_map(|(from, member)| {
                Some(Edge {
                    kind: EdgeKind::Member,
                    from,
                    to: member?.1,
                })
            })
            .collect();
        edges.sort_unstable();
        edges.dedup();
        let exist = tx.edges_exist(tenant.id, &edges)?;
        let mut missing: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
        for (edge, _) in edges.into_iter().zip(exist).filter(|(_, exists)| !exists) {
            missing.entry(edge.from).or_default().push(edge.to);
        }
        let mut added = 0;
        for (group, members) in missing {
            groups::add_members(tx, &context, group, &members)?;
            added += members.len() as u64;
        }
        Ok(added)
    })
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
