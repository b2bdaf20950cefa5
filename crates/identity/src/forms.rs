//! Room in memory for what is sent here before anybody knows by whom: so much of all, and less of it for one
//! network, so that a stranger with forms that never end fills neither the memory nor the room of others.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use syncline_access::{Counted, NetworkCounts, Peer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Room is counted in pieces of so many bytes; an ordinary form has one or two.
const PIECE: usize = 1024;
/// 32 MiB.
const ALL: usize = 32 * 1024;
/// 2 MiB: a thousand ordinary forms of a reverse proxy, from which all come.
const OF_A_NETWORK: usize = 2 * 1024;

/// A form is a packet or a few. Nobody is known before it is there, so who sends it slowly gets no more.
const PATIENCE: Duration = Duration::from_secs(15);

/// Seconds after which another try has a chance: forms that do not end have to make room by then.
const SOON: &str = "5";

/// The room there is for all forms of a server, whichever of its pages and endpoints they are sent to.
#[derive(Debug)]
pub struct Forms {
    free: Arc<Semaphore>,
    /// It was told that there is none, and half of it was not free since.
    full: AtomicBool,
    taken: NetworkCounts,
}

/// That of one form; free again when it is dropped.
#[derive(Debug)]
pub struct Room {
    _all: Option<OwnedSemaphorePermit>,
    _network: Option<Counted>,
}

/// Why a form was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRead {
    /// It says so, or turned out to be.
    TooLarge,
    /// It did not arrive in time.
    Late,
    /// Its network sends as many as one network may at a time.
    NetworkBusy,
    /// All together send as many as there is memory for.
    AllBusy,
}

impl NotRead {
    /// Of HTTP.
    pub fn status(self) -> u16 {
        match self {
            Self::TooLarge => 413,
            Self::Late => 408,
            Self::NetworkBusy => 429,
            Self::AllBusy => 503,
        }
    }

    /// Seconds after which another try has a chance, where that depends on others.
    pub fn retry_after(self) -> Option<&'static str> {
        match self {
            Self::TooLarge | Self::Late => None,
            Self::NetworkBusy | Self::AllBusy => Some(SOON),
        }
    }
}

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "The form is larger than any that is read here.",
            Self::Late => "The form did not arrive in time.",
            Self::NetworkBusy | Self::AllBusy => {
                "Too many forms are sent at a time. Try again in a moment."
            }
        })
    }
}

impl Default for Forms {
    fn default() -> Self {
        Self {
            free: Arc::new(Semaphore::new(ALL)),
            full: AtomicBool::new(false),
            taken: NetworkCounts::sharing(ALL, OF_A_NETWORK),
        }
    }
}

impl Forms {
    /// A form of at most `largest` bytes, at most 2 MiB, and its room in memory, which it needs until it is worked on. One
    /// that does not say how long it is takes as much as the largest.
    ///
    /// # Errors
    /// When there is no room for it, it does not arrive in 15 seconds, or is larger.
    pub async fn read(
        &self,
        body: Body,
        largest: usize,
        peer: Option<Peer>,
    ) -> Result<(Bytes, Room), NotRead> {
        let declared = body.size_hint().upper();
        let size = match declared.map(usize::try_from) {
            Some(Ok(size)) if size <= largest => size,
            Some(_) => return Err(NotRead::TooLarge),
            None => largest,
        };
        let room = self.room(size, peer)?;
        match timeout(PATIENCE, to_bytes(body, size)).await {
            Ok(Ok(body)) => Ok((body, room)),
            Ok(Err(_)) => Err(NotRead::TooLarge),
            Err(_) => Err(NotRead::Late),
        }
    }

    /// Room for a form of so many bytes. Nothing takes none.
    fn room(&self, bytes: usize, peer: Option<Peer>) -> Result<Room, NotRead> {
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
                return Err(NotRead::NetworkBusy);
            }
        };
        let wanted = u32::try_from(pieces).unwrap_or(u32::MAX);
        let Ok(all) = Arc::clone(&self.free).try_acquire_many_owned(wanted) else {
            if !self.full.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    "as many forms are sent as there is memory for; more are refused until some were read"
                );
            }
            return Err(NotRead::AllBusy);
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

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn peer(network: usize) -> Option<Peer> {
        let bits = u32::try_from(network).unwrap() << 8;
        Some(Peer(IpAddr::V4(Ipv4Addr::from_bits(bits))))
    }

    #[test]
    fn all_together_have_no_more_than_there_is_whoever_they_are() {
        let forms = Forms::default();
        let most = ALL / OF_A_NETWORK;
        let mut held: Vec<Room> = (0..most)
            .map(|network| forms.room(OF_A_NETWORK * PIECE, peer(network)).unwrap())
            .collect();
        let refused = |peer| forms.room(1, peer).unwrap_err();
        assert_eq!(refused(peer(most)), NotRead::AllBusy);
        assert_eq!(refused(None), NotRead::AllBusy);
        assert_eq!(refused(peer(0)), NotRead::NetworkBusy);
        // What has no body needs none.
        forms.room(0, peer(0)).unwrap();
        held.pop();
        forms.room(1, peer(most)).unwrap();
    }
}
