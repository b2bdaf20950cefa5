//! What happens to others while signing keys are read, made or replaced.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use syncline_access::{Access, AccessSettings};
use syncline_model::ProblemKind;
use syncline_store::{Meter, Written};

use crate::world::{PUBLIC_URL, World};

type Work = Box<dyn FnOnce() + Send>;

/// Does something at the end of the next reading or writing transaction, before whoever began it goes on.
#[derive(Default)]
struct Meanwhile {
    behind_read: Mutex<Option<Work>>,
    behind_write: Mutex<Option<Work>>,
}

impl Meanwhile {
    fn of(world: &World) -> Arc<Self> {
        let meanwhile = Arc::new(Self::default());
        world.store.measure(meanwhile.clone());
        meanwhile
    }

    fn do_next(work: &Mutex<Option<Work>>) {
        let work = work.lock().unwrap().take();
        if let Some(work) = work {
            work();
        }
    }
}

impl Meter for Meanwhile {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn read(&self, _: Duration) {
        Self::do_next(&self.behind_read);
    }

    fn wrote(&self, _: &Written) {
        Self::do_next(&self.behind_write);
    }
}

fn node(world: &World) -> Arc<Access> {
    let settings = AccessSettings {
        public_url: PUBLIC_URL.to_owned(),
        strict_graph: false,
    };
    let (store, clock, ids) = (world.store.clone(), world.clock.clone(), world.ids.clone());
    Arc::new(Access::new(store, clock, ids, settings))
}

fn authenticate(node: &Access, token: &str) -> Result<(), ProblemKind> {
    let caller = node.authenticate(Some(&format!("Bearer {token}")));
    caller.map(|_| ()).map_err(|problem| problem.kind)
}

/// The work of another request, and whether it came to its end; one that waits for this one never does.
fn another_request(node: &Arc<Access>, token: &str) -> (Work, impl FnOnce() -> bool + use<>) {
    let (ended, told) = channel();
    let (node, token) = (node.clone(), token.to_owned());
    let work = move || {
        let (done, waits) = channel();
        thread::spawn(move || done.send(authenticate(&node, &token).is_ok()));
        let good = waits.recv_timeout(Duration::from_secs(20));
        let _ = ended.send(good.unwrap_or(false));
    };
    (Box::new(work), move || told.try_recv().unwrap())
}

#[test]
fn a_request_does_not_wait_until_another_has_read_the_keys() {
    let world = World::new();
    let node = node(&world);
    let token = world.app_token(&world.contoso);
    authenticate(&node, &token).unwrap();
    let meanwhile = Meanwhile::of(&world);
    world.clock.advance_seconds(60);
    let (request, went_well) = another_request(&node, &token);
    *meanwhile.behind_read.lock().unwrap() = Some(request);
    authenticate(&node, &token).unwrap();
    assert!(went_well());
}

#[test]
fn a_request_does_not_wait_until_a_key_is_made() {
    let world = World::new();
    let node = node(&world);
    world.clock.advance_seconds(90 * 24 * 3600 - 60);
    let token = world.app_token(&world.contoso);
    authenticate(&node, &token).unwrap();
    let meanwhile = Meanwhile::of(&world);
    world.clock.advance_seconds(90);
    let (request, went_well) = another_request(&node, &token);
    *meanwhile.behind_write.lock().unwrap() = Some(request);
    let app = syncline_access::AppTokenRequest::new(world.contoso.id, world.contoso.app_id);
    node.issue_app_token(&app).unwrap();
    assert!(went_well());
}

#[test]
fn keys_that_were_read_before_they_were_replaced_are_not_remembered() {
    let world = World::new();
    let node = node(&world);
    let token = world.app_token(&world.contoso);
    authenticate(&node, &token).unwrap();
    let meanwhile = Meanwhile::of(&world);
    world.clock.advance_seconds(60);
    let replacing = node.clone();
    *meanwhile.behind_read.lock().unwrap() = Some(Box::new(move || {
        replacing.replace_signing_keys().unwrap();
    }));
    // Asked before, so answered as before.
    authenticate(&node, &token).unwrap();
    assert_eq!(
        authenticate(&node, &token),
        Err(ProblemKind::SessionRevoked)
    );
}
