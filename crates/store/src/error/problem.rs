//! What a failure of the store is to whoever asked.

use syncline_model::{Problem, ProblemKind};

use super::StoreError;

/// Seconds after which whoever was told that the database is busy may try again.
const RETRY_AFTER: u32 = 5;
/// The same where somebody has to make room first, or to let the database be written.
const RETRY_WHEN_MENDED: u32 = 30;

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::UnknownTenant(tenant) => Self::not_found(tenant),
            StoreError::UnknownJob(job) => Self::not_found(job),
            StoreError::Busy(why) => Self::new(
                ProblemKind::Unavailable,
                StoreError::BUSY,
                "The service is busy. Try again in a moment.",
            )
            .with_cause(why)
            .with_retry_after(RETRY_AFTER),
            StoreError::Unanswered(why) => Self::new(
                ProblemKind::OutcomeUnknown,
                StoreError::UNANSWERED,
                "The database of the service failed at the moment when this was to be stored, and whether it is stored is not known. Look before you send it again.",
            )
            .with_cause(why),
            StoreError::Full(why) => Self::new(
                ProblemKind::Unavailable,
                StoreError::FULL,
                "The service cannot store anything at the moment, because its disk is full. Its operator has to make room; then try again.",
            )
            .with_cause(why)
            .with_retry_after(RETRY_WHEN_MENDED),
            StoreError::Unwritable(why) => Self::new(
                ProblemKind::Unavailable,
                StoreError::UNWRITABLE,
                "The service cannot store anything at the moment, because its database takes no writes. Its operator has to see to it; then try again.",
            )
            .with_cause(why)
            .with_retry_after(RETRY_WHEN_MENDED),
            meanwhile @ (StoreError::Replaced | StoreError::Upgraded { .. }) => Self::new(
                ProblemKind::Internal,
                meanwhile.code(),
                meanwhile.to_string(),
            ),
            other => Self::internal(other.to_string()),
        }
    }
}
