//! A password that is to be changed: what its owner meets before anything else.

use std::time::Duration;

use syncline_access::{Caller, PasswordWork, passwords};
use syncline_model::{Attr, Clock as _, Problem, ProblemKind, Value};

use crate::authorization_code::{LOOPBACK, VERIFIER, address};
use crate::visitor::Visitor;
use crate::world::{Hosted, PASSWORD, POWERSHELL, Reply, World, claims};

const BOB: &str = "bob@contoso.example";
const CHOSEN: &str = "Another-Horse-2";

/// A world in which Bob's password is a temporary one.
fn world() -> World {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    to_be_changed(&world, &world.contoso, true);
    world
}

fn to_be_changed(world: &World, tenant: &Hosted, asked: bool) {
    world.write(|tx| {
        assert!(passwords::set_to_be_changed(
            tx, tenant.id, tenant.bob, asked
        )?);
        Ok(())
    });
}

fn plain(world: &World) -> String {
    address(&world.contoso.id.to_string(), &[])
}

/// Somebody before the page with a new password.
async fn before_the_page<'w>(world: &'w World, path: &str) -> Visitor<'w> {
    let mut visitor = Visitor::open(world, path).await;
    visitor.sign_in(BOB).await;
    assert_asked(&visitor.page);
    visitor
}

async fn choose(visitor: &mut Visitor<'_>, first: &str, second: &str) {
    let fields = [("new_password", first), ("new_password_again", second)];
    visitor.submit(&fields).await;
}

fn assert_asked(page: &Reply) {
    assert!(
        page.body.contains("<h1>Choose a new password</h1>"),
        "{}",
        page.body
    );
    assert!(!page.header("set-cookie").contains("session"));
}

/// The sign-in form again, and no session.
fn assert_over(page: &Reply) {
    assert_eq!(page.status, 401, "{}", page.body);
    assert!(
        page.body.contains("<h1>Sign in</h1>") && page.body.contains("Sign in again"),
        "{}",
        page.body
    );
    assert!(!page.header("set-cookie").contains("session"));
}

fn sign_in(world: &World, password: &str) -> bool {
    let right = world.access.check_password(None, None, BOB, password);
    right.is_ok_and(|right| !right.to_be_changed)
}

fn authenticate(world: &World, token: &str) -> Result<Caller, Problem> {
    world.access.authenticate(Some(&format!("Bearer {token}")))
}

async fn redeem(world: &World, code: &str) -> Reply {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", POWERSHELL),
        ("code", code),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", VERIFIER),
    ];
    world.token(&world.contoso, &fields).await
}

#[tokio::test]
async fn the_way_to_the_application_leads_over_a_new_password() {
    let world = world();
    let mut visitor = before_the_page(&world, &plain(&world)).await;
    assert_eq!(visitor.page.status, 200);
    for part in [
        "<label for=\"new_password\">",
        "<label for=\"new_password_again\">",
        "autocomplete=\"new-password\"",
        "aria-describedby=\"rules\"",
        "readonly value=\"bob@contoso.example\"",
    ] {
        assert!(visitor.page.body.contains(part), "{part}");
    }
    assert!(
        !visitor.page.body.contains(PASSWORD) && !visitor.page.body.contains("<script"),
        "{}",
        visitor.page.body
    );
    world.clock.advance_seconds(60);
    let now = world.clock.now();
    choose(&mut visitor, CHOSEN, CHOSEN).await;
    let code = visitor.left_with(LOOPBACK).remove("code").unwrap();
    let token = redeem(&world, &code).await.text("access_token");
    assert_eq!(claims(&token)["oid"], world.contoso.bob.to_string());
    // The session is of the new password: what it gives is not over with the one before.
    authenticate(&world, &token).unwrap();

    assert!(sign_in(&world, CHOSEN));
    assert!(world.access.sign_in(None, None, BOB, PASSWORD).is_err());
    world.update(&world.contoso, world.contoso.bob, |entry| {
        let changed = entry.get(Attr::LAST_PASSWORD_CHANGE_DATE_TIME);
        assert_eq!(changed, Some(&Value::Time(now)));
    });
    // The session has begun, and the next application asks for nothing.
    visitor.go(&plain(&world)).await;
    visitor.left_with(LOOPBACK);
}

