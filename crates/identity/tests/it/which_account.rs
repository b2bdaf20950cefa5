//! Somebody is signed in already, and may not be who is meant: clients name whom they mean, and pages say for whom
//! they are.

use syncline_model::{Attr, Value};

use crate::authorization_code::{LOOPBACK, address, redeem};
use crate::device_code::{begin, poll};
use crate::visitor::Visitor;
use crate::world::{POWERSHELL, World, claims};

const ADA: &str = "ada@contoso.example";
const BOB: &str = "bob@contoso.example";

/// A browser in which Ada is signed in, and a client that everybody may use.
async fn of_ada(world: &World) -> Visitor<'_> {
    world.consent(&world.contoso, &["User.Read"]);
    let id = world.contoso.id.to_string();
    let mut visitor = Visitor::open(world, &address(&id, &[])).await;
    visitor.sign_in(ADA).await;
    visitor.left_with(LOOPBACK);
    visitor
}

/// The user of the code with which the browser left.
async fn signed_in(world: &World, visitor: &Visitor<'_>) -> String {
    let code = visitor.left_with(LOOPBACK).remove("code").unwrap();
    let reply = redeem(world, &world.contoso, &code, &[]).await;
    let upn = &claims(&reply.text("access_token"))["upn"];
    upn.as_str().unwrap().to_owned()
}

fn assert_asks_for_password(visitor: &Visitor<'_>, user_name: &str) {
    let body = &visitor.page.body;
    assert_eq!(visitor.page.status, 200, "{body}");
    assert!(body.contains("name=\"password\""), "{body}");
    let filled_in = format!("required value=\"{user_name}\"");
    assert!(body.contains(&filled_in), "{body}");
}

fn assert_page_of(visitor: &Visitor<'_>, status: u16, user_name: &str) {
    let body = &visitor.page.body;
    assert_eq!(visitor.page.status, status, "{body}");
    let told = format!("Signed in as <strong>{user_name}</strong>");
    assert!(body.contains(&told), "{body}");
}

async fn use_another_account(visitor: &mut Visitor<'_>) {
    visitor.submit(&[("another_account", "on")]).await;
    assert_asks_for_password(visitor, "");
}

#[tokio::test]
async fn who_is_meant_signs_in_although_somebody_else_is_signed_in() {
    let world = World::new();
    let mut visitor = of_ada(&world).await;
    for tenant in [world.contoso.id.to_string(), "common".to_owned()] {
        visitor.go(&address(&tenant, &[("login_hint", BOB)])).await;
        assert_asks_for_password(&visitor, BOB);
    }
    visitor.sign_in(BOB).await;
    assert_eq!(signed_in(&world, &visitor).await, BOB);
    // He stays signed in, as whoever is meant.
    let by_name = [("login_hint", "Bob@CONTOSO.example"), ("prompt", "none")];
    visitor.go(&address("common", &by_name)).await;
    assert_eq!(signed_in(&world, &visitor).await, BOB);
}

#[tokio::test]
async fn a_client_that_asks_silently_learns_that_who_is_meant_is_not_signed_in() {
    let world = World::new();
    let mut visitor = of_ada(&world).await;
    let id = world.contoso.id.to_string();
    for hint in [BOB, "nobody@contoso.example", "ada@fabrikam.example"] {
        let silently = [("login_hint", hint), ("prompt", "none")];
        for tenant in [id.as_str(), "common"] {
            visitor.go(&address(tenant, &silently)).await;
            let error = visitor.left_with(LOOPBACK).remove("error");
            assert_eq!(error.as_deref(), Some("login_required"), "{hint} {tenant}");
        }
    }
    for hint in [ADA, "no user name"] {
        let silently = [("login_hint", hint), ("prompt", "none")];
        visitor.go(&address(&id, &silently)).await;
        assert_eq!(signed_in(&world, &visitor).await, ADA, "{hint}");
    }
}

/// Clients that know somebody by their mail, which is not always the user name.
#[tokio::test]
async fn a_client_may_mean_who_is_signed_in_by_any_of_their_mail_addresses() {
    let world = World::new();
    let mut visitor = of_ada(&world).await;
    world.update(&world.contoso, world.contoso.ada, |ada| {
        let list = |address: &str| Value::List(vec![Value::text(address)]);
        ada.attrs.set(Attr::MAIL, "Ada.Lovelace@contoso.example");
        ada.attrs
            .set(Attr::OTHER_MAILS, list("ada@elsewhere.example"));
        let former = list("smtp:ada.byron@contoso.example");
        ada.attrs.set(Attr::PROXY_ADDRESSES, former);
    });
    let id = world.contoso.id.to_string();
    for tenant in [id.as_str(), "common"] {
        for hint in [
            ADA,
            "ada.lovelace@Contoso.example",
            "ADA@elsewhere.example",
            "ada.byron@contoso.example",
        ] {
            let silently = [("login_hint", hint), ("prompt", "none")];
            visitor.go(&address(tenant, &silently)).await;
            assert_eq!(signed_in(&world, &visitor).await, ADA, "{hint} {tenant}");
        }
        for hint in ["smtp:ada.byron@contoso.example", "byron@contoso.example"] {
            let silently = [("login_hint", hint), ("prompt", "none")];
            visitor.go(&address(tenant, &silently)).await;
            let error = visitor.left_with(LOOPBACK).remove("error");
            assert_eq!(error.as_deref(), Some("login_required"), "{hint} {tenant}");
        }
    }
}

