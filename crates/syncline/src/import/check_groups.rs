//! Checks every row of `groups.csv` and writes nothing.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::path::Path;

use syncline_model::fold::fold;
use syncline_model::{IdMap, ObjectId};
use syncline_store::{Key, KeyName, Tenant};

use super::check_users::People;
use super::known_groups::{self, Known, KnownGroups};
use super::problems::{Place, Problems, name};
use super::row::Wrong;
use super::rows::Hashed;
use super::table::{Line, Table};
use super::{End, columns, value};
use crate::app::App;
use crate::commands::import::InRecycleBin;
use crate::failure::Failure;
use crate::progress::Progress;

const DISPLAY_NAME: &str = "displayName";
const MEMBER: &str = "member";
const LONGEST_NAME: usize = 256;

/// What later steps need to know of the checked file.
#[derive(Debug, Default)]
pub struct Groups {
    /// Groups of the tenant that the file adds to, by folded name; those that are brought back, too.
    pub existing: HashMap<String, Existing>,
    /// Those of them that are in the recycle bin still.
    pub restored: Vec<ObjectId>,
    /// Groups to be made, by folded name, in the order of the file.
    pub new: Vec<(String, String)>,
    /// How many rows the file has, those that are left out among them.
    pub rows: u64,
    display_name_at: usize,
    member_at: usize,
    bad: HashSet<u64>,
    /// Folded names in rows that are left out: whom such a row means is not known.
    uncertain: HashSet<String>,
    /// Not even the group is known of a row that is left out.
    all_are_uncertain: bool,
}

/// A group of the tenant.
#[derive(Debug)]
pub struct Existing {
    pub id: ObjectId,
    /// As the file has it first.
    pub display_name: String,
    /// It comes from another tenant, and so do its members, but for those whom somebody adds.
    pub is_synchronized: bool,
}

impl Groups {
    /// The folded name of a row's group and the name of its member, unless the row is left out.
    pub fn row<'l>(&self, line: &'l Line) -> Option<(String, &'l str)> {
        let cells = line.cells.as_ref().ok()?;
        if self.bad.contains(&line.index) {
            return None;
        }
        let display_name = cells.get(self.display_name_at).unwrap_or_default();
        let member = cells.get(self.member_at).unwrap_or_default();
        Some((fold(display_name), member))
    }

    /// Whether a row that is left out may speak of a member of this group.
    pub fn is_uncertain(&self, folded: &str) -> bool {
        self.all_are_uncertain || self.uncertain.contains(folded)
    }
}

/// What a name of the file stands for.
enum Meant {
    Existing(known_groups::Group),
    /// It is in the recycle bin, and is brought back.
    Recycled(known_groups::Group),
    /// It is to be made, beside one in the recycle bin or not.
    New {
        again: bool,
    },
}

struct Check<'a> {
    app: &'a App,
    tenant: &'a Tenant,
    people: &'a People,
    in_recycle_bin: InRecycleBin,
    in_tenant: KnownGroups,
    groups: Groups,
    /// Names of groups to be made.
    new: HashSet<String>,
    /// So many of them have the name of one in the recycle bin.
    made_again: usize,
    /// Members who are not in users.csv: asked for once each.
    exist: IdMap<Hashed, bool>,
    problems: &'a mut Problems,
}

/// Checks the file: header, names, that every member is somebody, that each name means one
/// group at most, and that it is clear what to do with names of the recycle bin.
pub(super) fn check(
    app: &App,
    tenant: &Tenant,
    file: &Path,
    people: &People,
    in_recycle_bin: InRecycleBin,
    problems: &mut Problems,
    progress: &dyn Progress,
) -> Result<Groups, End> {
    let mut table = Table::open(file)?;
    let (display_name_at, member_at) = header(file, &table.header)?;
    let mut check = Check {
        app,
        tenant,
        people,
        in_recycle_bin,
        in_tenant: known_groups::read(app, tenant)?,
        groups: Groups {
            display_name_at,
            member_at,
            ..Groups::default()
        },
        new: HashSet::new(),
        made_again: 0,
        exist: IdMap::default(),
        problems,
    };
    let label = format!("checking {}", name(file));
    while let Some(line) = table.next(&label, progress)? {
        check.groups.rows += 1;
        let wrong = match &line.cells {
            Ok(cells) => check.row(cells)?,
            Err(message) => {
                check.groups.all_are_uncertain = true;
                Err(Wrong {
                    column: 0,
                    message: message.clone(),
                })
            }
        };
        if let Err(wrong) = wrong {
            check.groups.bad.insert(line.index);
            let place = Place {
                line: line.number,
                column: wrong.column + 1,
            };
            check.problems.add(file, &place, &wrong.message);
        }
    }
    if let Some(warning) = table.without_rows() {
        check.problems.warn(warning);
    }
    check.problems.warn_of_groups_made_again(check.made_again);
    Ok(check.groups)
}

