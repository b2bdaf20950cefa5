//! How many device codes each network asked for, so that no stranger spends those of everybody. In
//! memory, each node for itself: where strangers are is nothing to write down.

use std::collections::HashMap;
use std::net::IpAddr;

use parking_lot::Mutex;
use syncline_access::{Peer, Refusal};
use syncline_model::Timestamp;

use crate::Settings;

/// What is counted, by network.
#[derive(Debug, Default)]
pub(crate) struct DeviceNetworks(Mutex<HashMap<IpAddr, Begun>>);

#[derive(Debug)]
struct Begun {
    /// When counting begins anew.
    until: Timestamp,
    count: u32,
    /// Whether the log knows that there are too many.
    told: bool,
}

impl Begun {
    fn anew(until: Timestamp) -> Self {
        Self {
            until,
            count: 0,
            told: false,
        }
    }
}

impl DeviceNetworks {
    /// One more code of this peer's network, counted before it is made, so that many at once do not
    /// slip through; not counted after all unless it is kept.
    pub(super) fn take(
        &self,
        settings: &Settings,
        peer: Peer,
        now: Timestamp,
    ) -> Result<Taken<'_>, Refusal> {
        let network = peer.network();
        let mut networks = self.0.lock();
        make_room(&mut networks, network, settings.device_codes as usize, now)?;
        let until = now.plus_seconds(settings.device_code_lifetime_seconds);
        let begun = networks.entry(network).or_insert(Begun::anew(until));
        if begun.until <= now {
            *begun = Begun::anew(until);
        }
        if begun.count >= settings.device_codes_of_a_network {
            if !std::mem::replace(&mut begun.told, true) {
                tracing::warn!(
                    address = %peer.0,
                    device_codes = begun.count,
                    "this address asked for as many device codes as one may; more are refused for a while. \
                     Should it be a reverse proxy, start the server with a larger --max-device-codes-per-address"
                );
            }
            return Err(wait_until(begun.until, now));
        }
        begun.count += 1;
        Ok(Taken {
            networks: self,
            network,
            until: begun.until,
            is_kept: false,
        })
    }

    fn give_back(&self, network: IpAddr, until: Timestamp) {
        let mut networks = self.0.lock();
        let Some(begun) = networks.get_mut(&network) else {
            return;
        };
        // Unless counting began anew since.
        if begun.until == until {
            begun.count = begun.count.saturating_sub(1);
            if begun.count == 0 {
                networks.remove(&network);
            }
        }
    }
}

/// A network more than there are codes for has to wait like one that has all of its own: strangers must
/// not fill the memory either.
fn make_room(
    networks: &mut HashMap<IpAddr, Begun>,
    network: IpAddr,
    most: usize,
    now: Timestamp,
) -> Result<(), Refusal> {
    if networks.len() < most || networks.contains_key(&network) {
        return Ok(());
    }
    networks.retain(|_, begun| now < begun.until);
    match networks.values().map(|begun| begun.until).min() {
        Some(soonest) if networks.len() >= most => Err(wait_until(soonest, now)),
        _ => Ok(()),
    }
}

pub(super) fn wait_until(until: Timestamp, now: Timestamp) -> Refusal {
    let seconds = (until.seconds() - now.seconds()).max(1);
    Refusal::DeviceRequestsTooMany(seconds.to_string())
}

/// A code that is being made.
#[derive(Debug)]
#[must_use]
pub(super) struct Taken<'n> {
    networks: &'n DeviceNetworks,
    network: IpAddr,
    until: Timestamp,
    is_kept: bool,
}

impl Taken<'_> {
    /// It was made.
    pub(super) fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            self.networks.give_back(self.network, self.until);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NOW: Timestamp = Timestamp(0);

    fn settings() -> Settings {
        Settings {
            device_codes: 3,
            device_codes_of_a_network: 2,
            ..Settings::default()
        }
    }

    fn peer(address: &str) -> Peer {
        Peer(address.parse().unwrap())
    }

    #[test]
    fn what_is_being_made_counts_and_what_was_not_made_does_not() {
        let networks = DeviceNetworks::default();
        let take = |address| networks.take(&settings(), peer(address), NOW);
        let first = take("192.0.2.1").unwrap();
        let second = take("192.0.2.1").unwrap();
        assert!(take("192.0.2.1").is_err());
        drop(first);
        take("192.0.2.1").unwrap().keep();
        assert!(take("192.0.2.1").is_err());
        drop(second);
        let third = take("192.0.2.1").unwrap();

        // Given back in the next round, it is not one of that.
        let later = NOW.plus_seconds(900);
        let again = |keep: bool| {
            let taken = networks.take(&settings(), peer("192.0.2.1"), later);
            taken.map(|taken| {
                if keep {
                    taken.keep()
                }
            })
        };
        again(true).unwrap();
        drop(third);
        again(true).unwrap();
        assert!(again(true).is_err());
    }

    #[test]
    fn no_more_networks_are_remembered_than_there_are_codes() {
        let networks = DeviceNetworks::default();
        let take = |host: u8, now| {
            let address = peer(&format!("192.0.2.{host}"));
            networks.take(&settings(), address, now).map(Taken::keep)
        };
        take(1, NOW).unwrap();
        let later = NOW.plus_seconds(60);
        take(2, later).unwrap();
        take(3, later).unwrap();
        let refused = take(4, later).unwrap_err();
        assert_eq!(refused.retry_after().as_deref(), Some("840"));
        take(3, later).unwrap();
        take(4, NOW.plus_seconds(900)).unwrap();
        assert_eq!(networks.0.lock().len(), 3);

        let networks = DeviceNetworks::default();
        drop(networks.take(&settings(), peer("192.0.2.1"), NOW).unwrap());
        assert!(networks.0.lock().is_empty(), "nothing was made");
    }
}
