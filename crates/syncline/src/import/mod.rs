//! Import: every row is checked before the first one is written, so that a file with a mistake
//! changes nothing; then pages of rows are written, each in one transaction.
//!
//! The files are read several times instead of being held: to check the people ([`check_users`]),
//! to check the groups ([`check_groups`]) and their members ([`check_members`]), to hand over addresses that people give up for others
//! ([`write_addresses`]), to write people ([`write_users`]),
//! their managers ([`write_managers`]) and the members of the groups ([`write_groups`], [`write_members`]). What stays
//! in memory are the hashes of names and addresses that later rows may refer to or repeat ([`rows`]), the ids of
//! whoever the file names as a member, and whose address changes hands.
//!
//! A dry run takes the same way, and decides about each page without carrying that out ([`pages`]).
//!
//! Nothing is deleted, an empty cell says nothing, and a second run changes nothing. Members whom the file does not name
//! stay, unless it is asked for that they go.

mod check_addresses;
mod check_groups;
mod check_managers;
mod check_members;
mod check_recycle_bin;
mod check_users;
mod columns;
mod known_groups;
mod known_users;
mod left_behind;
mod moves;
mod normalized;
mod pages;
mod problems;
mod recycled;
mod refused;
mod row;
mod rows;
mod table;
mod value;
mod write_addresses;
mod write_groups;
mod write_managers;
mod write_members;
mod write_users;

use serde::{Deserialize, Serialize};
use syncline_store::StoreError;

use crate::app::App;
use crate::commands::import::Import;
use crate::failure::Failure;
use crate::interrupt;
use crate::progress::Progress;

use check_members::Members;
use check_users::People;
use left_behind::Addresses;
use pages::Pages;
use problems::Problems;

/// Rows per transaction.
const PAGE: usize = 2000;

/// Brought back in one transaction: each takes several statements, and others write in between.
const RESTORED_AT_ONCE: usize = 200;

/// Bytes of objects of the tenant that are in memory together, as they are stored.
const BYTES: usize = 4 * 1024 * 1024;

/// What an import did. Counts that came later are required as well: an older server that still runs does not know what they
/// were asked for, and its answer is not taken for nothing to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Nothing was written: the counts say what would be done.
    #[serde(default)]
    pub dry_run: bool,
    pub created: u64,
    /// Brought back from the recycle bin with `--restore`; not among those created or updated.
    #[serde(default)]
    pub restored: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// So many of those who are updated gave their address up before anybody was written, for others to take. For whoever
    /// interrupts the import then.
    #[serde(skip)]
    pub addresses_handed_over: u64,
    pub managers_set: u64,
    pub groups_created: u64,
    /// As [`Summary::restored`].
    pub groups_restored: u64,
    pub members_added: u64,
    /// With `--remove-members`.
    pub members_removed: u64,
    /// Members of groups in the file, live users, whom it does not name and who stay.
    pub members_not_named: u64,
    /// Rows left out with `--skip-invalid`.
    pub skipped: u64,
    /// The first of them, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped_rows: Vec<String>,
    /// What is no mistake, but hardly meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Why an import did not come to its end.
#[derive(Debug)]
enum End {
    Failed(Failure),
    /// Nobody waits for it any more. Asked between two pages.
    Interrupted,
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Imports the files that `request` names, or says what that would do.
pub fn run(
    app: &App,
    request: &Import,
    dry_run: bool,
    progress: &dyn Progress,
) -> Result<Summary, Failure> {
    let mut summary = Summary {
        dry_run,
        ..Summary::default()
    };
    let mut people = People::default();
    match import(app, request, &mut people, &mut summary, progress) {
        Ok(()) => Ok(summary),
        Err(End::Failed(failure)) => Err(failure),
        Err(End::Interrupted) => Err(interrupted(&summary, people.count())),
    }
}

/// `people`: so many are in the file.
fn interrupted(summary: &Summary, people: usize) -> Failure {
    if summary.dry_run {
        return Failure::new("the dry run was interrupted; nothing was written")
            .with_exit_code(interrupt::EXIT_CODE);
    }
    let imported = summary.created + summary.restored + summary.updated + summary.unchanged;
    let mut came = Vec::new();
    if people > 0 {
        came.push(format!("{imported} of {people} people are imported"));
    }
    for (count, what) in [
        (summary.addresses_handed_over, "addresses handed over"),
        (summary.managers_set, "managers set"),
        (summary.groups_created, "groups created"),
        (summary.groups_restored, "groups restored"),
        (summary.members_removed, "members removed"),
        (summary.members_added, "members added"),
    ] {
        if count > 0 {
            came.push(format!("{count} {what}"));
        }
    }
    let came = match came.as_slice() {
        [] => "nothing is imported".to_owned(),
        came => format!(
            "{}; the rest follows when you run the same command again",
            came.join(", ")
        ),
    };
    Failure::new(format!("the import was interrupted: {came}")).with_exit_code(interrupt::EXIT_CODE)
}

fn import(
    app: &App,
    request: &Import,
    checked: &mut People,
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<(), End> {
    let tenant = app
        .store
        .read(|reader| app.tenant(reader, &request.tenant))?;
    let mut problems = Problems::default();

    let people = check_users::check(
        app,
        &tenant,
        &request.users,
        request.in_recycle_bin,
        &mut problems,
        progress,
    )?;
    let groups = match &request.groups {
        Some(file) => Some((
            file,
            check_groups::check(
                app,
                &tenant,
                file,
                &people,
                request.in_recycle_bin,
                &mut problems,
                progress,
            )?,
        )),
        None => None,
    };
    if problems.count() > 0 && !request.skip_invalid {
        return Err(problems.into_failure().into());
    }

    summary.warnings = problems.take_warnings();
    summary.skipped = problems.count();
    summary.skipped_rows = problems.into_lines();
    let members = match &groups {
        Some((file, groups)) => check_members::check(
            app,
            &tenant,
            file,
            (&people, groups),
            request.other_members,
            summary,
            progress,
        )?,
        None => Members::default(),
    };
    // From here on something is written.
    *checked = people;
    let people = &*checked;
    let pages = Pages {
        app,
        tenant: &tenant,
        dry_run: summary.dry_run,
    };
    let mut addresses_so_far = Addresses::default();
    write_addresses::write(&pages, people, summary, progress)?;
    let users = &request.users;
    write_users::write(
        &pages,
        users,
        people,
        &mut addresses_so_far,
        summary,
        progress,
    )?;
    write_managers::write(&pages, users, people, summary, progress)?;
    if let Some((file, groups)) = groups {
        let both = (people, &groups);
        let ids = write_groups::write(&pages, both, &mut addresses_so_far, summary, progress)?;
        write_members::remove(&pages, people, &members, summary, progress)?;
        let groups = (&groups, &ids);
        write_members::add(&pages, file, people, groups, summary, progress)?;
    }
    Ok(())
}
