use std::time::Duration;

use syncline_access::{PasswordLimits, PasswordWork, Peer};
use syncline_identity::Settings;
use syncline_testkit::until_in_task;

use crate::authorization_code::{LOOPBACK, address};
use crate::visitor::Visitor;
use crate::world::{POWERSHELL, Reply, World};

#[tokio::test]
async fn a_page_runs_nothing_and_can_not_be_framed() {
    let world = World::new();
    let page = world
        .get(&address(&world.contoso.id.to_string(), &[]))
        .await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "style-src 'sha256-",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"));
    assert!(!page.body.contains("<script") && !page.body.contains(" style="));
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "no-store");
    for label in [
        "<label for=\"username\">",
        "<label for=\"password\">",
        "<html lang=\"en\">",
        "autocomplete=\"current-password\"",
    ] {
        assert!(page.body.contains(label), "{label}");
    }
}

#[tokio::test]
async fn the_address_in_an_error_explains_it() {
    let world = World::new();
    let page = world.get("/error?code=7000215").await;
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("AADSTS7000215") && page.body.contains("The client secret is wrong")
    );
    for unknown in ["/error", "/error?code=1", "/error?code=%3Cscript%3E"] {
        let page = world.get(unknown).await;
        assert_eq!(page.status, 404, "{unknown}");
        assert!(!page.body.contains("<script"));
    }
}

#[tokio::test]
async fn what_a_stranger_writes_is_text() {
    let world = World::new();
    let id = world.contoso.id.to_string();
    let page = world
        .get(&address(
            &id,
            &[("login_hint", "\"><script>alert(1)</script>")],
        ))
        .await;
    assert!(
        page.body.contains("&quot;&gt;&lt;script&gt;"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("<script>"));
    let page = world
        .get(&address(&id, &[("redirect_uri", "https://x/<script>")]))
        .await;
    assert!(!page.body.contains("<script>"));
    let page = world.get("/%3Cscript%3E/oauth2/v2.0/authorize").await;
    assert!(!page.body.contains("<script>"));
}

#[tokio::test]
async fn a_wrong_password_says_so_and_ten_lock_the_account() {
    let world = World::new();
    let mut visitor = Visitor::open(&world, &address(&world.contoso.id.to_string(), &[])).await;
    for _ in 0..10 {
        visitor
            .submit(&[("username", "bob@contoso.example"), ("password", "wrong")])
            .await;
        assert_eq!(visitor.page.status, 401);
        assert!(
            visitor.page.body.contains("role=\"alert\""),
            "{}",
            visitor.page.body
        );
        assert!(visitor.page.body.contains("invalid username or password"));
        assert!(
            visitor.page.body.contains("value=\"bob@contoso.example\""),
            "the name need not be typed again"
        );
    }
    visitor.sign_in("bob@contoso.example").await;
    assert!(
        visitor.page.body.contains("locked"),
        "{}",
        visitor.page.body
    );
}

fn assert_told_to_come_back(page: &Reply, status: u16) {
    let told = (page.status, page.header("retry-after"));
    assert_eq!(told, (status, "5"), "{}", page.body);
}

#[tokio::test]
async fn who_gets_no_place_to_check_a_password_at_is_told_when_to_come_back() {
    let world = World::with_one_password_at_once(Duration::ZERO);
    world.consent(&world.contoso, &["User.Read"]);
    let id = world.contoso.id.to_string();
    for path in [
        address(&id, &[]),
        format!(
            "/{id}/v2.0/adminconsent?client_id={POWERSHELL}&redirect_uri=http://localhost&scope=User.Read"
        ),
    ] {
        let mut visitor = Visitor::open(&world, &path).await;
        let held = world.access.hashing().place(PasswordWork::Set, None);
        for name in ["bob@contoso.example", "nobody@contoso.example"] {
            visitor.sign_in(name).await;
            let page = &visitor.page;
            assert_told_to_come_back(page, 503);
            let shown = [
                "role=\"alert\"",
                "Try again in 5 seconds",
                &format!("value=\"{name}\""),
            ];
            for part in shown {
                assert!(page.body.contains(part), "{part}: {}", page.body);
            }
        }
        drop(held);
        visitor.sign_in("bob@contoso.example").await;
        assert_ne!(visitor.page.status, 503, "{}", visitor.page.body);
        assert!(!visitor.page.body.contains("name=\"password\""));
    }
}

#[tokio::test]
async fn a_sign_in_waits_for_its_place() {
    let world = World::with_one_password_at_once(Duration::from_secs(3600));
    world.consent(&world.contoso, &["User.Read"]);
    let mut visitor = Visitor::open(&world, &address(&world.contoso.id.to_string(), &[])).await;
    let hashing = world.access.hashing();
    let held = hashing.place(PasswordWork::Set, None).unwrap();
    let release = async {
        until_in_task("the visitor waits", || hashing.waiting() > 0).await;
        drop(held);
    };
    tokio::join!(visitor.sign_in("bob@contoso.example"), release);
    visitor.left_with(LOOPBACK);
}

/// Whoever has an address keeps waiting those who have the same, whichever tenant's names he makes up.
#[tokio::test]
async fn a_flood_of_sign_ins_from_one_network_lets_the_others_in() {
    let limits = PasswordLimits {
        at_once: 1,
        sign_ins_of_network: 1,
        patience: Duration::from_secs(3600),
        ..PasswordLimits::default()
    };
    let world = World::limited(Settings::default(), limits);
    world.consent(&world.contoso, &["User.Read"]);
    let path = address(&world.contoso.id.to_string(), &[]);
    let arrive = async |from: &str| {
        let mut visitor = Visitor::open(&world, &path).await;
        visitor.from = Some(Peer(from.parse().unwrap()));
        visitor
    };
    let mut first = arrive("192.0.2.1").await;
    let mut same = arrive("192.0.2.1").await;
    let mut other = arrive("192.0.2.2").await;
    let hashing = world.access.hashing();
    let held = hashing.place(PasswordWork::Set, None).unwrap();
    let waiting = async |wanted| {
        until_in_task("so many wait", || hashing.waiting() >= wanted).await;
    };
    let meanwhile = async {
        waiting(1).await;
        same.sign_in("nobody@fabrikam.example").await;
        assert_told_to_come_back(&same.page, 429);
        let shown = "too many people sign in from your network right now";
        assert!(same.page.body.contains(shown), "{}", same.page.body);
        let release = async {
            waiting(2).await;
            drop(held);
        };
        tokio::join!(other.sign_in("bob@contoso.example"), release);
    };
    tokio::join!(first.sign_in("bob@contoso.example"), meanwhile);
    first.left_with(LOOPBACK);
    other.left_with(LOOPBACK);
    same.sign_in("bob@contoso.example").await;
    same.left_with(LOOPBACK);
}

#[tokio::test]
async fn a_password_without_our_seal_is_not_looked_at() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    let path = address(&world.contoso.id.to_string(), &[]);
    let fields = [
        ("username", "bob@contoso.example"),
        ("password", crate::world::PASSWORD),
        ("seal", "made-up"),
    ];
    let reply = world.post(&path, &fields).await;
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains("name=\"password\""));
    assert!(!reply.header("set-cookie").contains("session"));
}