#[tokio::test]
async fn a_device_is_confirmed_after_a_new_password() {
    let world = world();
    let fields = [
        ("client_id", POWERSHELL),
        ("scope", "User.Read offline_access"),
    ];
    let device = world
        .post("/contoso.example/oauth2/v2.0/devicecode", &fields)
        .await;
    let mut visitor = Visitor::open(&world, "/devicelogin").await;
    visitor
        .submit(&[("user_code", &device.text("user_code"))])
        .await;
    visitor.sign_in(BOB).await;
    assert_asked(&visitor.page);
    choose(&mut visitor, "simple", "simple").await;
    assert_asked(&visitor.page);
    choose(&mut visitor, CHOSEN, CHOSEN).await;
    visitor.accept().await;
    assert!(
        visitor.page.body.contains("You are signed in"),
        "{}",
        visitor.page.body
    );
    let device_code = device.text("device_code");
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", POWERSHELL),
        ("device_code", &device_code),
    ];
    let tokens = world.token(&world.contoso, &fields).await;
    tokens.text("refresh_token");
}

#[tokio::test]
async fn an_administrator_chooses_before_consenting() {
    let world = World::new();
    let tenant = &world.contoso;
    world.write(|tx| {
        passwords::set_to_be_changed(tx, tenant.id, tenant.ada, true)?;
        Ok(())
    });
    let path = format!(
        "/{}/v2.0/adminconsent?client_id={POWERSHELL}&redirect_uri=http://localhost&scope=User.Read",
        tenant.id
    );
    let mut visitor = Visitor::open(&world, &path).await;
    visitor.sign_in("ada@contoso.example").await;
    assert_asked(&visitor.page);
    choose(&mut visitor, CHOSEN, CHOSEN).await;
    visitor.accept().await;
    assert_eq!(
        visitor.left_with("http://localhost")["admin_consent"],
        "True"
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_new_password_is_told() {
    let world = world();
    let mut visitor = before_the_page(&world, &plain(&world)).await;
    for (first, second, told) in [
        (CHOSEN, "Another-Horse-3", "are not the same"),
        (CHOSEN, "", "are not the same"),
        ("", "", "too simple or too long"),
        ("abcdefgh1", "abcdefgh1", "too simple or too long"),
        (PASSWORD, PASSWORD, "with which you just signed in"),
    ] {
        choose(&mut visitor, first, second).await;
        assert_asked(&visitor.page);
        assert_eq!(visitor.page.status, 400, "{told}");
        assert!(visitor.page.body.contains("role=\"alert\""));
        assert!(visitor.page.body.contains(told), "{}", visitor.page.body);
        for chosen in [first, second].into_iter().filter(|it| !it.is_empty()) {
            assert!(!visitor.page.body.contains(chosen), "{}", visitor.page.body);
        }
    }
    assert!(!sign_in(&world, PASSWORD));
    choose(&mut visitor, CHOSEN, CHOSEN).await;
    visitor.left_with(LOOPBACK);
}

#[tokio::test]
async fn a_step_is_good_once() {
    let world = world();
    let mut visitor = before_the_page(&world, &plain(&world)).await;
    let mut fields = visitor.hidden_fields();
    choose(&mut visitor, CHOSEN, CHOSEN).await;
    visitor.left_with(LOOPBACK);
    // The session has begun: the form of before does not hold its seal.
    let before = fields.clone();
    replay(&mut visitor, &before).await;
    assert!(
        visitor.page.body.contains("<h1>Sign in</h1>"),
        "{}",
        visitor.page.body
    );
    // Not with a seal of now either.
    visitor
        .go(&address(
            &world.contoso.id.to_string(),
            &[("prompt", "login")],
        ))
        .await;
    fields.retain(|(name, _)| name != "seal");
    fields.extend(visitor.hidden_fields());
    replay(&mut visitor, &fields).await;
    assert_over(&visitor.page);
    assert!(sign_in(&world, CHOSEN));
}

/// Sends what another page carried, with a password of the sender's choice.
async fn replay(visitor: &mut Visitor<'_>, fields: &[(String, String)]) {
    let hidden = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let chosen = [
        ("new_password", "Stolen-Horse-3"),
        ("new_password_again", "Stolen-Horse-3"),
    ];
    let all: Vec<_> = hidden.chain(chosen).collect();
    visitor.send(&all).await;
}

fn step_of(visitor: &Visitor<'_>) -> (String, String) {
    let mut fields = visitor.hidden_fields().into_iter();
    fields.find(|(name, _)| name == "password_step").unwrap()
}

#[tokio::test]
async fn a_step_is_of_one_browser() {
    let world = world();
    let victim = before_the_page(&world, &plain(&world)).await;
    let mut thief = Visitor::open(&world, &plain(&world)).await;
    let mut fields = thief.hidden_fields();
    fields.push(step_of(&victim));
    replay(&mut thief, &fields).await;
    assert_over(&thief.page);
    // Without any seal it is not looked at.
    let fields = [step_of(&victim)];
    replay(&mut thief, &fields).await;
    assert!(thief.page.body.contains("<h1>Sign in</h1>"));
    assert!(!sign_in(&world, "Stolen-Horse-3"));
}

#[tokio::test]
async fn a_step_is_of_one_user_in_one_tenant() {
    let world = world();
    to_be_changed(&world, &world.fabrikam, true);
    let mut visitor = before_the_page(&world, &plain(&world)).await;
    let (_, step) = step_of(&visitor);
    let (_, secret) = step.split_once('.').unwrap();
    let fabrikam = world.fabrikam.id;
    let forged = [
        format!("{fabrikam}.{secret}"),
        format!("{}.{secret}", uuid_of_nobody()),
        format!("{}.", world.contoso.id),
        "made-up".to_owned(),
    ];
    for forged in forged {
        let mut fields = visitor.hidden_fields();
        fields.retain(|(name, _)| name != "password_step");
        fields.push(("password_step".to_owned(), forged));
        replay(&mut visitor, &fields).await;
        assert_over(&visitor.page);
    }
    // At the address of another tenant it is not good either.
    let mut visitor = before_the_page(&world, &plain(&world)).await;
    let fields = visitor.hidden_fields();
    visitor.go(&address(&fabrikam.to_string(), &[])).await;
    replay(&mut visitor, &fields).await;
    assert_over(&visitor.page);
    let theirs = "bob@fabrikam.example";
    let right = world
        .access
        .check_password(None, None, theirs, PASSWORD)
        .unwrap();
    assert!(right.to_be_changed);
}

fn uuid_of_nobody() -> &'static str {
    "00000000-0000-0000-0000-0000000000ff"
}

#[tokio::test]
async fn a_step_ends_after_ten_minutes() {
    let world = world();
    let mut visitor = before_the_page(&world, &plain(&world)).await;
    world.clock.advance_seconds(600);
    choose(&mut visitor, CHOSEN, CHOSEN).await;
    assert_over(&visitor.page);
    assert!(!sign_in(&world, CHOSEN));
    let mut visitor = before_the_page(&world, &plain(&world)).await;
    world.clock.advance_seconds(599);
    choose(&mut visitor, CHOSEN, CHOSEN).await;
    visitor.left_with(LOOPBACK);
}

#[tokio::test]
async fn a_step_ends_after_ten_tries() {
    let world = world();
    let mut visitor = before_the_page(&world, &plain(&world)).await;
    for _ in 0..10 {
        choose(&mut visitor, CHOSEN, "another").await;
        assert_asked(&visitor.page);
    }
    choose(&mut visitor, CHOSEN, CHOSEN).await;
    assert_over(&visitor.page);
    visitor.sign_in(BOB).await;
    choose(&mut visitor, CHOSEN, CHOSEN).await;
    visitor.left_with(LOOPBACK);
}

#[tokio::test]
async fn a_step_ends_when_an_administrator_changes_something() {
    let reset = |world: &World| {
        let hashed = world.access.hash_password(None, "Reset-Horse-4").unwrap();
        let tenant = &world.contoso;
        let hashed = hashed.to_be_changed(true);
        world.write(|tx| {
            Ok(passwords::set(
                tx,
                tenant.id,
                tenant.bob,
                &hashed,
                world.clock.as_ref(),
            )?)
        });
    };
    let disable = |world: &World| {
        world.update(&world.contoso, world.contoso.bob, |entry| {
            entry.attrs.set(Attr::ACCOUNT_ENABLED, false);
        });
    };
    let take_back = |world: &World| to_be_changed(world, &world.contoso, false);
    let revoke = |world: &World| {
        world.clock.advance_seconds(1);
        let now = world.clock.now();
        world.update(&world.contoso, world.contoso.bob, |entry| {
            let moment = Attr::SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME;
            entry.attrs.set(moment, Value::Time(now));
        });
    };
    let changes: [&dyn Fn(&World); 4] = [&reset, &disable, &take_back, &revoke];
    for change in changes {
        let world = world();
        let mut visitor = before_the_page(&world, &plain(&world)).await;
        change(&world);
        choose(&mut visitor, CHOSEN, CHOSEN).await;
        assert_over(&visitor.page);
        assert!(!sign_in(&world, CHOSEN));
    }
}

#[tokio::test]
async fn what_was_begun_with_the_old_password_ends() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    let mut elsewhere = Visitor::open(&world, &plain(&world)).await;
    elsewhere.sign_in(BOB).await;
    let code = elsewhere.left_with(LOOPBACK).remove("code").unwrap();
    let tokens = redeem(&world, &code).await;
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", POWERSHELL),
        ("refresh_token", &refresh),
    ];
    elsewhere.go(&plain(&world)).await;
    let late = elsewhere.left_with(LOOPBACK).remove("code").unwrap();

    to_be_changed(&world, &world.contoso, true);
    let refused = world.token(&world.contoso, &fields).await;
    refused.assert_refused("invalid_grant", 50173);
    redeem(&world, &late)
        .await
        .assert_refused("invalid_grant", 50173);
    elsewhere.go(&plain(&world)).await;
    assert!(elsewhere.page.body.contains("<h1>Sign in</h1>"));
    let silently = address(&world.contoso.id.to_string(), &[("prompt", "none")]);
    elsewhere.go(&silently).await;
    assert_eq!(elsewhere.left_with(LOOPBACK)["error"], "login_required");

    let mut visitor = before_the_page(&world, &plain(&world)).await;
    authenticate(&world, &access).unwrap();
    world.clock.advance_seconds(60);
    choose(&mut visitor, CHOSEN, CHOSEN).await;
    visitor.left_with(LOOPBACK);
    let ended = authenticate(&world, &access).unwrap_err();
    assert_eq!(ended.kind, ProblemKind::SessionRevoked);
    let refused = world.token(&world.contoso, &fields).await;
    refused.assert_refused("invalid_grant", 50173);
    elsewhere.go(&plain(&world)).await;
    assert!(elsewhere.page.body.contains("<h1>Sign in</h1>"));
}

