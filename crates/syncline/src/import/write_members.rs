//! Removes members whom the file does not name, where that was asked for, and adds those who are none yet.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use syncline_directory::{Context, groups};
use syncline_model::ObjectId;
use syncline_store::{Edge, EdgeKind, Key, KeyName, Tenant};

use super::check_groups::Groups;
use super::check_members::{self, Members};
use super::problems::name;
use super::table::Table;
use super::{End, PAGE, Summary};
use crate::app::App;
use crate::failure::Failure;
use crate::progress::{Progress, Step};

/// Removes the members of each group whom the file does not name, page by page. Before anybody is added: whoever was
/// created only now was not known when the members were counted.
pub(super) fn remove(
    app: &App,
    tenant: &Tenant,
    members: &Members,
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<(), End> {
    let total = members.named.len() as u64;
    for (done, (group, named)) in (0..).zip(&members.named) {
        progress.step(Step {
            label: "removing members".to_owned(),
            done,
            total,
        });
        let mut after = None;
        loop {
            if progress.gone() {
                return Err(End::Interrupted);
            }
            // Whoever is brought back is so by now.
            let page = app
                .store
                .read(|reader| check_members::page(reader, tenant, *group, named, &[], after))?;
            let Some(page) = page else { break };
            after = Some(page.last);
            if page.others.is_empty() {
                continue;
            }
            summary.members_removed += app.store.write(|tx| {
                let context = Context {
                    tenant,
                    now: app.clock.now(),
                    ids: app.ids.as_ref(),
                };
                groups::remove_members(tx, &context, *group, &page.others).map_err(Failure::from)
            })?;
        }
    }
    Ok(())
}

/// Reads the checked file again and adds who is no member yet. `ids`: the groups by folded name.
pub(super) fn add(
    app: &App,
    tenant: &Tenant,
    file: &Path,
    (groups, ids): (&Groups, &HashMap<String, ObjectId>),
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<(), End> {
    let mut table = Table::open(file)?;
    let label = format!("importing {}", name(file));
    let mut page: Vec<(ObjectId, Key)> = Vec::with_capacity(PAGE);
    while let Some(line) = table.next(&label, progress)? {
        let Some((group, member)) = groups.row(&line) else {
            continue;
        };
        let Some(group) = ids.get(&group) else {
            continue;
        };
        page.push((*group, Key::new(KeyName::UserPrincipalName, member)));
        if page.len() == PAGE {
            summary.members_added += one_page(app, tenant, std::mem::take(&mut page))?;
        }
    }
    summary.members_added += one_page(app, tenant, page)?;
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
