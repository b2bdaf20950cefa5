//! Checks every row of `users.csv` and writes nothing.

use std::collections::HashSet;
use std::path::Path;

use syncline_directory::{Context, users};
use syncline_model::{Attr, IdMap, ObjectId, Problem, Schema};
use syncline_store::{Key, KeyName, Reader, Tenant};

use super::columns::{self, Column};
use super::problems::{Place, Problems, name};
use super::recycled::{self, Recycled};
use super::row::{Person, Wrong};
use super::rows::{At, Hashed, Rows};
use super::table::Table;
use super::{End, PAGE, value};
use crate::app::App;
use crate::commands::import::InRecycleBin;
use crate::failure::Failure;
use crate::progress::Progress;

/// What later steps need to know of the checked file.
#[derive(Debug, Default)]
pub struct People {
    rows: Rows,
    /// Rows that are left out, by their place.
    bad: HashSet<u64>,
    /// Who is in the recycle bin under a name of the file, and under no other.
    recycled: Recycled,
}

impl People {
    pub fn is_bad(&self, index: u64) -> bool {
        self.bad.contains(&index)
    }

    /// How many rows are not left out.
    pub fn count(&self) -> usize {
        self.rows.count()
    }

    /// Whether a good row has this name (any case).
    pub fn has(&self, name: &str) -> bool {
        self.rows.with_name(&Hashed::name(name)).is_some()
    }

    /// Whether a row that is not left out has this mail address (any case).
    pub fn has_address(&self, address: &str) -> bool {
        let row = self.rows.with_address(address);
        row.is_some_and(|at| !self.is_bad(at.index()))
    }

    /// Whoever is in the recycle bin under this name (any case) and is brought back.
    pub fn brought_back(&self, name: &str) -> Option<ObjectId> {
        self.recycled.get(&Hashed::name(name)).copied()
    }

    /// Everybody who is brought back, in the order of ids.
    pub fn all_brought_back(&self) -> Vec<ObjectId> {
        let mut all: Vec<ObjectId> = self.recycled.values().copied().collect();
        all.sort_unstable();
        all
    }
}

/// A row that is good by itself and still to be compared with the tenant.
struct Candidate {
    index: u64,
    line: u64,
    user_principal_name: String,
    mail: Option<String>,
}

struct Check<'a> {
    app: &'a App,
    tenant: &'a Tenant,
    file: &'a Path,
    schema: &'a Schema,
    columns: Vec<Column<'a>>,
    people: People,
    problems: &'a mut Problems,
}

/// Checks the file: the header, each row, names and addresses against the other rows and the
/// tenant, that every manager is somebody, and that it is clear what to do with names of the
/// recycle bin.
pub(super) fn check(
    app: &App,
    tenant: &Tenant,
    file: &Path,
    in_recycle_bin: InRecycleBin,
    problems: &mut Problems,
    progress: &dyn Progress,
) -> Result<People, End> {
    let mut table = Table::open(file)?;
    let schema = app.store.read(|reader| reader.schema(tenant.id))?;
    let columns = columns::bind(&schema, file, &table.header)?;
    let mut check = Check {
        app,
        tenant,
        file,
        schema: &schema,
        columns,
        people: People::default(),
        problems,
    };
    let label = format!("checking {}", name(file));
    let mut page = Vec::with_capacity(PAGE);
    while let Some(line) = table.next(&label, progress)? {
        let checked = match &line.cells {
            Ok(cells) => check.row(line.number, cells),
            Err(message) => Err(Wrong {
                column: 0,
                message: message.clone(),
            }),
        };
        match checked {
            Ok(person) => {
                let mail = person.attrs.text(Attr::MAIL).map(str::to_owned);
                let user_principal_name = person.user_principal_name;
                let rows = &mut check.people.rows;
                if !rows.insert(
                    line.index,
                    line.number,
                    &user_principal_name,
                    mail.as_deref(),
                ) {
                    return Err(too_long(file).into());
                }
                page.push(Candidate {
                    index: line.index,
                    line: line.number,
                    user_principal_name,
                    mail,
                });
            }
            Err(wrong) => check.reject(line.index, line.number, &wrong),
        }
        if page.len() == PAGE {
            check.against_tenant(&std::mem::take(&mut page))?;
        }
    }
    if let Some(warning) = table.without_rows() {
        check.problems.warn(warning);
    }
    check.against_tenant(&page)?;
    if columns::manager(&check.columns).is_some() {
        check.managers(progress)?;
    }
    check.recycle_bin(in_recycle_bin)?;
    Ok(check.people)
}

