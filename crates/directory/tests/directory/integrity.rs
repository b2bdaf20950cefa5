//! What no use of the directory can bring about is found.

use syncline_directory::{applications, integrity};
use syncline_model::{Attr, Attrs, EntityKind, ObjectId, Value};
use syncline_store::{Key, KeyName, ObjectState, Stored};

use crate::world::{World, world};

fn uris(uri: &str) -> Value {
    Value::List(vec![Value::text(uri)])
}

fn application(world: &World, uri: &str) -> Stored {
    let attrs = Attrs::new()
        .with(Attr::DISPLAY_NAME, "Tool")
        .with(Attr::IDENTIFIER_URIS, uris(uri));
    world
        .write(|tx, context| applications::create(tx, context, attrs))
        .unwrap()
}

/// The applications that do not hold all of their unique values.
fn without_their_keys(world: &World) -> Vec<ObjectId> {
    let (tenant, kind) = (world.contoso.id, EntityKind::Application);
    let without = world.store.read(|reader| {
        let page = reader.scan(tenant, kind, ObjectState::Live, None, 100)?;
        integrity::without_their_keys(reader, tenant, &page.rows)
    });
    without.unwrap()
}

#[test]
fn an_application_whose_identifier_uri_nobody_holds_is_found_until_it_is_written() {
    let world = world();
    let [tool, _other] = ["api://tool", "api://other"].map(|uri| application(&world, uri));
    assert_eq!(without_their_keys(&world), []);
    let (tenant, id) = (world.contoso.id, tool.entry.id);
    let lost = [(Key::new(KeyName::IdentifierUri, "api://tool"), id)];
    world
        .store
        .write(|tx| tx.release_keys(tenant, &lost))
        .unwrap();
    assert_eq!(without_their_keys(&world), [id]);
    let renamed = [(Attr::DISPLAY_NAME, Some(Value::text("Another tool")))];
    world
        .write(|tx, context| applications::update(tx, context, id, &renamed))
        .unwrap();
    assert_eq!(without_their_keys(&world), []);
}

/// Builds before did not tell them apart.
#[test]
fn an_application_that_has_the_identifier_uri_of_another_one_from_before_is_not_found() {
    let world = world();
    let [_tool, double] = ["api://tool", "api://other"].map(|uri| application(&world, uri));
    let mut entry = double.entry.clone();
    entry.attrs.set(Attr::IDENTIFIER_URIS, uris("api://tool"));
    world
        .store
        .write(|tx| tx.update_objects(world.contoso.id, &[entry]))
        .unwrap();
    assert_eq!(without_their_keys(&world), []);
}
