//! A restore to a server: nobody writes meanwhile, and nobody goes on in it from before.

use std::path::Path;

use syncline_model::Ids as _;
use syncline_store::{Backup, ConnectionLimit, Reader, Store, StoreError};

use crate::backup::{Secret, alone, made, new_file, with_a_bit_of_everything};
use crate::world::{NOW, World};

/// What came in between would be in none of both, or in half of it.
#[test]
fn nobody_writes_while_a_server_is_restored() {
    let world = World::new();
    let place = world.folder.path().join("test.db");
    let Some(url) = syncline_testkit::postgres_url(&place) else {
        // A file is put in place at once.
        return;
    };
    with_a_bit_of_everything(&world);
    let backup = Backup::open(&made(&world, None)).unwrap();
    let work = new_file(&world.folder.path().join("work.db"));
    backup
        .write_database(&work, &world.key, &|_| Ok(()))
        .unwrap();
    let cleo = world.user(world.contoso, "cleo");

    let refused = |_: &Reader<'_>| Err(StoreError::Busy("a server works".to_owned()));
    let result = backup.write_server(
        &url,
        &world.key,
        &work,
        &world.ids,
        refused,
        &mut |_, _, _| {},
    );
    assert!(matches!(result, Err(StoreError::Busy(_))), "{result:?}");
    let there = world.store.read(|it| it.object(world.contoso, cleo));
    assert!(there.unwrap().is_some(), "nothing was replaced");

    let mut tables: Vec<(String, bool)> = Vec::new();
    let told = &mut |table: &str, _: u64, _: u64| {
        if tables.last().is_none_or(|(last, _)| last != table) {
            tables.push((table.to_owned(), anybody_can_write(&place)));
        }
    };
    backup
        .write_server(&url, &world.key, &work, &world.ids, alone, told)
        .unwrap();
    assert!(tables.len() > 5, "{tables:?}");
    assert!(tables.iter().all(|(_, written)| !written), "{tables:?}");
    for begins in BEGIN_TO_WRITE {
        assert!(can(&place, begins), "afterwards they can: {begins}");
    }
}

/// How everybody begins who writes: in a tenant, and in none or to make one. (Who keeps a lease waits for nobody.)
const BEGIN_TO_WRITE: [&str; 2] = [
    "SELECT tenant_no FROM tenant WHERE tenant_no = 1 FOR UPDATE",
    "SELECT tenant_no FROM tenant WHERE tenant_no = 0 FOR UPDATE",
];

fn can(place: &Path, begin: &str) -> bool {
    syncline_testkit::tries(place, &format!("SET lock_timeout = 50; {begin}"))
}

fn anybody_can_write(place: &Path) -> bool {
    BEGIN_TO_WRITE.into_iter().any(|begins| can(place, begins))
}

/// What came in between the snapshot and the replacement would be in none of both.
#[test]
fn nobody_writes_from_before_a_server_is_kept_aside_until_it_is_replaced() {
    let world = World::new();
    let place = world.folder.path().join("test.db");
    let Some(url) = syncline_testkit::postgres_url(&place) else {
        // A file has one process.
        return;
    };
    with_a_bit_of_everything(&world);
    let backup = Backup::open(&made(&world, None)).unwrap();
    let work = new_file(&world.folder.path().join("work.db"));
    backup
        .write_database(&work, &world.key, &|_| Ok(()))
        .unwrap();
    world.user(world.contoso, "cleo");
    let aside = new_file(&world.folder.path().join("aside.backup"));
    let mut written = Vec::new();
    let keep = |reader: &Reader<'_>| {
        reader.keep_aside(&aside, NOW, &mut |_, _, _| {
            written.push(anybody_can_write(&place));
        })
    };
    backup
        .write_server(&url, &world.key, &work, &world.ids, keep, &mut |_, _, _| {})
        .unwrap();
    assert!(written.len() > 5 && !written.contains(&true), "{written:?}");
    let aside = Backup::open(aside.path()).unwrap();
    assert!(aside.verify(&world.key).unwrap());
    let objects = |backup: &Backup| {
        let counts = backup.counts().unwrap();
        counts.iter().find(|(name, _)| name == "object").unwrap().1
    };
    assert_eq!((objects(&aside), objects(&backup)), (3, 2));
}