impl Check<'_> {
    /// Notes the group of a row, or says what is wrong with it.
    fn row(&mut self, cells: &csv::StringRecord) -> Result<Result<(), Wrong>, Failure> {
        let display_name = cells.get(self.groups.display_name_at).unwrap_or_default();
        let member = cells.get(self.groups.member_at).unwrap_or_default();
        // An opening quote swallows lines up to the next one: they may speak of any group.
        let is_swallowed = |cell: &str| cell.contains(['\n', '\r']);
        self.groups.all_are_uncertain |= is_swallowed(display_name) || is_swallowed(member);
        let folded = fold(display_name);
        let meant = match self.meant(display_name, &folded) {
            Ok(meant) => meant,
            Err(message) => {
                self.groups.all_are_uncertain |= display_name.is_empty();
                return Ok(Err(Wrong {
                    column: self.groups.display_name_at,
                    message: format!("displayName: {message}"),
                }));
            }
        };
        let message = if member.is_empty() {
            "a value is required".to_owned()
        } else if self.people.has(member) || self.exists(member)? {
            self.note(meant, folded, display_name);
            return Ok(Ok(()));
        } else {
            format!(
                "nobody in the file or in the tenant has the userPrincipalName `{}`",
                value::shorten(member)
            )
        };
        self.groups.uncertain.insert(folded);
        Ok(Err(Wrong {
            column: self.groups.member_at,
            message: format!("member: {message}"),
        }))
    }

    fn note(&mut self, meant: Meant, folded: String, display_name: &str) {
        let group = match meant {
            Meant::New { again } => {
                if self.new.insert(folded.clone()) {
                    self.made_again += usize::from(again);
                    self.groups.new.push((folded, display_name.to_owned()));
                }
                return;
            }
            Meant::Existing(group) | Meant::Recycled(group) => group,
        };
        if let Entry::Vacant(place) = self.groups.existing.entry(folded) {
            place.insert(Existing {
                id: group.id,
                display_name: display_name.to_owned(),
                is_synchronized: group.is_synchronized,
            });
            if matches!(meant, Meant::Recycled(_)) {
                self.groups.restored.push(group.id);
            }
        }
    }

    /// The group that a name stands for, or why it stands for none.
    fn meant(&mut self, display_name: &str, folded: &str) -> Result<Meant, String> {
        let shown = || value::shorten(display_name);
        if display_name.is_empty() {
            return Err("a value is required".to_owned());
        }
        if display_name.chars().count() > LONGEST_NAME {
            return Err(format!(
                "`{}` has more than {LONGEST_NAME} characters",
                shown()
            ));
        }
        let (group, closed) = match self.in_tenant.get(folded) {
            None => return Ok(Meant::New { again: false }),
            Some(Known::One(group)) => return Ok(Meant::Existing(*group)),
            Some(Known::Closed(why)) => return Err(format!("the group `{}` {why}", shown())),
            Some(Known::Several) => {
                return Err(format!(
                    "the tenant has more than one group `{}`; rename all but one",
                    shown()
                ));
            }
            Some(Known::Recycled { group, closed, .. }) => (*group, *closed),
        };
        match (self.in_recycle_bin, closed) {
            // Another one would have another id: who is assigned or in scope through the first is so no longer.
            (InRecycleBin::Refuse, _) => {
                self.problems.in_recycle_bin(1);
                Err(format!("the group `{}` is in the recycle bin", shown()))
            }
            (InRecycleBin::Restore, Some(why)) => {
                Err(format!("the group `{}` in the recycle bin {why}", shown()))
            }
            (InRecycleBin::Restore, None) => Ok(Meant::Recycled(group)),
            (InRecycleBin::Recreate, _) => Ok(Meant::New { again: true }),
        }
    }

    fn exists(&mut self, member: &str) -> Result<bool, Failure> {
        let text = Hashed::name(member);
        if let Some(exists) = self.exist.get(&text) {
            return Ok(*exists);
        }
        let key = Key::new(KeyName::UserPrincipalName, member);
        let holder = self
            .app
            .store
            .read(|reader| reader.holder(self.tenant.id, &key))?;
        self.exist.insert(text, holder.is_some());
        Ok(holder.is_some())
    }
}

fn header(file: &Path, header: &[String]) -> Result<(usize, usize), Failure> {
    let find = |wanted: &str| {
        header
            .iter()
            .position(|title| title.eq_ignore_ascii_case(wanted))
            .ok_or_else(|| {
                Failure::new(format!(
                    "{}:1:1: the column `{wanted}` is missing",
                    name(file)
                ))
                .with_help(
                    "groups.csv has two columns: displayName, and member with a userPrincipalName",
                )
            })
    };
    let found = (find(DISPLAY_NAME)?, find(MEMBER)?);
    match header
        .iter()
        .enumerate()
        .find(|(at, _)| *at != found.0 && *at != found.1)
    {
        None => Ok(found),
        Some((at, title)) if title.is_empty() => Err(Failure::new(format!(
            "{}:1:{}: the column has no name",
            name(file),
            at + 1
        ))
        .with_help(columns::NAMELESS)),
        Some((at, title)) => Err(Failure::new(format!(
            "{}:1:{}: the column `{title}` is not known",
            name(file),
            at + 1
        ))
        .with_help("groups.csv has two columns: displayName, and member with a userPrincipalName")),
    }
}
