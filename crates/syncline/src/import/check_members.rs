//! Counts the members that groups have beyond those whom `groups.csv` names, and refuses a file that would empty a
//! group by accident. Writes nothing.
//!
//! Of each membership of the file the id of the member stays in memory. What is in the groups is read in pages.

use std::collections::BTreeMap;
use std::path::Path;

use syncline_model::{EntityKind, ObjectId};
use syncline_store::{EdgeKind, Key, KeyName, ObjectState, Reader, StoreError, Tenant};

use super::check_groups::Groups;
use super::check_users::People;
use super::problems::name;
use super::table::Table;
use super::{End, PAGE, Summary, value};
use crate::app::App;
use crate::commands::import::OtherMembers;
use crate::failure::Failure;
use crate::progress::{Progress, Step};

/// So many members are enough to tell from the share of them that is missing, as of a source that is suddenly short.
const MANY: u64 = 20;

/// Whom the file names as members of groups that are there already.
#[derive(Debug, Default)]
pub struct Members {
    /// By group, in the order of ids. New users are not among them: they are in no group yet.
    pub named: BTreeMap<ObjectId, Vec<ObjectId>>,
}

/// A page of the members of a group.
pub struct Page {
    pub last: ObjectId,
    /// How many of them the file names.
    pub named: u64,
    /// The users among the others who are live, or are live once they are brought back. A file cannot name a group or
    /// a service principal, and whoever stays in the recycle bin has his memberships when he comes back.
    pub others: Vec<ObjectId>,
}

/// The members of a group behind `after`. `named`: whom the file names; `brought_back`: who leaves the recycle bin before
/// anybody is removed; both in the order of ids.
pub fn page(
    reader: &Reader<'_>,
    tenant: &Tenant,
    group: ObjectId,
    named: &[ObjectId],
    brought_back: &[ObjectId],
    after: Option<ObjectId>,
) -> Result<Option<Page>, StoreError> {
    let all = reader.edges_from(tenant.id, EdgeKind::Member, group, after, PAGE)?;
    let Some(last) = all.last().copied() else {
        return Ok(None);
    };
    let count = all.len();
    let mut others = all;
    others.retain(|id| named.binary_search(id).is_err());
    let named = (count - others.len()) as u64;
    let users = reader.peek(tenant.id, EntityKind::User, &others, [])?;
    let live = users
        .iter()
        .filter(|it| it.state == ObjectState::Live || brought_back.binary_search(&it.id).is_ok());
    Ok(Some(Page {
        last,
        named,
        others: live.map(|it| it.id).collect(),
    }))
}

/// Reads the checked file again, and what is in its groups. Notes who stays without being named, and returns whose
/// other members are to be removed.
///
/// # Errors
/// When a group would lose more than half of many members, and that was not asked for.
pub(super) fn check(
    app: &App,
    tenant: &Tenant,
    file: &Path,
    (people, groups): (&People, &Groups),
    wanted: OtherMembers,
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<Members, End> {
    let mut members = named(app, tenant, file, (people, groups), progress)?;
    let brought_back = people.all_brought_back();
    let mut left = Left::default();
    let mut short: Vec<Short> = Vec::new();
    let total = members.named.len() as u64;
    let existing = groups.existing.iter();
    let existing = existing.filter(|(_, group)| !group.is_synchronized);
    for (done, (folded, group)) in (0..).zip(existing) {
        progress.step(Step {
            label: format!("checking members of groups in {}", name(file)),
            done,
            total,
        });
        let named = members.named.get(&group.id).map_or(&[][..], Vec::as_slice);
        let count = count(app, tenant, group.id, named, &brought_back, progress)?;
        let stays = wanted == OtherMembers::Keep || groups.is_uncertain(folded);
        if stays {
            left.add(count.others);
            members.named.remove(&group.id);
        } else if wanted != OtherMembers::RemoveMany && count.is_short() {
            short.push(Short {
                display_name: group.display_name.clone(),
                count,
            });
        }
    }
    if !short.is_empty() {
        return Err(too_many(file, short).into());
    }
    summary.members_not_named = left.members;
    let told = left.told(file, wanted);
    summary.warnings.extend(told);
    Ok(members)
}

/// Resolves the members that the file names, in pages.
fn named(
    app: &App,
    tenant: &Tenant,
    file: &Path,
    (people, groups): (&People, &Groups),
    progress: &dyn Progress,
) -> Result<Members, End> {
    let mut members = Members::default();
    let existing = groups.existing.values();
    for group in existing.filter(|it| !it.is_synchronized) {
        members.named.insert(group.id, Vec::new());
    }
    if members.named.is_empty() {
        return Ok(members);
    }
    let mut resolve = |page: Vec<(ObjectId, Key, Option<ObjectId>)>| {
        let keys: Vec<Key> = page.iter().map(|(_, key, _)| key.clone()).collect();
        let holders = app.store.read(|reader| reader.holders(tenant.id, &keys))?;
        for ((group, _, brought_back), holder) in page.into_iter().zip(holders) {
            let member = holder.map(|(_, id)| id).or(brought_back);
            if let (Some(named), Some(member)) = (members.named.get_mut(&group), member) {
                named.push(member);
            }
        }
        Ok::<_, StoreError>(())
    };
    let mut table = Table::open(file)?;
    let label = format!("checking members in {}", name(file));
    let mut rows = 0;
    let mut page = Vec::with_capacity(PAGE);
    while let Some(line) = table.next(&label, progress)? {
        rows += 1;
        let Some((group, member)) = groups.row(&line) else {
            continue;
        };
        let Some(group) = groups.existing.get(&group) else {
            continue;
        };
        let key = Key::new(KeyName::UserPrincipalName, member);
        page.push((group.id, key, people.brought_back(member)));
        if page.len() == PAGE {
            resolve(std::mem::take(&mut page))?;
        }
    }
    resolve(page)?;
    // Whoever stood in what is gone by now would lose his membership.
    if rows != groups.rows {
        return Err(Failure::new(format!(
            "{} changed while it was read; nothing was imported",
            name(file)
        ))
        .with_help("import it again")
        .into());
    }
    for named in members.named.values_mut() {
        named.sort_unstable();
        named.dedup();
    }
    Ok(members)
}

/// Of the members of a group.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    named: u64,
    others: u64,
}

