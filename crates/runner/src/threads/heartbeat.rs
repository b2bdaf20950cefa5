//! Keeping a lease while whoever has it gets on. Every page keeps it, too; but a page, or what is done before the first
//! one, may take longer than the lease lasts, and each time another node would begin it anew.
//!
//! A thread of its own says three times in each lease that its holder is there, on a connection that it takes for that
//! alone, without waiting for whoever is at the lease's row. It never lengthens what another one has taken, and that
//! safety does not depend on it: pages are confirmed as before.
//!
//! INVARIANT: a lease is not kept for what stands still. Whoever gets nothing done for some leases loses it.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::Builder;

use syncline_model::{JobId, TenantId};
use syncline_store::{Counting, Lease, Pulse};

use super::wait::ends_within;
use crate::Runner;

/// So often in the time of a lease: two may be late or fail.
const IN_A_LEASE: u64 = 3;

/// Whoever gets nothing done for so many leases, five minutes of those that are usual, is taken for one that never will: a
/// statement, or an answer of a target, may take as long.
const STILL_FOR_LEASES: u64 = 10;

/// Ends when it is dropped, also by a panic.
pub(crate) struct Heartbeat {
    /// Nothing is sent: the thread hears that it is gone.
    _holder: Sender<Infallible>,
    _counting: Counting,
}

impl Runner {
    /// Keeps a lease while this thread, and those that it lets count with it, get on. `None` where nothing is leased; and
    /// where the system has no thread left, so that pages alone keep it.
    pub(crate) fn heartbeat(
        &self,
        tenant: TenantId,
        job: &JobId,
        lease: Option<Lease>,
    ) -> Option<Heartbeat> {
        let lease = lease.filter(|_| self.heartbeats)?;
        let pulse = Pulse::here();
        let (holder, held) = channel();
        let mut watch = Watch::new(pulse.clone());
        let (store, job) = (Arc::clone(&self.store), job.clone());
        let seconds = self.node.lease_seconds;
        // Nobody waits for its end, which may take as long as a statement: what it does too late, it does in vain.
        let beats = move || {
            while !ends_within(&held, beat_ms(seconds)) {
                if watch.gets_on() {
                    // What is wrong with the database its pages meet, and tell. Whoever has lost the lease is told there.
                    let _ = store.renew_lease(tenant, &job, &lease, seconds);
                }
            }
        };
        Builder::new()
            .name("heartbeat".to_owned())
            .spawn(beats)
            .ok()?;
        Some(Heartbeat {
            _holder: holder,
            _counting: pulse.counts_here(),
        })
    }
}

/// How often a lease of so many seconds is kept.
pub(crate) fn beat_ms(lease_seconds: u32) -> u64 {
    (u64::from(lease_seconds) * 1000 / IN_A_LEASE).max(100)
}

/// Looks whether anything was done since it looked last.
struct Watch {
    pulse: Pulse,
    seen: u64,
    /// How often in a row nothing was.
    still: u64,
}

impl Watch {
    fn new(pulse: Pulse) -> Self {
        let seen = pulse.beats();
        Self {
            pulse,
            seen,
            still: 0,
        }
    }

    fn gets_on(&mut self) -> bool {
        let now = self.pulse.beats();
        if now == self.seen {
            self.still = self.still.saturating_add(1);
        } else {
            (self.seen, self.still) = (now, 0);
        }
        self.still < STILL_FOR_LEASES * IN_A_LEASE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_gets_nothing_done_for_ten_leases_is_not_kept_until_he_gets_on() {
        let pulse = Pulse::default();
        let mut watch = Watch::new(pulse.clone());
        let mut kept = || (0..100).take_while(|_| watch.gets_on()).count();
        assert_eq!(kept(), 29);
        assert_eq!(kept(), 0, "it stays so");
        let counting = pulse.counts_here();
        Pulse::beat();
        assert_eq!(kept(), 30, "it was late, and is there again");
        drop(counting);
    }

    #[test]
    fn a_lease_is_kept_three_times_before_it_ends_and_never_without_a_pause() {
        assert_eq!([30, 1, 0].map(beat_ms), [10_000, 333, 100]);
    }
}
