//! How many sign in at once from each network, so that no stranger keeps all others waiting for a place
//! at which their passwords are checked. In memory, each node for itself.

use std::collections::HashMap;

use parking_lot::Mutex;

use crate::{Network, Peer, Refusal};

/// Who signs in now, by network.
#[derive(Debug)]
pub(crate) struct SignInNetworks {
    /// Those of one customer of a network provider.
    most: usize,
    begun: Mutex<HashMap<Network, Begun>>,
}

#[derive(Debug, Default)]
struct Begun {
    count: usize,
    /// Whether the log knows that there are too many.
    told: bool,
}

/// Seconds after which another try has a chance.
const RETRY_AFTER: u32 = 5;

impl SignInNetworks {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            begun: Mutex::default(),
        }
    }

    /// One more of this peer's networks, until what is returned is dropped.
    pub(crate) fn begin(&self, peer: Peer) -> Result<SigningIn<'_>, Refusal> {
        let mut begun = self.begun.lock();
        for network in peer.networks() {
            if let Some(begun) = begun.get_mut(&network) {
                begun.check(network, network.most(self.most))?;
            }
        }
        for network in peer.networks() {
            begun.entry(network).or_default().count += 1;
        }
        Ok(SigningIn {
            networks: self,
            peer,
        })
    }
}

impl Begun {
    fn check(&mut self, network: Network, most: usize) -> Result<(), Refusal> {
        if self.count < most {
            return Ok(());
        }
        if !std::mem::replace(&mut self.told, true) {
            tracing::warn!(
                %network,
                sign_ins = self.count,
                "as many people of this network sign in as may at once; more are told to come back. \
                 Should it be a reverse proxy, start the server with a larger --max-sign-ins-per-address"
            );
        }
        Err(Refusal::SignInsOfNetworkTooMany(RETRY_AFTER.to_string()))
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
        let mut networks = self.networks.begun.lock();
        for network in self.peer.networks() {
            let Some(begun) = networks.get_mut(&network) else {
                continue;
            };
            begun.count -= 1;
            if begun.count == 0 {
                networks.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn peer(address: &str) -> Peer {
        Peer(address.parse().unwrap())
    }

    #[test]
    fn one_network_leaves_room_to_the_others() {
        let networks = SignInNetworks::new(2);
        let first = networks.begin(peer("192.0.2.1")).unwrap();
        let _second = networks.begin(peer("::ffff:192.0.2.1")).unwrap();
        let refused = networks.begin(peer("192.0.2.1")).unwrap_err();
        assert_eq!(
            (refused.status(), refused.retry_after().as_deref()),
            (429, Some("5"))
        );
        let _other = networks.begin(peer("192.0.2.2")).unwrap();
        drop(first);
        let _third = networks.begin(peer("192.0.2.1")).unwrap();
    }

    #[test]
    fn many_networks_of_one_site_are_not_as_many_times_as_much() {
        let networks = SignInNetworks::new(1);
        let held: Vec<_> = ["2001:db8:7:1::1", "2001:db8:7:2::1"]
            .map(|address| networks.begin(peer(address)).unwrap())
            .into();
        assert!(networks.begin(peer("2001:db8:7:3::1")).is_err());
        let other = networks.begin(peer("2001:db8:8:1::1")).unwrap();
        drop(held);
        drop(networks.begin(peer("2001:db8:7:3::1")).unwrap());
        drop(other);
        assert!(networks.begun.lock().is_empty(), "nobody is remembered");
    }
}
