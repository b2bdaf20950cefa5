//! Whoever guesses passwords is seen, in figures and in the log, and fills neither.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use syncline_access::{Access, AccessSettings, PasswordLimits, PasswordWork, Peer, SignInResult};
use syncline_testkit::Logged;

use crate::world::{PASSWORD, World};

const ADA: &str = "ada@contoso.example";
const NOBODY: &str = "nobody@contoso.example";

/// What was counted, in order.
#[derive(Clone, Default)]
struct Counted(Arc<Mutex<Vec<&'static str>>>);

impl Counted {
    fn of(access: &Access) -> Self {
        let counted = Self::default();
        let results = counted.0.clone();
        access.count_sign_ins(move |result| results.lock().unwrap().push(result.name()));
        counted
    }

    /// What came since it was asked last.
    fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

fn sign_in(access: &Access, address: &str, name: &str, password: &str) {
    let peer = Peer(address.parse().unwrap());
    let _ = access.sign_in(Some(peer), None, name, password);
}

#[test]
fn what_comes_of_a_password_is_counted() {
    let world = World::new();
    let counted = Counted::of(&world.access);
    let from = |name, password| sign_in(&world.access, "192.0.2.1", name, password);
    from(ADA, PASSWORD);
    from(NOBODY, PASSWORD);
    from("nobody@nowhere.example", PASSWORD);
    assert_eq!(counted.take(), ["right", "wrong", "wrong"]);
    for _ in 0..12 {
        from(ADA, "wrong");
    }
    let (wrong, locked) = (vec!["wrong"; 10], vec!["locked"; 2]);
    assert_eq!(counted.take(), [wrong, locked].concat());
    assert_eq!(
        SignInResult::ALL.map(SignInResult::name),
        ["right", "wrong", "locked", "busy"]
    );
}

#[test]
fn whose_password_nobody_has_time_for_is_counted() {
    let world = World::new();
    let (store, clock, ids) = (world.store.clone(), world.clock.clone(), world.ids.clone());
    let access = Access::new(store, clock, ids, AccessSettings::default());
    let access = access.with_password_limits(PasswordLimits {
        at_once: 1,
        patience: Duration::ZERO,
        sign_ins_of_network: 1,
        ..PasswordLimits::default()
    });
    let counted = Counted::of(&access);
    let held = access.hashing().place(PasswordWork::Set, None).unwrap();
    sign_in(&access, "192.0.2.1", ADA, PASSWORD);
    drop(held);
    let peer = Some(Peer("192.0.2.1".parse().unwrap()));
    let _one = access.begin_signing_in(peer).unwrap();
    sign_in(&access, "192.0.2.1", ADA, PASSWORD);
    assert_eq!(counted.take(), ["busy", "busy"]);
}

#[test]
fn a_wrong_password_is_told_with_its_network_and_without_the_name() {
    let world = World::new();
    let logged = Logged::new();
    logged.in_scope(|| {
        sign_in(&world.access, "192.0.2.1", ADA, "wrong");
        sign_in(&world.access, "2001:db8:0:7::1", NOBODY, "wrong");
        sign_in(
            &world.access,
            "192.0.2.2",
            "nobody@nowhere.example",
            "wrong",
        );
    });
    let (tenant, ada) = (world.contoso.id, world.contoso.ada);
    assert_eq!(
        logged.lines(""),
        [
            format!("INFO wrong password tenant={tenant} user={ada} network=192.0.2.1"),
            format!("INFO wrong password tenant={tenant} network=2001:db8:0:7::/64"),
            "INFO wrong password network=192.0.2.2".to_owned(),
        ]
    );
}

#[test]
fn an_account_that_begins_to_be_locked_is_told_of_once_a_minute() {
    let world = World::new();
    let logged = Logged::new();
    let guess = |address: &str, name: &str, times| {
        logged.in_scope(|| {
            for _ in 0..times {
                sign_in(&world.access, address, name, "wrong");
            }
        });
    };
    let warned = || logged.lines("WARN ");
    guess("192.0.2.1", ADA, 9);
    assert_eq!(warned(), [""; 0]);
    guess("192.0.2.1", ADA, 3);
    assert_eq!(warned().len(), 1, "{:?}", warned());
    let (tenant, ada) = (world.contoso.id, world.contoso.ada);
    let fields = format!("tenant={tenant} user={ada} network=192.0.2.1 untold=0");
    assert!(warned()[0].ends_with(&fields), "{:?}", warned());
    // Also other accounts.
    guess("192.0.2.1", NOBODY, 11);
    assert_eq!(warned().len(), 1, "{:?}", warned());
    world.clock.advance_seconds(60);
    guess("192.0.2.1", ADA, 1);
    assert_eq!(warned().len(), 2, "{:?}", warned());
    assert!(warned()[1].ends_with("untold=1"), "{:?}", warned());
}

#[test]
fn an_account_that_many_networks_lock_is_told_of_once() {
    let world = World::new();
    let logged = Logged::new();
    logged.in_scope(|| {
        for number in 1..=60 {
            sign_in(&world.access, &format!("198.51.100.{number}"), ADA, "wrong");
        }
    });
    let warned = logged.lines("WARN ");
    assert_eq!(warned.len(), 1, "{warned:?}");
    assert!(warned[0].contains("network=198.51.100.50 "), "{warned:?}");
}
