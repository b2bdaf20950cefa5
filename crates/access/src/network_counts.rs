//! How much each network has at the same time, of connections for example, and no more than it may. In
//! memory, each node for itself.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::{Network, Peer};

/// What the networks have now.
#[derive(Debug)]
pub struct NetworkCounts {
    most: Most,
    counts: Arc<Mutex<HashMap<Network, Count>>>,
}

/// What a network may have.
#[derive(Clone, Copy, Debug)]
struct Most {
    of_customer: usize,
    /// However many customers it is.
    of_any: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    has: usize,
    /// Something was refused, and it did not come down to half of what it may have since.
    refused: bool,
}

/// A network has all that it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkFull {
    pub network: Network,
    pub count: usize,
    /// Nothing was refused to it before, since it came down to half of that.
    pub first: bool,
}

impl Most {
    fn of(self, network: Network) -> usize {
        network.most(self.of_customer).min(self.of_any)
    }
}

impl NetworkCounts {
    /// With so much for one customer of a network provider.
    pub fn new(of_customer: usize) -> Self {
        Self::with(Most {
            of_customer,
            of_any: usize::MAX,
        })
    }

    /// Of something of which there is only so much. Twice what one customer may have can be `all`, so a
    /// wider network gets at most halfway from there: others find room, whoever comes in many.
    pub fn sharing(all: usize, of_customer: usize) -> Self {
        Self::with(Most {
            of_customer,
            of_any: of_customer.midpoint(all),
        })
    }

    fn with(most: Most) -> Self {
        Self {
            most,
            counts: Arc::default(),
        }
    }

    /// One more of each of this peer's networks, until what is returned is dropped.
    ///
    /// # Errors
    /// One of them has all that it may; then none has one more.
    pub fn begin(&self, peer: Peer) -> Result<Counted, NetworkFull> {
        self.begin_with(peer, 1)
    }

    /// So many more of each of this peer's networks, of what comes in pieces of unlike size. A network that has
    /// nothing is never refused.
    ///
    /// # Errors
    /// For one of them it is more than it may have; then none has more.
    pub fn begin_with(&self, peer: Peer, amount: usize) -> Result<Counted, NetworkFull> {
        let mut counts = self.counts.lock();
        for network in peer.networks() {
            if let Some(count) = counts.get_mut(&network)
                && count.has.saturating_add(amount) > self.most.of(network)
            {
                return Err(NetworkFull {
                    network,
                    count: count.has,
                    first: !std::mem::replace(&mut count.refused, true),
                });
            }
        }
        for network in peer.networks() {
            counts.entry(network).or_default().has += amount;
        }
        Ok(Counted {
            peer,
            amount,
            most: self.most,
            counts: Arc::clone(&self.counts),
        })
    }
}

/// One that is counted.
#[derive(Debug)]
#[must_use]
pub struct Counted {
    peer: Peer,
    amount: usize,
    most: Most,
    counts: Arc<Mutex<HashMap<Network, Count>>>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.counts.lock();
        for network in self.peer.networks() {
            let Some(count) = counts.get_mut(&network) else {
                continue;
            };
            count.has -= self.amount;
            if count.has <= self.most.of(network) / 2 {
                count.refused = false;
            }
            if count.has == 0 {
                counts.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(address: &str) -> Peer {
        Peer(address.parse().unwrap())
    }

    #[test]
    fn one_network_leaves_room_to_the_others() {
        let counts = NetworkCounts::new(2);
        let first = counts.begin(peer("192.0.2.1")).unwrap();
        let second = counts.begin(peer("::ffff:192.0.2.1")).unwrap();
        let full = counts.begin(peer("192.0.2.1")).unwrap_err();
        assert_eq!(
            (full.network.to_string(), full.count),
            ("192.0.2.1".to_owned(), 2)
        );
        let other = counts.begin(peer("192.0.2.2")).unwrap();
        drop(first);
        drop(counts.begin(peer("192.0.2.1")).unwrap());
        drop((second, other));
        assert!(
            counts.counts.lock().is_empty(),
            "nothing is kept of those who went"
        );
    }

    #[test]
    fn many_networks_of_one_site_do_not_have_as_many_times_as_much() {
        let counts = NetworkCounts::new(1);
        let held = ["2001:db8:7:1::1", "2001:db8:7:2::1"].map(|it| counts.begin(peer(it)).unwrap());
        let full = counts.begin(peer("2001:db8:7:3::1")).unwrap_err();
        assert_eq!(full.network.to_string(), "2001:db8:7::/48");
        let other = counts.begin(peer("2001:db8:8:1::1")).unwrap();
        drop(held);
        drop(counts.begin(peer("2001:db8:7:3::1")).unwrap());
        drop(other);
        assert!(counts.counts.lock().is_empty());
    }

    #[test]
    fn a_site_of_many_networks_leaves_some_of_all_to_others() {
        let counts = NetworkCounts::sharing(8, 4);
        let site = |number: usize| counts.begin(peer(&format!("2001:db8:7:{number}::1")));
        let held: Vec<_> = (0..6).map(|number| site(number).unwrap()).collect();
        assert_eq!(site(6).unwrap_err().count, 6);
        let _other = counts.begin(peer("2001:db8:8::1")).unwrap();
        drop(held);
        let _one = site(6).unwrap();
    }

    #[test]
    fn who_is_refused_again_and_again_is_refused_for_the_first_time_once() {
        let counts = NetworkCounts::new(4);
        let begin = || counts.begin(peer("192.0.2.1"));
        let mut held: Vec<_> = (0..4).map(|_| begin().unwrap()).collect();
        assert!(begin().unwrap_err().first);
        assert!(!begin().unwrap_err().first);
        held.pop();
        held.push(begin().unwrap());
        assert!(!begin().unwrap_err().first, "it had more than half");
        held.truncate(2);
        held.extend((0..2).map(|_| begin().unwrap()));
        assert!(begin().unwrap_err().first);
    }
}