impl Check<'_> {
    fn reject(&mut self, index: u64, line: u64, wrong: &Wrong) {
        self.people.bad.insert(index);
        self.problems.add(
            self.file,
            &Place {
                line,
                column: wrong.column + 1,
            },
            &wrong.message,
        );
    }

    /// One row by itself and against the rows before it.
    fn row(&self, line: u64, cells: &csv::StringRecord) -> Result<Person, Wrong> {
        let person = Person::read(&self.columns, cells)?;
        let context = Context {
            tenant: self.tenant,
            now: self.app.clock.now(),
            ids: self.app.ids.as_ref(),
        };
        users::check(self.schema, &context, person.new_user())
            .map_err(|problem| self.refused(&person, &problem))?;
        let same = Hashed::name(&person.user_principal_name);
        if let Some(before) = self.people.rows.with_name(&same) {
            return Err(self.wrong(
                Attr::USER_PRINCIPAL_NAME,
                format!(
                    "`{}` is on line {} already",
                    value::shorten(&person.user_principal_name),
                    before.line()
                ),
            ));
        }
        if let Some(mail) = person.attrs.text(Attr::MAIL)
            && let Some(before) = self
                .people
                .rows
                .with_address(mail)
                .map(|at| at.line())
                .filter(|before| *before != line)
        {
            return Err(self.wrong(
                Attr::MAIL,
                format!("`{}` is on line {before} already", value::shorten(mail)),
            ));
        }
        Ok(person)
    }

    /// Names and addresses that the tenant's own objects hold.
    fn against_tenant(&mut self, page: &[Candidate]) -> Result<(), Failure> {
        let taken = self
            .app
            .store
            .read(|reader| taken(reader, self.tenant, page))?;
        for (candidate, _) in page.iter().zip(taken).filter(|(_, taken)| *taken) {
            let mail = candidate.mail.as_deref().unwrap_or_default();
            let wrong = self.wrong(
                Attr::MAIL,
                format!(
                    "`{}` is the address of another user or group of the tenant",
                    value::shorten(mail)
                ),
            );
            let name = Hashed::name(&candidate.user_principal_name);
            self.people.rows.remove(&name);
            self.reject(candidate.index, candidate.line, &wrong);
        }
        Ok(())
    }

    /// Reads the file again, now that all names are known.
    fn managers(&mut self, progress: &dyn Progress) -> Result<(), End> {
        let Some(at) = columns::manager(&self.columns) else {
            return Ok(());
        };
        let mut table = Table::open(self.file)?;
        let label = format!("checking managers in {}", name(self.file));
        let name_at = columns::position(&self.columns, Attr::USER_PRINCIPAL_NAME);
        let mut own = 0;
        // Managers who are not in the file: few names, asked for often.
        let mut known: IdMap<Hashed, bool> = IdMap::default();
        while let Some(line) = table.next(&label, progress)? {
            let Ok(cells) = &line.cells else { continue };
            let manager = cells.get(at).unwrap_or_default();
            if manager.is_empty() || self.people.is_bad(line.index) {
                continue;
            }
            let text = Hashed::name(manager);
            let person = name_at.and_then(|at| cells.get(at)).unwrap_or_default();
            let person = Hashed::name(person);
            own += u64::from(text == person);
            if self.people.rows.with_name(&text).is_some() {
                continue;
            }
            let exists = match known.get(&text) {
                Some(exists) => *exists,
                None => {
                    let exists = self.exists(manager)?;
                    known.insert(text, exists);
                    exists
                }
            };
            if !exists {
                let message = format!(
                    "manager: nobody in the file or in the tenant has the userPrincipalName `{}`",
                    value::shorten(manager)
                );
                self.people.rows.remove(&person);
                self.reject(
                    line.index,
                    line.number,
                    &Wrong {
                        column: at,
                        message,
                    },
                );
            }
        }
        // What lists of personnel say of who is at the top; Graph refuses it.
        if own > 0 {
            let who = match own {
                1 => "1 row names its own person".to_owned(),
                _ => format!("{own} rows name their own person"),
            };
            self.problems.warn(format!(
                "{who} as manager; nobody can be their own manager, so that manager is left out"
            ));
        }
        Ok(())
    }

    /// Whoever is in the recycle bin and has a name of the file is told, unless it is said what to
    /// do: two people of one name, of which one is deleted, are not told apart later.
    fn recycle_bin(&mut self, wanted: InRecycleBin) -> Result<(), Failure> {
        if self.people.rows.is_empty() {
            return Ok(());
        }
        let rows = &self.people.rows;
        let recycled =
            recycled::find(self.app, self.tenant, |name| rows.with_name(name).is_some())?;
        match wanted {
            InRecycleBin::Restore => self.people.recycled = recycled,
            InRecycleBin::Recreate => self.problems.warn_of_recreated(recycled.len()),
            InRecycleBin::Refuse => {
                let mut rows: Vec<At> = recycled
                    .keys()
                    .filter_map(|name| self.people.rows.remove(name))
                    .collect();
                rows.sort_unstable_by_key(At::index);
                self.problems.in_recycle_bin(rows.len());
                let wrong = self.wrong(
                    Attr::USER_PRINCIPAL_NAME,
                    "somebody of this name is in the recycle bin".to_owned(),
                );
                for row in rows {
                    self.reject(row.index(), row.line(), &wrong);
                }
            }
        }
        Ok(())
    }

    fn exists(&self, user_principal_name: &str) -> Result<bool, Failure> {
        let key = Key::new(KeyName::UserPrincipalName, user_principal_name);
        Ok(self
            .app
            .store
            .read(|reader| reader.holder(self.tenant.id, &key))?
            .is_some())
    }

    fn wrong(&self, attr: Attr, message: String) -> Wrong {
        let name = attr.core_name().unwrap_or_default();
        Wrong {
            column: columns::position(&self.columns, attr).unwrap_or_default(),
            message: format!("{name}: {message}"),
        }
    }

    /// What the directory refused, in terms of the row's cell.
    fn refused(&self, person: &Person, problem: &Problem) -> Wrong {
        let target = problem
            .details
            .first()
            .and_then(|detail| detail.target.as_deref());
        let Some(attr) = target.and_then(Attr::named) else {
            return Wrong {
                column: 0,
                message: problem.message.clone(),
            };
        };
        // The alias of a row without one is made of the name.
        let derived = attr == Attr::MAIL_NICKNAME && !person.attrs.contains(attr);
        let attr = if derived {
            Attr::USER_PRINCIPAL_NAME
        } else {
            attr
        };
        let value = person
            .attrs
            .get(attr)
            .map(syncline_model::Value::display_text)
            .unwrap_or_default();
        let domain = value
            .rsplit_once('@')
            .map(|(_, domain)| domain)
            .unwrap_or_default();
        if attr == Attr::USER_PRINCIPAL_NAME
            && !domain.is_empty()
            && !self.tenant.has_domain(domain)
        {
            let verified: Vec<&str> = self
                .tenant
                .domains
                .iter()
                .map(|it| it.name.as_str())
                .collect();
            return self.wrong(
                attr,
                format!(
                    "the domain `{}` is not verified in the tenant; verified are {}",
                    value::shorten(domain),
                    verified.join(", ")
                ),
            );
        }
        match expected(attr) {
            Some(expected) => self.wrong(
                attr,
                format!("`{}` is not {expected}", value::shorten(&value)),
            ),
            None => self.wrong(attr, problem.message.clone()),
        }
    }
}

