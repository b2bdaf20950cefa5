//! How many device codes each network asked for, so that no stranger spends those of everybody. In
//! memory, each node for itself: where strangers are is nothing to write down.

use std::collections::HashMap;

use parking_lot::Mutex;
use syncline_access::{Network, Peer, Refusal};
use syncline_model::Timestamp;

use crate::Settings;

/// What is counted, by network.
#[derive(Debug, Default)]
pub(crate) struct DeviceNetworks(Mutex<HashMap<Network, Begun>>);

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

    /// Refuses when its codes are spent.
    fn check(&mut self, network: Network, most: usize, now: Timestamp) -> Result<(), Refusal> {
        if (self.count as usize) < most {
            return Ok(());
        }
        if !std::mem::replace(&mut self.told, true) {
            tracing::warn!(
                %network,
                device_codes = self.count,
                "this network asked for as many device codes as one network may; more are refused for a while. \
                 If it is a reverse proxy, start the server with a larger --max-device-codes-per-address"
            );
        }
        Err(wait_until(self.until, now))
    }

    /// Not after the log was told: it would be told again, as often as somebody likes.
    fn is_forgettable(&self) -> bool {
        self.count == 0 && !self.told
    }
}

impl DeviceNetworks {
    /// One more code of this peer's networks, counted before it is made, so that many at once do not
    /// slip through; not counted after all unless it is kept.
    pub(super) fn take(
        &self,
        settings: &Settings,
        peer: Peer,
        now: Timestamp,
    ) -> Result<Taken<'_>, Refusal> {
        let mut networks = self.0.lock();
        for network in peer.networks() {
            let most = network.most(settings.device_codes_of_a_network as usize);
            if let Some(begun) = networks.get_mut(&network).filter(|it| now < it.until) {
                begun.check(network, most, now)?;
            }
        }
        make_room(&mut networks, peer, settings.device_codes as usize, now)?;
        let until = now.plus_seconds(settings.device_code_lifetime_seconds);
        let counted = peer.networks().map(|network| {
            let begun = networks.entry(network).or_insert(Begun::anew(until));
            if begun.until <= now {
                *begun = Begun::anew(until);
            }
            begun.count += 1;
            (network, begun.until)
        });
        Ok(Taken {
            networks: self,
            counted: counted.collect(),
            is_kept: false,
        })
    }

    fn give_back(&self, counted: &[(Network, Timestamp)]) {
        let mut networks = self.0.lock();
        for (network, until) in counted {
            let Some(begun) = networks.get_mut(network) else {
                continue;
            };
            // Unless counting began anew since.
            if begun.until == *until {
                begun.count = begun.count.saturating_sub(1);
                if begun.is_forgettable() {
                    networks.remove(network);
                }
            }
        }
    }
}

/// Networks more than there are codes for have to wait like one that has all of its own: strangers must
/// not fill the memory either.
fn make_room(
    networks: &mut HashMap<Network, Begun>,
    peer: Peer,
    device_codes: usize,
    now: Timestamp,
) -> Result<(), Refusal> {
    // Each code is counted in one or two.
    let most = device_codes.saturating_mul(2);
    let is_new = |network| !networks.contains_key(&network);
    let wanted = peer.networks().filter(|it| is_new(*it)).count();
    if networks.len() + wanted <= most {
        return Ok(());
    }
    networks.retain(|_, begun| now < begun.until);
    match networks.values().map(|begun| begun.until).min() {
        Some(soonest) if networks.len() + wanted > most => Err(wait_until(soonest, now)),
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
    /// Where, and when counting begins anew there.
    counted: Vec<(Network, Timestamp)>,
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
            self.networks.give_back(&self.counted);
        }
    }
}

#[cfg(test)]
mod tests {
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
    fn no_more_networks_are_remembered_than_there_are_codes_for() {
        let networks = DeviceNetworks::default();
        let take = |host: u8, now| {
            let address = peer(&format!("192.0.2.{host}"));
            networks.take(&settings(), address, now).map(Taken::keep)
        };
        take(1, NOW).unwrap();
        let later = NOW.plus_seconds(60);
        for host in 2..=6 {
            take(host, later).unwrap();
        }
        let refused = take(7, later).unwrap_err();
        assert_eq!(refused.retry_after().as_deref(), Some("840"));
        take(3, later).unwrap();
        take(7, NOW.plus_seconds(900)).unwrap();
        assert_eq!(networks.0.lock().len(), 6);

        let networks = DeviceNetworks::default();
        drop(networks.take(&settings(), peer("192.0.2.1"), NOW).unwrap());
        assert!(networks.0.lock().is_empty(), "nothing was made");
    }

    #[test]
    fn the_log_is_told_once_also_when_everything_is_given_back() {
        let networks = DeviceNetworks::default();
        let ask = || networks.take(&settings(), peer("192.0.2.1"), NOW);
        let making = [ask().unwrap(), ask().unwrap()];
        ask().unwrap_err();
        drop(making);
        let told = || networks.0.lock().values().any(|begun| begun.told);
        assert!(told());
        // It has all of its codes again.
        ask().unwrap().keep();
        ask().unwrap().keep();
        ask().unwrap_err();
        assert!(told());
    }
}
