//! Which tenants and jobs there are, and whether they can be read: what belongs to one that can not is looked at all the
//! same.

use syncline_model::{Job, TenantId};
use syncline_store::{JobRow, StoreError};

use super::Check;
use crate::app::App;
use crate::failure::{Failure, RESTORE};

/// A tenant, and what it is called; its id where its row can not be read.
pub(super) struct NamedTenant {
    pub(super) id: TenantId,
    pub(super) name: String,
}

/// All tenants, and whether each can be read. What belongs to one that can not is looked at all the same.
pub(super) fn tenants(app: &App) -> Result<(Vec<NamedTenant>, Check), Failure> {
    let mut unreadable = Few::default();
    let named = app.store.read(|reader| {
        let ids = reader.tenant_ids()?;
        let named = ids.into_iter().map(|id| {
            match reader.tenant(id) {
                Err(StoreError::Damaged(_)) => {
                    unreadable.add(id.to_string());
                    Ok(Some(id.to_string()))
                }
                tenant => Ok(tenant?.map(|it| it.display_name)),
            }
            .map(|name| name.map(|name| NamedTenant { id, name }))
        });
        named
            .filter_map(Result::transpose)
            .collect::<Result<Vec<_>, StoreError>>()
    })?;
    let check = unreadable.unreadable("tenants", named.len());
    Ok((named, check))
}

/// The jobs that can be read, those of them that are not found when they are due, and whether all can be read.
pub(super) fn readable_jobs(rows: Vec<JobRow>) -> (Vec<Job>, Few, Check) {
    let count = rows.len();
    let (mut unreadable, mut unfound) = (Few::default(), Few::default());
    let mut readable = Vec::with_capacity(count);
    for JobRow {
        id, job, is_found, ..
    } in rows
    {
        match job {
            Err(_) => unreadable.add(id.to_string()),
            Ok(job) => {
                if !is_found {
                    unfound.add(id.to_string());
                }
                readable.push(job);
            }
        }
    }
    (readable, unfound, unreadable.unreadable("jobs", count))
}

/// Jobs are looked for by copies of what they say.
pub(super) fn schedules(unfound: Few, of: usize) -> Check {
    let name = "job schedules";
    match unfound.example {
        None => Check::ok(name, format!("{of} jobs are found when they are due")),
        Some(example) => Check::problem(
            name,
            format!(
                "{} of {of} jobs are not looked for when they say, e.g. {example}",
                unfound.count
            ),
            format!(
                "syncline jobs run --job {example} --wait: the end of a cycle writes anew when the next one is due; and report this"
            ),
        ),
    }
}

/// How many there are of something, and one of them.
#[derive(Default)]
pub(super) struct Few {
    pub(super) count: usize,
    pub(super) example: Option<String>,
}

impl Few {
    pub(super) fn add(&mut self, name: String) {
        self.count += 1;
        self.example.get_or_insert(name);
    }

    /// Of rows that can not be read.
    fn unreadable(self, name: &str, of: usize) -> Check {
        match self.example {
            None => Check::ok(name, format!("{of} can be read")),
            Some(example) => Check::problem(
                name,
                format!("{} of {of} cannot be read, e.g. {example}", self.count),
                RESTORE,
            ),
        }
    }
}
