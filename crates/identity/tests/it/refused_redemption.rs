//! Codes that are not redeemed: used, late, somebody else's, without their verifier.

use syncline_model::Attr;

use crate::authorization_code::{LOOPBACK, VERIFIER, address, code, redeem, visit};
use crate::world::{POWERSHELL, WEB_REDIRECT, World};

/// Whoever sends a verifier began with a challenge, which somebody took out on the way.
#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused() {
    let world = World::new();
    let tenant = &world.contoso;
    let web = [
        ("client_id", tenant.client_id.as_str()),
        ("redirect_uri", WEB_REDIRECT),
    ];
    let bare = [
        web[0],
        web[1],
        ("code_challenge", ""),
        ("code_challenge_method", ""),
    ];
    let path = address(&tenant.domain, &bare);
    let left = visit(&world, &path, "ada@contoso.example", WEB_REDIRECT).await;
    let with_secret = [
        web[0],
        web[1],
        ("client_secret", tenant.client_secret.as_str()),
    ];
    redeem(&world, tenant, &left["code"], &with_secret)
        .await
        .assert_refused("invalid_grant", 501481);
}

#[tokio::test]
async fn a_code_works_once_and_its_second_use_revokes_what_came_of_it() {
    let world = World::new();
    let code = code(&world).await;
    let refresh = redeem(&world, &world.contoso, &code, &[])
        .await
        .text("refresh_token");
    redeem(&world, &world.contoso, &code, &[])
        .await
        .assert_refused("invalid_grant", 54005);
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", POWERSHELL),
        ("refresh_token", refresh.as_str()),
    ];
    world
        .token(&world.contoso, &fields)
        .await
        .assert_refused("invalid_grant", 9002313);
}

/// The second has its tokens before the first, which has found the code unused, uses it up.
#[tokio::test]
async fn of_two_who_redeem_a_code_at_once_nobody_keeps_a_refresh_token() {
    let world = World::new();
    let code = code(&world).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", POWERSHELL),
        ("code", code.as_str()),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", VERIFIER),
    ];
    // The tenant, the code.
    let second = world.token_behind_read(2, &world.contoso, &fields);
    let first = redeem(&world, &world.contoso, &code, &[]).await;
    let second = second.try_recv().expect("sent in between");
    second.text("refresh_token");
    first.assert_refused("invalid_grant", 54005);
    assert_eq!(world.refresh_tokens().len(), 0);
}

#[tokio::test]
async fn who_is_told_to_try_again_has_the_code_still() {
    let world = World::new();
    if world.store.is_shared() {
        eprintln!("not run: a server is kept from writing there");
        return;
    }
    for refuse_writes in [
        |world: &World| world.store.let_write(false).unwrap(),
        World::refuse_writes_behind_next,
    ] {
        let code = code(&world).await;
        refuse_writes(&world);
        let mut reply = redeem(&world, &world.contoso, &code, &[]).await;
        world.store.let_write(true).unwrap();
        if reply.json()["error"] == "temporarily_unavailable" {
            reply = redeem(&world, &world.contoso, &code, &[]).await;
        }
        reply.text("refresh_token");
        redeem(&world, &world.contoso, &code, &[])
            .await
            .assert_refused("invalid_grant", 54005);
    }
}

/// Also where nothing comes of it that is kept.
#[tokio::test]
async fn a_code_without_a_refresh_token_works_once() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    let path = address(&world.contoso.domain, &[("scope", "User.Read")]);
    let left = visit(&world, &path, "bob@contoso.example", LOOPBACK).await;
    let reply = redeem(&world, &world.contoso, &left["code"], &[]).await;
    reply.text("access_token");
    assert_eq!(reply.json()["refresh_token"], serde_json::Value::Null);
    redeem(&world, &world.contoso, &left["code"], &[])
        .await
        .assert_refused("invalid_grant", 54005);
}

#[tokio::test]
async fn a_wrong_verifier_is_refused_and_uses_the_code_up() {
    let world = World::new();
    for (verifier, number) in [
        ("another-verifier-that-is-long-enough-to-be-one", 501481),
        ("", 50148),
    ] {
        let code = code(&world).await;
        let refused = redeem(
            &world,
            &world.contoso,
            &code,
            &[("code_verifier", verifier)],
        )
        .await;
        refused.assert_refused("invalid_grant", number);
        redeem(&world, &world.contoso, &code, &[])
            .await
            .assert_refused("invalid_grant", 54005);
    }
}

#[tokio::test]
async fn a_code_is_bound_to_tenant_client_and_redirect_and_expires() {
    let world = World::new();
    let fresh = code(&world).await;
    redeem(&world, &world.fabrikam, &fresh, &[])
        .await
        .assert_refused("invalid_grant", 700005);
    let fresh = code(&world).await;
    let other = [
        ("client_id", world.contoso.client_id.as_str()),
        ("client_secret", world.contoso.client_secret.as_str()),
    ];
    redeem(&world, &world.contoso, &fresh, &other)
        .await
        .assert_refused("invalid_grant", 700002);
    let fresh = code(&world).await;
    let elsewhere = [("redirect_uri", "http://localhost:51235")];
    redeem(&world, &world.contoso, &fresh, &elsewhere)
        .await
        .assert_refused("invalid_grant", 50011);
    let fresh = code(&world).await;
    world.clock.advance_seconds(600);
    redeem(&world, &world.contoso, &fresh, &[])
        .await
        .assert_refused("invalid_grant", 70008);
    redeem(&world, &world.contoso, "made-up", &[])
        .await
        .assert_refused("invalid_grant", 70000);
}

#[tokio::test]
async fn a_user_disabled_in_between_gets_nothing() {
    let world = World::new();
    let code = code(&world).await;
    world.update(&world.contoso, world.contoso.ada, |entry| {
        entry.attrs.set(Attr::ACCOUNT_ENABLED, false);
    });
    redeem(&world, &world.contoso, &code, &[])
        .await
        .assert_refused("invalid_grant", 50057);
}
