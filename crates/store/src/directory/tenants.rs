//! Hosted tenants and their verified domains.

use serde::{Deserialize, Serialize};
use syncline_model::fold::fold;
use syncline_model::{TenantId, Timestamp};

use super::objects::all_taken;
use crate::driver::{Row, blob, int, optional_int, text};
use crate::{Reader, Result, StoreError, Tx};

/// A hosted tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tenant {
    pub id: TenantId,
    pub display_name: String,
    pub created_at: Timestamp,
    /// Verified domains; exactly one is initial, exactly one is the default.
    pub domains: Vec<Domain>,
}

/// A verified domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    pub name: String,
    pub is_default: bool,
    pub is_initial: bool,
}

impl Tenant {
    /// `<name>.onmicrosoft.com`-style domain, which never goes away.
    pub fn initial_domain(&self) -> &str {
        self.domains
            .iter()
            .find(|domain| domain.is_initial)
            .map_or("", |domain| &domain.name)
    }

    pub fn default_domain(&self) -> &str {
        self.domains
            .iter()
            .find(|domain| domain.is_default)
            .map_or_else(|| self.initial_domain(), |domain| &domain.name)
    }

    /// Whether a domain (any case) is verified here.
    pub fn has_domain(&self, name: &str) -> bool {
        let name = fold(name);
        self.domains.iter().any(|domain| fold(&domain.name) == name)
    }
}

impl Reader<'_> {
    pub fn tenant(&self, id: TenantId) -> Result<Option<Tenant>> {
        self.connection.first(
            "SELECT body FROM tenant WHERE id = ?1",
            &[blob(id.as_bytes())],
            parse,
        )
    }

    /// The same, with its newest sequence as this view sees it.
    pub fn tenant_as_of(&self, id: TenantId) -> Result<Option<(Tenant, u64)>> {
        self.connection.first(
            "SELECT body, sequence FROM tenant WHERE id = ?1",
            &[blob(id.as_bytes())],
            |row| Ok((parse(row)?, row.number(1)?)),
        )
    }

    /// The tenant in which a domain (any case) is verified.
    pub fn tenant_of_domain(&self, name: &str) -> Result<Option<Tenant>> {
        self.connection.first(
            "SELECT tenant.body FROM domain JOIN tenant USING (tenant_no) WHERE domain.name = ?1 AND LENGTH(tenant.id) <> 17",
            &[text(&fold(name))],
            parse,
        )
    }

    /// The ids of all tenants in order of creation: also of those whose row can not be read.
    pub fn tenant_ids(&self) -> Result<Vec<TenantId>> {
        self.first_tenant_ids(u32::MAX as usize)
    }

    /// As [`Reader::tenant_ids`], of the first so many tenants.
    pub fn first_tenant_ids(&self, most: usize) -> Result<Vec<TenantId>> {
        self.connection.query(
            "SELECT id FROM tenant WHERE tenant_no > 0 AND LENGTH(id) <> 17 ORDER BY tenant_no LIMIT ?1",
            &[int(most)],
            |row| row.id(0, TenantId::from_bytes),
        )
    }

    /// By which verified domains tenants are found (folded), in order, and which tenant each finds: `None` where that
    /// is not there. Those of tenants that are being deleted find none, and are left out.
    pub fn domains(&self) -> Result<Vec<(String, Option<TenantId>)>> {
        self.connection.query(
            "SELECT domain.name, tenant.id FROM domain LEFT JOIN tenant ON tenant.tenant_no = domain.tenant_no WHERE tenant.id IS NULL OR LENGTH(tenant.id) <> 17 ORDER BY domain.name",
            &[],
            |row| Ok((row.text(0)?.into_owned(), row.id(1, TenantId::from_bytes).ok())),
        )
    }

    /// All tenants in order of creation. One that can not be read is an error: what is done for each by itself begins
    /// with [`Reader::tenant_ids`].
    pub fn tenants(&self) -> Result<Vec<Tenant>> {
        self.connection.query(
            "SELECT body FROM tenant WHERE tenant_no > 0 AND LENGTH(id) <> 17 ORDER BY tenant_no",
            &[],
            parse,
        )
    }
}

