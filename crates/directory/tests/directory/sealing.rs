//! Tenants are sealed: the ids of one are unknown in another.

use syncline_connector::Source;
use syncline_directory::deleted_items::{self, Restoration};
use syncline_directory::{LocalSource, app_role_assignments, groups, users};
use syncline_engine::Lifecycle;
use syncline_model::{EntityKind, ObjectId, Problem, ProblemKind};

use crate::applications::configuration;
use crate::assignments::role;
use crate::world::world;

fn not_found<T: std::fmt::Debug>(result: Result<T, Problem>) {
    assert_eq!(result.unwrap_err().kind, ProblemKind::NotFound);
}

#[test]
fn another_tenants_objects_are_not_found() {
    let world = world();
    let [megan, max] = ["megan", "max"].map(|alias| world.user(alias));
    let group = world.group("Sales", &[megan]);
    let elsewhere = &world.fabrikam;
    not_found(
        world
            .store
            .read(|reader| users::find(reader, elsewhere.id, &megan.to_string())),
    );
    not_found(
        world
            .store
            .read(|reader| users::find(reader, elsewhere.id, "megan@contoso.example")),
    );
    not_found(
        world
            .store
            .read(|reader| groups::members(reader, elsewhere.id, group, None, 10)),
    );
    not_found(world.write_in(elsewhere, |tx, context| {
        users::update(tx, context, megan, &[])
    }));
    not_found(world.write_in(elsewhere, |tx, context| {
        users::set_manager(tx, context, megan, max)
    }));
    not_found(world.write_in(elsewhere, |tx, context| {
        groups::add_members(tx, context, group, &[max])
    }));
    not_found(world.write_in(elsewhere, |tx, context| users::delete(tx, context, megan)));
    world.delete_user(megan);
    not_found(world.write_in(elsewhere, |tx, context| {
        deleted_items::restore(tx, context, megan, Restoration::default())
    }));
    not_found(world.write_in(elsewhere, |tx, context| {
        deleted_items::purge(tx, context, megan)
    }));
}

#[test]
fn a_reference_never_crosses_tenants() {
    let world = world();
    let here = world.user("megan");
    let name = syncline_model::Attrs::new().with(
        syncline_model::Attr::USER_PRINCIPAL_NAME,
        "max@fabrikam.example",
    );
    let there = world
        .write_in(&world.fabrikam, |tx, context| {
            users::create(tx, context, crate::world::new_user("max", name))
        })
        .unwrap()
        .entry
        .id;
    not_found(world.write(|tx, context| users::set_manager(tx, context, here, there)));
    let group = world.group("Sales", &[]);
    not_found(world.write(|tx, context| groups::add_members(tx, context, group, &[there])));
    let (_, configuration) = configuration(&world);
    not_found(world.write(|tx, context| {
        app_role_assignments::assign(
            tx,
            context,
            configuration.entry.id,
            there,
            role(&configuration),
        )
    }));
}

#[test]
fn a_source_knows_only_its_own_tenant() {
    let world = world();
    let megan = world.user("megan");
    let source = LocalSource::new(world.fabrikam.id, ObjectId::from_bytes([1; 16]));
    let subjects = world
        .store
        .write(|tx| {
            Ok::<_, syncline_store::StoreError>(
                source.by_id(tx, &[(EntityKind::User, megan)]).unwrap(),
            )
        })
        .unwrap();
    assert_eq!(
        (subjects[0].lifecycle, &subjects[0].entry),
        (Lifecycle::HardDeleted, &None)
    );
}
