//! A single-page application: it asks the token endpoint from its page, and what it is given ends after a day.

use axum::body::Body;
use http::{Method, Request};
use syncline_model::{Attr, Value};

use crate::authorization_code::{LOOPBACK, VERIFIER, address};
use crate::visitor::Visitor;
use crate::world::{Reply, World, encode};

const PAGE: &str = "https://page.example/";

/// Signs Ada in to Contoso's application as a page of it; the answer with the first tokens.
async fn tokens(world: &World) -> Reply {
    signed_in(world).await.1
}

/// The same, with the browser.
async fn signed_in(world: &World) -> (Visitor<'_>, Reply) {
    let tenant = &world.contoso;
    world.update(tenant, tenant.application, |entry| {
        let uris = Value::List(vec![Value::text(PAGE)]);
        let spa = Value::Map(vec![("redirectUris".to_owned(), uris)]);
        entry.attrs.set(Attr::SPA, spa);
    });
    let client = ("client_id", tenant.client_id.as_str());
    let page = ("redirect_uri", PAGE);
    let mut visitor = Visitor::open(world, &address(&tenant.domain, &[client, page])).await;
    visitor.sign_in("ada@contoso.example").await;
    if visitor.page.status == 200 {
        visitor.accept().await;
    }
    let code = visitor.left_with(PAGE).remove("code").unwrap();
    let fields = [
        ("grant_type", "authorization_code"),
        client,
        page,
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
    ];
    let reply = world.token(tenant, &fields).await;
    (visitor, reply)
}

/// As MSAL for JavaScript signs out: it says who signs out, but not of what.
fn sign_out(tenant: &str, to: &str, id_token: &str) -> String {
    let mut fields = vec![
        ("post_logout_redirect_uri", to),
        ("state", "s-2"),
        ("logout_hint", "ada@contoso.example"),
    ];
    if !id_token.is_empty() {
        fields.push(("id_token_hint", id_token));
    }
    format!("/{tenant}/oauth2/v2.0/logout?{}", encode(&fields))
}

fn assert_stays(reply: &Reply) {
    assert!(reply.body.contains("You signed out"), "{}", reply.body);
    assert_eq!((reply.status, reply.header("location")), (200, ""));
}

const BACK: &str = "https://page.example/?state=s-2";

#[tokio::test]
async fn who_signs_out_of_a_page_comes_back_to_it() {
    let world = World::new();
    for tenant in ["common", &world.contoso.domain] {
        let (mut visitor, _) = signed_in(&world).await;
        let mut copy = visitor.copy();
        visitor.go(&sign_out(tenant, PAGE, "")).await;
        assert_eq!(visitor.page.header("location"), BACK, "{tenant}");
        // The session has ended, and with it what it says of applications.
        copy.go(&sign_out(tenant, PAGE, "")).await;
        assert_stays(&copy.page);
        let (mut visitor, _) = signed_in(&world).await;
        let elsewhere = sign_out(tenant, "https://evil.example/", "");
        visitor.go(&elsewhere).await;
        assert_stays(&visitor.page);
    }
}

#[tokio::test]
async fn nobody_is_sent_to_a_page_that_the_session_was_not_for() {
    let world = World::new();
    drop(signed_in(&world).await);
    world.consent(&world.contoso, &["User.Read"]);
    let path = address(&world.contoso.domain, &[]);
    let mut visitor = Visitor::open(&world, &path).await;
    visitor.sign_in("bob@contoso.example").await;
    visitor.left_with(LOOPBACK);
    visitor.go(&sign_out("common", PAGE, "")).await;
    assert_stays(&visitor.page);
}

#[tokio::test]
async fn whoever_types_the_password_again_has_not_left_a_page() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    let (mut visitor, _) = signed_in(&world).await;
    let again = [("prompt", "login")];
    visitor.go(&address(&world.contoso.domain, &again)).await;
    visitor.sign_in("ada@contoso.example").await;
    visitor.left_with(LOOPBACK);
    visitor.go(&sign_out("common", PAGE, "")).await;
    assert_eq!(visitor.page.header("location"), BACK);
}

