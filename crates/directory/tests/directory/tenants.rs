//! New tenants.

use std::collections::BTreeSet;

use syncline_directory::tenants::{self, CreatedTenant, NewTenant};
use syncline_directory::{Context, service_principals};
use syncline_model::graph_permission::PERMISSIONS;
use syncline_model::well_known::{GRAPH_APP_ID, GRAPH_POWERSHELL_APP_ID};
use syncline_model::{Attr, Clock, Problem, ProblemKind, Value};
use syncline_store::Stored;

use crate::world::{World, world};

fn create(world: &World, domain: &str) -> Result<CreatedTenant, Problem> {
    let new = NewTenant {
        id: None,
        domain: domain.to_owned(),
        display_name: "Litware".to_owned(),
    };
    world
        .store
        .write(|tx| tenants::create(tx, world.ids.as_ref(), world.clock.now(), new))
}

#[test]
fn a_tenant_has_an_initial_domain_and_its_own_as_default() {
    let world = world();
    let tenant = create(&world, "Litware.example").unwrap().tenant;
    assert_eq!(tenant.initial_domain(), "litware.onmicrosoft.com");
    assert_eq!(tenant.default_domain(), "litware.example");
    let found = world
        .store
        .read(|reader| reader.tenant_of_domain("LITWARE.example"))
        .unwrap();
    assert_eq!(found, Some(tenant));
}

#[test]
fn initial_domains_are_made_unique_with_digits() {
    let world = world();
    assert_eq!(
        create(&world, "contoso.test")
            .unwrap()
            .tenant
            .initial_domain(),
        "contoso1.onmicrosoft.com"
    );
    assert_eq!(
        create(&world, "contoso.invalid")
            .unwrap()
            .tenant
            .initial_domain(),
        "contoso2.onmicrosoft.com"
    );
}

#[test]
fn an_initial_domain_may_be_given() {
    let world = world();
    let tenant = create(&world, "litware.onmicrosoft.com").unwrap().tenant;
    assert_eq!(
        (tenant.domains.len(), tenant.default_domain()),
        (1, "litware.onmicrosoft.com")
    );
}

#[test]
fn a_domain_is_verified_in_one_tenant_only_and_must_be_one() {
    let world = world();
    assert_eq!(
        create(&world, "CONTOSO.example").unwrap_err().kind,
        ProblemKind::Conflict
    );
    for domain in [
        "",
        "litware",
        "lit ware.example",
        "-x.example",
        "x..example",
    ] {
        assert_eq!(
            create(&world, domain).unwrap_err().kind,
            ProblemKind::BadRequest,
            "{domain}"
        );
    }
}

#[test]
fn every_tenant_has_graph_with_all_permissions() {
    let world = world();
    let graph = world
        .store
        .read(|reader| service_principals::find_by_app_id(reader, world.contoso.id, GRAPH_APP_ID))
        .unwrap();
    let values = |attr: Attr| graph.entry.get(attr).unwrap().as_slice();
    let named = |values: &[Value], name: &str, id: uuid::Uuid| {
        values.iter().any(|it| {
            it.member("value").unwrap().as_text() == Some(name)
                && it.member("id") == Some(&Value::Guid(id))
        })
    };
    for permission in PERMISSIONS {
        if let Some(id) = permission.role {
            assert!(
                named(values(Attr::APP_ROLES), permission.name, id),
                "{}",
                permission.name
            );
        }
        if let Some(id) = permission.scope {
            assert!(
                named(values(Attr::OAUTH2_PERMISSION_SCOPES), permission.name, id),
                "{}",
                permission.name
            );
        }
    }
    assert_eq!(PERMISSIONS.len(), 39);
    world
        .store
        .read(|reader| {
            service_principals::find_by_app_id(reader, world.contoso.id, GRAPH_POWERSHELL_APP_ID)
        })
        .unwrap();
}

#[test]
fn the_administration_application_holds_every_application_permission() {
    let world = world();
    let created = create(&world, "litware.example").unwrap();
    let held = world
        .store
        .read(|reader| {
            reader.assignments_of_principal(created.tenant.id, created.service_principal.entry.id)
        })
        .unwrap();
    let roles = PERMISSIONS
        .iter()
        .filter(|permission| permission.role.is_some())
        .count();
    assert_eq!(held.len(), roles);
    assert!(
        held.iter()
            .all(|assignment| assignment.resource == created.graph_service_principal)
    );
    assert_eq!(
        created.application.entry.text(Attr::DISPLAY_NAME),
        Some("Syncline administration")
    );
}

