//! From the password on: a session that spares the next one, until it ends.

use syncline_access::passwords;

use crate::authorization_code::{LOOPBACK, address};
use crate::visitor::Visitor;
use crate::world::{WEB_REDIRECT, World, encode};

#[tokio::test]
async fn a_session_spares_the_password_until_it_ends() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    let id = world.contoso.id.to_string();
    let plain = address(&id, &[]);
    let mut visitor = Visitor::open(&world, &plain).await;
    visitor.sign_in("bob@contoso.example").await;
    visitor.left_with(LOOPBACK);
    visitor.go(&plain).await;
    visitor.left_with(LOOPBACK);
    visitor.go(&address(&id, &[("prompt", "none")])).await;
    visitor.left_with(LOOPBACK);
    // Another tenant does not know this session.
    visitor
        .go(&address(&world.fabrikam.id.to_string(), &[]))
        .await;
    assert!(visitor.page.body.contains("name=\"password\""));
    // A wish for a fresh sign-in is granted once, not for ever.
    visitor.go(&address(&id, &[("prompt", "login")])).await;
    assert!(visitor.page.body.contains("name=\"password\""));
    visitor.sign_in("bob@contoso.example").await;
    visitor.left_with(LOOPBACK);

    let hashed = world.access.hash_password(None, "Another-Horse-2").unwrap();
    world.write(|tx| {
        Ok(passwords::set(
            tx,
            world.contoso.id,
            world.contoso.bob,
            &hashed,
            world.clock.as_ref(),
        )?)
    });
    visitor.go(&plain).await;
    assert!(
        visitor.page.body.contains("name=\"password\""),
        "a new password ends the session"
    );
    visitor
        .submit(&[
            ("username", "bob@contoso.example"),
            ("password", "Another-Horse-2"),
        ])
        .await;
    visitor.left_with(LOOPBACK);
    world.clock.advance_seconds(8 * 3600);
    visitor.go(&plain).await;
    assert!(
        visitor.page.body.contains("name=\"password\""),
        "a session ends by itself"
    );
}

#[tokio::test]
async fn the_session_of_a_tenant_that_was_deleted_is_in_nobodys_way() {
    let world = World::new();
    let common = address("common", &[]);
    world.consent(&world.contoso, &["User.Read"]);
    let mut visitor = Visitor::open(&world, &common).await;
    visitor.sign_in("bob@contoso.example").await;
    visitor.left_with(LOOPBACK);
    world.delete_tenant(&world.contoso);
    for path in [&common, &address(&world.fabrikam.domain, &[])] {
        visitor.go(path).await;
        let page = &visitor.page;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(page.body.contains("name=\"password\""), "{}", page.body);
    }
    let mut visitor = Visitor::open(&world, &common).await;
    visitor.sign_in("bob@contoso.example").await;
    assert!(
        visitor.page.body.contains("name=\"password\""),
        "{}",
        visitor.page.body
    );
    let gone = world.get(&address(&world.contoso.domain, &[])).await;
    assert!(gone.body.contains("AADSTS90002"), "{}", gone.body);
}

#[tokio::test]
async fn a_wish_for_consent_outlives_the_sign_in() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    for prompt in ["consent", "login consent"] {
        let path = address(&world.contoso.domain, &[("prompt", prompt)]);
        let mut visitor = Visitor::open(&world, &path).await;
        visitor.sign_in("bob@contoso.example").await;
        let asked = "value=\"accept\"";
        assert!(visitor.page.body.contains(asked), "{}", visitor.page.body);
        visitor.accept().await;
        assert!(visitor.left_with(LOOPBACK).contains_key("code"));
    }
}

