//! Checks every row of `groups.csv` and writes nothing.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use syncline_model::fold::fold;
use syncline_model::{Attr, EntityKind, IdMap, ObjectId, Value, is_role_assignable};
use syncline_store::{Key, KeyName, ObjectState, Stored, Tenant};

use super::BYTES;
use super::check_users::People;
use super::problems::{Place, Problems, name};
use super::row::Wrong;
use super::rows::Hashed;
use super::table::Table;
use super::{End, value};
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

const DISPLAY_NAME: &str = "displayName";
const MEMBER: &str = "member";
const LONGEST_NAME: usize = 256;
const PAGE: usize = 1000;

/// What writing needs to know of the checked file.
#[derive(Debug, Default)]
pub struct Groups {
    /// Groups of the tenant that the file adds to, by folded name.
    pub existing: HashMap<String, ObjectId>,
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

/// Checks the file: header, names, that every member is somebody, and that each name means one
/// group at most.
pub(super) fn check(
    app: &App,
    tenant: &Tenant,
    file: &Path,
    people: &People,
    problems: &mut Problems,
    progress: &dyn Progress,
) -> Result<Groups, End> {
    let mut table = Table::open(file)?;
    let (display_name_at, member_at) = header(file, &table.header)?;
    let in_tenant = groups_of_tenant(app, tenant)?;
    let mut groups = Groups {
        display_name_at,
        member_at,
        ..Groups::default()
    };
    let mut new: HashSet<String> = HashSet::new();
    // Members who are not in users.csv: asked for once each.
    let mut known: IdMap<Hashed, bool> = IdMap::default();
    let label = format!("checking {}", name(file));
    while let Some(line) = table.next(&label, progress)? {
        let checked = match &line.cells {
            Err(message) => Err(Wrong {
                column: 0,
                message: message.clone(),
            }),
            Ok(cells) => {
                let display_name = cells.get(display_name_at).unwrap_or_default();
                let member = cells.get(member_at).unwrap_or_default();
                check_name(display_name, display_name_at, &in_tenant)
                    .and_then(|existing| {
                        if member.is_empty() {
                            return Err(Wrong {
                                column: member_at,
                                message: "member: a value is required".to_owned(),
                            });
                        }
                        Ok(existing)
                    })
                    .map(|existing| (display_name.to_owned(), member.to_owned(), existing))
            }
        };
        let wrong = match checked {
            Err(wrong) => wrong,
            Ok((display_name, member, existing)) => {
                if people.has(&member) || exists(app, tenant, &member, &mut known)? {
                    let folded = fold(&display_name);
                    match existing {
                        Some(id) => {
                            groups.existing.insert(folded, id);
                        }
                        None if new.insert(folded.clone()) => {
                            groups.new.push((folded, display_name))
                        }
                        None => {}
                    }
                    continue;
                }
                let message = format!(
                    "member: nobody in the file or in the tenant has the userPrincipalName `{}`",
                    value::shorten(&member)
                );
                Wrong {
                    column: member_at,
                    message,
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

/// A group of the tenant, as far as it matters.
enum Known {
    One(ObjectId),
    /// Its members can not be added to, and why.
    Closed(&'static str),
    Several,
}

/// The group that a name stands for; `None`: it is to be made.
fn check_name(
    display_name: &str,
    column: usize,
    in_tenant: &HashMap<String, Known>,
) -> Result<Option<ObjectId>, Wrong> {
    let wrong = |message: String| {
        Err(Wrong {
            column,
            message: format!("displayName: {message}"),
        })
    };
    if display_name.is_empty() {
        return wrong("a value is required".to_owned());
    }
    if display_name.chars().count() > LONGEST_NAME {
        return wrong(format!(
            "`{}` has more than {LONGEST_NAME} characters",
            value::shorten(display_name)
        ));
    }
    match in_tenant.get(&fold(display_name)) {
        None => Ok(None),
        Some(Known::One(id)) => Ok(Some(*id)),
        Some(Known::Closed(why)) => wrong(format!(
            "the group `{}` {why}",
            value::shorten(display_name)
        )),
        Some(Known::Several) => wrong(format!(
            "the tenant has more than one group `{}`; rename all but one",
            value::shorten(display_name)
        )),
    }
}

fn groups_of_tenant(app: &App, tenant: &Tenant) -> Result<HashMap<String, Known>, Failure> {
    app.store.read(|reader| {
        let mut found = HashMap::new();
        let mut after = None;
        loop {
            let kind = EntityKind::Group;
            let limit = reader.fitting(tenant.id, kind, after, PAGE, BYTES)?;
            let page = reader.scan(tenant.id, kind, ObjectState::Live, after, limit)?;
            for group in &page.rows {
                let name = fold(group.entry.text(Attr::DISPLAY_NAME).unwrap_or_default());
                let known = if found.contains_key(&name) {
                    Known::Several
                } else {
                    known(group)
                };
                found.insert(name, known);
            }
            after = page.next;
            if after.is_none() {
                return Ok(found);
            }
        }
    })
}

fn known(group: &Stored) -> Known {
    // Whoever fills it gives its roles away, which takes more than a file of people.
    if is_role_assignable(&group.entry.attrs) {
        return Known::Closed("may hold directory roles; its members are changed over Graph");
    }
    let types = group
        .entry
        .get(Attr::GROUP_TYPES)
        .map(Value::as_slice)
        .unwrap_or_default();
    if types
        .iter()
        .any(|it| it.as_text() == Some("DynamicMembership"))
    {
        return Known::Closed("has dynamic membership; its members follow from its rule");
    }
    if group.entry.bool(Attr::SECURITY_ENABLED) != Some(true) {
        return Known::Closed("is not a security group");
    }
    Known::One(group.entry.id)
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
