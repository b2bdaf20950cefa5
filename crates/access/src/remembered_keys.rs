//! The signing keys as this node has read them. Every request asks here, so nothing is waited for
//! in here: neither for the database nor until a key is made.

use std::sync::Arc;

use parking_lot::Mutex;
use syncline_model::Timestamp;

use crate::signing_keys::KeyRing;

#[derive(Default)]
pub(crate) struct RememberedKeys(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    ring: Option<Arc<KeyRing>>,
    /// Number of the reading that the ring comes of, or from which on they count again.
    of: u64,
    last: u64,
}

/// One that was begun. They are numbered in that order, not by the clock, which may be set back.
pub(crate) struct Reading(u64);

impl RememberedKeys {
    /// Those that were read fewer than so many seconds ago.
    pub(crate) fn read_within(&self, seconds: i64, now: Timestamp) -> Option<Arc<KeyRing>> {
        let remembered = self.0.lock();
        let ring = remembered.ring.as_ref();
        ring.filter(|it| it.was_read_within(seconds, now))
            .map(Arc::clone)
    }

    pub(crate) fn begin_reading(&self) -> Reading {
        let mut remembered = self.0.lock();
        remembered.last += 1;
        Reading(remembered.last)
    }

    /// Remembers what was read, unless what is known by now was begun to be read later, or keys were
    /// changed since: then it may be from before.
    pub(crate) fn remember(&self, reading: &Reading, ring: &Arc<KeyRing>) {
        let mut remembered = self.0.lock();
        if remembered.of < reading.0 {
            remembered.of = reading.0;
            remembered.ring = Some(Arc::clone(ring));
        }
    }

    /// Keys were changed: what was read before counts no more, nor does what is being read.
    pub(crate) fn forget(&self) {
        let mut remembered = self.0.lock();
        remembered.last += 1;
        remembered.of = remembered.last;
        remembered.ring = None;
    }
}
