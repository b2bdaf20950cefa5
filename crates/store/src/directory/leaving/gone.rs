//! What stays of a tenant that was deleted: that it was there. Nobody else gets its id, which other tenants may trust or
//! follow, nor its number, by which they remember who added a membership.

use serde::{Deserialize, Serialize};
use syncline_model::TenantId;

use crate::driver::int;
use crate::{Document, Reader, Result, Tx};

/// Key: the id of the tenant. Of no tenant.
#[derive(Serialize, Deserialize)]
struct Gone {
    number: i64,
}

impl Document for Gone {
    const KIND: &'static str = "deleted_tenant";
}

const PAGE: usize = 1_000;

impl Reader<'_> {
    /// Whether a tenant with this id was deleted, or is being deleted.
    pub fn was_deleted(&self, tenant: TenantId) -> Result<bool> {
        let left = self.leaving_no(tenant)?.is_some();
        Ok(left || self.document::<Gone>(None, &tenant.to_string())?.is_some())
    }

    fn greatest_gone_number(&self) -> Result<i64> {
        let (mut greatest, mut after) = (0, String::new());
        loop {
            let page = self.documents::<Gone>(None, &after, PAGE)?;
            let numbers = page.iter().map(|(_, gone)| gone.number);
            greatest = numbers.fold(greatest, i64::max);
            match page.into_iter().next_back() {
                Some((last, _)) => after = last,
                None => return Ok(greatest),
            }
        }
    }
}

impl Tx<'_> {
    pub(super) fn note_gone(&mut self, tenant: TenantId, number: i64) -> Result<()> {
        self.put_document(None, &tenant.to_string(), &Gone { number }, None)
    }

    /// The number of a tenant that was inserted just now: another one where a tenant that was deleted had that.
    pub(in crate::directory) fn with_new_number(&self, number: i64) -> Result<i64> {
        let greatest = self.greatest_gone_number()?;
        if number > greatest {
            return Ok(number);
        }
        let new = greatest + 1;
        self.connection.execute(
            "UPDATE tenant SET tenant_no = ?2 WHERE tenant_no = ?1",
            &[int(number), int(new)],
        )?;
        if self.is_shared() {
            // The next one comes after it.
            self.connection.first(
                "SELECT setval(pg_get_serial_sequence('tenant', 'tenant_no'), ?1)",
                &[int(new)],
                |_| Ok(()),
            )?;
        }
        Ok(new)
    }
}
