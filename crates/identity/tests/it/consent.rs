use syncline_access::grants::{self, Grant};
use syncline_access::{DirectoryRole, roles};
use syncline_model::ObjectId;
use syncline_testkit::CountedIds;

use crate::admin_consent::declare;
use crate::authorization_code::{VERIFIER, address};
use crate::visitor::Visitor;
use crate::world::{Reply, WEB_REDIRECT, World, claims};

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

/// An authorization request of Contoso's own application for all that it was granted.
fn everything(world: &World, changed: &[(&str, &str)]) -> String {
    let tenant = &world.contoso;
    let mut fields = vec![
        ("client_id", tenant.client_id.as_str()),
        ("redirect_uri", WEB_REDIRECT),
        (
            "scope",
            "openid offline_access https://localhost:8443/.default",
        ),
    ];
    fields.extend(changed);
    address(&tenant.id.to_string(), &fields)
}

/// Grants to Contoso's own application: for everybody, or for one user.
fn grant(world: &World, principal: Option<ObjectId>, scopes: &[&str]) {
    let tenant = &world.contoso;
    let scopes: Vec<String> = scopes.iter().map(|it| (*it).to_owned()).collect();
    world.write(|tx| {
        let client = tenant.service_principal;
        grants::grant(tx, tenant.id, client, tenant.graph, principal, &scopes)?;
        Ok(())
    });
}

fn granted(world: &World) -> Vec<Grant> {
    let listed = world
        .store
        .read(|reader| grants::list(reader, world.contoso.id, None, 10));
    listed.unwrap()
}

/// Asks the token endpoint as Contoso's own application.
async fn token(world: &World, fields: &[(&str, &str)]) -> Reply {
    let tenant = &world.contoso;
    let mut all = vec![
        ("client_id", tenant.client_id.as_str()),
        ("client_secret", tenant.client_secret.as_str()),
    ];
    all.extend(fields);
    world.token(tenant, &all).await
}

/// Redeems the code with which somebody came back to Contoso's own application.
async fn redeemed(world: &World, visitor: &Visitor<'_>) -> Reply {
    let code = visitor.left_with(WEB_REDIRECT).remove("code").unwrap();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", WEB_REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    token(world, &fields).await
}

/// A developer who adds a permission locks nobody out.
#[tokio::test]
async fn an_application_that_declares_more_goes_on_with_what_it_was_granted() {
    let world = World::new();
    grant(&world, None, &["User.Read"]);
    declare(&world, &["User.Read"], &[]);
    let mut visitor = Visitor::open(&world, &everything(&world, &[])).await;
    visitor.sign_in("bob@contoso.example").await;
    let refresh_token = redeemed(&world, &visitor).await.text("refresh_token");

    declare(&world, &["User.Read", "Group.Read.All"], &[]);
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
    ];
    let refreshed = token(&world, &fields).await.text("access_token");
    assert_eq!(claims(&refreshed)["scp"], "openid User.Read");
    for prompt in ["none", ""] {
        visitor.go(&everything(&world, &[("prompt", prompt)])).await;
        let reply = redeemed(&world, &visitor).await;
        let scp = &claims(&reply.text("access_token"))["scp"];
        assert_eq!(scp, "openid User.Read", "prompt={prompt}");
    }
}

/// Scripts make grants with whatever words and spelling.
#[tokio::test]
async fn a_grant_made_by_hand_gives_a_token_with_each_permission_once_as_graph_spells_it() {
    let world = World::new();
    grant(&world, Some(world.contoso.bob), &["User.Read"]);
    let words = "openid profile offline_access user.read user.read.all";
    let words: Vec<&str> = words.split(' ').collect();
    grant(&world, None, &words);
    let mut visitor = Visitor::open(&world, &everything(&world, &[])).await;
    visitor.sign_in("bob@contoso.example").await;
    let reply = redeemed(&world, &visitor).await;
    let scp = &claims(&reply.text("access_token"))["scp"];
    assert_eq!(scp, "openid User.Read User.Read.All");
}

#[tokio::test]
async fn who_is_asked_anew_is_asked_for_all_that_the_application_declares() {
    let world = World::new();
    grant(&world, None, &["User.Read"]);
    declare(&world, &["User.Read", "Group.Read.All"], &[]);
    let anew = everything(&world, &[("prompt", "consent")]);
    let mut bob = Visitor::open(&world, &anew).await;
    bob.sign_in("bob@contoso.example").await;
    assert_eq!(bob.page.status, 403);
    assert!(bob.page.body.contains("<li>Group.Read.All</li>"));

    let mut ada = Visitor::open(&world, &anew).await;
    ada.sign_in("ada@contoso.example").await;
    for scope in ["User.Read", "Group.Read.All"] {
        let item = format!("<li>{scope}</li>");
        assert!(ada.page.body.contains(&item), "{}", ada.page.body);
    }
    ada.accept().await;
    let reply = redeemed(&world, &ada).await;
    let scp = claims(&reply.text("access_token"))["scp"].clone();
    assert_eq!(scp, "openid User.Read Group.Read.All");
}

