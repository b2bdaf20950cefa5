use syncline_access::{grants, permission_ids};
use syncline_model::{Attr, Value};

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

#[tokio::test]
async fn version_one_grants_what_the_application_declares() {
    let world = World::new();
    let tenant = &world.contoso;
    let access = |id: Option<uuid::Uuid>, kind: &str| {
        Value::Map(vec![
            ("id".to_owned(), Value::Guid(id.unwrap())),
            ("type".to_owned(), Value::text(kind)),
        ])
    };
    world.update(tenant, tenant.application, |entry| {
        let resource = Value::Map(vec![
            (
                "resourceAppId".to_owned(),
                Value::text("00000003-0000-0000-c000-000000000000"),
            ),
            (
                "resourceAccess".to_owned(),
                Value::List(vec![
                    access(permission_ids::scope_id("User.Read"), "Scope"),
                    access(permission_ids::role_id("User.Read.All"), "Role"),
                ]),
            ),
        ]);
        entry
            .attrs
            .set(Attr::REQUIRED_RESOURCE_ACCESS, Value::List(vec![resource]));
    });
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
