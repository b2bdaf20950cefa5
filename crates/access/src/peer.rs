//! Who is at the other end of a connection.

use std::net::{IpAddr, Ipv6Addr};

/// The address of whoever sends a request; an extension of it. Behind a reverse proxy it is the
/// proxy's: what requests say of where they come from, anybody can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

impl Peer {
    /// What one customer of a network provider has: any number of addresses of version 6, which differ
    /// in their second half.
    pub fn network(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
            address @ IpAddr::V4(_) => address,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_customer_has_many_addresses_of_version_six() {
        let of = |address: &str| Peer(address.parse().unwrap()).network();
        assert_eq!(of("2001:db8:0:1::1"), of("2001:db8:0:1:ffff::2"));
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
