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

/// Whoever is second finds no refresh token yet that could be revoked.
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
    let second = world.token_behind_next_write(&world.contoso, &fields);
    let first = redeem(&world, &world.contoso, &code, &[]).await;
    let second = second.try_recv().expect("sent in between");
    second.assert_refused("invalid_grant", 54005);
    first.assert_refused("invalid_grant", 54005);
    assert_eq!(world.refresh_tokens().len(), 0);
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
