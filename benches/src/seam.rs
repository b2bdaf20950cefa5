//! Where real time and real ids enter the benches.

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

/// Real ids, so that keys arrive in the order in which they arrive in production.
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

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the seam that the Ids trait stands for"
    )]
    fn random_uuid(&self) -> Uuid {
        Uuid::new_v4()
    }

    fn fill_secret(&self, bytes: &mut [u8]) {
        // The provider fails only when the operating system has no random source at all.
        if aws_lc_rs::rand::fill(bytes).is_err() {
            std::process::abort();
        }
    }
}

/// Elapsed time, which a clock that is set in between can not falsify.
#[derive(Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "measuring elapsed time is what the benches are for"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