#[tokio::test]
async fn an_id_token_says_which_page_is_signed_out_of() {
    let world = World::new();
    let (_, reply) = signed_in(&world).await;
    let id_token = reply.text("id_token");
    // By whoever has no session any more, long after the token has expired.
    world.clock.advance_seconds(9 * 3600);
    let ask = async |tenant: &str, to: &str, id_token: &str| {
        world.get(&sign_out(tenant, to, id_token)).await
    };
    for tenant in ["common", &world.contoso.domain] {
        let back = ask(tenant, PAGE, &id_token).await;
        assert_eq!(back.header("location"), BACK, "{tenant}: {}", back.body);
        assert_stays(&ask(tenant, "https://evil.example/", &id_token).await);
    }
    let (head, signature) = id_token.rsplit_once('.').unwrap();
    let swapped: String = signature.chars().rev().collect();
    let forged = format!("{head}.{swapped}");
    let access_token = reply.text("access_token");
    for other in [forged.as_str(), "made-up", &access_token] {
        assert_stays(&ask("common", PAGE, other).await);
    }
    // Another tenant knows nothing of it.
    assert_stays(&ask(&world.fabrikam.domain, PAGE, &id_token).await);
}

async fn refresh(world: &World, token: &str) -> Reply {
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", world.contoso.client_id.as_str()),
        ("refresh_token", token),
    ];
    world.token(&world.contoso, &fields).await
}

fn assert_any_origin(reply: &Reply) {
    let told = [
        "access-control-allow-origin",
        "access-control-expose-headers",
    ]
    .map(|name| reply.headers.get_all(name).iter().count());
    assert_eq!(told, [1, 1], "{reply:?}");
    assert_eq!(reply.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn every_answer_of_a_token_endpoint_may_be_read_from_any_origin() {
    let world = World::new();
    let redeemed = tokens(&world).await;
    redeemed.text("access_token");
    assert_any_origin(&redeemed);
    let refused = refresh(&world, "made-up").await;
    refused.assert_refused("invalid_grant", 9002313);
    assert_any_origin(&refused);
    let path = format!("/{}/oauth2/token", world.contoso.id);
    assert_any_origin(&world.post(&path, &[]).await);
    let endless = "x".repeat(70_000);
    let too_large = world.post(&path, &[("code", endless.as_str())]).await;
    assert_eq!(too_large.status, 413);
    assert_any_origin(&too_large);
    let read = world.get(&path).await;
    assert_eq!(read.status, 405);
    assert_any_origin(&read);
}

#[tokio::test]
async fn a_browser_is_told_what_its_page_may_send_to_a_token_endpoint() {
    let world = World::new();
    for path in ["common/oauth2/v2.0/token", "contoso.example/oauth2/token"] {
        let asked = Request::builder()
            .method(Method::OPTIONS)
            .uri(format!("/{path}"))
            .header("origin", "https://page.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type");
        let reply = world.send(asked.body(Body::empty()).unwrap()).await;
        assert_eq!((reply.status, reply.body.as_str()), (204, ""), "{path}");
        assert_any_origin(&reply);
        let allowed = |name: &str| reply.header(&format!("access-control-allow-{name}"));
        assert!(allowed("methods").contains("POST"));
        assert!(allowed("headers").contains("Content-Type"));
    }
}

#[tokio::test]
async fn its_refresh_tokens_end_a_day_after_the_first() {
    let world = World::new();
    let mut newest = tokens(&world).await.text("refresh_token");
    for hours in [12, 11] {
        world.clock.advance_seconds(hours * 3600);
        newest = refresh(&world, &newest).await.text("refresh_token");
    }
    world.clock.advance_seconds(3600 - 1);
    newest = refresh(&world, &newest).await.text("refresh_token");
    world.clock.advance_seconds(1);
    refresh(&world, &newest)
        .await
        .assert_refused("invalid_grant", 70008);
}

/// From before an upgrade, when no family had an end: it has one from the next use on, where nothing but a page can
/// have begun it.
#[tokio::test]
async fn a_family_without_an_end_gets_one_where_the_client_is_nothing_but_a_page() {
    for is_page_only in [true, false] {
        let world = World::new();
        let mut newest = tokens(&world).await.text("refresh_token");
        world.forget_of_refresh_token(&["ends_at"]);
        if is_page_only {
            world.update(&world.contoso, world.contoso.application, |entry| {
                entry.attrs.remove(Attr::WEB);
                entry.attrs.remove(Attr::PUBLIC_CLIENT);
            });
            world.update(&world.contoso, world.contoso.service_principal, |entry| {
                entry.attrs.remove(Attr::REPLY_URLS);
            });
        }
        for _ in 0..2 {
            newest = refresh(&world, &newest).await.text("refresh_token");
            world.clock.advance_seconds(12 * 3600);
        }
        let reply = refresh(&world, &newest).await;
        if is_page_only {
            reply.assert_refused("invalid_grant", 70008);
        } else {
            reply.text("refresh_token");
        }
    }
}
