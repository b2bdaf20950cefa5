//! Whether what is stored in a form of ours can be read: a page at a time, each in a snapshot of its
//! own, so that a walk through everything holds up nobody.

use syncline_model::{ObjectId, TenantId};

use crate::directory::objects::body::decode;
use crate::documents::place;
use crate::driver::{blob, int, text};
use crate::{Reader, Result};

/// What a page of rows was found to be.
#[derive(Clone, Debug)]
pub struct Checked<P> {
    pub looked_at: u64,
    /// Names of the rows that can not be read, or break the rule.
    pub broken: Vec<String>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<P>,
}

/// A place among all documents.
#[derive(Clone, Debug)]
pub struct DocumentPlace(i64, String, String);

/// A place among all objects.
#[derive(Clone, Debug)]
pub struct ObjectPlace(i64, i64, Vec<u8>);

impl Reader<'_> {
    /// Opens a page of documents of all tenants and kinds.
    pub fn check_documents(
        &self,
        after: Option<DocumentPlace>,
        limit: usize,
    ) -> Result<Checked<DocumentPlace>> {
        let DocumentPlace(tenant_no, kind, key) =
            after.unwrap_or_else(|| DocumentPlace(i64::MIN, String::new(), String::new()));
        let mut broken = Vec::new();
        let places = self.connection.query(
            "SELECT tenant_no, kind, key, sealed, body FROM document WHERE (tenant_no, kind, key) > (?1, ?2, ?3) ORDER BY tenant_no, kind, key LIMIT ?4",
            &[int(tenant_no), text(&kind), text(&key), int(limit)],
            |row| {
                let at = DocumentPlace(
                    row.int(0)?,
                    row.text(1)?.into_owned(),
                    row.text(2)?.into_owned(),
                );
                let body = row.blob(4)?;
                let opened = match row.flag(3)? {
                    true => self.vault().open(&place(at.0, &at.1, &at.2), body).ok(),
                    false => Some(body.to_vec()),
                };
                let readable = opened.is_some_and(|plain| {
                    serde_json::from_slice::<serde::de::IgnoredAny>(&plain).is_ok()
                });
                if !readable {
                    // Its key may be a name or a fingerprint; the kind tells enough.
                    broken.push(at.1.clone());
                }
                Ok(at)
            },
        )?;
        Ok(Checked {
            looked_at: places.len() as u64,
            broken,
            next: places.into_iter().nth(limit - 1),
        })
    }

    /// Decodes a page of objects of all tenants, kinds and states.
    pub fn check_objects(
        &self,
        after: Option<ObjectPlace>,
        limit: usize,
    ) -> Result<Checked<ObjectPlace>> {
        let ObjectPlace(tenant_no, kind, id) =
            after.unwrap_or_else(|| ObjectPlace(i64::MIN, 0, Vec::new()));
        let mut broken = Vec::new();
        let places = self.connection.query(
            "SELECT tenant_no, kind, id, body FROM object WHERE (tenant_no, kind, id) > (?1, ?2, ?3) ORDER BY tenant_no, kind, id LIMIT ?4",
            &[int(tenant_no), int(kind), blob(&id), int(limit)],
            |row| {
                let at = ObjectPlace(row.int(0)?, row.int(1)?, row.blob(2)?.to_vec());
                let known = row.id(2, uuid::Uuid::from_bytes);
                let body = decode(row.blob(3)?);
                if known.is_err() || row.kind(1).is_err() || body.is_err() {
                    broken.push(known.map_or_else(|_| "one without an id".to_owned(), |id| id.to_string()));
                }
                Ok(at)
            },
        )?;
        Ok(Checked {
            looked_at: places.len() as u64,
            broken,
            next: places.into_iter().nth(limit - 1),
        })
    }

    /// Asks of each entry on a page of a tenant's log whether its evidence can be read, oldest first. None is kept:
    /// it may be large.
    pub fn check_log(
        &self,
        tenant: TenantId,
        after: Option<ObjectId>,
        limit: usize,
        is_readable: impl Fn(&[u8]) -> bool,
    ) -> Result<Checked<ObjectId>> {
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let mut broken = Vec::new();
        let places = self.connection.query(
            "SELECT id, evidence FROM provisioning_log WHERE tenant_no = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
            &[int(self.tenant_no(tenant)?), blob(&after), int(limit)],
            |row| {
                let id = row.id(0, ObjectId::from_bytes)?;
                if !is_readable(row.blob(1)?) {
                    broken.push(id.to_string());
                }
                Ok(id)
            },
        )?;
        Ok(Checked {
            looked_at: places.len() as u64,
            broken,
            next: places.into_iter().nth(limit - 1),
        })
    }
}
