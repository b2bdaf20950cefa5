//! Where real time and real ids enter the benches.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
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

/// What something took.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spent {
    pub seconds: f64,
    /// Of the thread on a processor, which other work on the machine falsifies less; `None` where
    /// the system does not tell.
    pub processor_seconds: Option<f64>,
}

impl Default for Spent {
    fn default() -> Self {
        Self {
            seconds: 0.0,
            processor_seconds: Some(0.0),
        }
    }
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, more: Self) {
        self.seconds += more.seconds;
        self.processor_seconds = self
            .processor_seconds
            .zip(more.processor_seconds)
            .map(|(sum, more)| sum + more);
    }
}

/// Measures elapsed time, which a clock that is set in between can not falsify.
#[derive(Debug)]
pub struct Stopwatch {
    began: Instant,
    processor_seconds: Option<f64>,
}

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "measuring elapsed time is what the benches are for"
    )]
    pub fn start() -> Self {
        Self {
            began: Instant::now(),
            processor_seconds: processor_seconds(),
        }
    }

    pub fn spent(&self) -> Spent {
        let before = self.processor_seconds;
        Spent {
            seconds: self.began.elapsed().as_secs_f64(),
            processor_seconds: processor_seconds()
                .zip(before)
                .map(|(now, before)| now - before),
        }
    }
}

/// How long all threads together have been on a processor.
fn processor_seconds() -> Option<f64> {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(spent.tv_sec).ok()?;
    let nanoseconds = u32::try_from(spent.tv_nsec).ok()?;
    Some(Duration::new(seconds, nanoseconds).as_secs_f64())
}
