use syncline_access::{DirectoryRole, grants, roles};
use syncline_testkit::CountedIds;

use crate::authorization_code::address;
use crate::visitor::Visitor;
use crate::world::World;

const LOOPBACK: &str = "http://localhost:51234";

fn wide(world: &World) -> String {
    address(
        &world.contoso.id.to_string(),
        &[("scope", "openid Policy.Read.All Directory.ReadWrite.All")],
    )
}

#[tokio::test]
async fn a_user_without_a_role_needs_an_administrator_first() {
    let world = World::new();
    let mut visitor = Visitor::open(&world, &wide(&world)).await;
    visitor.sign_in("bob@contoso.example").await;
    assert_eq!(visitor.page.status, 403);
    for words in [
        "Need admin approval",
        "AADSTS90094",
        "Policy.Read.All",
        "interaction_required",
    ] {
        assert!(
            visitor.page.body.contains(words),
            "{words}: {}",
            visitor.page.body
        );
    }
    visitor.go(&format!("{}&prompt=none", wide(&world))).await;
    let left = visitor.left_with(LOOPBACK);
    assert_eq!(left["error"], "interaction_required");
    assert!(left["error_description"].starts_with("AADSTS65001"));

    // The administrator agrees for everybody.
    let mut admin = Visitor::open(&world, &wide(&world)).await;
    admin.sign_in("ada@contoso.example").await;
    assert!(
        admin
            .page
            .body
            .contains("Consent on behalf of your organization")
    );
    admin
        .submit(&[("consent", "accept"), ("for_all", "on")])
        .await;
    assert!(admin.left_with(LOOPBACK).contains_key("code"));

    visitor.go(&wide(&world)).await;
    assert!(visitor.left_with(LOOPBACK).contains_key("code"));
}

#[tokio::test]
async fn an_administrators_own_consent_is_for_nobody_else() {
    let world = World::new();
    let mut admin = Visitor::open(&world, &wide(&world)).await;
    admin.sign_in("ada@contoso.example").await;
    admin.accept().await;
    assert!(admin.left_with(LOOPBACK).contains_key("code"));
    let listed = world
        .store
        .read(|reader| grants::list(reader, world.contoso.id, None, 10))
        .unwrap();
    assert_eq!(listed[0].principal, Some(world.contoso.ada));
    let mut visitor = Visitor::open(&world, &wide(&world)).await;
    visitor.sign_in("bob@contoso.example").await;
    assert_eq!(visitor.page.status, 403);
}

#[tokio::test]
async fn a_user_may_agree_to_what_concerns_only_himself() {
    let world = World::new();
    let narrow = address(&world.contoso.id.to_string(), &[]);
    let mut visitor = Visitor::open(&world, &narrow).await;
    visitor.sign_in("bob@contoso.example").await;
    assert!(visitor.page.body.contains("User.Read"));
    assert!(!visitor.page.body.contains("on behalf of your organization"));
    // The field is not on his page; sending it helps nothing.
    visitor
        .submit(&[("consent", "accept"), ("for_all", "on")])
        .await;
    visitor.left_with(LOOPBACK);
    let listed = world
        .store
        .read(|reader| grants::list(reader, world.contoso.id, None, 10))
        .unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].principal, Some(world.contoso.bob));
    // Asked once, unless the client wants it asked again.
    visitor.go(&narrow).await;
    visitor.left_with(LOOPBACK);
    visitor.go(&format!("{narrow}&prompt=consent")).await;
    assert!(visitor.page.body.contains("User.Read"));
    visitor.accept().await;
    visitor.left_with(LOOPBACK);
}

