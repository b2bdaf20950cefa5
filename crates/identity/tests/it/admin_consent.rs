use syncline_access::{DirectoryRole, grants, permission_ids, roles};
use syncline_model::{Attr, Value};
use syncline_testkit::CountedIds;

use crate::visitor::Visitor;
use crate::world::{POWERSHELL, WEB_REDIRECT, World, encode};

const SCOPES: &str =
    "https://localhost:8443/Policy.Read.All https://localhost:8443/Directory.ReadWrite.All";

fn v2(world: &World, changed: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("client_id", POWERSHELL),
        ("redirect_uri", "http://localhost"),
        ("state", "asked"),
        ("scope", SCOPES),
    ];
    for (name, value) in changed {
        fields.retain(|(known, _)| known != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    format!(
        "/{}/v2.0/adminconsent?{}",
        world.contoso.id,
        encode(&fields)
    )
}

#[tokio::test]
async fn an_administrator_grants_the_scopes_for_all() {
    let world = World::new();
    let mut visitor = Visitor::open(&world, &v2(&world, &[])).await;
    visitor.sign_in("ada@contoso.example").await;
    assert!(
        visitor.page.body.contains("Policy.Read.All"),
        "{}",
        visitor.page.body
    );
    visitor.accept().await;
    let left = visitor.left_with("http://localhost");
    assert_eq!(left["admin_consent"], "True");
    assert_eq!(left["tenant"], world.contoso.id.to_string());
    assert_eq!(left["state"], "asked");
    assert_eq!(left["scope"], SCOPES);
    let listed = world
        .store
        .read(|reader| grants::list(reader, world.contoso.id, None, 10))
        .unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].principal, listed[0].resource),
        (None, world.contoso.graph)
    );
    assert_eq!(
        listed[0].scopes,
        ["Policy.Read.All", "Directory.ReadWrite.All"]
    );
}

