use std::collections::BTreeMap;

use syncline_access::{Peer, secrets};
use syncline_directory::{Context, deleted_items, service_principals};
use syncline_model::{AppId, Attr, Clock as _, EntityKind, Value};
use syncline_store::{Key, KeyName};
use syncline_testkit::CountedIds;

use crate::visitor::Visitor;
use crate::world::{
    Hosted, NATIVE_REDIRECT, POWERSHELL, Reply, WEB_REDIRECT, World, claims, encode,
};

pub const LOOPBACK: &str = "http://localhost:51234";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// An authorization request of PowerShell, some parameters changed (empty: left out).
pub fn address(tenant: &str, changed: &[(&str, &str)]) -> String {
    let challenge = secrets::fingerprint(VERIFIER);
    let mut fields = vec![
        ("client_id", POWERSHELL),
        ("response_type", "code"),
        ("redirect_uri", LOOPBACK),
        ("scope", "openid profile offline_access User.Read"),
        ("state", "s-1"),
        ("nonce", "n-1"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changed {
        fields.retain(|(known, _)| known != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    format!("/{tenant}/oauth2/v2.0/authorize?{}", encode(&fields))
}

/// Signs somebody in to an address, agreeing to what is asked; the parameters at the redirect.
pub async fn visit(
    world: &World,
    address: &str,
    user: &str,
    redirect: &str,
) -> BTreeMap<String, String> {
    let mut visitor = Visitor::open(world, address).await;
    visitor.sign_in(user).await;
    if visitor.page.status == 200 {
        visitor.accept().await;
    }
    visitor.left_with(redirect)
}

pub async fn code(world: &World) -> String {
    let path = address(&world.contoso.id.to_string(), &[]);
    visit(world, &path, "ada@contoso.example", LOOPBACK)
        .await
        .remove("code")
        .unwrap()
}

pub async fn redeem(world: &World, tenant: &Hosted, code: &str, changed: &[(&str, &str)]) -> Reply {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("client_id", POWERSHELL),
        ("code", code),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", VERIFIER),
        ("client_info", "1"),
    ];
    for (name, value) in changed {
        fields.retain(|(known, _)| known != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    world.token(tenant, &fields).await
}

#[tokio::test]
async fn a_public_client_gets_tokens_for_who_signed_in() {
    let world = World::new();
    let path = address(&world.contoso.id.to_string(), &[]);
    let left = visit(&world, &path, "ada@contoso.example", LOOPBACK).await;
    assert_eq!(left["state"], "s-1");
    assert!(left.contains_key("session_state"));
    let reply = redeem(&world, &world.contoso, &left["code"], &[]).await;
    let json = reply.json();
    assert_eq!(json["scope"], "openid profile User.Read");
    assert_eq!(reply.header("cache-control"), "no-store");
    let access = claims(&reply.text("access_token"));
    assert_eq!(access["scp"], "openid profile User.Read");
    assert_eq!(access["oid"], world.contoso.ada.to_string());
    assert_eq!(access["appidacr"], "0");
    let id = claims(&reply.text("id_token"));
    assert_eq!(
        (id["nonce"].as_str(), id["aud"].as_str()),
        (Some("n-1"), Some(POWERSHELL))
    );
    assert_eq!(id["preferred_username"], "ada@contoso.example");
    assert!(json["refresh_token"].is_string());
    let client_info = reply.text("client_info");
    use base64::Engine as _;
    let client_info: serde_json::Value = serde_json::from_slice(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(client_info)
            .unwrap(),
    )
    .unwrap();
    assert_eq!(client_info["uid"], world.contoso.ada.to_string());
    assert_eq!(client_info["utid"], world.contoso.id.to_string());
}

#[tokio::test]
async fn common_means_the_tenant_of_who_signs_in() {
    let world = World::new();
    let left = visit(
        &world,
        &address("common", &[]),
        "ada@fabrikam.example",
        LOOPBACK,
    )
    .await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", POWERSHELL),
        ("code", left["code"].as_str()),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", VERIFIER),
    ];
    let reply = world.post("/common/oauth2/v2.0/token", &fields).await;
    assert_eq!(
        claims(&reply.text("access_token"))["tid"],
        world.fabrikam.id.to_string()
    );
    assert!(reply.json().get("client_info").is_none());
}

#[tokio::test]
async fn a_native_redirect_needs_no_secret_but_a_challenge() {
    let world = World::new();
    let tenant = &world.contoso;
    let redirect = NATIVE_REDIRECT.replace("localhost", "localhost:7777");
    let native = [
        ("client_id", tenant.client_id.as_str()),
        ("redirect_uri", redirect.as_str()),
    ];
    let left = visit(
        &world,
        &address(&tenant.domain, &native),
        "ada@contoso.example",
        &redirect,
    )
    .await;
    let reply = redeem(&world, tenant, &left["code"], &native).await;
    assert_eq!(reply.status, 200, "{}", reply.body);

    let bare = [native[0], native[1], ("code_challenge", "")];
    let page = world.get(&address(&tenant.domain, &bare)).await;
    assert_eq!(page.status, 302);
    assert!(
        page.header("location")
            .starts_with(&format!("{redirect}?error=invalid_request"))
    );
    assert!(page.header("location").contains("AADSTS9002325"));
    assert!(page.header("location").ends_with("state=s-1"));
}

#[tokio::test]
async fn what_is_wrong_with_client_or_redirect_stays_on_a_page() {
    let world = World::new();
    let id = world.contoso.id.to_string();
    for (changed, number) in [
        (("redirect_uri", "https://evil.example/"), "AADSTS50011"),
        (
            ("redirect_uri", "http://localhost.evil.example/"),
            "AADSTS50011",
        ),
        (("redirect_uri", ""), "AADSTS900144"),
        (
            ("client_id", "11111111-2222-3333-4444-555555555555"),
            "AADSTS700016",
        ),
        (("client_id", ""), "AADSTS900144"),
    ] {
        let page = world.get(&address(&id, &[changed])).await;
        assert_eq!(page.status, 400, "{changed:?}");
        assert!(page.body.contains(number), "{changed:?}: {}", page.body);
        assert_eq!(page.header("location"), "");
    }
    let page = world.get(&address("nowhere.example", &[])).await;
    assert!(page.body.contains("AADSTS90002"));
}

/// Nobody who manages applications leads the codes of every tenant's clients to himself.
#[tokio::test]
async fn a_well_known_client_has_its_loopback_address_and_no_other() {
    let world = World::new();
    let tenant = &world.contoso;
    let key = Key::new(KeyName::ServicePrincipalAppId, POWERSHELL);
    let found = world.store.read(|reader| reader.holder(tenant.id, &key));
    let (_, principal) = found.unwrap().unwrap();
    world.update(tenant, principal, |entry| {
        let to = ["https://thief.example/", "http://localhost"];
        let to = to.map(Value::text).to_vec();
        entry.attrs.set(Attr::REPLY_URLS, Value::List(to));
    });
    let id = tenant.id.to_string();
    let changed = [("redirect_uri", "https://thief.example/")];
    let page = world.get(&address(&id, &changed)).await;
    assert_eq!((page.status, page.header("location")), (400, ""));
    assert!(page.body.contains("AADSTS50011"), "{}", page.body);
    code(&world).await;
}

/// Registered before such addresses were refused.
#[tokio::test]
async fn no_code_is_sent_to_a_script() {
    let world = World::new();
    let tenant = &world.contoso;
    world.update(tenant, tenant.application, |entry| {
        let to = ["javascript:alert(1)", "http://app.example/back"];
        let to = to.map(Value::text).to_vec();
        let web = vec![("redirectUris".to_owned(), Value::List(to))];
        entry.attrs.set(Attr::WEB, Value::Map(web));
    });
    for uri in ["javascript:alert(1)", "http://app.example/back"] {
        let changed = [
            ("client_id", tenant.client_id.as_str()),
            ("redirect_uri", uri),
        ];
        let page = world.get(&address(&tenant.id.to_string(), &changed)).await;
        assert_eq!((page.status, page.header("location")), (400, ""), "{uri}");
        assert!(page.body.contains("AADSTS50011"), "{}", page.body);
    }
}

/// Ten wrong passwords from one network lock it out, and not the owner.
#[tokio::test]
async fn who_guesses_keeps_nobody_else_out() {
    let world = World::new();
    let path = address(&world.contoso.id.to_string(), &[]);
    let open = async |from: &str| {
        let mut visitor = Visitor::open(&world, &path).await;
        visitor.from = Some(Peer(from.parse().unwrap()));
        visitor
    };
    let mut thief = open("192.0.2.1").await;
    let guess = [("username", "ada@contoso.example"), ("password", "wrong")];
    for _ in 0..11 {
        thief.submit(&guess).await;
        assert_eq!(thief.page.status, 401);
    }
    assert!(thief.page.body.contains("locked"), "{}", thief.page.body);
    let mut owner = open("203.0.113.1").await;
    owner.sign_in("ada@contoso.example").await;
    assert!(!owner.page.body.contains("locked"), "{}", owner.page.body);
    owner.accept().await;
    assert!(owner.left_with(LOOPBACK).contains_key("code"));
}

#[tokio::test]
async fn other_mistakes_go_to_the_client_with_the_state() {
    let world = World::new();
    let id = world.contoso.id.to_string();
    for (changed, error) in [
        (("response_type", "id_token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("scope", "Mail.Read"), "invalid_scope"),
        (
            ("scope", "https://vault.example/.default"),
            "invalid_resource",
        ),
        (("scope", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("response_mode", "carrier_pigeon"), "invalid_request"),
        (("prompt", "none"), "login_required"),
    ] {
        let reply = world.get(&address(&id, &[changed])).await;
        assert_eq!(reply.status, 302, "{changed:?}: {}", reply.body);
        let location = reply.header("location");
        assert!(
            location.starts_with(&format!("{LOOPBACK}?error={error}&")),
            "{changed:?}: {location}"
        );
        assert!(location.contains("state=s-1"));
    }
}

#[tokio::test]
async fn the_answer_travels_as_the_client_wishes() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    let id = world.contoso.id.to_string();
    let mut visitor = Visitor::open(&world, &address(&id, &[("response_mode", "fragment")])).await;
    visitor.sign_in("bob@contoso.example").await;
    assert!(
        visitor
            .page
            .header("location")
            .starts_with(&format!("{LOOPBACK}#code="))
    );
    visitor
        .go(&address(&id, &[("response_mode", "form_post")]))
        .await;
    assert_eq!(visitor.page.status, 200);
    assert!(
        visitor
            .page
            .body
            .contains(&format!("<form method=\"post\" action=\"{LOOPBACK}\">"))
    );
    let fields: BTreeMap<_, _> = visitor.hidden_fields().into_iter().collect();
    assert_eq!(fields["state"], "s-1");
    assert!(
        visitor
            .page
            .header("content-security-policy")
            .contains(&format!("form-action 'self' {LOOPBACK};"))
    );
    let reply = redeem(&world, &world.contoso, &fields["code"], &[]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[tokio::test]
async fn where_no_page_may_be_shown_none_is_for_want_of_a_tenant() {
    let world = World::new();
    let none = ("prompt", "none");
    let own = ("client_id", world.contoso.client_id.as_str());
    let web = ("redirect_uri", WEB_REDIRECT);
    for tenant in ["common", "organizations"] {
        for (changed, to) in [(&[none][..], LOOPBACK), (&[none, own, web], WEB_REDIRECT)] {
            let reply = world.get(&address(tenant, changed)).await;
            let location = reply.header("location");
            let start = format!("{to}?error=login_required&");
            assert!(location.starts_with(&start), "{}", reply.body);
            assert!(location.ends_with("&state=s-1"), "{location}");
        }
    }
    let nobodys = ("client_id", "11111111-2222-3333-4444-555555555555");
    let elsewhere = ("redirect_uri", "https://evil.example/");
    let assert_page = async |changed: &[(&str, &str)], code: &str| {
        let page = world.get(&address("common", changed)).await;
        assert_eq!((page.status, page.header("location")), (400, ""));
        assert!(page.body.contains(code), "{}", page.body);
        assert!(!page.body.contains("<form"), "{}", page.body);
    };
    assert_page(&[none, nobodys], "AADSTS50058").await;
    assert_page(&[none, own, elsewhere], "AADSTS50011").await;
    assert_page(&[none, elsewhere], "AADSTS50011").await;
    // The same id in another tenant: whose address counts is not known.
    let other = &world.fabrikam;
    let (app, principal) = (EntityKind::Application, EntityKind::ServicePrincipal);
    let taken = [
        (KeyName::ApplicationAppId, app, other.application),
        (
            KeyName::ServicePrincipalAppId,
            principal,
            other.service_principal,
        ),
    ];
    let taken = taken.map(|(name, kind, id)| (Key::new(name, own.1), kind, id));
    world.write(|tx| Ok(tx.take_keys(other.id, &taken)?));
    assert_page(&[none, own, web], "AADSTS50058").await;
}

#[tokio::test]
async fn a_tenant_that_can_not_be_read_does_not_keep_clients_of_others_from_their_answer() {
    let world = World::new();
    world.spoil_tenant(&world.fabrikam);
    let own = ("client_id", world.contoso.client_id.as_str());
    let web = ("redirect_uri", WEB_REDIRECT);
    let reply = world
        .get(&address("common", &[("prompt", "none"), own, web]))
        .await;
    let location = reply.header("location");
    let start = format!("{WEB_REDIRECT}?error=login_required&");
    assert!(location.starts_with(&start), "{}", reply.body);
}

/// Their applications are registered in no tenant: one that was deleted for good is added anew, and so is one that a
/// tenant did not have from the beginning.
#[tokio::test]
async fn clients_that_every_tenant_knows_are_added_and_used() {
    let world = World::new();
    let tenant = &world.contoso;
    let ids = CountedIds::at(world.clock.now());
    for client in [POWERSHELL, "04b07795-8ddb-461a-bbee-02f9e1bf7b46"] {
        world.write(|tx| {
            let stored = tx.tenant(tenant.id)?.unwrap();
            let context = Context {
                tenant: &stored,
                now: world.clock.now(),
                ids: &ids,
            };
            if client == POWERSHELL {
                let key = Key::new(KeyName::ServicePrincipalAppId, client);
                let (_, id) = tx.holder(tenant.id, &key)?.unwrap();
                service_principals::delete(tx, &context, id)?;
                deleted_items::purge(tx, &context, id)?;
            }
            service_principals::create(tx, &context, AppId(client.parse().unwrap()))?;
            Ok(())
        });
        let path = address(&tenant.id.to_string(), &[("client_id", client)]);
        let code = visit(&world, &path, "bob@contoso.example", LOOPBACK)
            .await
            .remove("code")
            .unwrap();
        let reply = redeem(&world, tenant, &code, &[("client_id", client)]).await;
        let token = claims(&reply.text("access_token"));
        assert_eq!(token["appid"], client);
    }
}
