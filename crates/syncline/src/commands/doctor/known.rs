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
    let mut unreadable = Unreadable::default();
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
    let check = unreadable.check("tenants", named.len());
    Ok((named, check))
}

/// The jobs that can be read, and whether all can.
pub(super) fn readable_jobs(rows: Vec<JobRow>) -> (Vec<Job>, Check) {
    let count = rows.len();
    let mut unreadable = Unreadable::default();
    let mut readable = Vec::with_capacity(count);
    for row in rows {
        match row.job {
            Ok(job) => readable.push(job),
            Err(_) => unreadable.add(row.id.to_string()),
        }
    }
    (readable, unreadable.check("jobs", count))
}

/// Rows that can not be read.
#[derive(Default)]
struct Unreadable {
    count: usize,
    example: Option<String>,
}

impl Unreadable {
    fn add(&mut self, name: String) {
        self.count += 1;
        self.example.get_or_insert(name);
    }

    fn check(self, name: &str, of: usize) -> Check {
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