impl Count {
    /// A file of which the end is missing, or that has something else in its columns, names few of many.
    fn is_short(self) -> bool {
        let all = self.named + self.others;
        all >= MANY && self.named * 2 < all
    }
}

fn count(
    app: &App,
    tenant: &Tenant,
    group: ObjectId,
    named: &[ObjectId],
    brought_back: &[ObjectId],
    progress: &dyn Progress,
) -> Result<Count, End> {
    let mut count = Count::default();
    let mut after = None;
    loop {
        if progress.gone() {
            return Err(End::Interrupted);
        }
        let page = app
            .store
            .read(|reader| page(reader, tenant, group, named, brought_back, after))?;
        let Some(page) = page else {
            return Ok(count);
        };
        after = Some(page.last);
        count.named += page.named;
        count.others += page.others.len() as u64;
    }
}

/// Who stays without being named.
#[derive(Clone, Copy, Debug, Default)]
struct Left {
    members: u64,
    groups: u64,
}

impl Left {
    fn add(&mut self, others: u64) {
        self.members += others;
        self.groups += u64::from(others > 0);
    }

    fn told(self, file: &Path, wanted: OtherMembers) -> Option<String> {
        let Self { members, groups } = self;
        let file = name(file);
        let who = match members {
            0 => return None,
            1 => "1 member".to_owned(),
            _ => format!("{members} members"),
        };
        let of = match groups {
            1 => "1 group".to_owned(),
            _ => format!("{groups} groups"),
        };
        let (is, stays) = match members {
            1 => ("is", "stays"),
            _ => ("are", "stay"),
        };
        Some(match wanted {
            OtherMembers::Keep => format!(
                "{who} of {of} {is} not in {file}, and {stays}; --remove-members removes such members"
            ),
            OtherMembers::Remove | OtherMembers::RemoveMany => format!(
                "{who} of {of} {is} not in {file}, and {stays}: rows that may speak of them are skipped"
            ),
        })
    }
}

/// A group that would lose more than half of many members.
struct Short {
    display_name: String,
    count: Count,
}

fn too_many(file: &Path, mut short: Vec<Short>) -> Failure {
    short.sort_unstable_by(|one, other| one.display_name.cmp(&other.display_name));
    let more = short.len() - 1;
    let first = short.swap_remove(0);
    let Count { named, others } = first.count;
    let mut message = format!(
        "{} has {named} of the {} members of the group `{}`, so that more than half would be removed; nothing was imported",
        name(file),
        named + others,
        value::shorten(&first.display_name)
    );
    match more {
        0 => {}
        1 => message.push_str(" (so it is with 1 more group)"),
        _ => message.push_str(&format!(" (so it is with {more} more groups)")),
    }
    Failure::new(message)
        .with_help("if the file is whole, import it again with --remove-members --force")
}
