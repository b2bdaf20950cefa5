//! Room for connections: so many at a time, and fewer of them from one network, so that nobody takes
//! it all.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use syncline_access::{Counted, NetworkCounts, Peer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many connections there may be.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    pub connections: usize,
    /// From one address. Behind a reverse proxy all come from one: what it keeps open must fit.
    pub per_address: usize,
}

/// The places there are. One log line when they run out, and not another before many are free again.
#[derive(Debug)]
pub struct Places {
    most: Most,
    free: Arc<Semaphore>,
    full: AtomicBool,
    taken: NetworkCounts,
}

impl Places {
    pub fn new(most: Most) -> Self {
        Self {
            most,
            free: Arc::new(Semaphore::new(most.connections)),
            full: AtomicBool::new(false),
            taken: NetworkCounts::sharing(most.connections, most.per_address),
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
        match self.taken.begin(Peer(address)) {
            Ok(counted) => Some(Place {
                _counted: counted,
                _room: room,
            }),
            Err(full) => {
                if full.first {
                    tracing::warn!(
                        network = %full.network,
                        connections = full.count,
                        "this network has as many connections open as one network may have; more are closed at once. \
                         If it is a reverse proxy, start the server with a larger --max-connections-per-address"
                    );
                }
                None
            }
        }
    }
}

/// One connection's; free again when it is dropped.
#[derive(Debug)]
pub struct Place {
    _counted: Counted,
    _room: OwnedSemaphorePermit,
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}
