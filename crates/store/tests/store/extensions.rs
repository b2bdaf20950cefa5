//! The entity table of a tenant.

use std::sync::Arc;

use syncline_model::schema::{ExtensionProperty, ExtensionTarget, ExtensionType, Extensions};
use syncline_model::{Attr, EntityKind, ObjectId, Schema, TenantId};
use syncline_store::StoreError;
use syncline_testkit::CountedIds;

use crate::world::World;

fn with(names: &[&str]) -> Extensions {
    let mut extensions = Extensions::default();
    for name in names {
        let attr = extensions.next_attr().unwrap();
        extensions.add(ExtensionProperty {
            id: ObjectId::NIL,
            application: ObjectId::NIL,
            attr,
            name: (*name).to_owned(),
            data_type: ExtensionType::String,
            multi_valued: false,
            targets: vec![ExtensionTarget::User],
            suspended: false,
        });
    }
    extensions
}

fn schema(world: &World, tenant: TenantId) -> Arc<Schema> {
    world.store.read(|reader| reader.schema(tenant)).unwrap()
}

fn knows(schema: &Schema, name: &str) -> bool {
    schema.of(EntityKind::User).by_name(name).is_some()
}

#[test]
fn a_tenant_has_one_table_until_its_extensions_change() {
    let world = World::new();
    let ids = CountedIds::new();
    let put = |names: &[&str]| {
        let extensions = with(names);
        let tenant = world.contoso;
        world
            .store
            .write(|tx| tx.put_extensions(tenant, &extensions, &ids))
            .unwrap();
    };
    assert!(schema(&world, world.contoso).is_core());
    put(&["extension_a_x"]);
    let first = schema(&world, world.contoso);
    assert!(knows(&first, "extension_a_x"));
    assert!(Arc::ptr_eq(&first, &schema(&world, world.contoso)));
    assert!(schema(&world, world.fabrikam).is_core());
    put(&["extension_a_x", "extension_a_y"]);
    let second = schema(&world, world.contoso);
    assert!(!Arc::ptr_eq(&first, &second) && knows(&second, "extension_a_y"));
    assert!(second.forgot(Attr(Attr::FIRST_EXTENSION + 2)) && !second.forgot(Attr::MAIL));
}

#[test]
fn a_table_that_was_rolled_back_is_never_seen_again() {
    let world = World::new();
    let ids = CountedIds::new();
    let failed: Result<(), StoreError> = world.store.write(|tx| {
        tx.put_extensions(world.contoso, &with(&["extension_a_gone"]), &ids)?;
        let inside = tx.schema(world.contoso)?;
        assert!(knows(&inside, "extension_a_gone"));
        Err(StoreError::Taken)
    });
    failed.unwrap_err();
    assert!(schema(&world, world.contoso).is_core());
    world
        .store
        .write(|tx| tx.put_extensions(world.contoso, &with(&["extension_a_kept"]), &ids))
        .unwrap();
    let kept = schema(&world, world.contoso);
    assert!(knows(&kept, "extension_a_kept") && !knows(&kept, "extension_a_gone"));
}
