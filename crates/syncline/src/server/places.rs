//! Room for connections: so many at a time, and fewer of them from one network, so that nobody takes
//! it all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use syncline_access::{Network, Peer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many connections there may be.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    pub connections: usize,
    /// From one address. Behind a reverse proxy all come from one: what it keeps open must fit.
    pub per_address: usize,
}

impl Most {
    /// Of a network. Twice what one customer may have can be all there is, so a wider one gets at most
    /// halfway from there: others find room, whoever comes in many.
    fn of(self, network: Network) -> usize {
        let between = self.per_address.midpoint(self.connections);
        match network {
            Network::Customer(_) => self.per_address,
            Network::Site(_) => network.most(self.per_address).min(between),
        }
    }
}

/// The places there are. One log line when they run out, and not another before many are free again.
#[derive(Debug)]
pub struct Places {
    most: Most,
    free: Arc<Semaphore>,
    full: AtomicBool,
    taken: Arc<Mutex<HashMap<Network, Taken>>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    count: usize,
    told: bool,
}

impl Places {
    pub fn new(most: Most) -> Self {
        Self {
            most,
            free: Arc::new(Semaphore::new(most.connections)),
            full: AtomicBool::new(false),
            taken: Arc::default(),
        }
    }

    /// Room for one more connection, whoever's; waits until there is some. `None`: there will be none.
    pub async fn room(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(room) = Arc::clone(&self.free).try_acquire_owned() {
            if self.free.available_permits() > self.most.connections / 8 {
                self.full.store(false, Ordering::Relaxed);
            }
            return Some(room);
        }
        if !self.full.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                connections = self.most.connections,
                "as many connections are open as are taken at a time; new ones wait until others end"
            );
        }
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// The place of a connection from this address; `None` when a network of it has all that it may have.
    pub fn take(&self, room: OwnedSemaphorePermit, address: IpAddr) -> Option<Place> {
        let peer = Peer(address);
        let mut taken = self.taken.lock();
        for network in peer.networks() {
            let most = self.most.of(network);
            if let Some(taken) = taken.get_mut(&network)
                && taken.count >= most
            {
                if !std::mem::replace(&mut taken.told, true) {
                    tracing::warn!(
                        %network,
                        connections = taken.count,
                        "this network has as many connections open as one may have; more are closed at once. \
                         Should it be a reverse proxy, start the server with a larger --max-connections-per-address"
                    );
                }
                return None;
            }
        }
        for network in peer.networks() {
            taken.entry(network).or_default().count += 1;
        }
        Some(Place {
            peer,
            most: self.most,
            taken: Arc::clone(&self.taken),
            _room: room,
        })
    }
}

/// One connection's; free again when it is dropped.
#[derive(Debug)]
pub struct Place {
    peer: Peer,
    most: Most,
    taken: Arc<Mutex<HashMap<Network, Taken>>>,
    _room: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut networks = self.taken.lock();
        for network in self.peer.networks() {
            let Some(taken) = networks.get_mut(&network) else {
                continue;
            };
            taken.count -= 1;
            if taken.count <= self.most.of(network) / 2 {
                taken.told = false;
            }
            if taken.count == 0 {
                networks.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn a_site_of_many_networks_leaves_room_to_others() {
        let places = Places::new(Most {
            connections: 8,
            per_address: 4,
        });
        let take = async |address: &str| {
            let room = places.room().await.unwrap();
            places.take(room, address.parse().unwrap())
        };
        let mut held = Vec::new();
        for number in 0..6 {
            held.push(take(&format!("2001:db8:7:{number}::1")).await.unwrap());
        }
        assert!(take("2001:db8:7:6::1").await.is_none());
        assert!(take("2001:db8:8::1").await.is_some());
        drop(held);
        assert!(take("2001:db8:7:6::1").await.is_some());
        assert!(places.taken.lock().is_empty());
    }

    #[tokio::test]
    async fn an_address_can_not_take_the_places_of_others() {
        let places = Places::new(Most {
            connections: 10,
            per_address: 2,
        });
        let take = async |address: &str| {
            let room = places.room().await.unwrap();
            places.take(room, address.parse().unwrap())
        };
        let first = take("192.0.2.1").await;
        let second = take("::ffff:192.0.2.1").await;
        assert!(first.is_some() && second.is_some());
        assert!(take("192.0.2.1").await.is_none());
        let other = take("192.0.2.2").await;
        assert!(other.is_some());
        drop(first);
        assert!(take("192.0.2.1").await.is_some());
        drop((second, other));
        assert!(
            places.taken.lock().is_empty(),
            "nothing is kept of those who went"
        );
    }
}
