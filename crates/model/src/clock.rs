//! The seams through which time and new ids enter. Nothing below the runner reads a clock or a
//! random source by itself; a test or a simulation passes its own.

use crate::{ObjectId, Timestamp};

/// Tells the time.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Mints ids and secrets.
pub trait Ids: Send + Sync {
    /// A new time-ordered id (UUID version 7): larger than every id this source minted before.
    fn object_id(&self) -> ObjectId;

    /// A new random id for things that must not be guessed in order (keys, tickets).
    fn random_uuid(&self) -> uuid::Uuid;

    /// Fills `bytes` from a cryptographically secure source.
    fn fill_secret(&self, bytes: &mut [u8]);
}
