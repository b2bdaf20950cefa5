//! Which tenants and jobs there are, and whether they can be read: what belongs to one that can not is looked at all the
//! same.

use syncline_model::{Job, TenantId};
use syncline_store::{JobRow, StoreError};

use super::Check;
use super::subject::Subject;
use crate::app::App;
use crate::failure::{Failure, RESTORE};

/// A tenant, and what it is called: others may have the name, and no other has the domain. Its id for both where its row
/// can not be read.
pub(super) struct NamedTenant {
    pub(super) id: TenantId,
    pub(super) name: String,
    pub(super) domain: String,
}

/// All tenants, and whether each can be read. What belongs to one that can not is looked at all the same.
pub(super) fn tenants(app: &App) -> Result<(Vec<NamedTenant>, Check), Failure> {
    let mut unreadable = Few::default();
    let named = app.store.read(|reader| {
        let ids = reader.tenant_ids()?;
        let named = ids.into_iter().map(|id| match reader.tenant(id) {
            Err(StoreError::Damaged(_)) => {
                unreadable.add(id.to_string());
                Ok(Some(NamedTenant {
                    id,
                    name: id.to_string(),
                    domain: id.to_string(),
                }))
            }
            tenant => Ok(tenant?.map(|it| NamedTenant {
                id,
                domain: it.default_domain().to_owned(),
                name: it.display_name,
            })),
        });
        named
            .filter_map(Result::transpose)
            .collect::<Result<Vec<_>, StoreError>>()
    })?;
    let of = Subject::new("readableTenants", "tenants");
    let check = unreadable.unreadable(&of, named.len());
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
    let of = Subject::new("readableJobs", "jobs");
    (readable, unfound, unreadable.unreadable(&of, count))
}

/// Jobs are looked for by copies of what they say.
pub(super) fn schedules(unfound: Few, count: usize, of: &Subject) -> Check {
    match unfound.example {
        None => Check::ok(of, format!("{count} jobs are found when they are due")),
        Some(example) => Check::problem(
            of,
            format!(
                "{} of {count} jobs are not looked for when they say, e.g. {example}",
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
    fn unreadable(self, of: &Subject, count: usize) -> Check {
        match self.example {
            None => Check::ok(of, format!("{count} can be read")),
            Some(example) => Check::problem(
                of,
                format!("{} of {count} cannot be read, e.g. {example}", self.count),
                RESTORE,
            ),
        }
    }
}
