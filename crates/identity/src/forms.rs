//! Room in memory for what is sent here before anybody knows by whom: so much of all, and less of it for one
//! network, so that a stranger with forms that never end fills neither the memory nor the room of others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::RETRY_AFTER;
use syncline_access::{Counted, NetworkCounts, Peer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::reply::Reply;

/// Room is counted in pieces of so many bytes; an ordinary form has one or two.
const PIECE: usize = 1024;
/// 32 MiB.
const ALL: usize = 32 * 1024;
/// 2 MiB: a thousand ordinary forms of a reverse proxy, from which all come.
const OF_A_NETWORK: usize = 2 * 1024;

/// Seconds after which another try has a chance: forms that do not end have to make room by then.
const SOON: &str = "5";

/// The room there is.
#[derive(Debug)]
pub(crate) struct Forms {
    free: Arc<Semaphore>,
    /// It was told that there is none, and half of it was not free since.
    full: AtomicBool,
    taken: NetworkCounts,
}

/// That of one form; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Room {
    _all: Option<OwnedSemaphorePermit>,
    _network: Option<Counted>,
}

impl Forms {
    /// `largest`: bytes of the largest form.
    pub(crate) fn new(largest: usize) -> Self {
        debug_assert!(largest <= OF_A_NETWORK * PIECE);
        Self {
            free: Arc::new(Semaphore::new(ALL)),
            full: AtomicBool::new(false),
            taken: NetworkCounts::sharing(ALL, OF_A_NETWORK),
        }
    }

    /// Room for a form of so many bytes, or what to answer where there is none. Nothing takes none.
    pub(crate) fn room(&self, bytes: usize, peer: Option<Peer>) -> Result<Room, Reply> {
        let pieces = bytes.div_ceil(PIECE);
        if pieces == 0 {
            return Ok(Room {
                _all: None,
                _network: None,
            });
        }
        let network = match peer.map(|peer| self.taken.begin_with(peer, pieces)) {
            None => None,
            Some(Ok(counted)) => Some(counted),
            Some(Err(full)) => {
                if full.first {
                    tracing::warn!(
                        network = %full.network,
                        "this network sends as many forms as one network may at a time; more are refused until some were read"
                    );
                }
                return Err(busy(429));
            }
        };
        let wanted = u32::try_from(pieces).unwrap_or(u32::MAX);
        let Ok(all) = Arc::clone(&self.free).try_acquire_many_owned(wanted) else {
            if !self.full.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    "as many forms are sent as there is memory for; more are refused until some were read"
                );
            }
            return Err(busy(503));
        };
        if self.free.available_permits() > ALL / 2 {
            self.full.store(false, Ordering::Relaxed);
        }
        Ok(Room {
            _all: Some(all),
            _network: network,
        })
    }
}

fn busy(status: u16) -> Reply {
    Reply::text(
        status,
        "Too many forms are sent at a time. Try again in a moment.",
    )
    .with(RETRY_AFTER, SOON)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn peer(network: usize) -> Option<Peer> {
        let bits = u32::try_from(network).unwrap() << 8;
        Some(Peer(IpAddr::V4(Ipv4Addr::from_bits(bits))))
    }

    #[test]
    fn all_together_have_no_more_than_there_is_whoever_they_are() {
        let forms = Forms::new(64 * PIECE);
        let most = ALL / OF_A_NETWORK;
        let mut held: Vec<Room> = (0..most)
            .map(|network| forms.room(OF_A_NETWORK * PIECE, peer(network)).unwrap())
            .collect();
        assert_eq!(forms.room(1, peer(most)).unwrap_err().status, 503);
        assert_eq!(forms.room(1, None).unwrap_err().status, 503);
        assert_eq!(forms.room(1, peer(0)).unwrap_err().status, 429);
        // What has no body needs none.
        forms.room(0, peer(0)).unwrap();
        held.pop();
        forms.room(1, peer(most)).unwrap();
    }
}
