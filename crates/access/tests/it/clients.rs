//! What a registration lets a client do: where its codes are sent, and whether it proves who it is.

use syncline_access::consent::asked_of_admin;
use syncline_access::{Client, RedirectKind, Refusal, permission_ids};
use syncline_model::{Attr, EntityKind, Entry, Ids as _, ObjectId, Value};
use syncline_store::{Key, KeyName};
use uuid::Uuid;

use crate::world::{GRAPH, POWERSHELL, World};

/// Contoso's application as it is registered now.
fn client(world: &World) -> Client {
    find(world, &world.contoso.app_id.to_string()).unwrap()
}

fn find(world: &World, client_id: &str) -> Result<Client, Refusal> {
    let tenant = world.contoso.id;
    let found = world
        .store
        .read(|reader| Ok::<_, Refusal>(Client::find(reader, tenant, client_id)));
    found.unwrap()
}

fn change(world: &World, id: ObjectId, change: impl FnOnce(&mut Entry)) {
    world.update(&world.contoso, id, change);
}

/// Registers these and no other redirect URIs of one kind.
fn register(world: &World, kind: Attr, uris: &[&str]) {
    let uris = Value::List(uris.iter().map(|uri| Value::text(*uri)).collect());
    change(world, world.contoso.application, |entry| {
        let registered = vec![("redirectUris".to_owned(), uris)];
        entry.attrs.set(kind, Value::Map(registered));
    });
}

fn fall_back_to_public(world: &World, public: bool) {
    change(world, world.contoso.application, |entry| {
        entry.attrs.set(Attr::IS_FALLBACK_PUBLIC_CLIENT, public);
    });
}

fn refused(client: &Client, uri: &str) -> bool {
    let kind = client.redirect_kind(uri);
    matches!(kind, Err(Refusal::RedirectNotRegistered(..)))
}

#[test]
fn who_is_sent_a_code_needs_a_secret_unless_it_can_keep_none() {
    let world = World::new();
    register(
        &world,
        Attr::WEB,
        &["https://app.example/web", "https://app.example/both"],
    );
    register(&world, Attr::PUBLIC_CLIENT, &["http://localhost/native"]);
    register(
        &world,
        Attr::SPA,
        &[
            "https://app.example/page",
            "https://app.example/both",
            "http://localhost:3000/native",
        ],
    );
    change(&world, world.contoso.service_principal, |entry| {
        let reply = vec![Value::text("https://app.example/reply")];
        entry.attrs.set(Attr::REPLY_URLS, Value::List(reply));
    });
    let check = |web| {
        let client = client(&world);
        for (uri, kind) in [
            ("https://app.example/web", web),
            ("https://app.example/reply", RedirectKind::Web),
            ("https://app.example/page", RedirectKind::SinglePage),
            ("https://app.example/both", RedirectKind::SinglePage),
            ("http://localhost:3000/native", RedirectKind::SinglePage),
            ("http://localhost:8400/native", RedirectKind::Public),
        ] {
            assert_eq!(client.redirect_kind(uri), Ok(kind), "{uri}");
        }
        for uri in ["https://app.example/else", "http://127.0.0.1:8400/native"] {
            assert!(refused(&client, uri), "{uri}");
        }
    };
    check(RedirectKind::Web);
    fall_back_to_public(&world, false);
    check(RedirectKind::Web);
    fall_back_to_public(&world, true);
    check(RedirectKind::Public);
}

/// Registered before such addresses were refused: they would end a header or a policy early.
#[test]
fn no_code_goes_to_an_address_with_something_odd_in_it() {
    let world = World::new();
    for odd in ["#", "\r", "\n", " ", "\"", "<", ">", ";", ","] {
        let uri = format!("https://app.example/{odd}x");
        register(&world, Attr::WEB, &[&uri]);
        assert!(refused(&client(&world), &uri), "{uri:?}");
    }
}

#[test]
fn the_only_address_of_any_kind_need_not_be_named() {
    let world = World::new();
    assert_eq!(client(&world).only_redirect(), None);
    for kind in [Attr::WEB, Attr::PUBLIC_CLIENT, Attr::SPA] {
        register(&world, kind, &["https://app.example/"]);
        assert_eq!(client(&world).only_redirect(), Some("https://app.example/"));
        register(
            &world,
            kind,
            &["https://app.example/", "https://app.example/2"],
        );
        assert_eq!(client(&world).only_redirect(), None);
        register(&world, kind, &["javascript:alert(1)"]);
        assert_eq!(client(&world).only_redirect(), None);
        register(&world, kind, &[]);
    }
    register(&world, Attr::WEB, &["https://app.example/"]);
    register(&world, Attr::SPA, &["https://app.example/page"]);
    assert_eq!(client(&world).only_redirect(), None);
}