#[tokio::test]
async fn declining_goes_back_to_the_client() {
    let world = World::new();
    let mut visitor = Visitor::open(&world, &address(&world.contoso.id.to_string(), &[])).await;
    visitor.sign_in("bob@contoso.example").await;
    visitor.submit(&[("consent", "decline")]).await;
    let left = visitor.left_with(LOOPBACK);
    assert_eq!(left["error"], "access_denied");
    assert_eq!(left["state"], "s-1");
    assert!(
        world
            .store
            .read(|reader| grants::list(reader, world.contoso.id, None, 10))
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_form_that_is_not_ours_agrees_to_nothing() {
    let world = World::new();
    let path = address(&world.contoso.id.to_string(), &[]);
    let mut visitor = Visitor::open(&world, &path).await;
    visitor.sign_in("bob@contoso.example").await;
    let none = [("consent", "accept")];
    let made_up = [("consent", "accept"), ("seal", "made-up")];
    for forged in [none.as_slice(), made_up.as_slice()] {
        visitor.send(forged).await;
        assert_eq!(visitor.page.status, 200);
        assert!(visitor.page.body.contains("Permissions requested"));
        let granted = world
            .store
            .read(|reader| grants::list(reader, world.contoso.id, None, 10));
        assert!(granted.unwrap().is_empty());
    }
    visitor.accept().await;
    visitor.left_with(LOOPBACK);
}

/// Whoever had a page before keeps its form: it speaks for him and not for who signs in after him.
#[tokio::test]
async fn a_form_of_an_earlier_session_of_the_browser_agrees_to_nothing() {
    let world = World::new();
    let tenant = world.contoso.id.to_string();
    let mut visitor = Visitor::open(&world, &address(&tenant, &[])).await;
    visitor.sign_in("bob@contoso.example").await;
    assert!(visitor.page.body.contains("Permissions requested"));
    let of_bob = visitor.hidden_fields();
    visitor.go(&address(&tenant, &[("prompt", "login")])).await;
    visitor.sign_in("ada@contoso.example").await;
    assert!(visitor.page.body.contains("Permissions requested"));
    let mut fields: Vec<(&str, &str)> = of_bob
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    fields.push(("consent", "accept"));
    visitor.send(&fields).await;
    assert!(visitor.page.body.contains("Permissions requested"));
    let granted = world
        .store
        .read(|reader| grants::list(reader, world.contoso.id, None, 10));
    assert!(granted.unwrap().is_empty());
    visitor.accept().await;
    visitor.left_with(LOOPBACK);
}

#[tokio::test]
async fn what_was_not_on_the_page_is_asked_for_first() {
    let world = World::new();
    let tenant = &world.contoso;
    crate::admin_consent::declare(&world, &["User.Read"], &[]);
    let path = address(
        &tenant.id.to_string(),
        &[
            ("client_id", tenant.client_id.as_str()),
            ("redirect_uri", crate::world::WEB_REDIRECT),
            ("scope", "https://localhost:8443/.default"),
        ],
    );
    let mut visitor = Visitor::open(&world, &path).await;
    visitor.sign_in("ada@contoso.example").await;
    // While the page is open, the application asks for more.
    crate::admin_consent::declare(&world, &["User.Read", "Policy.Read.All"], &[]);
    let granted = || {
        let listed = world
            .store
            .read(|reader| grants::list(reader, tenant.id, None, 10));
        let mut scopes = listed.unwrap().remove(0).scopes;
        scopes.sort();
        scopes
    };
    visitor.accept().await;
    assert_eq!(visitor.page.status, 200, "{}", visitor.page.body);
    assert!(visitor.page.body.contains("<li>Policy.Read.All</li>"));
    assert_eq!(granted(), ["User.Read"]);
    visitor.accept().await;
    visitor.left_with(crate::world::WEB_REDIRECT);
    assert_eq!(granted(), ["Policy.Read.All", "User.Read"]);
}

#[tokio::test]
async fn a_cloud_application_administrator_may_agree_for_all() {
    let world = World::new();
    world.write(|tx| {
        let ids = CountedIds::new();
        roles::grant(
            tx,
            world.contoso.id,
            &ids,
            world.contoso.bob,
            DirectoryRole::CloudApplicationAdministrator,
        )?;
        Ok(())
    });
    let mut visitor = Visitor::open(&world, &wide(&world)).await;
    visitor.sign_in("bob@contoso.example").await;
    visitor
        .submit(&[("consent", "accept"), ("for_all", "on")])
        .await;
    visitor.left_with(LOOPBACK);
    let listed = world
        .store
        .read(|reader| grants::list(reader, world.contoso.id, None, 10))
        .unwrap();
    assert_eq!(listed[0].principal, None);
}

/// The codes of all administrators would go where somebody less powerful leads them.
#[tokio::test]
async fn what_makes_an_application_powerful_is_agreed_to_for_all_by_who_may_hand_it_out() {
    let world = World::new();
    let grant = |role| {
        world.write(|tx| {
            let (tenant, bob) = (world.contoso.id, world.contoso.bob);
            roles::grant(tx, tenant, &CountedIds::new(), bob, role)?;
            Ok(())
        });
    };
    let listed = || {
        let listed = world
            .store
            .read(|reader| grants::list(reader, world.contoso.id, None, 10));
        listed.unwrap()
    };
    grant(DirectoryRole::ApplicationAdministrator);
    let path = address(
        &world.contoso.id.to_string(),
        &[(
            "scope",
            "openid User.Read RoleManagement.ReadWrite.Directory",
        )],
    );
    let mut visitor = Visitor::open(&world, &path).await;
    visitor.sign_in("bob@contoso.example").await;
    assert!(!visitor.page.body.contains("on behalf of your organization"));
    // The field is not on the page; sending it makes it no consent for all.
    visitor
        .submit(&[("consent", "accept"), ("for_all", "on")])
        .await;
    visitor.left_with(LOOPBACK);
    let own = listed();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].principal, Some(world.contoso.bob));

    let mut admin = Visitor::open(&world, &path).await;
    admin.sign_in("ada@contoso.example").await;
    let body = &admin.page.body;
    assert!(body.contains("on behalf of your organization"), "{body}");
    admin
        .submit(&[("consent", "accept"), ("for_all", "on")])
        .await;
    admin.left_with(LOOPBACK);
    assert!(listed().iter().any(|it| it.principal.is_none()));
}
