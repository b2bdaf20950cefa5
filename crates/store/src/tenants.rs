//! Hosted tenants and their verified domains.

use rusqlite::params;
use serde::{Deserialize, Serialize};
use syncline_model::fold::fold;
use syncline_model::{TenantId, Timestamp};

use crate::driver::id_column;
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
        let mut statement = self
            .connection
            .prepare_cached("SELECT body FROM tenant WHERE id = $1")?;
        let mut rows = statement.query([id.as_bytes().as_slice()])?;
        match rows.next()? {
            Some(row) => Ok(Some(parse(
                row.get_ref(0)?
                    .as_str()
                    .map_err(|_| StoreError::Damaged("tenant"))?,
            )?)),
            None => Ok(None),
        }
    }

    /// The tenant in which a domain (any case) is verified.
    pub fn tenant_of_domain(&self, name: &str) -> Result<Option<Tenant>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT tenant.id FROM domain JOIN tenant USING (tenant_no) WHERE domain.name = $1",
        )?;
        let mut rows = statement.query([fold(name)])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let id = id_column(row, 0, TenantId::from_bytes)?;
        self.tenant(id)
    }

    /// All tenants in order of creation.
    pub fn tenants(&self) -> Result<Vec<Tenant>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT body FROM tenant ORDER BY tenant_no")?;
        let mut rows = statement.query([])?;
        let mut tenants = Vec::new();
        while let Some(row) = rows.next()? {
            tenants.push(parse(
                row.get_ref(0)?
                    .as_str()
                    .map_err(|_| StoreError::Damaged("tenant"))?,
            )?);
        }
        Ok(tenants)
    }
}

impl Tx<'_> {
    /// Adds a tenant with its domains. [`StoreError::Taken`] when the id or a domain is taken.
    pub fn insert_tenant(&mut self, tenant: &Tenant) -> Result<()> {
        let body = serde_json::to_string(tenant).map_err(|_| StoreError::Damaged("tenant"))?;
        self.connection
            .execute(
                "INSERT INTO tenant (id, sequence, body) VALUES ($1, 0, $2)",
                params![tenant.id.as_bytes().as_slice(), body],
            )
            .map_err(taken)?;
        let tenant_no = self.connection.last_insert_rowid();
        for domain in &tenant.domains {
            self.connection
                .execute(
                    "INSERT INTO domain (name, tenant_no) VALUES ($1, $2)",
                    params![fold(&domain.name), tenant_no],
                )
                .map_err(taken)?;
        }
        Ok(())
    }
}

fn parse(body: &str) -> Result<Tenant> {
    serde_json::from_str(body).map_err(|_| StoreError::Damaged("tenant"))
}

/// A violated unique or primary key becomes [`StoreError::Taken`].
pub(crate) fn taken(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => StoreError::Taken,
        _ => error.into(),
    }
}