/// A digest reads all of what is kept aside, which may take longer than the server waits for a word: it would take the
/// restore for lost, every time.
#[test]
fn a_server_is_spoken_to_while_what_is_kept_aside_is_digested() {
    let world = World::new();
    let place = world.folder.path().join("test.db");
    let Some(url) = syncline_testkit::postgres_url(&place) else {
        // A file waits for ever.
        return;
    };
    with_a_bit_of_everything(&world);
    let backup = Backup::open(&made(&world, None)).unwrap();
    let work = new_file(&world.folder.path().join("work.db"));
    backup
        .write_database(&work, &world.key, &|_| Ok(()))
        .unwrap();
    let aside = new_file(&world.folder.path().join("aside.backup"));
    // The last that it heard of who holds the tenants here; a division by nothing fails.
    let heard = "SELECT 1 / COUNT(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND query = 'SELECT 1 AS still_here' AND pid IN (SELECT pid FROM pg_locks WHERE relation = 'tenant'::regclass)";
    let mut was_heard = false;
    let keep = |reader: &Reader<'_>| {
        reader.keep_aside(&aside, NOW, &mut |_, _, _| {
            assert!(!syncline_testkit::tries(&place, heard), "not yet");
        })?;
        was_heard = syncline_testkit::tries(&place, heard);
        Ok::<_, StoreError>(())
    };
    backup
        .write_server(&url, &world.key, &work, &world.ids, keep, &mut |_, _, _| {})
        .unwrap();
    assert!(was_heard);
}

/// It would put one half of its work into the old database and the other into the new one.
#[test]
fn whoever_began_before_a_server_was_restored_does_not_go_on_in_what_was_restored() {
    let world = World::new();
    let place = world.folder.path().join("test.db");
    let Some(url) = syncline_testkit::postgres_url(&place) else {
        // A file has one process.
        return;
    };
    let backup = Backup::open(&made(&world, None)).unwrap();
    let mut before = Store::connect(&url, ConnectionLimit(2), &world.key).unwrap();
    for number in 0..2 {
        let work = new_file(&world.folder.path().join(format!("work{number}.db")));
        backup
            .write_database(&work, &world.key, &|_| Ok(()))
            .unwrap();
        backup
            .write_server(
                &url,
                &world.key,
                &work,
                &world.ids,
                alone,
                &mut |_, _, _| {},
            )
            .unwrap();
        let tenant = Some(world.contoso);
        let secret = Secret {
            text: "the other half".to_owned(),
        };
        let put =
            |store: &Store, tenant| store.write(|tx| tx.put_document(tenant, "it", &secret, None));
        for tenant in [tenant, None] {
            let refused = put(&before, tenant);
            assert!(matches!(refused, Err(StoreError::Replaced)), "{refused:?}");
        }
        let refused = before.write(|tx| tx.enter(&[world.contoso, world.fabrikam]));
        assert!(matches!(refused, Err(StoreError::Replaced)), "{refused:?}");
        let mut made = before.read(|it| it.tenant(world.contoso)).unwrap().unwrap();
        made.id = syncline_model::TenantId(world.ids.random_uuid());
        made.domains[0].name = "third.example".to_owned();
        let refused = before.write(|tx| tx.insert_tenant(&made));
        assert!(matches!(refused, Err(StoreError::Replaced)), "{refused:?}");
        assert!(before.layout().is_err(), "nor is it ready");
        // Whoever comes afterwards works in the new one.
        let after = Store::connect(&url, ConnectionLimit(2), &world.key).unwrap();
        put(&after, tenant).unwrap();
        before = after;
    }
}
