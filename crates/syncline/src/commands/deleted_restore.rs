//! `syncline deleted restore`: takes people out of a tenant's recycle bin, page by page. One who can
//! not come back does not stop the others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use syncline_directory::Context;
use syncline_directory::deleted_items::{self, Restoration};
use syncline_model::fold::fold;
use syncline_model::{Attr, EntityKind, ObjectId, Problem, ProblemKind, Timestamp};
use syncline_store::{StoreError, Stored, Tenant};

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::{Progress, Step};

/// Restored in one transaction: others write in between.
const PAGE: usize = 200;
/// So many who can not come back are named; all are counted.
const MOST_SHOWN: usize = 20;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeletedRestore {
    /// Id or verified domain.
    pub tenant: String,
    /// Names or ids; empty means everybody.
    pub users: Vec<String>,
    /// Only who was deleted since then.
    pub deleted_since: Option<Timestamp>,
    /// Leave addresses behind that others have by now.
    pub without_taken_addresses: bool,
    /// Say what would be done.
    pub dry_run: bool,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    /// Nothing was written.
    pub dry_run: bool,
    pub restored: u64,
    /// Who can not come back, or is not there.
    pub failed: u64,
    /// The first of them, and why.
    pub failures: Vec<Failed>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    pub user: String,
    pub reason: String,
}

impl Restored {
    fn fail(&mut self, user: String, reason: String) {
        self.failed += 1;
        if self.failures.len() < MOST_SHOWN {
            self.failures.push(Failed { user, reason });
        }
    }
}

/// How the transaction of a page ends when it is not committed.
enum End {
    Broken(Failure),
    /// As asked for.
    DryRun(Vec<Result<(), Problem>>),
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        Self::Broken(error.into())
    }
}

impl Action for DeletedRestore {
    type Output = Restored;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Restored, Failure> {
        let tenant = app.store.read(|reader| app.tenant(reader, &self.tenant))?;
        let mut named: BTreeMap<String, bool> = self
            .users
            .iter()
            .map(|it| (fold(it.trim()), false))
            .collect();
        let mut restored = Restored {
            dry_run: self.dry_run,
            ..Restored::default()
        };
        let (mut after, mut read) = (None, 0);
        loop {
            let page = app
                .store
                .read(|reader| reader.recycled(tenant.id, EntityKind::User, after, PAGE))?;
            let Some(last) = page.last() else { break };
            after = Some(last.entry.id);
            read += page.len() as u64;
            let wanted: Vec<Stored> = page
                .into_iter()
                .filter(|it| self.wants(it, &mut named))
                .collect();
            let outcomes = self.page(app, &tenant, &wanted)?;
            for (stored, outcome) in wanted.iter().zip(outcomes) {
                match outcome {
                    Ok(()) => restored.restored += 1,
                    Err(problem) => restored.fail(name(stored), problem.message),
                }
            }
            progress.step(Step {
                label: "looking through the recycle bin".to_owned(),
                done: read,
                total: read,
            });
        }
        for (name, _) in named.into_iter().filter(|(_, found)| !found) {
            restored.fail(name, "is not in the recycle bin".to_owned());
        }
        Ok(restored)
    }

    fn text(output: &Restored) -> String {
        let users = match output.restored {
            1 => "1 user".to_owned(),
            count => format!("{count} users"),
        };
        let mut text = if output.dry_run {
            format!("{users} would be restored; nothing was written (--dry-run)\n")
        } else {
            format!("{users} restored\n")
        };
        for Failed { user, reason } in &output.failures {
            text.push_str(&format!("  not {user}: {reason}\n"));
        }
        let more = output.failed - output.failures.len() as u64;
        if more > 0 {
            text.push_str(&format!("  … and {more} more not\n"));
        }
        text
    }

    fn is_good(output: &Restored) -> bool {
        output.failed == 0
    }
}

impl DeletedRestore {
    /// Whether he is meant; whoever is named is noted as found.
    fn wants(&self, stored: &Stored, named: &mut BTreeMap<String, bool>) -> bool {
        let in_time = self
            .deleted_since
            .is_none_or(|since| stored.deleted_at.is_some_and(|at| at >= since));
        if !in_time || self.users.is_empty() {
            return in_time;
        }
        let keys = [fold(&name(stored)), stored.entry.id.to_string()];
        let mut found = false;
        for key in keys {
            if let Some(noted) = named.get_mut(&key) {
                (*noted, found) = (true, true);
            }
        }
        found
    }

    /// Restores a page in one transaction, or takes it back.
    fn page(
        &self,
        app: &App,
        tenant: &Tenant,
        wanted: &[Stored],
    ) -> Result<Vec<Result<(), Problem>>, Failure> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let how = Restoration {
            without_taken_addresses: self.without_taken_addresses,
            ..Restoration::default()
        };
        let ended = app.store.write(|tx| {
            let context = Context {
                tenant,
                now: app.clock.now(),
                ids: app.ids.as_ref(),
            };
            let mut outcomes = Vec::with_capacity(wanted.len());
            for stored in wanted {
                let id: ObjectId = stored.entry.id;
                match deleted_items::restore(tx, &context, id, how) {
                    Ok(_) => outcomes.push(Ok(())),
                    // His own trouble: found out before anything of him is written.
                    Err(problem)
                        if matches!(
                            problem.kind,
                            ProblemKind::BadRequest | ProblemKind::NotFound
                        ) =>
                    {
                        outcomes.push(Err(problem));
                    }
                    Err(problem) => return Err(End::Broken(problem.into())),
                }
            }
            if self.dry_run {
                return Err(End::DryRun(outcomes));
            }
            Ok(outcomes)
        });
        match ended {
            Ok(outcomes) | Err(End::DryRun(outcomes)) => Ok(outcomes),
            Err(End::Broken(failure)) => Err(failure.with_help(
                "the pages before it are restored; run the command again, it goes on with the others",
            )),
        }
    }
}

fn name(stored: &Stored) -> String {
    let name = stored.entry.text(Attr::USER_PRINCIPAL_NAME);
    name.map_or_else(|| stored.entry.id.to_string(), str::to_owned)
}
