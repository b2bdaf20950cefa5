//! The log tells who agreed to what, and nothing of what came to nothing.

use syncline_testkit::Logged;

use crate::admin_consent::declare;
use crate::authorization_code::address;
use crate::visitor::Visitor;
use crate::world::{POWERSHELL, World, encode};

/// Where an administrator of Contoso is asked for what its application declares.
fn admin_consent(world: &World) -> String {
    declare(world, &["Policy.Read.All"], &["User.Read.All"]);
    let query = encode(&[("client_id", world.contoso.client_id.as_str())]);
    format!("/contoso.example/adminconsent?{query}")
}

#[tokio::test]
async fn whoever_agreed_is_told_with_what_it_was() {
    let world = World::new();
    let logged = Logged::new();
    let tenant = &world.contoso;
    let path = address(&tenant.domain, &[("scope", "openid User.Read")]);
    logged
        .of(async {
            let mut visitor = Visitor::open(&world, &path).await;
            visitor.sign_in("bob@contoso.example").await;
            visitor.accept().await;

            let mut admin = Visitor::open(&world, &path).await;
            admin.sign_in("ada@contoso.example").await;
            let for_all = [("consent", "accept"), ("for_all", "on")];
            admin.submit(&for_all).await;
            admin.go(&admin_consent(&world)).await;
            admin.accept().await;
            let body = &admin.page.body;
            assert!(body.contains("Consent given"), "{body}");
        })
        .await;
    let line = |user, app_id: &str, rest: &str| {
        let tenant = tenant.id;
        format!("INFO consented tenant={tenant} user={user} app_id={app_id} {rest}")
    };
    assert_eq!(
        logged.lines("consented"),
        [
            line(tenant.bob, POWERSHELL, "for_all=false scopes=User.Read"),
            line(tenant.ada, POWERSHELL, "for_all=true scopes=User.Read"),
            line(
                tenant.ada,
                &tenant.client_id,
                "for_all=true scopes=Policy.Read.All roles=User.Read.All"
            ),
        ]
    );
}

#[tokio::test]
async fn nothing_is_told_of_consent_that_the_database_refused() {
    let world = World::new();
    if world.store.is_shared() {
        eprintln!("not run: a server is kept from writing there");
        return;
    }
    let logged = Logged::new();
    logged
        .of(async {
            let path = address(&world.contoso.domain, &[("scope", "openid User.Read")]);
            let mut visitor = Visitor::open(&world, &path).await;
            visitor.sign_in("bob@contoso.example").await;
            let mut admin = Visitor::open(&world, &admin_consent(&world)).await;
            admin.sign_in("ada@contoso.example").await;
            world.store.let_write(false).unwrap();
            visitor.accept().await;
            admin.accept().await;
            assert!(
                admin.page.body.contains("AADSTS90033"),
                "{}",
                admin.page.body
            );
        })
        .await;
    assert_eq!(logged.lines("consented"), [""; 0]);
}
