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
