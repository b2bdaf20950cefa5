//! Tenants that are being deleted. One may have millions of rows: it is gone at once for everybody, on every node, and its
//! rows go little by little.
//!
//! It is gone because its row has another id from then on, which is longer than any id of a tenant: whoever asks for the
//! tenant finds none, whoever waits for its lock gets none, and it is in no list. The row stays until the end, so that
//! nobody gets its number, nor its domains, while anything is left. In a backup it is as in the database.

mod gone;
mod tables;

use syncline_model::fold::fold;
use syncline_model::{JobId, TenantId};

use self::tables::TABLES;
use super::tenants::{Tenant, parse};
use crate::driver::{blob, int, text};
use crate::synchronization::deleted_jobs::LEAVING;
use crate::{Reader, Result, Tx};

/// What stands behind the id of a tenant that is being deleted.
const MARK: u8 = 0xff;

/// What a slice of the rows of a tenant that is being deleted did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweptTenant {
    /// Rows that were removed.
    pub removed: u64,
    /// Whether there may be more.
    pub more: bool,
}

impl Reader<'_> {
    /// The tenants that are being deleted, in order of creation.
    pub fn leaving_tenants(&self) -> Result<Vec<Tenant>> {
        self.connection.query(
            "SELECT body FROM tenant WHERE tenant_no > 0 AND LENGTH(id) = 17 ORDER BY tenant_no",
            &[],
            parse,
        )
    }

    /// The one that has this domain (any case), which is not free before its end.
    pub fn leaving_tenant_of_domain(&self, name: &str) -> Result<Option<Tenant>> {
        self.connection.first(
            "SELECT tenant.body FROM domain JOIN tenant USING (tenant_no) WHERE domain.name = ?1 AND LENGTH(tenant.id) = 17",
            &[text(&fold(name))],
            parse,
        )
    }

    /// The one that had this id.
    pub fn leaving_tenant(&self, tenant: TenantId) -> Result<Option<Tenant>> {
        self.connection.first(
            "SELECT body FROM tenant WHERE id = ?1",
            &[blob(&leaving_id(tenant))],
            parse,
        )
    }

    /// How many rows are left of a tenant that is being deleted; 0 where there is no such one. Walks through them all.
    pub fn count_left_of(&self, tenant: TenantId) -> Result<u64> {
        let Some(tenant_no) = self.leaving_no(tenant)? else {
            return Ok(0);
        };
        let mut count = 0;
        for (table, _) in TABLES {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE tenant_no = ?1");
            count += self.connection.count(&sql, &[int(tenant_no)])?;
        }
        Ok(count)
    }

    /// Fails where a tenant is not there, or is being deleted by now, also on another node: its number is remembered, and
    /// stands in front of what is left of it.
    pub fn confirm_tenant(&self, tenant: TenantId) -> Result<()> {
        self.sequence(tenant).map(drop)
    }

    fn leaving_no(&self, tenant: TenantId) -> Result<Option<i64>> {
        self.connection.first(
            "SELECT tenant_no FROM tenant WHERE id = ?1",
            &[blob(&leaving_id(tenant))],
            |row| row.int(0),
        )
    }
}

impl Tx<'_> {
    /// Lets a tenant be gone, with its jobs, and says which those are. Its rows are still there, and so are its domains,
    /// which no other can have ([`Tx::sweep_leaving_tenant`], [`Tx::forget_leaving_tenant`]).
    ///
    /// # Errors
    /// [`StoreError::UnknownTenant`](crate::StoreError::UnknownTenant).
    pub fn let_tenant_leave(&mut self, tenant: TenantId) -> Result<Vec<JobId>> {
        let tenant_no = self.tenant_no(tenant)?;
        let jobs = self.jobs_of_tenant(tenant)?;
        self.connection
            .execute("DELETE FROM lease WHERE tenant_no = ?1", &[int(tenant_no)])?;
        self.connection.execute(
            "UPDATE job SET deleted = ?2, next_due = NULL, follows = NULL WHERE tenant_no = ?1 AND deleted = 0",
            &[int(tenant_no), int(LEAVING)],
        )?;
        self.connection.execute(
            "UPDATE tenant SET id = ?2 WHERE tenant_no = ?1",
            &[int(tenant_no), blob(&leaving_id(tenant))],
        )?;
        self.forget_referred();
        self.forget_tenant(tenant);
        Ok(jobs.into_iter().map(|(job, _)| job).collect())
    }

    /// Removes up to `limit` rows of a tenant that is being deleted. Of none where there is no such one.
    pub fn sweep_leaving_tenant(&mut self, tenant: TenantId, limit: u64) -> Result<SweptTenant> {
        let mut removed = 0;
        let Some(tenant_no) = self.enter_leaving(tenant)? else {
            return Ok(SweptTenant {
                removed,
                more: false,
            });
        };
        for (table, key) in TABLES {
            let room = limit.saturating_sub(removed);
            if room == 0 {
                break;
            }
            removed += self
                .connection
                .execute(&tables::slice(table, key), &[int(tenant_no), int(room)])?;
        }
        Ok(SweptTenant {
            removed,
            more: removed >= limit,
        })
    }

    /// The end of a tenant that is being deleted and has nothing left: its domains are free from now on. Nobody gets its
    /// number, by which other tenants remember who added a membership. False, and nothing done, where it has anything left,
    /// or there is no such one. Before any other tenant is entered.
    pub fn forget_leaving_tenant(&mut self, tenant: TenantId) -> Result<bool> {
        self.enter_new(tenant)?;
        let Some(tenant_no) = self.enter_leaving(tenant)? else {
            return Ok(false);
        };
        if self.sweep_leaving_tenant(tenant, 1)?.removed > 0 {
            return Ok(false);
        }
        self.note_gone(tenant, tenant_no)?;
        for sql in [
            "DELETE FROM domain WHERE tenant_no = ?1",
            "DELETE FROM tenant WHERE tenant_no = ?1",
        ] {
            self.connection.execute(sql, &[int(tenant_no)])?;
        }
        Ok(true)
    }

    /// Those who remove what is left take turns, and nobody replaces the database meanwhile.
    fn enter_leaving(&self, tenant: TenantId) -> Result<Option<i64>> {
        match self.is_shared() {
            true => self.lock_row_of(tenant, &leaving_id(tenant)),
            false => self.leaving_no(tenant),
        }
    }
}

/// What the row of a tenant that is being deleted has for its id.
fn leaving_id(tenant: TenantId) -> Vec<u8> {
    let mut id = tenant.as_bytes().to_vec();
    id.push(MARK);
    id
}
