//! The directory extensions of a tenant, and the entity table with them.
//!
//! They are two documents: the extensions, and a mark that is new whenever they change. The mark is
//! all that is read to find the table that was built for it, so that nothing is parsed or built per
//! request.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use syncline_model::schema::Extensions;
use syncline_model::{Ids, Schema, TenantId};

use crate::driver::{blob, text};
use crate::{Document, Reader, Result, StoreError, Tx};

const KEY: &str = "all";

/// Names one state of the extensions. Random, not counted: a table built inside a transaction that
/// is rolled back must never pass for a later one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Mark(String);

impl Document for Mark {
    const KIND: &'static str = "directory_extensions_mark";
}

impl Document for Extensions {
    const KIND: &'static str = "directory_extensions";
}

impl Reader<'_> {
    /// The extensions registered in a tenant.
    pub fn extensions(&self, tenant: TenantId) -> Result<Extensions> {
        Ok(self.document(Some(tenant), KEY)?.unwrap_or_default())
    }

    /// What may be inside the objects of a tenant: the core table and its extensions. Built once for
    /// each state of these and shared: the same table is the same `Arc`. Inside a transaction this
    /// locks nothing, so that it can be asked of any tenant at any time; what is written with a table
    /// that is out of date by then is a value of an extension that is gone, which nobody sees.
    pub fn schema(&self, tenant: TenantId) -> Result<Arc<Schema>> {
        if let Some(known) = self.known_schema(tenant) {
            return Ok(known);
        }
        let schema = match self.unlocked::<Mark>(tenant)? {
            None => Schema::shared_core(),
            Some(mark) => self.schema_marked(tenant, mark)?,
        };
        self.note_schema(tenant, &schema);
        Ok(schema)
    }

    fn unlocked<D: Document>(&self, tenant: TenantId) -> Result<Option<D>> {
        self.connection.first(
            "SELECT document.body FROM tenant JOIN document USING (tenant_no) WHERE tenant.id = ?1 AND document.kind = ?2 AND document.key = ?3",
            &[blob(tenant.as_bytes()), text(D::KIND), text(KEY)],
            |row| serde_json::from_slice(row.blob(0)?).map_err(|_| StoreError::Damaged("document")),
        )
    }

    fn schema_marked(&self, tenant: TenantId, mark: Mark) -> Result<Arc<Schema>> {
        if let Some((of, schema)) = self.schemas().lock().get(&tenant)
            && *of == mark
        {
            return Ok(Arc::clone(schema));
        }
        let schema = Arc::new(
            self.unlocked::<Extensions>(tenant)?
                .unwrap_or_default()
                .schema(),
        );
        let mut schemas = self.schemas().lock();
        schemas.insert(tenant, (mark, Arc::clone(&schema)));
        Ok(schema)
    }
}

impl Tx<'_> {
    /// Replaces the extensions of a tenant.
    pub fn put_extensions(
        &mut self,
        tenant: TenantId,
        extensions: &Extensions,
        ids: &dyn Ids,
    ) -> Result<()> {
        let mark = Mark(ids.random_uuid().to_string());
        self.put_document(Some(tenant), KEY, extensions, None)?;
        self.put_document(Some(tenant), KEY, &mark, None)?;
        self.forget_schema(tenant);
        Ok(())
    }
}
