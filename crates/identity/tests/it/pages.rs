use crate::authorization_code::address;
use crate::visitor::Visitor;
use crate::world::World;

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
