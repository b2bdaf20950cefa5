//! The seams through which time and new ids enter. Nothing below the runner reads a clock or a
//! random source by itself; a test or a simulation passes its own.

use crate::{ObjectId, Timestamp};

/// Tells the time.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// By so much at most clocks differ that are kept in step, in seconds. What is said to come later than it can, by more than
/// this, was said by a clock that was wrong, if only for a minute: nobody waits until that one would have been right.
const CLOCKS_DIFFER_SECONDS: i64 = 5 * 60;

impl Timestamp {
    /// The latest moment that a clock in step with the one that tells this one can call at most so many seconds ahead.
    #[must_use]
    pub fn latest_within(self, seconds: i64) -> Self {
        self.plus_seconds(seconds)
            .plus_seconds(CLOCKS_DIFFER_SECONDS)
    }

    /// Whether only a clock that was wrong can have told this moment by `now`.
    pub fn is_told_too_early(self, now: Self) -> bool {
        self > now.latest_within(0)
    }
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