/// The clocks of two nodes disagree, or one was set back: what begins with the new password is not over with the old
/// one, neither now nor at any refresh.
#[tokio::test]
async fn a_reset_by_a_clock_that_is_ahead_does_not_end_what_begins_after_it() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    world.clock.advance_seconds(3600);
    let hashed = world.access.hash_password(None, PASSWORD).unwrap();
    let (tenant, now) = (&world.contoso, world.clock.now());
    world.write(|tx| {
        Ok(passwords::set(
            tx,
            tenant.id,
            tenant.bob,
            &hashed,
            world.clock.as_ref(),
        )?)
    });
    world.update(tenant, tenant.bob, |entry| {
        let moment = Attr::SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME;
        entry.attrs.set(moment, Value::Time(now.plus_seconds(1)));
    });
    world.clock.advance_seconds(-600);

    let mut visitor = Visitor::open(&world, &plain(&world)).await;
    visitor.sign_in(BOB).await;
    let code = visitor.left_with(LOOPBACK).remove("code").unwrap();
    let tokens = redeem(&world, &code).await;
    authenticate(&world, &tokens.text("access_token")).unwrap();
    let refresh = tokens.text("refresh_token");
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", POWERSHELL),
        ("refresh_token", &refresh),
    ];
    let refreshed = world.token(tenant, &fields).await;
    authenticate(&world, &refreshed.text("access_token")).unwrap();
    // The browser is signed in, too.
    visitor.go(&plain(&world)).await;
    visitor.left_with(LOOPBACK);

    // Who has to choose another is not sent back to the beginning either.
    to_be_changed(&world, tenant, true);
    let mut visitor = before_the_page(&world, &plain(&world)).await;
    choose(&mut visitor, CHOSEN, CHOSEN).await;
    let code = visitor.left_with(LOOPBACK).remove("code").unwrap();
    let token = redeem(&world, &code).await.text("access_token");
    authenticate(&world, &token).unwrap();
}

