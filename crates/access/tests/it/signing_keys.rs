use serde::{Deserialize, Serialize};
use serde_json::Value;
use syncline_access::{Access, AccessSettings, AppTokenRequest};
use syncline_model::{Clock as _, ProblemKind};
use syncline_store::Document;
use syncline_testkit::FakeClock;

use crate::world::{PUBLIC_URL, World};

fn kids(jwks: &Value) -> Vec<String> {
    jwks["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

fn kid_of(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

#[test]
fn the_published_key_verifies_a_token() {
    let world = World::new();
    let token = world.app_token(&world.contoso);
    let jwks = world.access.jwks().unwrap();
    let key = &jwks["keys"][0];
    assert_eq!(
        (&key["kty"], &key["use"]),
        (&Value::from("RSA"), &Value::from("sig"))
    );
    assert_eq!(key["kid"], kid_of(&token));
    let decoding = jsonwebtoken::DecodingKey::from_rsa_components(
        key["n"].as_str().unwrap(),
        key["e"].as_str().unwrap(),
    )
    .unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    assert!(
        jsonwebtoken::crypto::verify(
            signature,
            signed.as_bytes(),
            &decoding,
            jsonwebtoken::Algorithm::RS256
        )
        .unwrap()
    );
    for private in ["d", "p", "q", "dp", "dq", "qi"] {
        assert!(key.get(private).is_none());
    }
}

#[test]
fn a_key_is_made_when_there_is_none_and_found_by_the_next_node() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let key = syncline_store::MasterKey::generate().unwrap();
    let store = std::sync::Arc::new(
        syncline_testkit::open_store(&folder.path().join("x.db"), &key).unwrap(),
    );
    let node = || {
        let settings = AccessSettings {
            public_url: PUBLIC_URL.to_owned(),
            strict_graph: false,
        };
        Access::new(
            store.clone(),
            world.clock.clone(),
            world.ids.clone(),
            settings,
        )
    };
    let first = kids(&node().jwks().unwrap());
    assert_eq!(first.len(), 1);
    assert_eq!(kids(&node().jwks().unwrap()), first);
}

#[test]
fn a_replaced_key_still_verifies_what_it_signed() {
    let world = World::new();
    let old = world.app_token(&world.contoso);
    world.access.rotate_signing_key().unwrap();
    let new = world.app_token(&world.contoso);
    assert_ne!(kid_of(&old), kid_of(&new));
    assert_eq!(
        kids(&world.access.jwks().unwrap()),
        [kid_of(&new), kid_of(&old)]
    );
    assert!(world.authenticate(&old).is_ok());
    assert!(world.authenticate(&new).is_ok());
}

#[test]
fn a_key_another_node_made_is_found() {
    let world = World::new();
    let settings = AccessSettings {
        public_url: PUBLIC_URL.to_owned(),
        strict_graph: false,
    };
    let other = Access::new(
        world.store.clone(),
        world.clock.clone(),
        world.ids.clone(),
        settings,
    );
    assert!(world.authenticate(&world.app_token(&world.contoso)).is_ok());
    other.rotate_signing_key().unwrap();
    let token = other
        .issue_app_token(&AppTokenRequest::new(
            world.contoso.id,
            world.contoso.app_id,
        ))
        .unwrap()
        .token;
    world.clock.advance_seconds(1);
    assert!(world.authenticate(&token).is_ok());
}

#[test]
fn a_node_signs_with_the_newest_key_of_another_within_a_minute() {
    let world = World::new();
    let old = kid_of(&world.app_token(&world.contoso));
    let settings = AccessSettings {
        public_url: PUBLIC_URL.to_owned(),
        strict_graph: false,
    };
    let other = Access::new(
        world.store.clone(),
        world.clock.clone(),
        world.ids.clone(),
        settings,
    );
    other.rotate_signing_key().unwrap();
    // Published at once, whichever node is asked.
    world.clock.advance_seconds(1);
    let published = kids(&world.access.jwks().unwrap());
    assert_eq!(published, kids(&other.jwks().unwrap()));
    assert_eq!(published.len(), 2);
    world.clock.advance_seconds(60);
    let new = kid_of(&world.app_token(&world.contoso));
    assert_ne!(new, old);
    assert_eq!(new, published[0]);
}

#[test]
fn keys_are_replaced_after_ninety_days_and_forgotten_a_day_later() {
    let world = World::new();
    let start = world.clock.now();
    let first = kid_of(&world.app_token(&world.contoso));
    world.clock.advance_seconds(91 * 24 * 3600);
    let second = kid_of(&world.app_token(&world.contoso));
    assert_ne!(first, second);
    assert_eq!(kids(&world.access.jwks().unwrap()).len(), 2);
    world.clock.advance_seconds(2 * 24 * 3600);
    world.access.rotate_signing_key().unwrap();
    let left = kids(&world.access.jwks().unwrap());
    assert!(
        !left.contains(&first),
        "replaced {} seconds ago",
        world.clock.now().seconds() - start.seconds()
    );
    assert!(left.contains(&second));
}

/// It would sign for as long as the clock was ahead, and ninety days.
#[test]
fn a_key_that_a_clock_that_was_ahead_has_made_is_replaced_and_forgotten() {
    let world = World::new();
    const YEAR: i64 = 365 * 24 * 3600;
    world.clock.advance_seconds(YEAR);
    let ahead = kid_of(&world.app_token(&world.contoso));
    world.clock.advance_seconds(-YEAR);
    let now = kid_of(&world.app_token(&world.contoso));
    assert_ne!(now, ahead);
    assert_eq!(kid_of(&world.app_token(&world.contoso)), now);
    world.clock.advance_seconds(2 * 24 * 3600);
    world.access.rotate_signing_key().unwrap();
    assert!(!kids(&world.access.jwks().unwrap()).contains(&ahead));
}

/// Whoever has it can sign what they like: nothing that it signed is good any more.
#[test]
fn tokens_of_a_withdrawn_key_are_refused_at_once_although_they_are_known() {
    let world = World::new();
    let old = world.app_token(&world.contoso);
    assert!(world.authenticate(&old).is_ok());
    let replaced = world.access.replace_signing_keys().unwrap();
    assert_eq!(replaced.withdrawn, 1);
    let problem = world.authenticate(&old).unwrap_err();
    // Clients that know claims challenges ask for another one at once.
    assert_eq!(problem.kind, ProblemKind::SessionRevoked, "{problem}");
    let new = world.app_token(&world.contoso);
    assert_eq!(kid_of(&new), replaced.kid);
    assert!(world.authenticate(&new).is_ok());
    assert_eq!(kids(&world.access.jwks().unwrap()), [replaced.kid]);
}

#[test]
fn other_nodes_refuse_tokens_of_a_withdrawn_key_within_a_minute() {
    let world = World::new();
    let old = world.app_token(&world.contoso);
    assert!(world.authenticate(&old).is_ok());
    let settings = AccessSettings {
        public_url: PUBLIC_URL.to_owned(),
        strict_graph: false,
    };
    let other = Access::new(
        world.store.clone(),
        world.clock.clone(),
        world.ids.clone(),
        settings,
    );
    // A key that was replaced in time is withdrawn with the newest.
    other.rotate_signing_key().unwrap();
    let replaced = other.replace_signing_keys().unwrap();
    assert_eq!(replaced.withdrawn, 2);
    world.clock.advance_seconds(60);
    let problem = world.authenticate(&old).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::SessionRevoked, "{problem}");
    assert_eq!(kid_of(&world.app_token(&world.contoso)), replaced.kid);
}

/// A full disk, or one that takes no writes, may last for longer than a key is to sign.
#[test]
fn tokens_are_verified_where_no_key_can_be_made() {
    let world = World::new();
    world.clock.advance_seconds(90 * 24 * 3600 - 60);
    let token = world.app_token(&world.contoso);
    world.clock.advance_seconds(120);
    world.store.let_write(false).unwrap();
    assert!(world.authenticate(&token).is_ok());
}

#[test]
fn the_old_key_goes_on_where_no_new_one_can_be_made() {
    if syncline_testkit::on_postgres() {
        return; // A server is kept from writing there, not here.
    }
    let world = World::new();
    let old = kid_of(&world.app_token(&world.contoso));
    world.clock.advance_seconds(91 * 24 * 3600);
    world.store.let_write(false).unwrap();
    let token = world.app_token(&world.contoso);
    assert_eq!(kid_of(&token), old);
    assert!(world.authenticate(&token).is_ok());
    assert_eq!(kids(&world.access.jwks().unwrap()).first(), Some(&old));
    // Not tried for each token, but again after a minute.
    world.store.let_write(true).unwrap();
    world.clock.advance_seconds(59);
    assert_eq!(kid_of(&world.app_token(&world.contoso)), old);
    world.clock.advance_seconds(1);
    assert_ne!(kid_of(&world.app_token(&world.contoso)), old);
    assert!(world.authenticate(&token).is_ok());
}

#[test]
fn keys_that_were_read_by_a_clock_ahead_are_read_again_when_it_is_set_back() {
    let world = World::new();
    let old = world.app_token(&world.contoso);
    assert!(world.authenticate(&old).is_ok());
    world.clock.advance_seconds(3600);
    world.access.jwks().unwrap();
    world.clock.advance_seconds(-3600);
    let other = world.node(PUBLIC_URL, FakeClock::new());
    let replaced = other.replace_signing_keys().unwrap();
    let problem = world.authenticate(&old).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::SessionRevoked, "{problem}");
    assert_eq!(kids(&world.access.jwks().unwrap()), [replaced.kid]);
}

/// In the place of the names of withdrawn keys.
#[derive(Serialize, Deserialize)]
struct Unreadable(u8);

impl Document for Unreadable {
    const KIND: &'static str = "withdrawn_keys";
}

#[test]
fn nothing_is_refused_because_the_names_of_withdrawn_keys_cannot_be_read() {
    let world = World::new();
    world.write(|tx| Ok(tx.put_document(None, "all", &Unreadable(1), None)?));
    let old = world.app_token(&world.contoso);
    assert!(world.authenticate(&old).is_ok());
    world.access.replace_signing_keys().unwrap();
    // They can from now on.
    let problem = world.authenticate(&old).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::SessionRevoked, "{problem}");
}
