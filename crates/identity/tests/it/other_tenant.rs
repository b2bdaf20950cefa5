//! Somebody is signed in with an account of a tenant that does not know the client, which names no tenant: there may
//! be another account, with which it goes on.

use syncline_model::Attr;

use crate::authorization_code::{LOOPBACK, address};
use crate::visitor::Visitor;
use crate::world::{WEB_REDIRECT, World, encode};

const ELSEWHERE: &str = "bob@fabrikam.example";
const HERE: &str = "ada@contoso.example";

/// A browser in which somebody of Fabrikam is signed in.
async fn of_fabrikam(world: &World) -> Visitor<'_> {
    world.consent(&world.fabrikam, &["User.Read"]);
    let mut visitor = Visitor::open(world, &address("common", &[])).await;
    visitor.sign_in(ELSEWHERE).await;
    visitor.left_with(LOOPBACK);
    visitor
}

/// A request of Contoso's application, which no other tenant knows.
fn of_contoso(world: &World, tenant: &str, prompt: &str) -> String {
    let changed = [
        ("client_id", world.contoso.client_id.as_str()),
        ("redirect_uri", WEB_REDIRECT),
        ("prompt", prompt),
    ];
    address(tenant, &changed)
}

fn assert_asks_for_password(visitor: &Visitor<'_>) {
    let body = &visitor.page.body;
    assert_eq!(visitor.page.status, 200, "{body}");
    assert!(body.contains("name=\"password\""), "{body}");
}

/// Who has just signed in is told what is wrong with the account.
fn assert_told(visitor: &Visitor<'_>) {
    let body = &visitor.page.body;
    assert_eq!(visitor.page.status, 400, "{body}");
    assert!(body.contains("AADSTS700016"), "{body}");
}

#[tokio::test]
async fn the_other_account_is_asked_for() {
    let world = World::new();
    for tenant in ["common", "organizations"] {
        let mut visitor = of_fabrikam(&world).await;
        visitor.go(&of_contoso(&world, tenant, "none")).await;
        let left = visitor.left_with(WEB_REDIRECT);
        assert_eq!(left["error"], "login_required", "{tenant}");

        visitor.go(&of_contoso(&world, tenant, "")).await;
        assert_asks_for_password(&visitor);
        visitor.sign_in(ELSEWHERE).await;
        assert_told(&visitor);
        // Nor is that the end of it.
        visitor.go(&of_contoso(&world, tenant, "")).await;
        assert_asks_for_password(&visitor);
        visitor.sign_in(HERE).await;
        if visitor.page.status == 200 {
            visitor.accept().await;
        }
        assert!(visitor.left_with(WEB_REDIRECT).contains_key("code"));
    }
}

#[tokio::test]
async fn an_administrator_of_the_other_tenant_agrees() {
    let world = World::new();
    let mut visitor = of_fabrikam(&world).await;
    let query = encode(&[("client_id", world.contoso.client_id.as_str())]);
    let path = format!("/common/adminconsent?{query}");
    visitor.go(&path).await;
    assert_asks_for_password(&visitor);
    visitor.sign_in(ELSEWHERE).await;
    assert_told(&visitor);
    visitor.go(&path).await;
    assert_asks_for_password(&visitor);
    visitor.sign_in(HERE).await;
    let body = &visitor.page.body;
    assert!(body.contains("value=\"accept\""), "{body}");
}

#[tokio::test]
async fn a_device_is_confirmed_by_the_other_account() {
    let world = World::new();
    let contoso = &world.contoso;
    world.update(contoso, contoso.application, |entry| {
        entry.attrs.set(Attr::IS_FALLBACK_PUBLIC_CLIENT, true);
    });
    let fields = [
        ("client_id", contoso.client_id.as_str()),
        ("scope", "User.Read"),
    ];
    let begun = world.post("/common/oauth2/v2.0/devicecode", &fields).await;
    let user_code = begun.text("user_code");
    let typed = [("user_code", user_code.as_str())];
    let mut visitor = of_fabrikam(&world).await;
    visitor.go("/devicelogin").await;
    visitor.submit(&typed).await;
    assert_asks_for_password(&visitor);
    visitor.sign_in(ELSEWHERE).await;
    assert_told(&visitor);
    visitor.go("/devicelogin").await;
    visitor.submit(&typed).await;
    assert_asks_for_password(&visitor);
    visitor.sign_in(HERE).await;
    visitor.accept().await;
    let body = &visitor.page.body;
    assert!(body.contains("You are signed in"), "{body}");
}

/// The session before has ended with the sign-in, so the page that refuses brings the new one.
#[tokio::test]
async fn whoever_signs_in_and_is_refused_stays_signed_in() {
    let world = World::new();
    let mut visitor = of_fabrikam(&world).await;
    let client = ("client_id", world.contoso.client_id.as_str());
    let path = |fields: &[(&str, &str)]| format!("/common/adminconsent?{}", encode(fields));
    let strange = ("redirect_uri", "https://elsewhere.example/");
    visitor.go(&path(&[client, strange])).await;
    assert_asks_for_password(&visitor);
    visitor.sign_in(HERE).await;
    assert_eq!(visitor.page.status, 400, "{}", visitor.page.body);
    visitor.go(&path(&[client])).await;
    let body = &visitor.page.body;
    assert!(body.contains("value=\"accept\""), "{body}");
}