/// What is refused for the password gives nothing that is refused again: else clients ask for it for ever.
#[tokio::test]
async fn a_refresh_token_ends_by_the_moment_by_which_its_access_tokens_do() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    let mut visitor = Visitor::open(&world, &plain(&world)).await;
    visitor.sign_in(BOB).await;
    let code = visitor.left_with(LOOPBACK).remove("code").unwrap();
    let tokens = redeem(&world, &code).await;
    // As a version left it that dated a sign-in by its own clock alone.
    let later = world.clock.now().plus_seconds(1);
    world.update(&world.contoso, world.contoso.bob, |entry| {
        let moment = Attr::LAST_PASSWORD_CHANGE_DATE_TIME;
        entry.attrs.set(moment, Value::Time(later));
    });
    authenticate(&world, &tokens.text("access_token")).unwrap_err();
    let refresh = tokens.text("refresh_token");
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", POWERSHELL),
        ("refresh_token", &refresh),
    ];
    let refused = world.token(&world.contoso, &fields).await;
    refused.assert_refused("invalid_grant", 50173);
    visitor.go(&plain(&world)).await;
    assert!(visitor.page.body.contains("<h1>Sign in</h1>"));
}

/// Whoever had the old password may have a code still, or have confirmed a device.
#[tokio::test]
async fn codes_end_with_the_password_that_they_were_given_for() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    let fields = [
        ("client_id", POWERSHELL),
        ("scope", "User.Read offline_access"),
    ];
    let device = world
        .post("/contoso.example/oauth2/v2.0/devicecode", &fields)
        .await;
    let mut visitor = Visitor::open(&world, "/devicelogin").await;
    visitor
        .submit(&[("user_code", &device.text("user_code"))])
        .await;
    visitor.sign_in(BOB).await;
    visitor.accept().await;
    visitor.go(&plain(&world)).await;
    let code = visitor.left_with(LOOPBACK).remove("code").unwrap();

    let hashed = world.access.hash_password(None, CHOSEN).unwrap();
    let tenant = &world.contoso;
    world.write(|tx| {
        Ok(passwords::set(
            tx,
            tenant.id,
            tenant.bob,
            &hashed,
            world.clock.as_ref(),
        )?)
    });
    redeem(&world, &code)
        .await
        .assert_refused("invalid_grant", 50173);
    let device_code = device.text("device_code");
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", POWERSHELL),
        ("device_code", &device_code),
    ];
    let refused = world.token(tenant, &fields).await;
    refused.assert_refused("invalid_grant", 50173);
}

