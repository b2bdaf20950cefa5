//! Guesses from some networks do not keep the owner of an account out of it, and many networks
//! guess no faster for being many.

use std::net::{IpAddr, Ipv4Addr};

use syncline_access::{Peer, Refusal};

use crate::world::{PASSWORD, World};

const ADA: &str = "ada@contoso.example";

fn peer(address: &str) -> Peer {
    Peer(address.parse().unwrap())
}

/// One of many networks.
fn stranger(number: u8) -> Peer {
    Peer(IpAddr::V4(Ipv4Addr::new(198, 51, 100, number)))
}

impl World {
    fn try_from(&self, peer: Peer, name: &str, password: &str) -> Result<(), Refusal> {
        self.access
            .sign_in(Some(peer), None, name, password)
            .map(|_| ())
    }

    fn guess(&self, peer: Peer, name: &str, times: usize) {
        for _ in 0..times {
            assert_eq!(
                self.try_from(peer, name, "wrong"),
                Err(Refusal::CredentialsInvalid)
            );
        }
    }
}

#[test]
fn guesses_from_one_network_lock_nobody_out_of_another() {
    let world = World::new();
    let (thief, home) = (peer("192.0.2.1"), peer("203.0.113.1"));
    world.guess(thief, ADA, 10);
    let locked = Err(Refusal::AccountLocked);
    assert_eq!(world.try_from(thief, ADA, "wrong"), locked);
    assert_eq!(world.try_from(home, ADA, PASSWORD), Ok(()));
    assert_eq!(
        world.try_from(thief, ADA, PASSWORD),
        locked,
        "that the owner signed in does not help the thief"
    );
    // However long he goes on.
    for _ in 0..41 {
        world.clock.advance_seconds(60);
        world.guess(thief, ADA, 1);
        assert_eq!(world.try_from(thief, ADA, "wrong"), locked);
    }
    assert_eq!(world.try_from(home, ADA, PASSWORD), Ok(()));
    assert_eq!(
        world.try_from(peer("203.0.113.2"), ADA, PASSWORD),
        Ok(()),
        "also from where the owner was never before"
    );
}

#[test]
fn many_networks_together_have_an_end() {
    let world = World::new();
    for name in [ADA, "nobody@contoso.example"] {
        let mut made = 0;
        for round in 0..3 {
            for number in 0..200 {
                match world.try_from(stranger(number), name, "wrong") {
                    Err(Refusal::CredentialsInvalid) => made += 1,
                    other => assert_eq!(other, Err(Refusal::AccountLocked), "{name}"),
                }
            }
            assert_eq!(made, 50 + round, "{name}");
            world.clock.advance_seconds(60);
        }
    }
}

#[test]
fn strangers_in_any_number_do_not_lock_out_of_where_one_signed_in_of_late() {
    let world = World::new();
    let (home, elsewhere) = (peer("203.0.113.1"), peer("203.0.113.2"));
    let attack = || {
        for number in 0..5 {
            world.guess(stranger(number), ADA, 10);
        }
    };
    assert_eq!(world.try_from(home, ADA, PASSWORD), Ok(()));
    attack();
    let locked = Err(Refusal::AccountLocked);
    assert_eq!(world.try_from(elsewhere, ADA, PASSWORD), locked);
    assert_eq!(world.try_from(home, ADA, PASSWORD), Ok(()));
    // Nobody guesses faster from there.
    world.guess(home, ADA, 10);
    assert_eq!(world.try_from(home, ADA, PASSWORD), locked);
    // It is not known for ever.
    world.clock.advance_seconds(31 * 24 * 3600);
    attack();
    assert_eq!(world.try_from(home, ADA, PASSWORD), locked);
}

#[test]
fn a_site_of_many_networks_has_twice_what_one_has() {
    let world = World::new();
    world.guess(peer("2001:db8:7:1::1"), ADA, 10);
    world.guess(peer("2001:db8:7:2::1"), ADA, 10);
    let third = peer("2001:db8:7:3::1");
    assert_eq!(
        world.try_from(third, ADA, PASSWORD),
        Err(Refusal::AccountLocked)
    );
    assert_eq!(
        world.try_from(peer("2001:db8:8:1::1"), ADA, PASSWORD),
        Ok(())
    );
}