fn too_long(file: &Path) -> Failure {
    Failure::new(format!("{} has more than {} lines", name(file), u32::MAX))
        .with_help("cut it into several files and import one after the other")
}

/// Whether each candidate's address belongs to somebody else in the tenant.
fn taken(reader: &Reader<'_>, tenant: &Tenant, page: &[Candidate]) -> Result<Vec<bool>, Failure> {
    let names: Vec<Key> = page
        .iter()
        .map(|it| Key::new(KeyName::UserPrincipalName, &it.user_principal_name))
        .collect();
    let addresses: Vec<Key> = page
        .iter()
        .map(|it| {
            Key::new(
                KeyName::ProxyAddress,
                it.mail.as_deref().unwrap_or_default(),
            )
        })
        .collect();
    let users = reader.holders(tenant.id, &names)?;
    let holders = reader.holders(tenant.id, &addresses)?;
    Ok(page
        .iter()
        .zip(users.into_iter().zip(holders))
        .map(|(candidate, (user, holder))| {
            candidate.mail.is_some() && holder.is_some() && holder != user
        })
        .collect())
}

/// What the directory accepts for the attributes whose rules are more than a type and a length.
fn expected(attr: Attr) -> Option<&'static str> {
    match attr {
        Attr::USER_PRINCIPAL_NAME => Some(
            "a sign-in name: up to 64 letters, digits and '.-_!#^~ without accents, not ending in a dot, then @ and a verified domain",
        ),
        Attr::MAIL | Attr::OTHER_MAILS => Some("a mail address"),
        Attr::MAIL_NICKNAME => {
            Some("a mail alias: up to 64 ASCII characters without spaces and @()\\[]\";:<>,")
        }
        Attr::USAGE_LOCATION => Some("a two-letter country code such as DE"),
        Attr::BUSINESS_PHONES => Some("a single telephone number"),
        _ => None,
    }
}