#[test]
fn a_client_is_public_by_its_mark_and_may_be_by_an_address_of_such_a_client() {
    let world = World::new();
    let may = || (client(&world).is_public(), client(&world).may_be_public());
    assert_eq!(may(), (false, false));
    register(&world, Attr::WEB, &["https://app.example/"]);
    assert_eq!(may(), (false, false));
    for kind in [Attr::PUBLIC_CLIENT, Attr::SPA] {
        register(&world, kind, &["http://localhost/native"]);
        assert_eq!(may(), (false, true));
        register(&world, kind, &[]);
        assert_eq!(may(), (false, false));
    }
    fall_back_to_public(&world, true);
    assert_eq!(may(), (true, true));
}

/// It needs no registration. Who registers one with its id is asked what it says, as any other is.
#[test]
fn a_well_known_client_is_public_while_nobody_registers_it() {
    let world = World::new();
    let powershell = || find(&world, &POWERSHELL.to_string()).unwrap();
    assert!(powershell().is_public());
    for uri in ["http://localhost:1234", "http://localhost:1234/"] {
        assert_eq!(powershell().redirect_kind(uri), Ok(RedirectKind::Public));
    }
    let tenant = world.contoso.id;
    world.write(|tx| {
        let mut entry = Entry::new(EntityKind::Application, world.ids.object_id());
        entry.attrs.set(Attr::APP_ID, Value::Guid(POWERSHELL.0));
        let (id, now) = (entry.id, syncline_model::Clock::now(world.clock.as_ref()));
        tx.insert_objects(tenant, &[entry], now)?;
        let key = Key::new(KeyName::ApplicationAppId, &POWERSHELL.to_string());
        Ok(tx.take_keys(tenant, &[(key, EntityKind::Application, id)])?)
    });
    assert!(!powershell().is_public());
    assert!(refused(&powershell(), "http://localhost:1234"));
}

#[test]
fn pages_show_the_name_that_there_is() {
    let world = World::new();
    let (application, principal) = (world.contoso.application, world.contoso.service_principal);
    change(&world, principal, |entry| {
        entry.attrs.set(Attr::DISPLAY_NAME, "As it is known here");
    });
    assert_eq!(client(&world).display_name(), "Provisioner");
    for (id, name) in [
        (application, "As it is known here"),
        (principal, "An application without a name"),
    ] {
        change(&world, id, |entry| {
            entry.attrs.remove(Attr::DISPLAY_NAME);
        });
        assert_eq!(client(&world).display_name(), name);
    }
}

#[test]
fn who_is_unknown_is_told_no_more_than_a_line_of_what_was_sent() {
    let world = World::new();
    let Err(Refusal::ClientNotFound(told, _)) = find(&world, &format!("\r\n{}", "x".repeat(999)))
    else {
        panic!("somebody was found")
    };
    assert_eq!(told, "x".repeat(200));
    let id = world.contoso.app_id.to_string();
    assert!(find(&world, &format!(" {} ", id.to_uppercase())).is_ok());
}

/// Only what says that it is disabled is.
#[test]
fn a_service_principal_that_does_not_say_is_enabled() {
    let world = World::new();
    change(&world, world.contoso.service_principal, |entry| {
        entry.attrs.remove(Attr::ACCOUNT_ENABLED);
    });
    assert!(world.authenticate(&world.app_token(&world.contoso)).is_ok());
}

/// Another API may give its permissions the ids of Graph's, and nobody agrees to Graph's by that.
#[test]
fn what_is_declared_of_another_api_is_not_asked_for() {
    let world = World::new();
    let declare = |api: &str, kind: &str, id: Uuid| {
        let access = Value::Map(vec![
            ("id".to_owned(), Value::Guid(id)),
            ("type".to_owned(), Value::text(kind)),
        ]);
        let required = Value::Map(vec![
            ("resourceAppId".to_owned(), Value::text(api)),
            ("resourceAccess".to_owned(), Value::List(vec![access])),
        ]);
        change(&world, world.contoso.application, |entry| {
            let all = Value::List(vec![required]);
            entry.attrs.set(Attr::REQUIRED_RESOURCE_ACCESS, all);
        });
        let asked = asked_of_admin(&client(&world), None).unwrap();
        (asked.scopes.len(), asked.roles.len())
    };
    let (graph, other) = (GRAPH.to_string(), POWERSHELL.to_string());
    let scope = permission_ids::scope_id("User.Read").unwrap();
    let role = permission_ids::role_id("User.Read.All").unwrap();
    assert_eq!(declare(&graph, "Scope", scope), (1, 0));
    assert_eq!(declare(&graph, "Role", role), (0, 1));
    assert_eq!(declare(&other, "Scope", scope), (0, 0));
    assert_eq!(declare(&other, "Role", role), (0, 0));
    // Nor what Graph does not have.
    assert_eq!(declare(&graph, "Role", Uuid::from_u128(1)), (0, 0));
}
