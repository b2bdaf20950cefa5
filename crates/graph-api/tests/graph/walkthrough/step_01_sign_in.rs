//! Step 1: signing in, through the identity platform's own endpoints and pages. That the later steps
//! need no more than these scopes is shown by [`super::steps`] (1.4, 1.5).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value as Json;
use syncline_access::{DirectoryRole, secrets};

use crate::world::{POWERSHELL, World, text};

use super::assertion::Assertion;
use super::browser::{Browser, Platform, Reply, form};
use super::callers::{ROLES, SOURCE_SCOPES, TARGET_SCOPES, person, tenant_of};

const LOOPBACK: &str = "http://localhost:51234";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn line(number: &str) -> Assertion {
    Assertion::new("sign in", number)
}

/// The delegated permissions of a token, sorted.
fn scopes(token: &str) -> Vec<String> {
    let payload = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let claims: Json = serde_json::from_slice(&payload).unwrap();
    let mut scopes: Vec<String> = text(&claims, "scp").split(' ').map(str::to_owned).collect();
    scopes.retain(|it| !["openid", "profile"].contains(&it.as_str()));
    scopes.sort();
    scopes
}

fn wanted(scopes: &[&str]) -> String {
    [scopes, &["openid", "profile", "offline_access"]]
        .concat()
        .join(" ")
}

fn sorted(scopes: &[&str]) -> Vec<String> {
    let mut scopes: Vec<String> = scopes.iter().map(|it| (*it).to_owned()).collect();
    scopes.sort();
    scopes
}

/// Somebody of a tenant with these roles.
fn somebody(world: &World, tenant: &str, alias: &str, roles: &[DirectoryRole]) -> String {
    let user = person(world, tenant, alias);
    world.signed_in_to(tenant_of(world, tenant).id, &user, &[], roles);
    format!("{alias}@{tenant}.example")
}

/// The page of an authorization request with a challenge.
fn authorize(world: &World, tenant: &str, scopes: &[&str]) -> String {
    let (scope, challenge) = (wanted(scopes), secrets::fingerprint(VERIFIER));
    let fields = [
        ("client_id", POWERSHELL),
        ("response_type", "code"),
        ("redirect_uri", LOOPBACK),
        ("scope", &scope),
        ("state", "s"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    format!(
        "/{}/oauth2/v2.0/authorize?{}",
        tenant_of(world, tenant).id,
        form(&fields)
    )
}

fn redeem(world: &World, platform: &Platform, tenant: &str, browser: &Browser<'_>) -> String {
    let left = browser.left_with(LOOPBACK);
    let left = left.unwrap_or_else(|| panic!("no code: {}", browser.page.body));
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", POWERSHELL),
        ("code", &left["code"]),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", VERIFIER),
    ];
    let reply = platform.post(
        &format!("/{}/oauth2/v2.0/token", tenant_of(world, tenant).id),
        &fields,
    );
    text(&reply.json(), "access_token")
}

fn poll(world: &World, platform: &Platform, device_code: &str) -> Reply {
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", POWERSHELL),
        ("device_code", device_code),
    ];
    platform.post(
        &format!("/{}/oauth2/v2.0/token", world.tenants.contoso.id),
        &fields,
    )
}

#[test]
fn the_source_by_device_code() {
    let world = World::new();
    let platform = Platform::new(&world);
    let admin = somebody(
        &world,
        "contoso",
        "admin",
        &[DirectoryRole::GlobalAdministrator],
    );
    let scope = wanted(&SOURCE_SCOPES);
    let begin = format!("/{}/oauth2/v2.0/devicecode", world.tenants.contoso.id);
    let codes = platform
        .post(&begin, &[("client_id", POWERSHELL), ("scope", &scope)])
        .json();
    let pending = poll(&world, &platform, &text(&codes, "device_code")).json();
    line("1.1").equal(&pending["error"], "authorization_pending");

    let mut browser = Browser::open(&platform, "/devicelogin");
    browser.submit(&[("user_code", &text(&codes, "user_code"))]);
    browser.sign_in(&admin);
    browser.accept();
    world.clock.advance_seconds(5);
    let reply = poll(&world, &platform, &text(&codes, "device_code")).json();
    let token = text(&reply, "access_token");
    line("1.1").equal(scopes(&token), sorted(&SOURCE_SCOPES));
    // It is good for what comes next.
    line("1.1").ok(&world
        .client(&token)
        .get("/v1.0/policies/crossTenantAccessPolicy/partners"));
}

