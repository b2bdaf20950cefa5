use syncline_access::consent::{self, AdminConsent};
use syncline_access::grants::{self, Grant};
use syncline_access::{
    CallerKind, Client, DirectoryRole, Refusal, RequestedScopes, permission_ids, permissions, roles,
};
use syncline_model::{Attr, Clock as _, Value};

use crate::world::{GRAPH, POWERSHELL, World};

fn parse(world: &World, scope: &str) -> RequestedScopes {
    RequestedScopes::parse(world.access.audiences(), scope).unwrap()
}

#[test]
fn what_was_granted_for_all_or_for_the_user_may_be_used() {
    let world = World::new();
    let tenant = &world.contoso;
    world.consent(tenant, &["Policy.Read.All"]);
    world.write(|tx| {
        let own = ["User.Read".to_owned()];
        grants::grant(
            tx,
            tenant.id,
            tenant.powershell,
            tenant.graph,
            Some(tenant.ada),
            &own,
        )?;
        Ok(())
    });
    let decide = |user, scope: &str| {
        world
            .store
            .read(|reader| {
                let client = Client::find(reader, tenant.id, &POWERSHELL.to_string())?;
                let requested = parse(&world, scope);
                consent::decide(reader, tenant.id, &client, user, &requested, false)
            })
            .unwrap()
    };
    let ada = decide(tenant.ada, "User.Read policy.read.all AuditLog.Read.All");
    assert_eq!(ada.granted, ["User.Read", "Policy.Read.All"]);
    assert_eq!(ada.missing, ["AuditLog.Read.All"]);
    assert_eq!(decide(tenant.bob, "User.Read").missing, ["User.Read"]);
    assert_eq!(decide(tenant.bob, ".default").granted, ["Policy.Read.All"]);
}

/// A grant is kept as somebody spelled it, with the words of OpenID Connect that Graph takes in it.
#[test]
fn what_a_grant_names_is_used_in_graphs_spelling() {
    let world = World::new();
    let tenant = &world.contoso;
    let words =
        "openid profile offline_access user.read USER.read.ALL Elsewhere.Read elsewhere.read";
    let scopes: Vec<String> = words.split(' ').map(str::to_owned).collect();
    world.write(|tx| {
        let (client, graph) = (tenant.powershell, tenant.graph);
        for principal in [None, Some(tenant.bob)] {
            let grant = Grant {
                client,
                resource: graph,
                principal,
                scopes: scopes.clone(),
            };
            grants::put(tx, tenant.id, &grant)?;
        }
        Ok(())
    });
    let decided = world.store.read(|reader| {
        let client = Client::find(reader, tenant.id, &POWERSHELL.to_string())?;
        let requested = parse(&world, "openid .default USER.READ");
        consent::decide(reader, tenant.id, &client, tenant.bob, &requested, false)
    });
    let decided = decided.unwrap();
    assert!(decided.missing.is_empty());
    assert_eq!(
        decided.granted,
        ["User.Read", "User.Read.All", "Elsewhere.Read"]
    );
    let granted: Vec<&str> = decided.granted.iter().map(String::as_str).collect();
    let token = world.user_token(tenant, tenant.bob, &granted);
    let caller = world.authenticate(&token).unwrap();
    assert_eq!(
        world.access.authorize(&caller, &permissions::USERS_READ),
        Ok(())
    );
}

#[test]
fn an_unknown_scope_is_refused_by_name() {
    let world = World::new();
    let scopes = parse(&world, "Mail.Read");
    assert_eq!(
        consent::known_scopes(&scopes),
        Err(Refusal::ScopeUnknown("Mail.Read".to_owned()))
    );
}

#[test]
fn a_grant_is_found_by_id_and_withdrawn() {
    let world = World::new();
    let tenant = &world.contoso;
    world.consent(tenant, &["Policy.Read.All"]);
    world.write(|tx| {
        let listed = grants::list(tx, tenant.id, None, 10)?;
        assert_eq!(listed.len(), 1);
        let found = grants::find(tx, tenant.id, &listed[0].id())?.unwrap();
        assert_eq!(found.scopes, ["Policy.Read.All"]);
        assert_eq!(grants::find(tx, world.fabrikam.id, &listed[0].id())?, None);
        assert!(grants::revoke(tx, tenant.id, &found)?);
        assert!(grants::of(tx, tenant.id, tenant.powershell, tenant.graph, tenant.ada)?.is_empty());
        Ok(())
    });
}

#[test]
fn an_administrator_gives_what_the_application_declares() {
    let world = World::new();
    let tenant = &world.contoso;
    let access = |id: Option<uuid::Uuid>, kind: &str| {
        Value::Map(vec![
            ("id".to_owned(), Value::text(id.unwrap().to_string())),
            ("type".to_owned(), Value::text(kind)),
        ])
    };
    let required = Value::Map(vec![
        ("resourceAppId".to_owned(), Value::text(GRAPH.to_string())),
        (
            "resourceAccess".to_owned(),
            Value::List(vec![
                access(
                    permission_ids::role_id("Synchronization.ReadWrite.All"),
                    "Role",
                ),
                access(permission_ids::scope_id("User.Read"), "Scope"),
            ]),
        ),
    ]);
    world.update(tenant, tenant.application, |entry| {
        entry
            .attrs
            .set(Attr::REQUIRED_RESOURCE_ACCESS, Value::List(vec![required]));
    });
    world.write(|tx| {
        let client = Client::find(tx, tenant.id, &tenant.app_id.to_string()).unwrap();
        let asked = consent::asked_of_admin(&client, None).unwrap();
        assert_eq!(asked.scopes, ["User.Read"]);
        assert_eq!(asked.roles.len(), 1);
        let may = |tx: &_, user| consent::may_consent_for_all(tx, tenant.id, user, &asked).unwrap();
        assert!(!may(tx, tenant.ada));
        let ids = world.ids.as_ref();
        roles::grant(
            tx,
            tenant.id,
            ids,
            tenant.ada,
            DirectoryRole::CloudApplicationAdministrator,
        )?;
        assert!(
            !may(tx, tenant.ada),
            "application permissions of Graph need more"
        );
        let scopes_only = AdminConsent {
            roles: Vec::new(),
            ..asked.clone()
        };
        assert!(consent::may_consent_for_all(tx, tenant.id, tenant.ada, &scopes_only).unwrap());
        roles::grant(
            tx,
            tenant.id,
            ids,
            tenant.ada,
            DirectoryRole::GlobalAdministrator,
        )?;
        assert!(may(tx, tenant.ada));
        consent::grant_for_all(tx, tenant.id, ids, world.clock.now(), &client, &asked).unwrap();
        consent::grant_for_all(tx, tenant.id, ids, world.clock.now(), &client, &asked).unwrap();
        Ok(())
    });
    let caller = world.authenticate(&world.app_token(tenant)).unwrap();
    assert!(
        matches!(caller.kind, CallerKind::Application { roles, .. } if roles == ["Synchronization.ReadWrite.All"])
    );
}
