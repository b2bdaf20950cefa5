//! Test helpers, used from tests only: a clock that a test moves ([`FakeClock`]), counted ids
//! ([`CountedIds`]), the database a test works on, embedded or PostgreSQL ([`open_store`]), a proxy that cuts
//! connections to it ([`Proxy`]), a user that its server lets in or not ([`Role`]), waiting with an end ([`until`]),
//! what some work has logged ([`Logged`]), and how many random histories are drawn ([`few`]).

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can not go on should say so and stop"
)]

mod database;
mod few;
mod logged;
mod proxy;
mod role;
mod until;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use syncline_model::{Clock, Ids, ObjectId, Timestamp};
use uuid::Uuid;

pub use database::{
    TEST_DATABASE, TEST_DATABASE_RESTART, connections, copy_store, cut_connections, execute,
    has_statistics, on_postgres, open_store, postgres_url, restart_server, spoil, tries,
    waits_for_a_lock, without_the_daemon,
};
pub use few::few;
pub use logged::Logged;
pub use proxy::Proxy;
pub use role::Role;
pub use until::{until, until_in_task};

/// A clock that a test moves.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// Starts at 2022-12-10T12:00:00Z: inside the window of the how-to's log filter.
    pub fn new() -> Self {
        Self::at("2022-12-10T12:00:00Z")
    }

    /// Starts at an RFC 3339 time.
    pub fn at(text: &str) -> Self {
        Self(AtomicI64::new(
            Timestamp::parse(text).expect("a time in RFC 3339").0,
        ))
    }

    pub fn advance_seconds(&self, seconds: i64) {
        self.advance_milliseconds(seconds * 1000);
    }

    pub fn advance_milliseconds(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds * 10_000, Ordering::SeqCst);
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Ids in order, the same in every run.
#[derive(Debug)]
pub struct CountedIds(AtomicU64);

impl CountedIds {
    pub fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// As if made from this moment on, one each millisecond: for what finds things by the time in their ids.
    pub fn at(first: Timestamp) -> Self {
        let milliseconds = u64::try_from(first.milliseconds()).unwrap_or_default();
        Self(AtomicU64::new(milliseconds))
    }

    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }
}

impl Default for CountedIds {
    fn default() -> Self {
        Self::new()
    }
}

impl Ids for CountedIds {
    fn object_id(&self) -> ObjectId {
        // Version 7, variant 2, the counter where the time goes: ascending like real ones.
        let count = self.next();
        ObjectId(Uuid::from_u128(
            (u128::from(count) << 80) | (0x7 << 76) | (0x8 << 60) | u128::from(count),
        ))
    }

    fn random_uuid(&self) -> Uuid {
        let count = u128::from(self.next());
        Uuid::from_u128((0xfeed << 112) | (0x4 << 76) | (0x8 << 60) | count)
    }

    fn fill_secret(&self, bytes: &mut [u8]) {
        let mut state = self.next().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for byte in bytes {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    }
}