/// No page of consent stands between, and browsers stop a form that is redirected to where its page may not
/// lead: the second sign-in is the one that shows it.
#[tokio::test]
async fn from_the_password_the_way_back_to_the_application_is_open() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    let id = world.contoso.id.to_string();
    for (tenant, prompt) in [(id.as_str(), ""), ("common", ""), (&id, "select_account")] {
        let path = address(tenant, &[("prompt", prompt)]);
        let mut visitor = Visitor::open(&world, &path).await;
        let policy = visitor.page.header("content-security-policy");
        assert!(policy.contains("form-action 'self';"), "{policy}");
        visitor.sign_in("bob@contoso.example").await;
        assert!(visitor.left_with(LOOPBACK).contains_key("code"), "{path}");
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_and_goes_only_to_registered_addresses() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    let plain = address(&world.contoso.id.to_string(), &[]);
    let mut visitor = Visitor::open(&world, &plain).await;
    visitor.sign_in("bob@contoso.example").await;
    let mut copy = visitor.copy();
    visitor
        .go(&format!("/{}/oauth2/v2.0/logout", world.contoso.id))
        .await;
    assert!(visitor.page.body.contains("You signed out"));
    visitor.go(&plain).await;
    assert!(visitor.page.body.contains("name=\"password\""));
    // A cookie that somebody has kept is worth nothing either.
    copy.go(&plain).await;
    assert!(copy.page.body.contains("name=\"password\""));

    let logout = |to: &str| {
        let fields = [
            ("client_id", world.contoso.client_id.as_str()),
            ("post_logout_redirect_uri", to),
        ];
        format!(
            "/{}/oauth2/v2.0/logout?{}",
            world.contoso.id,
            encode(&fields)
        )
    };
    assert_eq!(
        world.get(&logout(WEB_REDIRECT)).await.header("location"),
        WEB_REDIRECT
    );
    let refused = world.get(&logout("https://evil.example/")).await;
    assert_eq!((refused.status, refused.header("location")), (400, ""));
}

#[tokio::test]
async fn a_password_that_was_typed_too_long_ago_is_asked_for_again() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    for tenant in ["common", &world.contoso.domain] {
        let with = |prompt: &str, max_age: &str| {
            address(tenant, &[("prompt", prompt), ("max_age", max_age)])
        };
        let mut visitor = Visitor::open(&world, &address(tenant, &[])).await;
        visitor.sign_in("bob@contoso.example").await;
        world.clock.advance_seconds(600);
        for max_age in ["600", "601", "99999999999999999999"] {
            visitor.go(&with("", max_age)).await;
            assert!(
                visitor.left_with(LOOPBACK).contains_key("code"),
                "{max_age}"
            );
        }
        visitor.go(&with("none", "599")).await;
        assert_eq!(visitor.left_with(LOOPBACK)["error"], "login_required");
        for max_age in ["599", "0"] {
            visitor.go(&with("", max_age)).await;
            assert!(
                visitor.page.body.contains("name=\"password\""),
                "{max_age}: {}",
                visitor.page.body
            );
        }
        // Granted once, however long it takes from here.
        visitor.sign_in("bob@contoso.example").await;
        assert!(visitor.left_with(LOOPBACK).contains_key("code"));
        visitor.go(&with("", "0")).await;
        assert!(visitor.left_with(LOOPBACK).contains_key("code"));
    }
}

#[tokio::test]
async fn an_age_that_is_no_number_is_told_to_the_application() {
    let world = World::new();
    for max_age in ["-1", "1.5", "ten", "+1", " 1"] {
        let changed = [("max_age", max_age)];
        let visitor = Visitor::open(&world, &address(&world.contoso.domain, &changed)).await;
        let left = visitor.left_with(LOOPBACK);
        let told = [left["error"].as_str(), left["state"].as_str()];
        assert_eq!(told, ["invalid_request", "s-1"], "{max_age}");
        // Whose application it is, is not known yet.
        let page = world.get(&address("common", &changed)).await;
        assert_eq!(page.status, 400, "{max_age}");
        assert!(page.body.contains("AADSTS9002313"), "{}", page.body);
    }
}

/// The page where another account is asked for promises that the present one is left.
#[tokio::test]
async fn another_sign_in_ends_the_session_before() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    world.consent(&world.fabrikam, &["User.Read"]);
    let plain = address("common", &[]);
    let mut visitor = Visitor::open(&world, &plain).await;
    visitor.sign_in("ada@contoso.example").await;
    visitor.left_with(LOOPBACK);
    for user in ["bob@contoso.example", "bob@fabrikam.example"] {
        let mut copy = visitor.copy();
        copy.go(&plain).await;
        assert!(copy.left_with(LOOPBACK).contains_key("code"), "{user}");
        visitor
            .go(&address("common", &[("prompt", "select_account")]))
            .await;
        visitor.sign_in(user).await;
        visitor.left_with(LOOPBACK);
        copy.go(&plain).await;
        assert!(copy.page.body.contains("name=\"password\""), "{user}");
    }
}
