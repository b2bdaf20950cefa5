//! Checks every row of `groups.csv` and writes nothing.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use syncline_model::fold::fold;
use syncline_model::{IdMap, ObjectId};
use syncline_store::{Key, KeyName, Tenant};

use super::check_users::People;
use super::known_groups::{self, Known};
use super::problems::{Place, Problems, name};
use super::row::Wrong;
use super::rows::Hashed;
use super::table::Table;
use super::{End, value};
use crate::app::App;
use crate::commands::import::InRecycleBin;
use crate::failure::Failure;
use crate::progress::Progress;

const DISPLAY_NAME: &str = "displayName";
const MEMBER: &str = "member";
const LONGEST_NAME: usize = 256;

/// What writing needs to know of the checked file.
#[derive(Debug, Default)]
pub struct Groups {
    /// Groups of the tenant that the file adds to, by folded name; those that are brought back, too.
    pub existing: HashMap<String, ObjectId>,
    /// Those of them that are in the recycle bin still.
    pub restored: Vec<ObjectId>,
    /// Groups to be made, by folded name, in the order of the file.
    pub new: Vec<(String, String)>,
    pub display_name_at: usize,
    pub member_at: usize,
    bad: HashSet<u64>,
}

impl Groups {
    pub fn is_bad(&self, index: u64) -> bool {
        self.bad.contains(&index)
    }
}

/// What a name of the file stands for.
enum Meant {
    Existing(ObjectId),
    /// It is in the recycle bin, and is brought back.
    Recycled(ObjectId),
    /// It is to be made, beside one in the recycle bin or not.
    New {
        again: bool,
    },
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
    let in_tenant = known_groups::read(app, tenant)?;
    let mut groups = Groups {
        display_name_at,
        member_at,
        ..Groups::default()
    };
    let mut new: HashSet<String> = HashSet::new();
    let mut made_again = 0;
    // Members who are not in users.csv: asked for once each.
    let mut exist: IdMap<Hashed, bool> = IdMap::default();
    let label = format!("checking {}", name(file));
    while let Some(line) = table.next(&label, progress)? {
        let wrong = match &line.cells {
            Err(message) => Wrong {
                column: 0,
                message: message.clone(),
            },
            Ok(cells) => {
                let display_name = cells.get(display_name_at).unwrap_or_default();
                let member = cells.get(member_at).unwrap_or_default();
                let folded = fold(display_name);
                let known = in_tenant.get(&folded);
                let checked = check_name(display_name, display_name_at, known, in_recycle_bin)
                    .and_then(|meant| check_given(member, member_at).map(|()| meant));
                match checked {
                    Ok(meant) => {
                        if people.has(member) || exists(app, tenant, member, &mut exist)? {
                            match meant {
                                Meant::Existing(id) => {
                                    groups.existing.insert(folded, id);
                                }
                                Meant::Recycled(id) => {
                                    if groups.existing.insert(folded, id).is_none() {
                                        groups.restored.push(id);
                                    }
                                }
                                Meant::New { again } => {
                                    if new.insert(folded.clone()) {
                                        made_again += usize::from(again);
                                        groups.new.push((folded, display_name.to_owned()));
                                    }
                                }
                            }
                            continue;
                        }
                        nobody(member, member_at)
                    }
                    Err(wrong) => {
                        let is_recycled = matches!(known, Some(Known::Recycled { .. }));
                        if is_recycled && in_recycle_bin == InRecycleBin::Refuse {
                            problems.in_recycle_bin(1);
                        }
                        wrong
                    }
                }
            }
        };
        groups.bad.insert(line.index);
        problems.add(
            file,
            &Place {
                line: line.number,
                column: wrong.column + 1,
            },
            &wrong.message,
        );
    }
    if let Some(warning) = table.without_rows() {
        problems.warn(warning);
    }
    problems.warn_of_groups_made_again(made_again);
    Ok(groups)
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
        Some((at, title)) => Err(Failure::new(format!(
            "{}:1:{}: the column `{title}` is not known",
            name(file),
            at + 1
        ))
        .with_help("groups.csv has two columns: displayName, and member with a userPrincipalName")),
    }
}

/// The group that a name stands for.
fn check_name(
    display_name: &str,
    column: usize,
    known: Option<&Known>,
    in_recycle_bin: InRecycleBin,
) -> Result<Meant, Wrong> {
    let wrong = |message: String| {
        Err(Wrong {
            column,
            message: format!("displayName: {message}"),
        })
    };
    let shown = || value::shorten(display_name);
    if display_name.is_empty() {
        return wrong("a value is required".to_owned());
    }
    if display_name.chars().count() > LONGEST_NAME {
        return wrong(format!(
            "`{}` has more than {LONGEST_NAME} characters",
            shown()
        ));
    }
    match (known, in_recycle_bin) {
        (None, _) => Ok(Meant::New { again: false }),
        (Some(Known::One(id)), _) => Ok(Meant::Existing(*id)),
        (Some(Known::Closed(why)), _) => wrong(format!("the group `{}` {why}", shown())),
        (Some(Known::Several), _) => wrong(format!(
            "the tenant has more than one group `{}`; rename all but one",
            shown()
        )),
        // Another one would have another id: who is assigned, in scope or let in through the first is so no longer.
        (Some(Known::Recycled { .. }), InRecycleBin::Refuse) => {
            wrong(format!("the group `{}` is in the recycle bin", shown()))
        }
        (Some(Known::Recycled { id, closed, .. }), InRecycleBin::Restore) => match closed {
            None => Ok(Meant::Recycled(*id)),
            Some(why) => wrong(format!("the group `{}` in the recycle bin {why}", shown())),
        },
        (Some(Known::Recycled { .. }), InRecycleBin::Recreate) => Ok(Meant::New { again: true }),
    }
}

fn check_given(member: &str, column: usize) -> Result<(), Wrong> {
    match member.is_empty() {
        false => Ok(()),
        true => Err(Wrong {
            column,
            message: "member: a value is required".to_owned(),
        }),
    }
}

fn nobody(member: &str, column: usize) -> Wrong {
    Wrong {
        column,
        message: format!(
            "member: nobody in the file or in the tenant has the userPrincipalName `{}`",
            value::shorten(member)
        ),
    }
}

fn exists(
    app: &App,
    tenant: &Tenant,
    member: &str,
    known: &mut IdMap<Hashed, bool>,
) -> Result<bool, Failure> {
    let text = Hashed::name(member);
    if let Some(exists) = known.get(&text) {
        return Ok(*exists);
    }
    let key = Key::new(KeyName::UserPrincipalName, member);
    let exists = app
        .store
        .read(|reader| reader.holder(tenant.id, &key))?
        .is_some();
    known.insert(text, exists);
    Ok(exists)
}
