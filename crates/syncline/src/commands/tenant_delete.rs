//! `syncline tenant delete`. What would be lost is told first, and nothing is written unless the tenant's domain is said
//! with it. Then the tenant is gone at once, and its rows go slice by slice: called again, it goes on.

use serde::{Deserialize, Serialize};
use syncline_model::TenantId;
use syncline_model::fold::fold;
use syncline_runner::Losses;
use syncline_store::{Reader, StoreError, Tenant};

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::{Progress, Step};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TenantDelete {
    /// Id or verified domain.
    pub tenant: String,
    /// The default domain, from who means it. Nothing is written without it.
    pub confirm: Option<String>,
    /// Say what would be lost.
    pub dry_run: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Deletion {
    /// Nothing was written.
    Planned,
    /// It is gone, and not all of its rows were removed yet. Nothing was done now.
    Begun,
    /// The same, after some were removed: nobody waited for the rest.
    Interrupted,
    Done,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deleted {
    pub tenant_id: TenantId,
    pub display_name: String,
    /// The default one: what is to be typed.
    pub domain: String,
    pub deletion: Deletion,
    /// What is lost with it; not known any more of one whose deletion had begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub losses: Option<Losses>,
    /// Rows of the database that were removed now.
    pub rows_removed: u64,
    /// Those that are left.
    pub rows_left: u64,
}

impl Action for TenantDelete {
    type Output = Deleted;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Deleted, Failure> {
        let (tenant, losses) = app.store.read(|reader| {
            Ok::<_, Failure>(match leaving(reader, &self.tenant)? {
                Some(tenant) => (tenant, None),
                None => {
                    let tenant = app.tenant(reader, &self.tenant)?;
                    let losses = Losses::of(reader, tenant.id)?;
                    (tenant, Some(losses))
                }
            })
        })?;
        let id = tenant.id;
        let mut deleted = Deleted {
            tenant_id: id,
            domain: tenant.default_domain().to_owned(),
            deletion: match losses {
                Some(_) => Deletion::Planned,
                None => Deletion::Begun,
            },
            display_name: tenant.display_name,
            losses,
            rows_removed: 0,
            rows_left: 0,
        };
        if deleted.losses.is_some() {
            let confirmed = self.confirm.as_ref().filter(|_| !self.dry_run);
            let Some(typed) = confirmed else {
                return Ok(deleted);
            };
            if fold(typed.trim()) != fold(&deleted.domain) {
                return Err(not_confirmed(typed, &deleted));
            }
            app.runner.let_tenant_leave(id)?;
            tracing::warn!(tenant = %id, "a tenant is deleted: it is gone, and its rows are removed");
        }
        let total = app.store.read(|reader| reader.count_left_of(id))?;
        if self.dry_run {
            deleted.rows_left = total;
            return Ok(deleted);
        }
        let done = app.runner.remove_left_of_tenant(id, |removed| {
            deleted.rows_removed = removed;
            progress.step(Step {
                label: format!("removing {}", deleted.domain),
                done: removed,
                total: total.max(removed),
            });
            !progress.gone()
        })?;
        if done {
            let rows = deleted.rows_removed;
            tracing::warn!(tenant = %id, rows, "a tenant is deleted: nothing of it is left");
        }
        deleted.deletion = match done {
            true => Deletion::Done,
            false => Deletion::Interrupted,
        };
        if !done {
            deleted.rows_left = app.store.read(|reader| reader.count_left_of(id))?;
        }
        Ok(deleted)
    }

    fn text(output: &Deleted) -> String {
        let Deleted {
            tenant_id,
            display_name,
            domain,
            rows_left,
            ..
        } = output;
        let goes_on = format!(
            "The tenant {display_name} ({domain}) is gone, and {rows_left} rows of it are left: its domains are free when they are removed.\n`syncline tenant delete --tenant {tenant_id}` goes on.\n"
        );
        match output.deletion {
            Deletion::Planned => format!(
                "To be deleted, for good: the tenant {display_name} ({domain}), {tenant_id}\n{}Nothing was written. `--confirm {domain}` deletes it.\n",
                losses(output)
            ),
            Deletion::Begun => goes_on,
            Deletion::Interrupted => format!("Stopped.\n{goes_on}"),
            Deletion::Done => format!(
                "Deleted: the tenant {display_name} ({domain}), {tenant_id}, with {} rows\n",
                output.rows_removed
            ),
        }
    }

    fn is_good(output: &Deleted) -> bool {
        output.deletion != Deletion::Interrupted
    }
}

/// What would be lost, in words.
pub fn losses(of: &Deleted) -> String {
    let Some(losses) = &of.losses else {
        return String::new();
    };
    let counts = [
        ("users", losses.users),
        ("groups", losses.groups),
        ("applications", losses.applications),
        ("in the recycle bin", losses.recycled),
        (
            "jobs, with their configurations and logs",
            losses.jobs.len() as u64,
        ),
        (
            "links of theirs, to people who stay in other tenants",
            losses.links,
        ),
    ];
    let mut text: String = counts
        .iter()
        .map(|(what, count)| format!("  {count:>9} {what}\n"))
        .collect();
    if !losses.jobs_of_others.is_empty() {
        text.push_str(&format!(
            "Jobs of other tenants lead into it, with {} links. They stay, and fail from then on:\n",
            losses.links_of_others
        ));
        for job in &losses.jobs_of_others {
            text.push_str(&format!("  {} of {}\n", job.job_id, job.source_tenant_id));
        }
    }
    text
}

/// A tenant whose deletion has begun, by its id or one of its domains.
fn leaving(reader: &Reader<'_>, text: &str) -> Result<Option<Tenant>, StoreError> {
    match text.trim().parse::<TenantId>() {
        Ok(id) => reader.leaving_tenant(id),
        Err(_) => reader.leaving_tenant_of_domain(text.trim()),
    }
}

fn not_confirmed(typed: &str, of: &Deleted) -> Failure {
    let Deleted {
        display_name,
        domain,
        ..
    } = of;
    Failure::new(format!(
        "nothing was deleted: `{typed}` is not the default domain of the tenant {display_name}"
    ))
    .with_help(format!("`--confirm {domain}` deletes it"))
    .with_exit_code(2)
}
