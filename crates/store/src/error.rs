//! What can go wrong with the store itself.

use syncline_model::{Problem, TenantId};

/// A failure of the store. Unique-key conflicts are their own case, because callers turn them into
/// an answer; all others are for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("migration: {0}")]
    Migration(#[from] refinery::Error),
    #[error("unknown tenant {0}")]
    UnknownTenant(TenantId),
    #[error("unknown job {0}")]
    UnknownJob(String),
    /// A unique value is taken.
    #[error("the value is taken by another object")]
    Taken,
    /// A row can not be read: damaged, or written by a newer version.
    #[error("damaged row in {0}")]
    Damaged(&'static str),
    #[error("file: {0}")]
    File(#[from] std::io::Error),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::UnknownTenant(tenant) => Self::not_found(tenant),
            StoreError::UnknownJob(job) => Self::not_found(job),
            other => Self::internal(other.to_string()),
        }
    }
}
