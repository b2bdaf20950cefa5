//! How many sign in at once from each network, so that no stranger keeps all others waiting for a place
//! at which their passwords are checked. In memory, each node for itself.

use parking_lot::Mutex;
use syncline_model::Timestamp;

use crate::{Counted, NetworkCounts, NetworkFull, Peer, Refusal};

/// Who signs in now.
#[derive(Debug)]
pub(crate) struct SignInNetworks {
    counts: NetworkCounts,
    /// When the log was told last that there are too many.
    told: Mutex<Option<Timestamp>>,
}

/// Seconds after which another try has a chance.
const RETRY_AFTER: u32 = 5;

/// Strangers must not fill the log: so many seconds nothing is told again.
const TOLD_EVERY: i64 = 60;

impl SignInNetworks {
    /// `most`: of one customer of a network provider.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            counts: NetworkCounts::new(most),
            told: Mutex::default(),
        }
    }

    /// One more of this peer's networks, until what is returned is dropped.
    pub(crate) fn begin(&self, peer: Peer, now: Timestamp) -> Result<Counted, Refusal> {
        self.counts.begin(peer).map_err(|full| {
            self.tell(full, now);
            Refusal::SignInsOfNetworkTooMany(RETRY_AFTER.to_string())
        })
    }

    fn tell(&self, full: NetworkFull, now: Timestamp) {
        let mut told = self.told.lock();
        let again = told.map(|told| told.plus_seconds(TOLD_EVERY));
        if again.is_none_or(|again| again <= now) {
            *told = Some(now);
            tracing::warn!(
                network = %full.network,
                sign_ins = full.count,
                "as many people of this network are signing in as may at once; others are told to try again. \
                 If it is a reverse proxy, start the server with a larger --max-sign-ins-per-address"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000_000);

    fn peer(address: &str) -> Peer {
        Peer(address.parse().unwrap())
    }

    #[test]
    fn who_is_refused_is_told_when_to_come_back() {
        let networks = SignInNetworks::new(2);
        let _first = networks.begin(peer("192.0.2.1"), NOW).unwrap();
        let second = networks.begin(peer("192.0.2.1"), NOW).unwrap();
        let refused = networks.begin(peer("192.0.2.1"), NOW).unwrap_err();
        assert_eq!(
            (refused.status(), refused.retry_after().as_deref()),
            (429, Some("5"))
        );
        drop(second);
        let _third = networks.begin(peer("192.0.2.1"), NOW).unwrap();
    }

    #[test]
    fn the_log_is_not_told_as_often_as_somebody_likes() {
        let networks = SignInNetworks::new(1);
        let refused = |address: &str, now: Timestamp| {
            let held = networks.begin(peer(address), now).unwrap();
            networks.begin(peer(address), now).unwrap_err();
            drop(held);
            *networks.told.lock()
        };
        assert_eq!(refused("192.0.2.1", NOW), Some(NOW));
        assert_eq!(refused("192.0.2.2", NOW.plus_seconds(59)), Some(NOW));
        let later = NOW.plus_seconds(60);
        assert_eq!(refused("192.0.2.1", later), Some(later));
    }
}
