//! How many sign in at once from each network, so that no stranger keeps all others waiting for a place
//! at which their passwords are checked. In memory, each node for itself.

use std::collections::HashMap;

use parking_lot::Mutex;
use syncline_model::Timestamp;

use crate::{Network, Peer, Refusal};

/// Who signs in now.
#[derive(Debug)]
pub(crate) struct SignInNetworks {
    /// Those of one customer of a network provider.
    most: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    begun: HashMap<Network, usize>,
    /// When the log was told last that there are too many.
    told: Option<Timestamp>,
}

/// Seconds after which another try has a chance.
const RETRY_AFTER: u32 = 5;

/// Strangers must not fill the log: so many seconds nothing is told again.
const TOLD_EVERY: i64 = 60;

impl SignInNetworks {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            state: Mutex::default(),
        }
    }

    /// One more of this peer's networks, until what is returned is dropped.
    pub(crate) fn begin(&self, peer: Peer, now: Timestamp) -> Result<SigningIn<'_>, Refusal> {
        let mut state = self.state.lock();
        for network in peer.networks() {
            let count = state.begun.get(&network).copied().unwrap_or_default();
            if count >= network.most(self.most) {
                state.tell(network, count, now);
                return Err(Refusal::SignInsOfNetworkTooMany(RETRY_AFTER.to_string()));
            }
        }
        for network in peer.networks() {
            *state.begun.entry(network).or_default() += 1;
        }
        Ok(SigningIn {
            networks: self,
            peer,
        })
    }
}

impl State {
    fn tell(&mut self, network: Network, sign_ins: usize, now: Timestamp) {
        let told = self.told.map(|told| told.plus_seconds(TOLD_EVERY));
        if told.is_none_or(|again| again <= now) {
            self.told = Some(now);
            tracing::warn!(
                %network,
                sign_ins,
                "as many people of this network sign in as may at once; more are told to come back. \
                 Should it be a reverse proxy, start the server with a larger --max-sign-ins-per-address"
            );
        }
    }
}

/// Somebody who signs in.
#[derive(Debug)]
#[must_use]
pub(crate) struct SigningIn<'n> {
    networks: &'n SignInNetworks,
    peer: Peer,
}

impl Drop for SigningIn<'_> {
    fn drop(&mut self) {
        let begun = &mut self.networks.state.lock().begun;
        for network in self.peer.networks() {
            let Some(count) = begun.get_mut(&network) else {
                continue;
            };
            *count -= 1;
            if *count == 0 {
                begun.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000_000);

    fn peer(address: &str) -> Peer {
        Peer(address.parse().unwrap())
    }

    #[test]
    fn one_network_leaves_room_to_the_others() {
        let networks = SignInNetworks::new(2);
        let first = networks.begin(peer("192.0.2.1"), NOW).unwrap();
        let _second = networks.begin(peer("::ffff:192.0.2.1"), NOW).unwrap();
        let refused = networks.begin(peer("192.0.2.1"), NOW).unwrap_err();
        assert_eq!(
            (refused.status(), refused.retry_after().as_deref()),
            (429, Some("5"))
        );
        let _other = networks.begin(peer("192.0.2.2"), NOW).unwrap();
        drop(first);
        let _third = networks.begin(peer("192.0.2.1"), NOW).unwrap();
    }

    #[test]
    fn many_networks_of_one_site_are_not_as_many_times_as_much() {
        let networks = SignInNetworks::new(1);
        let held: Vec<_> = ["2001:db8:7:1::1", "2001:db8:7:2::1"]
            .map(|address| networks.begin(peer(address), NOW).unwrap())
            .into();
        assert!(networks.begin(peer("2001:db8:7:3::1"), NOW).is_err());
        let other = networks.begin(peer("2001:db8:8:1::1"), NOW).unwrap();
        drop(held);
        drop(networks.begin(peer("2001:db8:7:3::1"), NOW).unwrap());
        drop(other);
        assert!(
            networks.state.lock().begun.is_empty(),
            "nobody is remembered"
        );
    }

    #[test]
    fn the_log_is_not_told_as_often_as_somebody_likes() {
        let networks = SignInNetworks::new(1);
        let refused = |address: &str, now: Timestamp| {
            let held = networks.begin(peer(address), now).unwrap();
            networks.begin(peer(address), now).unwrap_err();
            drop(held);
            networks.state.lock().told
        };
        assert_eq!(refused("192.0.2.1", NOW), Some(NOW));
        assert_eq!(refused("192.0.2.2", NOW.plus_seconds(59)), Some(NOW));
        let later = NOW.plus_seconds(60);
        assert_eq!(refused("192.0.2.1", later), Some(later));
    }
}
