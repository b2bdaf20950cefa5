//! `syncline deleted restore`: takes people or groups out of a tenant's recycle bin, page by page. One who can
//! not come back does not stop the others. Of several of one name the one deleted last is meant, as
//! in an import: the bin is read through for that first, since it is walked by id. All groups of a name can
//! be there together, so that all come back where none is named.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use syncline_directory::Context;
use syncline_directory::deleted_items::{self, Rehearsal, Restoration};
use syncline_model::fold::fold;
use syncline_model::{EntityKind, ObjectId, Problem, ProblemKind, Timestamp};
use syncline_store::{StoreError, Stored, Tenant};

use super::{Action, recycled};
use crate::app::App;
use crate::failure::Failure;
use crate::named::{graph_name, name_of};
use crate::progress::{Progress, Step};

/// Restored in one transaction: others write in between.
const PAGE: usize = 200;
/// So many who can not come back are named; all are counted.
const MOST_SHOWN: usize = 20;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeletedRestore {
    /// Id or verified domain.
    pub tenant: String,
    #[serde(with = "graph_name")]
    pub kind: EntityKind,
    /// Names or ids; empty means all.
    pub named: Vec<String>,
    /// Only who was deleted since then.
    pub deleted_since: Option<Timestamp>,
    /// Leave addresses behind that others have by now.
    pub without_taken_addresses: bool,
    /// Say what would be done.
    pub dry_run: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    #[serde(with = "graph_name")]
    pub kind: EntityKind,
    /// Nothing was written.
    pub dry_run: bool,
    /// Only who was deleted since then (UTC, ISO 8601) was looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_since: Option<String>,
    pub restored: u64,
    /// Who can not come back, or is not there.
    pub failed: u64,
    /// The first of them, and why.
    pub failures: Vec<Failed>,
    /// Nobody waited for it any more, and it stopped behind so many of the recycle bin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_after: Option<u64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    pub reason: String,
}

impl Restored {
    fn fail(&mut self, name: String, reason: String) {
        self.failed += 1;
        if self.failures.len() < MOST_SHOWN {
            let (user, group) = match self.kind {
                EntityKind::Group => (None, Some(name)),
                _ => (Some(name), None),
            };
            self.failures.push(Failed {
                user,
                group,
                reason,
            });
        }
    }
}

/// How the transaction of a page ends when it is not committed.
enum End {
    Broken(Failure),
    /// As asked for.
    DryRun(Vec<Result<Stored, Problem>>),
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
        let mut restored = Restored {
            kind: self.kind,
            dry_run: self.dry_run,
            deleted_since: self.deleted_since.map(|at| at.to_string()),
            restored: 0,
            failed: 0,
            failures: Vec::new(),
            stopped_after: None,
        };
        let Some(meant) = self.meant(app, &tenant, progress)? else {
            restored.stopped_after = Some(0);
            return Ok(restored);
        };
        let (mut after, mut read) = (None, 0);
        let mut rehearsal = Rehearsal::default();
        loop {
            if progress.gone() {
                restored.stopped_after = Some(read);
                break;
            }
            let page = recycled::page(app, &tenant, self.kind, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.entry.id);
            read += page.len() as u64;
            let mut wanted = Vec::with_capacity(page.len());
            for stored in page.into_iter().filter(|it| self.is_in_time(it)) {
                match meant.is(&stored) {
                    Some(true) => wanted.push(stored),
                    Some(false) => {
                        let reason = format!(
                            "another {} of the name `{}` was deleted later; name this one by id",
                            self.kind.graph_name(),
                            name(&stored)
                        );
                        restored.fail(stored.entry.id.to_string(), reason);
                    }
                    None => {}
                }
            }
            let outcomes = self.page(app, &tenant, &wanted, &rehearsal)?;
            for (stored, outcome) in wanted.iter().zip(outcomes) {
                match outcome {
                    Ok(back) => {
                        restored.restored += 1;
                        if self.dry_run {
                            rehearsal.note(&back);
                        }
                    }
                    Err(problem) => restored.fail(name(stored), problem.message),
                }
            }
            progress.step(Step {
                label: "looking through the recycle bin".to_owned(),
                done: read,
                total: read,
            });
        }
        for (name, _) in meant.named.into_iter().filter(|(_, found)| !found) {
            let reason = match meant.before.get(&name) {
                Some(at) => format!("was deleted at {at}, before --deleted-since"),
                None => "is not in the recycle bin".to_owned(),
            };
            restored.fail(name, reason);
        }
        Ok(restored)
    }

    fn text(output: &Restored) -> String {
        let kind = output.kind.graph_name();
        let restored = match output.restored {
            1 => format!("1 {kind}"),
            count => format!("{count} {kind}s"),
        };
        let mut text = if output.dry_run {
            let since = output.deleted_since.as_ref();
            let since = since.map(|at| format!(", deleted since {at}"));
            let since = since.unwrap_or_default();
            format!("{restored} would be restored{since}; nothing was written (--dry-run)\n")
        } else {
            format!("{restored} restored\n")
        };
        for Failed {
            user,
            group,
            reason,
        } in &output.failures
        {
            let name = user.as_deref().or(group.as_deref()).unwrap_or_default();
            text.push_str(&format!("  not {name}: {reason}\n"));
        }
        let more = output.failed - output.failures.len() as u64;
        if more > 0 {
            text.push_str(&format!("  … and {more} more not\n"));
        }
        if let Some(read) = output.stopped_after {
            let others = if output.dry_run {
                "of the others nothing is known"
            } else {
                "run the command again, it goes on with the others; whoever is named and back already is told as not in there then"
            };
            text.push_str(&format!(
                "stopped after {read} of the recycle bin; {others}\n"
            ));
        }
        text
    }

    fn is_good(output: &Restored) -> bool {
        output.failed == 0 && output.stopped_after.is_none()
    }
}

