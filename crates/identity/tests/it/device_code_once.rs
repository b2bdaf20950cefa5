//! A confirmed device code gives tokens once, and not less.

use crate::device_code::{begin, poll};
use crate::visitor::Visitor;
use crate::world::{POWERSHELL, World};

/// A code that Bob has confirmed.
async fn confirmed(world: &World, scope: &str) -> String {
    world.consent(&world.contoso, &["User.Read"]);
    let (device, user_code) = begin(world, "common", scope).await;
    let mut visitor = Visitor::open(world, "/devicelogin").await;
    visitor.submit(&[("user_code", &user_code)]).await;
    visitor.sign_in("bob@contoso.example").await;
    visitor.accept().await;
    device
}

#[tokio::test]
async fn it_is_used_up_with_and_without_a_refresh_token() {
    let world = World::new();
    for (scope, has_refresh_token) in [("User.Read", false), ("User.Read offline_access", true)] {
        let device = confirmed(&world, scope).await;
        let reply = poll(&world, &world.contoso, &device).await;
        reply.text("access_token");
        assert_eq!(reply.json()["refresh_token"].is_string(), has_refresh_token);
        poll(&world, &world.contoso, &device)
            .await
            .assert_refused("bad_verification_code", 70018);
    }
}

#[tokio::test]
async fn who_is_told_to_try_again_has_it_still() {
    let world = World::new();
    if world.store.is_shared() {
        eprintln!("not run: a server is kept from writing there");
        return;
    }
    for refuse_writes in [
        |world: &World| world.store.let_write(false).unwrap(),
        World::refuse_writes_behind_next,
    ] {
        let device = confirmed(&world, "User.Read offline_access").await;
        refuse_writes(&world);
        let mut reply = poll(&world, &world.contoso, &device).await;
        world.store.let_write(true).unwrap();
        if reply.json()["error"] == "temporarily_unavailable" {
            reply = poll(&world, &world.contoso, &device).await;
        }
        reply.text("refresh_token");
    }
}

/// The second has found the code confirmed when the first uses it up.
#[tokio::test]
async fn of_two_polls_at_once_one_gets_tokens() {
    let world = World::new();
    for scope in ["User.Read", "User.Read offline_access"] {
        let device = confirmed(&world, scope).await;
        let fields = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", POWERSHELL),
            ("device_code", device.as_str()),
        ];
        // The tenant, the code.
        let first = world.token_behind_read(2, &world.contoso, &fields);
        let second = poll(&world, &world.contoso, &device).await;
        let first = first.try_recv().expect("sent in between");
        first.text("access_token");
        second.assert_refused("bad_verification_code", 70018);
    }
    assert_eq!(world.refresh_tokens().len(), 1);
}