impl Tx<'_> {
    /// Adds a tenant with its domains. [`StoreError::Taken`] when the id or a domain is taken, or the id was that of a tenant
    /// that was deleted ([`Reader::was_deleted`]). Before any other tenant is entered.
    pub fn insert_tenant(&mut self, tenant: &Tenant) -> Result<()> {
        self.enter_new(tenant.id)?;
        if self.was_deleted(tenant.id)? {
            return Err(StoreError::Taken);
        }
        let (epoch, layout) = self.opened().of_new_row();
        let body = serde_json::to_string(tenant).map_err(|_| StoreError::NotEncoded("tenant"))?;
        let tenant_no = self
            .connection
            .first(
                "INSERT INTO tenant (id, sequence, body, epoch, layout, timeline) VALUES (?1, 0, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING RETURNING tenant_no",
                &[
                    blob(tenant.id.as_bytes()),
                    text(&body),
                    blob(epoch),
                    int(layout),
                    optional_int(self.connection.timeline()),
                ],
                |row| row.int(0),
            )?
            .ok_or(StoreError::Taken)?;
        let tenant_no = self.with_new_number(tenant_no)?;
        let names: Vec<String> = tenant.domains.iter().map(|it| fold(&it.name)).collect();
        let taken = self.connection.execute_each(
            "INSERT INTO domain (name, tenant_no) VALUES (?2, ?1) ON CONFLICT DO NOTHING",
            &[int(tenant_no)],
            names.iter().map(|name| [text(name)]),
        )?;
        all_taken(taken, names.len())
    }

    /// A tenant that is about to be changed: until the transaction ends nobody else writes in it.
    pub fn tenant_to_change(&mut self, id: TenantId) -> Result<Option<Tenant>> {
        match self.tenant_no(id) {
            Err(StoreError::UnknownTenant(_)) => Ok(None),
            Err(error) => Err(error),
            Ok(_) => self.tenant(id),
        }
    }

    /// Replaces what is told of a tenant. By what it is found stays.
    pub fn update_tenant(&mut self, tenant: &Tenant) -> Result<()> {
        let tenant_no = self.tenant_no(tenant.id)?;
        let body = serde_json::to_string(tenant).map_err(|_| StoreError::NotEncoded("tenant"))?;
        self.connection.execute(
            "UPDATE tenant SET body = ?2 WHERE tenant_no = ?1",
            &[int(tenant_no), text(&body)],
        )?;
        Ok(())
    }

    /// Lets a tenant be found by one domain more, which its row is to name, too. [`StoreError::Taken`] when one is found by
    /// it already.
    pub fn insert_domain(&mut self, tenant: TenantId, domain: &str) -> Result<()> {
        let tenant_no = self.tenant_no(tenant)?;
        let added = self.connection.execute(
            "INSERT INTO domain (name, tenant_no) VALUES (?2, ?1) ON CONFLICT DO NOTHING",
            &[int(tenant_no), text(&fold(domain))],
        )?;
        all_taken(added, 1)
    }

    /// Lets a tenant be found by one domain less, which its row is not to name any more, either.
    pub fn remove_domain(&mut self, tenant: TenantId, domain: &str) -> Result<()> {
        let tenant_no = self.tenant_no(tenant)?;
        self.connection.execute(
            "DELETE FROM domain WHERE name = ?2 AND tenant_no = ?1",
            &[int(tenant_no), text(&fold(domain))],
        )?;
        Ok(())
    }
}

pub(super) fn parse(row: &Row<'_>) -> Result<Tenant> {
    serde_json::from_str(&row.text(0)?).map_err(|_| StoreError::Damaged("tenant"))
}