/// Who is to be restored.
struct Meant {
    /// Nobody was named.
    everybody: bool,
    /// Two of one name can be there together.
    share_names: bool,
    /// Folded names and ids that were asked for, and whether they are in the bin.
    named: BTreeMap<String, bool>,
    /// Those of them that were deleted before that is asked for, and when the last one was.
    before: BTreeMap<String, Timestamp>,
    /// Folded name, of those who are asked for by it → who was deleted last under it.
    newest: HashMap<String, (Option<Timestamp>, ObjectId)>,
}

impl Meant {
    fn note(&mut self, stored: &Stored) {
        let id = stored.entry.id;
        if let Some(found) = self.named.get_mut(&id.to_string()) {
            *found = true;
        }
        let name = fold(&name(stored));
        if let Some(found) = self.named.get_mut(&name) {
            *found = true;
        } else if !self.everybody || self.share_names {
            return;
        }
        let this = (stored.deleted_at, id);
        let newest = self.newest.entry(name).or_insert(this);
        *newest = (*newest).max(this);
    }

    /// Notes somebody who was deleted earlier than is asked for.
    fn note_before(&mut self, stored: &Stored) {
        let Some(at) = stored.deleted_at else { return };
        for named in [stored.entry.id.to_string(), fold(&name(stored))] {
            if self.named.contains_key(&named) {
                let last = self.before.entry(named).or_insert(at);
                *last = at.max(*last);
            }
        }
    }

    /// Whether he comes back; nothing when he was not asked for.
    fn is(&self, stored: &Stored) -> Option<bool> {
        let id = stored.entry.id;
        if self.named.contains_key(&id.to_string()) {
            return Some(true);
        }
        let name = fold(&name(stored));
        if !self.everybody && !self.named.contains_key(&name) {
            return None;
        }
        // Whoever was deleted since the bin was read through has nobody before him.
        let newest = self.newest.get(&name);
        Some(newest.is_none_or(|(_, newest)| *newest == id))
    }
}

impl DeletedRestore {
    /// Reads the bin through; nothing when nobody waits for it any more.
    fn meant(
        &self,
        app: &App,
        tenant: &Tenant,
        progress: &dyn Progress,
    ) -> Result<Option<Meant>, Failure> {
        let named = self.named.iter().map(|it| (fold(it.trim()), false));
        let mut meant = Meant {
            everybody: self.named.is_empty(),
            share_names: self.kind == EntityKind::Group,
            named: named.collect(),
            before: BTreeMap::new(),
            newest: HashMap::new(),
        };
        let mut after = None;
        while !progress.gone() {
            let page = recycled::page(app, tenant, self.kind, after, PAGE)?;
            let Some(last) = page.last() else {
                return Ok(Some(meant));
            };
            after = Some(last.entry.id);
            for stored in &page {
                match self.is_in_time(stored) {
                    true => meant.note(stored),
                    false => meant.note_before(stored),
                }
            }
        }
        Ok(None)
    }

    fn is_in_time(&self, stored: &Stored) -> bool {
        self.deleted_since
            .is_none_or(|since| stored.deleted_at.is_some_and(|at| at >= since))
    }

    /// Restores a page in one transaction, or takes it back. `rehearsal`: what the pages before took back.
    fn page(
        &self,
        app: &App,
        tenant: &Tenant,
        wanted: &[Stored],
        rehearsal: &Rehearsal,
    ) -> Result<Vec<Result<Stored, Problem>>, Failure> {
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
                let back = rehearsal
                    .check(stored, how)
                    .and_then(|()| deleted_items::restore(tx, &context, id, how));
                match back {
                    Ok(back) => outcomes.push(Ok(back)),
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
    let name = stored.entry.text(name_of(stored.entry.kind));
    name.map_or_else(|| stored.entry.id.to_string(), str::to_owned)
}
