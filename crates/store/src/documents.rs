//! Low-volume configuration as typed documents: policies, credentials, keys, tickets, schemas.
//!
//! A document belongs to a tenant or to none, has a kind (one word per type of document) and a
//! key. Sealed documents are encrypted at rest; their kind and key are not.

use serde::Serialize;
use serde::de::DeserializeOwned;
use syncline_model::{TenantId, Timestamp};

use crate::driver::{Row, flag, int, optional_int, owned_blob, text};
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

/// Documents of one kind in order of key, after one.
const PAGE: &str = "SELECT key, sealed, body FROM document WHERE tenant_no = ?1 AND kind = ?2 AND key > ?3 ORDER BY key LIMIT ?4";

impl Reader<'_> {
    /// The document with this key, if there is one (also when it is past its expiry and not yet
    /// swept: callers that care compare times themselves).
    pub fn document<D: Document>(&self, tenant: Option<TenantId>, key: &str) -> Result<Option<D>> {
        let tenant_no = self.tenant_or_none(tenant)?;
        self.connection.first(
            "SELECT sealed, body FROM document WHERE tenant_no = ?1 AND kind = ?2 AND key = ?3",
            &[int(tenant_no), text(D::KIND), text(key)],
            |row| self.read_document(tenant_no, key, row, 0),
        )
    }

    /// A page of documents of one type in order of key, after `after`.
    pub fn documents<D: Document>(
        &self,
        tenant: Option<TenantId>,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, D)>> {
        self.page(tenant, after, limit, |read: Result<D>| read)
    }

    /// The same page, each document by itself: one that can not be read is `None`, and holds up no other.
    pub fn documents_one_by_one<D: Document>(
        &self,
        tenant: Option<TenantId>,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, Option<D>)>> {
        self.page(tenant, after, limit, |read: Result<D>| match read {
            Err(StoreError::Damaged(_)) => Ok(None),
            read => read.map(Some),
        })
    }

    fn page<D: Document, T>(
        &self,
        tenant: Option<TenantId>,
        after: &str,
        limit: usize,
        of: impl Fn(Result<D>) -> Result<T>,
    ) -> Result<Vec<(String, T)>> {
        let tenant_no = self.tenant_or_none(tenant)?;
        self.connection.query(
            PAGE,
            &[int(tenant_no), text(D::KIND), text(after), int(limit)],
            |row| {
                let key = row.text(0)?.into_owned();
                let document = of(self.read_document(tenant_no, &key, row, 1))?;
                Ok((key, document))
            },
        )
    }

    /// The keys of documents of one type that begin with `prefix`, in order. Reads none of the documents.
    pub fn document_keys<D: Document>(
        &self,
        tenant: Option<TenantId>,
        prefix: &str,
        limit: usize,
    ) -> Result<Vec<String>> {
        let tenant_no = self.tenant_or_none(tenant)?;
        let keys: Vec<String> = self.connection.query(
            "SELECT key FROM document WHERE tenant_no = ?1 AND kind = ?2 AND key > ?3 ORDER BY key LIMIT ?4",
            &[int(tenant_no), text(D::KIND), text(prefix), int(limit)],
            |row| Ok(row.text(0)?.into_owned()),
        )?;
        let begins = |key: &String| key.starts_with(prefix);
        Ok(keys.into_iter().take_while(begins).collect())
    }

    /// Documents of one type that belong to no tenant and have not expired, in order of key. What has expired is not
    /// read.
    ///
    /// # Errors
    /// [`StoreError::DamagedDocument`] when one of them can not be read.
    pub fn unexpired_documents<D: Document>(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(String, D)>> {
        let nobody = self.tenant_or_none(None)?;
        self.connection.query(
            "SELECT key, sealed, body FROM document WHERE tenant_no = ?1 AND kind = ?2 AND (expires_at IS NULL OR expires_at > ?3) ORDER BY key LIMIT ?4",
            &[int(nobody), text(D::KIND), int(now.0), int(limit)],
            |row| {
                let key = row.text(0)?.into_owned();
                match self.read_document(nobody, &key, row, 1) {
                    Err(StoreError::Damaged(_)) => {
                        Err(StoreError::DamagedDocument { kind: D::KIND, key })
                    }
                    read => Ok((key, read?)),
                }
            },
        )
    }

    fn read_document<D: Document>(
        &self,
        tenant_no: i64,
        key: &str,
        row: &Row<'_>,
        column: usize,
    ) -> Result<D> {
        let body = row.blob(column + 1)?;
        let parsed = if row.flag(column)? {
            serde_json::from_slice(&self.vault().open(&place(tenant_no, D::KIND, key), body)?)
        } else {
            serde_json::from_slice(body)
        };
        parsed.map_err(|_| StoreError::Damaged("document"))
    }
}