#[tokio::test]
async fn without_any_grant_the_page_shows_what_the_application_declares() {
    let world = World::new();
    // These are about the person: no permission of Graph.
    grant(&world, None, &["openid", "profile"]);
    declare(&world, &["User.Read", "Group.Read.All"], &[]);
    let mut visitor = Visitor::open(&world, &everything(&world, &[])).await;
    visitor.sign_in("ada@contoso.example").await;
    for scope in ["User.Read", "Group.Read.All"] {
        let item = format!("<li>{scope}</li>");
        assert!(visitor.page.body.contains(&item), "{}", visitor.page.body);
    }
}

#[tokio::test]
async fn what_was_not_on_the_page_is_asked_for_first() {
    let world = World::new();
    declare(&world, &["User.Read"], &[]);
    let mut visitor = Visitor::open(&world, &everything(&world, &[("prompt", "consent")])).await;
    visitor.sign_in("ada@contoso.example").await;
    // While the page is open, the application asks for more.
    declare(&world, &["User.Read", "Policy.Read.All"], &[]);
    visitor.accept().await;
    assert_eq!(visitor.page.status, 200, "{}", visitor.page.body);
    assert!(visitor.page.body.contains("<li>Policy.Read.All</li>"));
    assert_eq!(granted(&world)[0].scopes, ["User.Read"]);
    visitor.accept().await;
    visitor.left_with(WEB_REDIRECT);
    assert_eq!(granted(&world)[0].scopes, ["User.Read", "Policy.Read.All"]);
}

/// The same where permissions are asked for by name.
#[tokio::test]
async fn what_was_withdrawn_while_the_page_was_open_is_asked_for_first() {
    let world = World::new();
    world.consent(&world.contoso, &["Policy.Read.All"]);
    let mut visitor = Visitor::open(&world, &wide(&world)).await;
    visitor.sign_in("ada@contoso.example").await;
    assert!(!visitor.page.body.contains("<li>Policy.Read.All</li>"));
    let withdrawn = granted(&world).remove(0);
    world.write(|tx| {
        grants::revoke(tx, world.contoso.id, &withdrawn)?;
        Ok(())
    });
    visitor.accept().await;
    assert_eq!(visitor.page.status, 200, "{}", visitor.page.body);
    assert!(visitor.page.body.contains("<li>Policy.Read.All</li>"));
    assert_eq!(granted(&world)[0].scopes, ["Directory.ReadWrite.All"]);
    visitor.accept().await;
    visitor.left_with(LOOPBACK);
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

/// An administrator who agreed for himself first agrees for all when asked anew.
#[tokio::test]
async fn what_an_administrator_holds_alone_is_agreed_to_for_all_by_the_page_that_shows_it() {
    let world = World::new();
    let mut admin = Visitor::open(&world, &wide(&world)).await;
    admin.sign_in("ada@contoso.example").await;
    admin.accept().await;
    admin.left_with(LOOPBACK);

    admin.go(&format!("{}&prompt=consent", wide(&world))).await;
    let body = &admin.page.body;
    assert!(body.contains("on behalf of your organization"), "{body}");
    admin
        .submit(&[("consent", "accept"), ("for_all", "on")])
        .await;
    admin.left_with(LOOPBACK);
    let for_all = granted(&world)
        .into_iter()
        .find(|it| it.principal.is_none())
        .expect("a grant for all");
    assert_eq!(
        for_all.scopes,
        ["Policy.Read.All", "Directory.ReadWrite.All"]
    );
    let mut visitor = Visitor::open(&world, &wide(&world)).await;
    visitor.sign_in("bob@contoso.example").await;
    assert!(visitor.left_with(LOOPBACK).contains_key("code"));
}

#[tokio::test]
async fn what_is_too_powerful_for_all_goes_to_nobody_with_what_was_shown_beside_it() {
    let world = World::new();
    let (tenant, bob) = (&world.contoso, world.contoso.bob);
    world.write(|tx| {
        let role = DirectoryRole::CloudApplicationAdministrator;
        roles::grant(tx, tenant.id, &CountedIds::new(), bob, role)?;
        Ok(())
    });
    grant(
        &world,
        Some(bob),
        &["RoleManagement.ReadWrite.Directory", "User.Read"],
    );
    let anew = everything(&world, &[("prompt", "consent")]);
    let mut visitor = Visitor::open(&world, &anew).await;
    visitor.sign_in("bob@contoso.example").await;
    let body = &visitor.page.body;
    assert!(body.contains("RoleManagement.ReadWrite.Directory"));
    assert!(!body.contains("on behalf of your organization"));
    visitor
        .submit(&[("consent", "accept"), ("for_all", "on")])
        .await;
    visitor.left_with(WEB_REDIRECT);
    let principals: Vec<_> = granted(&world).iter().map(|it| it.principal).collect();
    assert_eq!(principals, [Some(bob)]);
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
