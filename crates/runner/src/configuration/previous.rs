//! The schemas that a job had before the one in force, so that whoever has saved a wrong one finds the right one again.
//! Nothing is decided by them: what objects may have been decided by is kept in `superseded.rs`, for as long as it
//! matters.

use serde::{Deserialize, Serialize};
use syncline_engine::SynchronizationSchema;
use syncline_model::{Job, Problem};
use syncline_store::{Document, Reader, StoreError, Tx};

/// So many are kept.
const MOST: usize = 10;
/// And so many bytes of JSON, but always the last one.
const MOST_BYTES: usize = 8 << 20;

/// A schema that another one has taken the place of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviousSchema {
    pub schema: SynchronizationSchema,
    /// The `version` of the schema that took its place, which says when; none where that was saved without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
}

/// The previous schemas of a job, the last one first. Key: the job id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PreviousSchemas {
    schemas: Vec<PreviousSchema>,
}

impl Document for PreviousSchemas {
    const KIND: &'static str = "previous_schemas";
}

/// The time in a `version`: `Date:<time>, ActivityId:<id>`.
fn time_in(version: Option<&String>) -> Option<&str> {
    version?.strip_prefix("Date:")?.split(',').next()
}

impl PreviousSchema {
    /// When it was saved; `None` of the one that the job was made with.
    pub fn saved(&self) -> Option<&str> {
        time_in(self.schema.version.as_ref())
    }

    /// When another one took its place.
    pub fn replaced(&self) -> Option<&str> {
        time_in(self.replaced_by.as_ref())
    }

    /// Those that are kept of a job, the last one first. A job that was changed by earlier versions alone has none.
    ///
    /// # Errors
    /// When the store can not be read.
    pub fn all(reader: &Reader<'_>, job: &Job) -> Result<Vec<Self>, Problem> {
        let known: Option<PreviousSchemas> = reader.document(Some(job.tenant), job.id.as_str())?;
        Ok(known.unwrap_or_default().schemas)
    }
}

impl PreviousSchemas {
    /// Keeps a schema that is about to be replaced.
    pub(crate) fn note(
        tx: &mut Tx<'_>,
        job: &Job,
        schema: SynchronizationSchema,
        by: &SynchronizationSchema,
    ) -> Result<(), Problem> {
        let known = match tx.document::<Self>(Some(job.tenant), job.id.as_str()) {
            // What nobody can read any more keeps nobody from saving another schema.
            Err(StoreError::Damaged(_)) => None,
            known => known?,
        };
        let mut schemas = known.unwrap_or_default().schemas;
        let replaced_by = by.version.clone();
        schemas.insert(
            0,
            PreviousSchema {
                schema,
                replaced_by,
            },
        );
        schemas.truncate(MOST);
        let mut room = MOST_BYTES;
        let mut fits = 0;
        for it in &schemas {
            let bytes = serde_json::to_vec(it).map_err(|error| {
                Problem::internal(format!("the schema cannot be written: {error}"))
            })?;
            match room.checked_sub(bytes.len()) {
                Some(left) => room = left,
                None => break,
            }
            fits += 1;
        }
        schemas.truncate(fits.max(1));
        Ok(tx.put_document(Some(job.tenant), job.id.as_str(), &Self { schemas }, None)?)
    }
}
