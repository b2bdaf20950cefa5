//! Low-volume configuration as typed documents: policies, credentials, keys, tickets, schemas.
//!
//! A document belongs to a tenant or to none, has a kind (one word per type of document) and a
//! key. Sealed documents are encrypted at rest; their kind and key are not.

use rusqlite::params;
use serde::Serialize;
use serde::de::DeserializeOwned;
use syncline_model::{TenantId, Timestamp};

use crate::{Reader, Result, StoreError, Tx};

/// The type of a document: its kind word, and whether it is sealed.
pub trait Document: Serialize + DeserializeOwned {
    const KIND: &'static str;
    /// Encrypted at rest: secrets, signing keys, password hashes.
    const SEALED: bool = false;
}

/// Key: the partner's tenant id.
impl Document for syncline_model::policy::Partner {
    const KIND: &'static str = "partner";
}

impl Reader<'_> {
    /// The document with this key, if there is one (also when it is past its expiry and not yet
    /// swept: callers that care compare times themselves).
    pub fn document<D: Document>(&self, tenant: Option<TenantId>, key: &str) -> Result<Option<D>> {
        let tenant_no = self.document_tenant(tenant)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT sealed, body FROM document WHERE tenant_no = $1 AND kind = $2 AND key = $3",
        )?;
        let mut rows = statement.query(params![tenant_no, D::KIND, key])?;
        match rows.next()? {
            Some(row) => Ok(Some(self.read_document(tenant_no, key, row, 0)?)),
            None => Ok(None),
        }
    }

    /// A page of documents of one type in order of key, after `after`.
    pub fn documents<D: Document>(
        &self,
        tenant: Option<TenantId>,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, D)>> {
        let tenant_no = self.document_tenant(tenant)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT key, sealed, body FROM document WHERE tenant_no = $1 AND kind = $2 AND key > $3 ORDER BY key LIMIT $4",
        )?;
        let mut rows = statement.query(params![
            tenant_no,
            D::KIND,
            after,
            i64::try_from(limit).unwrap_or(i64::MAX)
        ])?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            let key: String = row.get(0)?;
            let document = self.read_document(tenant_no, &key, row, 1)?;
            page.push((key, document));
        }
        Ok(page)
    }

    fn read_document<D: Document>(
        &self,
        tenant_no: i64,
        key: &str,
        row: &rusqlite::Row<'_>,
        column: usize,
    ) -> Result<D> {
        let sealed: bool = row.get(column)?;
        let body = row
            .get_ref(column + 1)?
            .as_blob()
            .map_err(|_| StoreError::Damaged("document"))?;
        let parsed = if sealed {
            serde_json::from_slice(&self.vault().open(&place::<D>(tenant_no, key), body)?)
        } else {
            serde_json::from_slice(body)
        };
        parsed.map_err(|_| StoreError::Damaged("document"))
    }

    pub(crate) fn document_tenant(&self, tenant: Option<TenantId>) -> Result<i64> {
        tenant.map_or(Ok(0), |tenant| self.tenant_no(tenant))
    }
}

impl Tx<'_> {
    /// Writes a document, replacing the one before. `expires_at`: swept some time after.
    pub fn put_document<D: Document>(
        &mut self,
        tenant: Option<TenantId>,
        key: &str,
        document: &D,
        expires_at: Option<Timestamp>,
    ) -> Result<()> {
        let tenant_no = self.document_tenant(tenant)?;
        let plain = serde_json::to_vec(document).map_err(|_| StoreError::Damaged("document"))?;
        let body = if D::SEALED {
            self.vault().seal(&place::<D>(tenant_no, key), &plain)?
        } else {
            plain
        };
        self.connection
            .prepare_cached(
                "INSERT INTO document (tenant_no, kind, key, expires_at, sealed, body) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_no, kind, key) DO UPDATE SET expires_at = excluded.expires_at, sealed = excluded.sealed, body = excluded.body",
            )?
            .execute(params![tenant_no, D::KIND, key, expires_at.map(|at| at.0), D::SEALED, body])?;
        Ok(())
    }

    /// Removes a document; false when there was none.
    pub fn delete_document<D: Document>(
        &mut self,
        tenant: Option<TenantId>,
        key: &str,
    ) -> Result<bool> {
        let tenant_no = self.document_tenant(tenant)?;
        let removed = self
            .connection
            .prepare_cached("DELETE FROM document WHERE tenant_no = $1 AND kind = $2 AND key = $3")?
            .execute(params![tenant_no, D::KIND, key])?;
        Ok(removed == 1)
    }

    /// Removes up to `limit` documents whose expiry has passed, of every tenant; says how many.
    pub fn sweep_documents(&mut self, now: Timestamp, limit: usize) -> Result<usize> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Ok(self
            .connection
            .prepare_cached(
                "DELETE FROM document WHERE (tenant_no, kind, key) IN (SELECT tenant_no, kind, key FROM document WHERE expires_at < $1 LIMIT $2)",
            )?
            .execute(params![now.0, limit])?)
    }
}

fn place<D: Document>(tenant_no: i64, key: &str) -> String {
    format!("{tenant_no}|document|{}|{key}", D::KIND)
}