/// Whoever has an account in any tenant could ask for names of every other one, with addresses that they give themselves.
#[tokio::test]
async fn nobody_learns_by_hinting_who_is_in_another_tenant() {
    let world = World::new();
    let mut visitor = of_ada(&world).await;
    let [there, nobody] = ["ada@fabrikam.example", "nobody@fabrikam.example"];
    world.update(&world.contoso, world.contoso.ada, |ada| {
        let second = [there, nobody].map(Value::text).to_vec();
        ada.attrs.set(Attr::OTHER_MAILS, Value::List(second));
    });
    for hint in [there, nobody, " NOBODY@Fabrikam.example"] {
        let silently = [("login_hint", hint), ("prompt", "none")];
        for tenant in ["common", "organizations"] {
            visitor.go(&address(tenant, &silently)).await;
            let error = visitor.left_with(LOOPBACK).remove("error");
            assert_eq!(error.as_deref(), Some("login_required"), "{hint} {tenant}");
            visitor.go(&address(tenant, &silently[..1])).await;
            assert_asks_for_password(&visitor, hint);
        }
        // Where the tenant is named, nobody of another one can be meant.
        let id = world.contoso.id.to_string();
        visitor.go(&address(&id, &silently)).await;
        assert_eq!(signed_in(&world, &visitor).await, ADA, "{hint}");
    }
}

#[tokio::test]
async fn a_name_means_who_has_it_whosever_mail_address_it_is() {
    let world = World::new();
    let mut visitor = of_ada(&world).await;
    world.update(&world.contoso, world.contoso.ada, |ada| {
        ada.attrs.set(Attr::MAIL, BOB);
    });
    let silently = [("login_hint", BOB), ("prompt", "none")];
    visitor.go(&address("common", &silently)).await;
    let error = visitor.left_with(LOOPBACK).remove("error");
    assert_eq!(error.as_deref(), Some("login_required"));
}

/// The hint may be an old name, or an address that is no user name.
#[tokio::test]
async fn who_signs_in_is_who_is_meant_whatever_was_hinted() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    let hint = [("login_hint", "mail-of-bob@contoso.example")];
    let path = address(&world.contoso.id.to_string(), &hint);
    let mut visitor = Visitor::open(&world, &path).await;
    visitor.sign_in(BOB).await;
    assert_eq!(signed_in(&world, &visitor).await, BOB);
}

#[tokio::test]
async fn a_page_of_consent_says_for_whom_it_is_and_leads_to_another_account() {
    let world = World::new();
    let wide = [("scope", "openid User.Read Policy.Read.All")];
    let path = address(&world.contoso.id.to_string(), &wide);
    let mut visitor = Visitor::open(&world, &path).await;
    visitor.sign_in(BOB).await;
    assert!(visitor.page.body.contains("Need admin approval"));
    assert_page_of(&visitor, 403, BOB);
    use_another_account(&mut visitor).await;
    visitor.sign_in(ADA).await;
    assert!(visitor.page.body.contains("Permissions requested"));
    assert_page_of(&visitor, 200, ADA);
    use_another_account(&mut visitor).await;
    visitor.sign_in(ADA).await;
    visitor.accept().await;
    assert_eq!(signed_in(&world, &visitor).await, ADA);
}

#[tokio::test]
async fn a_device_is_confirmed_by_the_account_that_the_page_names() {
    let world = World::new();
    let mut visitor = of_ada(&world).await;
    let (device, user_code) = begin(&world, "common", "User.Read").await;
    visitor.go("/devicelogin").await;
    visitor.submit(&[("user_code", &user_code)]).await;
    assert!(visitor.page.body.contains("Are you trying to sign in to"));
    assert_page_of(&visitor, 200, ADA);
    use_another_account(&mut visitor).await;
    visitor.sign_in(BOB).await;
    assert_page_of(&visitor, 200, BOB);
    visitor.accept().await;
    let reply = poll(&world, &world.contoso, &device).await;
    assert_eq!(claims(&reply.text("access_token"))["upn"], BOB);
}

#[tokio::test]
async fn an_administrator_takes_over_where_somebody_else_is_signed_in() {
    let world = World::new();
    let path = format!(
        "/{}/v2.0/adminconsent?client_id={POWERSHELL}&redirect_uri=http://localhost&scope=Policy.Read.All",
        world.contoso.id
    );
    let mut visitor = Visitor::open(&world, &path).await;
    visitor.sign_in(BOB).await;
    visitor.go(&path).await;
    assert_page_of(&visitor, 403, BOB);
    use_another_account(&mut visitor).await;
    visitor.sign_in(ADA).await;
    assert_page_of(&visitor, 200, ADA);
    for prompt in ["login", "select_account"] {
        visitor.go(&format!("{path}&prompt={prompt}")).await;
        assert_asks_for_password(&visitor, "");
    }
    visitor.sign_in(ADA).await;
    visitor.accept().await;
    let left = visitor.left_with("http://localhost");
    assert_eq!(left["admin_consent"], "True");
}