#[test]
fn the_source_by_authorization_code_and_challenge() {
    let world = World::new();
    let platform = Platform::new(&world);
    let admin = somebody(
        &world,
        "contoso",
        "admin",
        &[DirectoryRole::GlobalAdministrator],
    );
    let mut browser = Browser::open(&platform, &authorize(&world, "contoso", &SOURCE_SCOPES));
    browser.sign_in(&admin);
    browser.accept();
    let token = redeem(&world, &platform, "contoso", &browser);
    line("1.1").equal(scopes(&token), sorted(&SOURCE_SCOPES));
    line("1.1").ok(&world.client(&token).get("/beta/servicePrincipals"));
}

#[test]
fn the_target_with_its_two_scopes() {
    let world = World::new();
    let platform = Platform::new(&world);
    let admin = somebody(
        &world,
        "fabrikam",
        "admin",
        &[DirectoryRole::GlobalAdministrator],
    );
    let mut browser = Browser::open(&platform, &authorize(&world, "fabrikam", &TARGET_SCOPES));
    browser.sign_in(&admin);
    browser.accept();
    let token = redeem(&world, &platform, "fabrikam", &browser);
    line("1.2").equal(scopes(&token), sorted(&TARGET_SCOPES));
    let client = world.client(&token);
    line("1.2").ok(&client.get("/v1.0/policies/crossTenantAccessPolicy/partners"));
    line("1.2").problem(
        &client.get("/v1.0/applications"),
        403,
        "Authorization_RequestDenied",
    );
}

/// The roles that the later steps need are not the one that may agree to all of these scopes.
#[test]
fn somebody_else_needs_an_administrators_consent_first() {
    let world = World::new();
    let platform = Platform::new(&world);
    let admin = somebody(
        &world,
        "contoso",
        "admin",
        &[DirectoryRole::GlobalAdministrator],
    );
    let worker = somebody(&world, "contoso", "worker", &ROLES[..2]);
    let page = authorize(&world, "contoso", &SOURCE_SCOPES);

    let mut browser = Browser::open(&platform, &page);
    browser.sign_in(&worker);
    line("1.3").holds(
        browser.page.body.contains("Need admin approval"),
        &browser.page.body,
    );
    line("1.3").holds(browser.left_with(LOOPBACK).is_none(), "no code");
    browser.go(&format!("{page}&prompt=none"));
    let refused = browser.left_with(LOOPBACK).expect("back at the client");
    line("1.3").equal(refused["error"].as_str(), "interaction_required");
    line("1.3").holds(
        refused["error_description"].starts_with("AADSTS65001"),
        &refused["error_description"],
    );

    let all = SOURCE_SCOPES
        .map(|it| format!("https://localhost:8443/{it}"))
        .join(" ");
    let consent = form(&[
        ("client_id", POWERSHELL),
        ("redirect_uri", LOOPBACK),
        ("scope", &all),
    ]);
    let mut theirs = Browser::open(
        &platform,
        &format!("/{}/v2.0/adminconsent?{consent}", world.tenants.contoso.id),
    );
    theirs.sign_in(&admin);
    theirs.accept();
    let left = theirs.left_with(LOOPBACK).expect("back at the client");
    line("1.3").equal(left["admin_consent"].as_str(), "True");

    browser.go(&page);
    let token = redeem(&world, &platform, "contoso", &browser);
    line("1.3").equal(scopes(&token), sorted(&SOURCE_SCOPES));
    line("1.3").ok(&world
        .client(&token)
        .get("/v1.0/policies/crossTenantAccessPolicy/partners"));
}