/// As an earlier build made it, which served fewer.
#[test]
fn a_tenant_offers_permissions_that_came_after_it_and_is_written_once() {
    let world = world();
    let tenant = create(&world, "litware.example").unwrap().tenant;
    let read = || {
        world
            .store
            .read(|reader| {
                let graph = service_principals::find_by_app_id(reader, tenant.id, GRAPH_APP_ID)?;
                let lacks = tenants::lacks_permissions(reader, tenant.id)?;
                Ok::<_, Problem>((graph, lacks))
            })
            .unwrap()
    };
    let context = Context {
        tenant: &tenant,
        now: world.clock.now(),
        ids: world.ids.as_ref(),
    };
    let (whole, lacks) = read();
    assert!(!lacks);
    let fewer = [Attr::APP_ROLES, Attr::OAUTH2_PERMISSION_SCOPES].map(|attr| {
        let mut all = whole.entry.get(attr).unwrap().as_slice().to_vec();
        let last = all.remove(16);
        // What a newer build has added stays.
        all.push(last);
        all.remove(15);
        (attr, Some(Value::List(all)))
    });
    let id = whole.entry.id;
    world
        .store
        .write(|tx| service_principals::update(tx, &context, id, &fewer))
        .unwrap();
    assert!(read().1);
    world
        .store
        .write(|tx| tenants::add_permissions(tx, &context))
        .unwrap();
    let (mended, lacks) = read();
    assert!(!lacks);
    let names = |it: &Stored, attr| -> BTreeSet<String> {
        let all = it.entry.get(attr).unwrap().as_slice().iter();
        all.map(|it| it.member("value").unwrap().display_text().to_string())
            .collect()
    };
    for attr in [Attr::APP_ROLES, Attr::OAUTH2_PERMISSION_SCOPES] {
        assert_eq!(names(&mended, attr), names(&whole, attr));
    }
    // A second time there is nothing to write.
    world
        .store
        .write(|tx| tenants::add_permissions(tx, &context))
        .unwrap();
    assert_eq!(read().0.changed_seq, mended.changed_seq);
}

#[test]
fn a_domain_is_added_once_and_never_that_of_another_tenant() {
    let world = world();
    let tenant = create(&world, "litware.example").unwrap().tenant;
    create(&world, "other.example").unwrap();
    let add = |domain: &str| {
        world
            .store
            .write(|tx| tenants::add_domain(tx, tenant.id, domain))
    };
    let (with, added) = add("LITWARE.de").unwrap();
    assert!(added && with.has_domain("litware.de"));
    assert_eq!(with.default_domain(), "litware.example");
    for again in ["litware.de", "Litware.example", "litware.onmicrosoft.com"] {
        assert_eq!(add(again).unwrap(), (with.clone(), false));
    }
    assert_eq!(
        add("other.example").unwrap_err().kind,
        ProblemKind::Conflict
    );
    assert_eq!(add("-").unwrap_err().kind, ProblemKind::BadRequest);
    for domain in ["litware.de", "litware.example"] {
        let found = world.store.read(|reader| reader.tenant_of_domain(domain));
        assert_eq!(found.unwrap().as_ref(), Some(&with));
    }
}

/// Every request reads them all.
#[test]
fn domains_of_a_tenant_are_bounded() {
    let world = world();
    let tenant = create(&world, "litware.example").unwrap().tenant;
    let add = |number: usize| {
        let domain = format!("d{number}.example");
        world
            .store
            .write(|tx| tenants::add_domain(tx, tenant.id, &domain))
    };
    for number in tenant.domains.len()..500 {
        add(number).unwrap();
    }
    let refused = add(500).unwrap_err();
    assert_eq!(refused.message, "a tenant has at most 500 domains");
    assert!(!add(499).unwrap().1);
}

#[test]
fn a_tenant_gets_another_name_by_which_nothing_is_found() {
    let world = world();
    let tenant = create(&world, "litware.example").unwrap().tenant;
    let rename = |name: &str| world.store.write(|tx| tenants::rename(tx, tenant.id, name));
    let (renamed, changed) = rename("Litware Group").unwrap();
    assert!(changed);
    assert_eq!(renamed.display_name, "Litware Group");
    assert_eq!(renamed.domains, tenant.domains);
    assert_eq!(rename("Litware Group").unwrap(), (renamed.clone(), false));
    assert!(rename("").is_err() && rename(&"x".repeat(257)).is_err());
    let found = world.store.read(|reader| reader.tenant(tenant.id));
    assert_eq!(found.unwrap(), Some(renamed));
}
