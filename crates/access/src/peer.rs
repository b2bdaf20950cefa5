//! Who is at the other end of a connection.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// The address of whoever sends a request; an extension of it. Behind a reverse proxy it is the
/// proxy's: what requests say of where they come from, anybody can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// A network whose peers are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    /// What one customer of a network provider has: one address, or, of version 6, any number of them,
    /// which differ in their second half (/64).
    Customer(IpAddr),
    /// What some providers give to a customer who asks: 65,536 of the former (/48).
    Site(Ipv6Addr),
}

impl Peer {
    /// What one customer has.
    pub fn network(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(beginning(address, 64)),
            address @ IpAddr::V4(_) => address,
        }
    }

    /// The networks that this peer is counted in, the narrowest first.
    pub fn networks(self) -> impl Iterator<Item = Network> {
        let customer = self.network();
        let site = match customer {
            IpAddr::V6(address) => Some(Network::Site(beginning(address, 48))),
            IpAddr::V4(_) => None,
        };
        std::iter::once(Network::Customer(customer)).chain(site)
    }
}

impl Network {
    /// A site may be many customers, or one who wants to look like many.
    const CUSTOMERS_OF_A_SITE: usize = 2;

    /// How much it may have of what `one_customer` may.
    pub fn most(self, one_customer: usize) -> usize {
        match self {
            Self::Customer(_) => one_customer,
            Self::Site(_) => one_customer.saturating_mul(Self::CUSTOMERS_OF_A_SITE),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Customer(IpAddr::V6(address)) => write!(f, "{address}/64"),
            Self::Site(address) => write!(f, "{address}/48"),
        }
    }
}

/// The first so many bits, 1 to 127.
fn beginning(address: Ipv6Addr, bits: u32) -> Ipv6Addr {
    Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - bits)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_has_many_addresses_of_version_six() {
        let of = |address: &str| Peer(address.parse().unwrap()).network();
        assert_eq!(of("2001:db8:0:1::1"), of("2001:db8:0:1:ffff::2"));
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    #[test]
    fn a_site_has_many_customers() {
        let of = |address: &str| {
            let networks = Peer(address.parse().unwrap()).networks();
            networks
                .map(|it| (it.to_string(), it.most(10)))
                .collect::<Vec<_>>()
        };
        let customer = |network: &str| (network.to_owned(), 10);
        let site = ("2001:db8:7::/48".to_owned(), 20);
        assert_eq!(
            of("2001:db8:7:1::1"),
            [customer("2001:db8:7:1::/64"), site.clone()]
        );
        assert_eq!(of("2001:db8:7:2::1"), [customer("2001:db8:7:2::/64"), site]);
        assert_eq!(of("::ffff:192.0.2.1"), [customer("192.0.2.1")]);
    }
}
