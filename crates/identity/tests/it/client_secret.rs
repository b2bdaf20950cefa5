//! A client that keeps a secret shows it, and goes on with one.

use syncline_model::Attr;

use crate::authorization_code::{address, redeem, visit};
use crate::world::{NATIVE_REDIRECT, WEB_REDIRECT, World, claims};

#[tokio::test]
async fn a_web_application_shows_its_secret() {
    let world = World::new();
    let tenant = &world.contoso;
    let changed = [
        ("client_id", tenant.client_id.as_str()),
        ("redirect_uri", WEB_REDIRECT),
        ("code_challenge", ""),
        ("code_challenge_method", ""),
    ];
    let path = address(&tenant.id.to_string(), &changed);
    let redeem_web = async |secret: &str| {
        let left = visit(&world, &path, "ada@contoso.example", WEB_REDIRECT).await;
        let changed = [
            ("client_id", tenant.client_id.as_str()),
            ("redirect_uri", WEB_REDIRECT),
            ("code_verifier", ""),
            ("client_secret", secret),
        ];
        redeem(&world, tenant, &left["code"], &changed).await
    };
    let token = redeem_web(&tenant.client_secret).await.text("access_token");
    assert_eq!(claims(&token)["appidacr"], "1");
    redeem_web("")
        .await
        .assert_refused("invalid_client", 7000218);
    redeem_web("wrong")
        .await
        .assert_refused("invalid_client", 7000215);
}

#[tokio::test]
async fn a_client_that_keeps_secrets_shows_one_with_its_refresh_token() {
    let world = World::new();
    let tenant = &world.contoso;
    world.update(tenant, tenant.application, |entry| {
        entry.attrs.remove(Attr::PUBLIC_CLIENT);
    });
    let web = [
        ("client_id", tenant.client_id.as_str()),
        ("redirect_uri", WEB_REDIRECT),
    ];
    let path = address(&tenant.domain, &web);
    let left = visit(&world, &path, "ada@contoso.example", WEB_REDIRECT).await;
    let secret = ("client_secret", tenant.client_secret.as_str());
    let redeemed = redeem(&world, tenant, &left["code"], &[web[0], web[1], secret]).await;
    let refresh = redeemed.text("refresh_token");
    let without = [
        ("grant_type", "refresh_token"),
        web[0],
        ("refresh_token", refresh.as_str()),
    ];
    world
        .token(tenant, &without)
        .await
        .assert_refused("invalid_client", 7000218);
    let [grant, client, token] = without;
    let reply = world.token(tenant, &[grant, client, token, secret]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

/// A public redirect of the same application opens nothing that was not begun through it.
#[tokio::test]
async fn what_began_with_a_secret_goes_on_with_one() {
    let world = World::new();
    let tenant = &world.contoso;
    let client = ("client_id", tenant.client_id.as_str());
    let secret = ("client_secret", tenant.client_secret.as_str());
    let loopback = NATIVE_REDIRECT.replace("localhost", "localhost:7777");
    for (redirect, proof, without) in [
        (WEB_REDIRECT, secret, 401),
        (&loopback, secret, 401),
        (&loopback, ("client_secret", ""), 200),
    ] {
        let at = ("redirect_uri", redirect);
        let path = address(&tenant.domain, &[client, at]);
        let left = visit(&world, &path, "ada@contoso.example", redirect).await;
        let redeemed = redeem(&world, tenant, &left["code"], &[client, at, proof]).await;
        let mut token = redeemed.text("refresh_token");
        // The successors too.
        for _ in 0..2 {
            let fields = [
                ("grant_type", "refresh_token"),
                client,
                ("refresh_token", token.as_str()),
            ];
            let reply = world.token(tenant, &fields).await;
            assert_eq!(reply.status, without, "{redirect}: {}", reply.body);
            if without == 401 {
                reply.assert_refused("invalid_client", 7000218);
                let [grant, client, refresh] = fields;
                let proven = [grant, client, refresh, secret];
                token = world.token(tenant, &proven).await.text("refresh_token");
            } else {
                token = reply.text("refresh_token");
            }
        }
    }
}

/// What was begun before an upgrade knows from its next use on what was learned with it.
#[tokio::test]
async fn what_went_on_with_a_secret_after_an_upgrade_goes_on_with_one() {
    let world = World::new();
    let tenant = &world.contoso;
    let client = ("client_id", tenant.client_id.as_str());
    let secret = ("client_secret", tenant.client_secret.as_str());
    let at = ("redirect_uri", WEB_REDIRECT);
    let path = address(&tenant.domain, &[client, at]);
    let left = visit(&world, &path, "ada@contoso.example", WEB_REDIRECT).await;
    let redeemed = redeem(&world, tenant, &left["code"], &[client, at, secret]).await;
    let mut token = redeemed.text("refresh_token");
    world.forget_of_refresh_token(&["proven"]);
    for (proof, status) in [
        (("client_secret", ""), 200),
        (secret, 200),
        (("client_secret", ""), 401),
    ] {
        let grant = ("grant_type", "refresh_token");
        let fields = [grant, client, ("refresh_token", token.as_str()), proof];
        let reply = world.token(tenant, &fields).await;
        assert_eq!(reply.status, status, "{}", reply.body);
        if status == 200 {
            token = reply.text("refresh_token");
        }
    }
}