#[tokio::test]
async fn somebody_else_can_not() {
    let world = World::new();
    let mut visitor = Visitor::open(&world, &v2(&world, &[])).await;
    visitor.sign_in("bob@contoso.example").await;
    assert_eq!(visitor.page.status, 403);
    assert!(visitor.page.body.contains("Need admin approval"));
    assert!(visitor.page.body.contains("error=access_denied"));
    assert!(
        world
            .store
            .read(|reader| grants::list(reader, world.contoso.id, None, 10))
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn an_administrator_of_another_tenant_can_not_even_sign_in() {
    let world = World::new();
    let mut visitor = Visitor::open(&world, &v2(&world, &[])).await;
    visitor.sign_in("ada@fabrikam.example").await;
    assert_eq!(visitor.page.status, 401);
}

/// An administrator who is signed in here looks at somebody else's page.
#[tokio::test]
async fn a_form_that_is_not_ours_grants_nothing_for_all() {
    let world = World::new();
    let mut visitor = Visitor::open(&world, &v2(&world, &[])).await;
    visitor.sign_in("ada@contoso.example").await;
    let none = [("consent", "accept")];
    let made_up = [("consent", "accept"), ("seal", "made-up")];
    for forged in [none.as_slice(), made_up.as_slice()] {
        visitor.send(forged).await;
        assert_eq!(visitor.page.status, 200, "asked again");
        let granted = world
            .store
            .read(|reader| grants::list(reader, world.contoso.id, None, 10));
        assert!(granted.unwrap().is_empty());
    }
    visitor.accept().await;
    visitor.left_with("http://localhost");
}

#[tokio::test]
async fn declining_tells_the_client() {
    let world = World::new();
    let mut visitor = Visitor::open(&world, &v2(&world, &[])).await;
    visitor.sign_in("ada@contoso.example").await;
    visitor.submit(&[("consent", "decline")]).await;
    let left = visitor.left_with("http://localhost");
    assert_eq!(
        (left["error"].as_str(), left["state"].as_str()),
        ("access_denied", "asked")
    );
    assert!(left["error_description"].starts_with("AADSTS65004"));
}

/// Contoso's application says that it needs these delegated and application permissions.
pub fn declare(world: &World, scopes: &[&str], roles: &[&str]) {
    let access = |id: Option<uuid::Uuid>, kind: &str| {
        Value::Map(vec![
            ("id".to_owned(), Value::Guid(id.unwrap())),
            ("type".to_owned(), Value::text(kind)),
        ])
    };
    let scopes = scopes
        .iter()
        .map(|name| access(permission_ids::scope_id(name), "Scope"));
    let roles = roles
        .iter()
        .map(|name| access(permission_ids::role_id(name), "Role"));
    let needed = Value::List(scopes.chain(roles).collect());
    let graph = Value::text("00000003-0000-0000-c000-000000000000");
    world.update(&world.contoso, world.contoso.application, |entry| {
        let resource = Value::Map(vec![
            ("resourceAppId".to_owned(), graph.clone()),
            ("resourceAccess".to_owned(), needed.clone()),
        ]);
        entry
            .attrs
            .set(Attr::REQUIRED_RESOURCE_ACCESS, Value::List(vec![resource]));
    });
}

#[tokio::test]
async fn nobody_agrees_to_what_was_not_on_the_page() {
    let world = World::new();
    let tenant = &world.contoso;
    let granted = || {
        let reader = world.store.read(|reader| {
            let roles = reader.assignments_of_principal(tenant.id, tenant.service_principal)?;
            Ok::<_, syncline_store::StoreError>((
                grants::list(reader, tenant.id, None, 10)?.len(),
                roles.len(),
            ))
        });
        reader.unwrap()
    };
    let before = granted();
    declare(&world, &["User.Read"], &[]);
    let query = encode(&[
        ("client_id", tenant.client_id.as_str()),
        ("redirect_uri", WEB_REDIRECT),
    ]);
    let path = format!("/contoso.example/adminconsent?{query}");
    let mut visitor = Visitor::open(&world, &path).await;
    visitor.sign_in("ada@contoso.example").await;
    assert!(!visitor.page.body.contains("Policy.Read.All"));
    // While the administrator reads, the application asks for more.
    declare(
        &world,
        &["User.Read", "Policy.Read.All"],
        &["User.Read.All"],
    );
    visitor.accept().await;
    assert_eq!(visitor.page.status, 200, "{}", visitor.page.body);
    assert!(
        visitor.page.body.contains("<li>Policy.Read.All</li>"),
        "{}",
        visitor.page.body
    );
    assert_eq!(granted(), before);
    visitor.accept().await;
    visitor.left_with(WEB_REDIRECT);
    assert_eq!(granted().0, before.0 + 1);
}

#[tokio::test]
async fn version_one_grants_what_the_application_declares() {
    let world = World::new();
    let tenant = &world.contoso;
    declare(&world, &["User.Read"], &["User.Read.All"]);
    let query = encode(&[
        ("client_id", tenant.client_id.as_str()),
        ("redirect_uri", WEB_REDIRECT),
        ("state", "s"),
    ]);
    let mut visitor =
        Visitor::open(&world, &format!("/contoso.example/adminconsent?{query}")).await;
    visitor.sign_in("ada@contoso.example").await;
    assert!(
        visitor
            .page
            .body
            .contains("User.Read.All (as the application itself)")
    );
    visitor.accept().await;
    assert_eq!(visitor.left_with(WEB_REDIRECT)["admin_consent"], "True");
    let listed = world
        .store
        .read(|reader| grants::list(reader, tenant.id, None, 10))
        .unwrap();
    assert_eq!(
        (listed[0].client, &listed[0].scopes),
        (tenant.service_principal, &vec!["User.Read".to_owned()])
    );
}

#[tokio::test]
async fn mistakes_stay_on_a_page() {
    let world = World::new();
    for (changed, number) in [
        (("redirect_uri", "https://evil.example/"), "AADSTS50011"),
        (
            ("client_id", "11111111-2222-3333-4444-555555555555"),
            "AADSTS700016",
        ),
        (("scope", ""), "AADSTS900144"),
        (("scope", "Mail.Read"), "AADSTS650053"),
    ] {
        let page = world.get(&v2(&world, &[changed])).await;
        assert_eq!(
            (page.status, page.header("location")),
            (400, ""),
            "{changed:?}"
        );
        assert!(page.body.contains(number), "{changed:?}: {}", page.body);
    }
}

#[tokio::test]
async fn without_a_redirect_the_result_is_a_page() {
    let world = World::new();
    let mut visitor = Visitor::open(&world, &v2(&world, &[("redirect_uri", "")])).await;
    visitor.sign_in("ada@contoso.example").await;
    visitor.accept().await;
    assert!(
        visitor.page.body.contains("Consent given"),
        "{}",
        visitor.page.body
    );
}

/// The codes of all administrators would go where somebody less powerful leads them.
#[tokio::test]
async fn what_makes_an_application_powerful_is_not_an_application_administrators_to_give() {
    let world = World::new();
    let scope = "https://localhost:8443/AppRoleAssignment.ReadWrite.All";
    let path = v2(&world, &[("scope", scope)]);
    let mut visitor = Visitor::open(&world, &path).await;
    for (role, status) in [
        (DirectoryRole::ApplicationAdministrator, 403),
        (DirectoryRole::PrivilegedRoleAdministrator, 200),
    ] {
        world.write(|tx| {
            let (tenant, bob) = (world.contoso.id, world.contoso.bob);
            roles::grant(tx, tenant, &CountedIds::new(), bob, role)?;
            Ok(())
        });
        visitor.go(&path).await;
        if status == 403 {
            visitor.sign_in("bob@contoso.example").await;
        }
        assert_eq!(visitor.page.status, status, "{}", visitor.page.body);
    }
    visitor.accept().await;
    visitor.left_with("http://localhost");
}
