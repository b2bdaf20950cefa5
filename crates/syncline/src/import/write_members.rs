//! Removes members whom the file does not name, where that was asked for, and adds those who are none yet.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use syncline_directory::{Context, groups};
use syncline_model::{IdMap, IdSet, ObjectId};
use syncline_store::{Edge, EdgeKind, Key, KeyName, Reader, Tx};

use super::check_groups::Groups;
use super::check_members::{self, Members};
use super::check_users::People;
use super::pages::Pages;
use super::table::Table;
use super::{End, PAGE, Summary};
use crate::failure::Failure;
use crate::progress::{Progress, Step};

/// Removes the members of each group whom the file does not name, page by page. Before anybody is added: whoever was
/// created only now was not known when the members were counted.
pub(super) fn remove(
    pages: &Pages<'_>,
    people: &People,
    members: &Members,
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<(), End> {
    // Whoever is brought back is so by now.
    let to_come = match pages.dry_run {
        true => people.all_brought_back(),
        false => Vec::new(),
    };
    let (app, tenant) = (pages.app, pages.tenant);
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
            let page = app.store.read(|reader| {
                check_members::page(reader, tenant, *group, named, &to_come, after)
            })?;
            let Some(page) = page else { break };
            after = Some(page.last);
            if page.others.is_empty() {
                continue;
            }
            let removed = pages.carry_out(|tx, context| {
                Ok(groups::remove_members(tx, context, *group, &page.others)?)
            })?;
            summary.members_removed += removed.unwrap_or(page.others.len() as u64);
        }
    }
    Ok(())
}

/// Reads the checked file again and adds who is no member yet. `ids`: the groups by folded name.
pub(super) fn add(
    pages: &Pages<'_>,
    file: &Path,
    people: &People,
    (groups, ids): (&Groups, &HashMap<String, ObjectId>),
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<(), End> {
    let mut table = Table::open(file)?;
    let label = pages.label(file);
    let mut adding = Adding {
        pages,
        people,
        foreseen: Foreseen::default(),
    };
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
            summary.members_added += adding.page(std::mem::take(&mut page))?;
        }
    }
    summary.members_added += adding.page(page)?;
    Ok(())
}

struct Adding<'a> {
    pages: &'a Pages<'a>,
    people: &'a People,
    foreseen: Foreseen,
}

/// In a dry run, whom the pages before would have added, by group: whoever stands in the file once more is not found in it,
/// and is counted once all the same. Of each of them the id alone is kept, in a table that is at least 7/16 full: so that is
/// at most 39 bytes each, and while a table grows the old one beside it. Of each group, which the import keeps by name as
/// well, it is at most 250 bytes more.
#[derive(Default)]
struct Foreseen(IdMap<ObjectId, IdSet<ObjectId>>);

impl Foreseen {
    fn has(&self, group: ObjectId, member: ObjectId) -> bool {
        let members = self.0.get(&group);
        members.is_some_and(|members| members.contains(&member))
    }

    fn note(&mut self, missing: BTreeMap<ObjectId, Vec<ObjectId>>) {
        for (group, members) in missing {
            self.0.entry(group).or_default().extend(members);
        }
    }
}

impl Adding<'_> {
    /// Says how many members were added.
    fn page(&mut self, page: Vec<(ObjectId, Key)>) -> Result<u64, Failure> {
        if page.is_empty() {
            return Ok(0);
        }
        let (wanted, keys): (Vec<ObjectId>, Vec<Key>) = page.into_iter().unzip();
        let missing = self
            .pages
            .page(|reader| self.missing(reader, &wanted, &keys), carry_out)?;
        let added = missing.values().map(Vec::len).sum::<usize>() as u64;
        if self.pages.dry_run {
            self.foreseen.note(missing);
        }
        Ok(added)
    }

    /// Who is to be in a group and is not yet, by group.
    fn missing(
        &self,
        reader: &Reader<'_>,
        wanted: &[ObjectId],
        keys: &[Key],
    ) -> Result<BTreeMap<ObjectId, Vec<ObjectId>>, Failure> {
        let members = self.pages.users(reader, self.people, keys)?;
        let mut edges: Vec<Edge> = wanted
            .iter()
            .zip(members)
            .filter_map(|(from, member)| {
                Some(Edge {
                    kind: EdgeKind::Member,
                    from: *from,
                    to: member?,
                })
            })
            .filter(|it| !self.foreseen.has(it.from, it.to))
            .collect();
        edges.sort_unstable();
        edges.dedup();
        let exist = reader.edges_exist(self.pages.tenant.id, &edges)?;
        let mut missing: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
        for (edge, _) in edges.into_iter().zip(exist).filter(|(_, exists)| !exists) {
            missing.entry(edge.from).or_default().push(edge.to);
        }
        Ok(missing)
    }
}

fn carry_out(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    missing: &BTreeMap<ObjectId, Vec<ObjectId>>,
) -> Result<(), Failure> {
    for (group, members) in missing {
        groups::add_members(tx, context, *group, members)?;
    }
    Ok(())
}
