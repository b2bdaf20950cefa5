//! Standbys that took over, and had not heard of all that was changed.

use syncline_model::TenantId;
use syncline_store::{Backup, Numbers, Store, StoreError};

use crate::backup::{alone, made, new_file};
use crate::layouts::ask;
use crate::world::World;

/// A standby has taken over that knows what is there now; false where there is a file, which has none.
fn taken_over(world: &World) -> bool {
    let path = world.folder.path().join("test.db");
    let before = "UPDATE tenant SET timeline = 99 WHERE tenant_no > 0";
    syncline_testkit::execute(&path, before)
}

fn numbers(store: &Store, tenant: TenantId) -> Numbers {
    store.read(|reader| reader.numbers(tenant)).unwrap()
}

#[test]
fn numbers_that_a_standby_has_not_heard_of_are_never_given_again() {
    let world = World::new();
    for tenant in [world.contoso, world.fabrikam] {
        world.user(tenant, "ana");
    }
    let before = numbers(&world.store, world.contoso);
    assert!(!before.may_be_lost(before.newest));
    assert!(before.may_be_lost(before.newest + 1));
    if !taken_over(&world) {
        return;
    }
    let bo = world.user(world.contoso, "bo");
    let now = numbers(&world.store, world.contoso);
    assert!(now.newest > before.newest + (1 << 30), "{now:?}");
    for (number, lost) in [
        (before.newest - 1, false),
        (before.newest, false),
        (before.newest + 1, true),
        (before.newest + 20, true),
        (now.newest - 2, true),
        (now.newest, false),
    ] {
        assert_eq!(now.may_be_lost(number), lost, "{number}: {now:?}");
    }
    // Whoever had heard of all before is told of it.
    let told = world
        .store
        .read(|reader| reader.changes_since(world.contoso, before.newest, now.newest, 10));
    let told: Vec<_> = told.unwrap().iter().map(|it| it.what).collect();
    let kind = syncline_model::EntityKind::User;
    assert_eq!(told, [syncline_store::Changed::Object { kind, id: bo }]);
    // And it goes on from there, in each tenant when somebody writes in it.
    world.user(world.contoso, "cleo");
    let next = numbers(&world.store, world.contoso);
    assert_eq!(next.newest, now.newest + 1);
    assert_eq!(numbers(&world.store, world.fabrikam).newest, 1);
    world.user(world.fabrikam, "dan");
    assert!(numbers(&world.store, world.fabrikam).may_be_lost(2));
}

#[test]
fn all_tenants_that_are_entered_together_follow() {
    let world = World::new();
    if !taken_over(&world) {
        return;
    }
    let both = [world.contoso, world.fabrikam];
    let given_up = world.store.write(|tx| {
        tx.enter(&both)?;
        Err::<(), _>(StoreError::Taken)
    });
    assert!(matches!(given_up, Err(StoreError::Taken)), "{given_up:?}");
    for tenant in both {
        assert_eq!(numbers(&world.store, tenant).newest, 0);
    }
    world.store.write(|tx| tx.enter(&both)).unwrap();
    for tenant in both {
        let numbers = numbers(&world.store, tenant);
        assert!(numbers.newest > 1 << 30, "{numbers:?}");
        assert!(numbers.may_be_lost(1));
    }
}

/// More often than they are told apart.
#[test]
fn what_any_standby_had_not_heard_of_stays_lost() {
    let world = World::new();
    let mut lost = Vec::new();
    for _ in 0..12 {
        world.user(world.contoso, "ana");
        lost.push(numbers(&world.store, world.contoso).newest + 1);
        if !taken_over(&world) {
            return;
        }
    }
    world.user(world.contoso, "bo");
    let now = numbers(&world.store, world.contoso);
    for number in lost {
        assert!(now.may_be_lost(number), "{number}: {now:?}");
    }
    assert!(!now.may_be_lost(now.newest));
}

/// The timelines of all tenants, where there is a server.
fn timelines(world: &World) -> Option<Vec<Vec<String>>> {
    let url = syncline_testkit::postgres_url(&world.folder.path().join("test.db"))?;
    let sql = "SELECT DISTINCT timeline FROM tenant WHERE tenant_no > 0";
    Some(ask(&url, sql))
}

/// Of an older layout, which did not note it: the server of these tests is on its first one.
#[test]
fn what_was_written_on_no_known_timeline_counts_as_written_on_the_first() {
    let world = World::new();
    let Some(made_on) = timelines(&world) else {
        return;
    };
    assert_eq!(made_on, [["1"]]);
    let path = world.folder.path().join("test.db");
    syncline_testkit::execute(&path, "UPDATE tenant SET timeline = NULL");
    world.user(world.contoso, "ana");
    assert_eq!(numbers(&world.store, world.contoso).newest, 1);
}

/// On the server of the backup a standby may have taken over as often as on this one by the first change.
#[test]
fn what_is_restored_is_on_the_timeline_of_its_new_server() {
    let world = World::new();
    let path = world.folder.path().join("test.db");
    let Some(made_on) = timelines(&world) else {
        return;
    };
    world.user(world.contoso, "ana");
    assert!(taken_over(&world));
    let backup = Backup::open(&made(&world, None)).unwrap();
    let work = new_file(&world.folder.path().join("work.db"));
    let key = &world.key;
    backup.write_database(&work, key, &|_| Ok(())).unwrap();
    let url = syncline_testkit::postgres_url(&path).unwrap();
    let told = &mut |_: &str, _, _| {};
    let restored = backup.write_server(&url, key, &work, &world.ids, alone, told);
    restored.unwrap();
    assert_eq!(timelines(&world), Some(made_on));
    // None is passed over.
    let store = syncline_testkit::open_store(&path, key).unwrap();
    store.write(|tx| tx.enter(&[world.contoso])).unwrap();
    assert_eq!(numbers(&store, world.contoso).newest, 1);
}
