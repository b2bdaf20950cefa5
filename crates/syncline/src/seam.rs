//! The one place where real time, real randomness and waiting enter the program.

use std::time::{Duration, Instant};

use syncline_model::{Clock, Ids, ObjectId, Timestamp};
use uuid::Uuid;

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

/// Real ids. Time-ordered ones ascend also within one millisecond (UUID version 7 with a counter).
#[derive(Debug)]
pub struct SystemIds;

impl Ids for SystemIds {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the seam that the Ids trait stands for"
    )]
    fn object_id(&self) -> ObjectId {
        ObjectId(Uuid::now_v7())
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