#[tokio::test]
async fn a_wrong_password_does_not_tell_that_it_is_to_be_changed() {
    let world = world();
    let mut visitor = Visitor::open(&world, &plain(&world)).await;
    let fields = [("username", BOB), ("password", "wrong")];
    visitor.submit(&fields).await;
    assert_eq!(visitor.page.status, 401);
    let page = &visitor.page.body;
    assert!(page.contains("invalid username or password") && !page.contains("Choose"));
}

#[tokio::test]
async fn who_gets_no_place_to_hash_a_new_password_at_is_told_when_to_come_back() {
    let world = World::with_one_password_at_once(Duration::ZERO);
    world.consent(&world.contoso, &["User.Read"]);
    to_be_changed(&world, &world.contoso, true);
    let mut visitor = before_the_page(&world, &plain(&world)).await;
    let held = world.access.hashing().place(PasswordWork::Set, None);
    choose(&mut visitor, CHOSEN, CHOSEN).await;
    assert_asked(&visitor.page);
    let told = (visitor.page.status, visitor.page.header("retry-after"));
    assert_eq!(told, (503, "5"), "{}", visitor.page.body);
    drop(held);
    choose(&mut visitor, CHOSEN, CHOSEN).await;
    visitor.left_with(LOOPBACK);
}

#[tokio::test]
async fn anybody_changes_a_password_at_the_page_for_that() {
    let world = world();
    for (asked, present, next) in [(true, PASSWORD, CHOSEN), (false, CHOSEN, "Third-Horse-3")] {
        assert_eq!(sign_in(&world, present), !asked);
        let mut visitor = Visitor::open(&world, "/changepassword").await;
        let fields = [("username", BOB), ("password", present)];
        visitor.submit(&fields).await;
        assert_asked(&visitor.page);
        choose(&mut visitor, next, next).await;
        assert!(
            visitor.page.body.contains("Your password is changed"),
            "{}",
            visitor.page.body
        );
        assert!(sign_in(&world, next));
        visitor.go(&plain(&world)).await;
        assert!(visitor.page.body.contains("<h1>Sign in</h1>"));
    }
    // A session does not stand for the password.
    let mut visitor = Visitor::open(&world, &plain(&world)).await;
    let fields = [("username", BOB), ("password", "Third-Horse-3")];
    visitor.submit(&fields).await;
    visitor.left_with(LOOPBACK);
    visitor.go("/changepassword").await;
    assert!(visitor.page.body.contains("<h1>Sign in</h1>"));
}

#[tokio::test]
async fn a_sign_in_without_a_page_says_where_to_change_it() {
    let world = world();
    let refused = world.access.sign_in(None, None, BOB, PASSWORD);
    let said = refused.unwrap_err().description();
    assert!(
        said.starts_with("AADSTS50055: ") && said.contains("https://localhost:8443/changepassword"),
        "{said}"
    );
    let page = world.get("/error?code=50055").await;
    assert!(page.body.contains("has to be changed"), "{}", page.body);
}