impl Reader<'_> {
    /// Whether [`Tx::sweep_documents`] would find any, in whatever tenant.
    pub fn has_expired_documents(&self, own: Timestamp) -> Result<bool> {
        let now = self.sweeping_time(own)?;
        let found = self.connection.first(
            "SELECT tenant_no FROM document WHERE expires_at < ?1 LIMIT 1",
            &[int(now.0)],
            |row| row.int(0),
        )?;
        Ok(found.is_some())
    }

    /// When it is, for what has had its time: on a shared database no later than its clock says. A node whose own is
    /// ahead, by a minute or by days, would throw away what others have just written; one that is behind keeps it
    /// longer.
    fn sweeping_time(&self, own: Timestamp) -> Result<Timestamp> {
        Ok(own.min(self.lease_time(own)?))
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
        let tenant_no = self.tenant_or_none(tenant)?;
        let plain = serde_json::to_vec(document).map_err(|_| StoreError::NotEncoded("document"))?;
        let body = if D::SEALED {
            self.vault().seal(&place(tenant_no, D::KIND, key), &plain)?
        } else {
            plain
        };
        self.connection.execute(
            "INSERT INTO document (tenant_no, kind, key, expires_at, sealed, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (tenant_no, kind, key) DO UPDATE SET expires_at = excluded.expires_at, sealed = excluded.sealed, body = excluded.body",
            &[
                int(tenant_no),
                text(D::KIND),
                text(key),
                optional_int(expires_at.map(|at| at.0)),
                flag(D::SEALED),
                owned_blob(body),
            ],
        )?;
        Ok(())
    }

    /// Removes a document; false when there was none.
    pub fn delete_document<D: Document>(
        &mut self,
        tenant: Option<TenantId>,
        key: &str,
    ) -> Result<bool> {
        let tenant_no = self.tenant_or_none(tenant)?;
        let removed = self.connection.execute(
            "DELETE FROM document WHERE tenant_no = ?1 AND kind = ?2 AND key = ?3",
            &[int(tenant_no), text(D::KIND), text(key)],
        )?;
        Ok(removed == 1)
    }

    /// Removes all documents of one type that belong to this tenant, or to none: also those that can not be read.
    pub fn delete_documents<D: Document>(&mut self, tenant: Option<TenantId>) -> Result<()> {
        let tenant_no = self.tenant_or_none(tenant)?;
        self.connection.execute(
            "DELETE FROM document WHERE tenant_no = ?1 AND kind = ?2",
            &[int(tenant_no), text(D::KIND)],
        )?;
        Ok(())
    }

    /// Removes up to `limit` documents whose expiry has passed, of every tenant; says how many. `own`: the caller's
    /// clock, which a shared database does not trust where it is ahead of its own. Whoever sweeps holds what belongs to
    /// no tenant: no two wait for rows of each other.
    pub fn sweep_documents(&mut self, own: Timestamp, limit: usize) -> Result<usize> {
        self.enter_no_tenant()?;
        let now = self.sweeping_time(own)?;
        // Asked twice: whoever renews a document holds its tenant, not this. On a shared database the inner answer is of
        // before they commit; the outer question is asked again of the row as they left it.
        let removed = self.connection.execute(
            "DELETE FROM document WHERE (tenant_no, kind, key) IN (SELECT tenant_no, kind, key FROM document WHERE expires_at < ?1 LIMIT ?2) AND expires_at < ?1",
            &[int(now.0), int(limit)],
        )?;
        Ok(usize::try_from(removed).unwrap_or(usize::MAX))
    }
}

/// Where a sealed document stands: it opens nowhere else.
pub(crate) fn place(tenant_no: i64, kind: &str, key: &str) -> String {
    format!("{tenant_no}|document|{kind}|{key}")
}
