//! Domains that are removed.

use syncline_directory::tenants::{self, UnusedDomain};
use syncline_directory::{applications, deleted_items, groups, users};
use syncline_model::{Attr, Attrs, ObjectId, Problem, Value};

use crate::world::{World, security_group, world};

const DOMAIN: &str = "contoso.de";

fn list(values: &[&str]) -> Value {
    Value::List(values.iter().map(|it| Value::text(*it)).collect())
}

fn look(world: &World) -> Result<UnusedDomain, Problem> {
    world
        .store
        .read(|reader| UnusedDomain::find(reader, world.contoso.id, DOMAIN))
}

fn with_domains(names: &[&str]) -> World {
    let mut world = world();
    for name in names {
        let (tenant, added) = world
            .store
            .write(|tx| tenants::add_domain(tx, world.contoso.id, name))
            .unwrap();
        assert!(added);
        world.contoso = tenant;
    }
    world
}

/// Removes it; what refused it is told otherwise.
fn remove(world: &World, unused: &UnusedDomain) -> Result<bool, String> {
    let removed = world
        .store
        .write(|tx| tenants::remove_domain(tx, unused))
        .map_err(|problem| problem.message)?;
    Ok(removed.1)
}

fn group(world: &World, name: &str, attr: Attr, value: Value) -> ObjectId {
    let attrs = security_group(name).with(attr, value);
    let new = groups::NewGroup {
        attrs,
        members: Vec::new(),
        owners: Vec::new(),
    };
    let made = world.write(|tx, context| groups::create(tx, context, new));
    made.unwrap().entry.id
}

#[test]
fn whoever_has_anything_in_a_domain_keeps_it_also_in_the_recycle_bin() {
    let world = with_domains(&[DOMAIN, "app.contoso.de"]);
    look(&world).unwrap();
    let make = |alias: &str, attr: Attr, value: Value| {
        world
            .try_user(alias, Attrs::new().with(attr, value))
            .unwrap()
            .entry
            .id
    };
    let application = |name: &str, uri: &str| {
        let attrs = Attrs::new()
            .with(Attr::DISPLAY_NAME, Value::text(name))
            .with(Attr::IDENTIFIER_URIS, list(&[uri]));
        let made = world.write(|tx, context| applications::create(tx, context, attrs));
        made.unwrap().entry.id
    };
    // Not in it, whatever it looks like.
    make("near", Attr::MAIL, Value::text("near@not-contoso.de"));
    application("Elsewhere", "https://app.contoso.de/x");
    application("Named so", "urn:contoso.de");
    look(&world).unwrap();
    let users = [
        make("ana", Attr::MAIL, Value::text("Ana@CONTOSO.de")),
        make(
            "ben",
            Attr::PROXY_ADDRESSES,
            list(&["smtp:b@contoso.example", "smtp:ben@contoso.de"]),
        ),
    ];
    let renamed = world.user("cy");
    let name = Value::text("cy@contoso.de");
    world
        .update_user(renamed, Attr::USER_PRINCIPAL_NAME, Some(name))
        .unwrap();
    group(
        &world,
        "Sales",
        Attr::PROXY_ADDRESSES,
        list(&["smtp:sales@contoso.de"]),
    );
    application("Payroll", "https://pay.contoso.de:8443/x");
    world
        .write(|tx, context| users::delete(tx, context, users[1]))
        .unwrap();
    let refused = look(&world).unwrap_err();
    let message = refused.message;
    assert!(
        message.starts_with("5 objects have names or addresses in `contoso.de`: "),
        "{message}"
    );
    for named in [
        "user ana@contoso.example",
        "user cy@contoso.de",
        "group Sales",
        "application Payroll",
        "(in the recycle bin)",
    ] {
        assert!(message.contains(named), "{named}: {message}");
    }
    // What is deleted for good is in nobody's way.
    let all: Vec<ObjectId> = [users[0], users[1], renamed].to_vec();
    for id in all {
        if id != users[1] {
            world
                .write(|tx, context| users::delete(tx, context, id))
                .unwrap();
        }
        world
            .write(|tx, context| deleted_items::purge(tx, context, id))
            .unwrap();
    }
    let message = look(&world).unwrap_err().message;
    assert!(message.starts_with("2 objects have"), "{message}");
}

#[test]
fn whoever_comes_into_a_domain_while_it_is_looked_at_keeps_it() {
    let world = with_domains(&[DOMAIN]);
    let unused = look(&world).unwrap();
    let mail = |address| Attrs::new().with(Attr::MAIL, Value::text(address));
    world.try_user("ben", mail("ben@contoso.example")).unwrap();
    let ana = world.try_user("ana", mail("ana@contoso.de")).unwrap();
    let refused = remove(&world, &unused).unwrap_err();
    assert!(refused.contains("user ana@contoso.example"), "{refused}");
    let gone = world.update_user(ana.entry.id, Attr::MAIL, None);
    gone.unwrap();
    assert_eq!(remove(&world, &unused), Ok(true));
    assert_eq!(remove(&world, &unused), Ok(false));
    let found = world.store.read(|reader| reader.tenant_of_domain(DOMAIN));
    assert_eq!(found.unwrap(), None);
}
