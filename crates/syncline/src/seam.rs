//! The one place where real time, real randomness and waiting enter the program.

use std::time::{Duration, Instant};

use parking_lot::Mutex;
use syncline_model::{Clock, Ids, ObjectId, Timestamp};
use uuid::{ContextV7, Uuid};

/// The computer's clock.
#[derive(Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the seam that the Clock trait stands for"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::from_jiff(jiff::Timestamp::now())
    }
}

/// Measures how long something takes.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "figures about the machine, and waits that a clock which is set back must not lengthen, need its monotonic clock"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The last moment, in milliseconds since 1970, that a UUID of version 7 can tell.
const LAST_MS: u64 = (1 << 48) - 1;

/// Real ids. Time-ordered ones ascend, also within one millisecond and when the clock is set back (UUID version 7 with a
/// counter).
#[derive(Debug, Default)]
pub struct SystemIds {
    sequence: Mutex<ContextV7>,
}

impl SystemIds {
    /// Time-ordered ids that are greater than this one, too, whatever the clock says. Nothing is greater than what is said
    /// to be of the last moment that an id can tell.
    pub fn above(id: ObjectId) -> Self {
        let ids = Self::default();
        // What comes from now on is no earlier.
        ids.at(made_at_ms(id).saturating_add(1).min(LAST_MS));
        ids
    }

    /// The next time-ordered one, where the clock says so many milliseconds since 1970.
    fn at(&self, milliseconds: u64) -> ObjectId {
        let nanoseconds = u32::try_from(milliseconds % 1000).unwrap_or(0) * 1_000_000;
        let sequence = self.sequence.lock();
        let at = uuid::Timestamp::from_unix(&*sequence, milliseconds / 1000, nanoseconds);
        ObjectId(Uuid::new_v7(at))
    }
}

/// When a time-ordered id was made, in milliseconds since 1970, by the clock that was right then or not.
pub fn made_at_ms(id: ObjectId) -> u64 {
    let mut milliseconds = [0; 8];
    milliseconds[2..].copy_from_slice(&id.as_bytes()[..6]);
    u64::from_be_bytes(milliseconds)
}

impl Ids for SystemIds {
    fn object_id(&self) -> ObjectId {
        self.at(u64::try_from(SystemClock.now().milliseconds()).unwrap_or(0))
    }

    fn random_uuid(&self) -> Uuid {
        // As secret as a secret: some of these must not be guessed.
        let mut bytes = [0; 16];
        self.fill_secret(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    fn fill_secret(&self, bytes: &mut [u8]) {
        // The provider fails only when the operating system has no random source at all; going on
        // with weak secrets would be worse than stopping.
        if aws_lc_rs::rand::fill(bytes).is_err() {
            std::process::abort();
        }
    }
}

/// Blocks the thread a little while: a command that waits for another one to let go of the data
/// directory. Never called on a thread of the server.
pub fn pause(milliseconds: u64) {
    std::thread::park_timeout(Duration::from_millis(milliseconds));
}

/// Waits in the server until something wakes it or the time is over.
pub async fn wait(wake: &tokio::sync::Notify, milliseconds: u64) {
    // Over or woken is the same to the caller: it looks again.
    let _ = tokio::time::timeout(Duration::from_millis(milliseconds), wake.notified()).await;
}

/// Lets others have their turn in the server, after something failed or before it is looked again.
pub async fn rest(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_go_on_above_one_of_a_clock_that_was_ahead() {
        let year_ms = 365 * 24 * 60 * 60 * 1000;
        let ahead = SystemIds::default().at(made_at_ms(SystemIds::default().object_id()) + year_ms);
        let ids = SystemIds::above(ahead);
        let mut last = ahead;
        for _ in 0..1000 {
            let next = ids.object_id();
            assert!(next > last);
            last = next;
        }
        // As soon as the clock has caught up, it counts again.
        let later = made_at_ms(last) + 10;
        assert_eq!(made_at_ms(ids.at(later)), later);
    }

    #[test]
    fn an_id_of_the_end_of_all_times_stops_nobody() {
        let ids = SystemIds::above(ObjectId::from_bytes([0xff; 16]));
        assert!(ids.object_id() < ids.object_id());
        let behind = SystemIds::above(ObjectId::NIL);
        assert!(made_at_ms(behind.object_id()) > 1_600_000_000_000);
    }
}
