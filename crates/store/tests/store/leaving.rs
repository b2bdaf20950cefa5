//! Tenants that are deleted.

use syncline_model::{EntityKind, Ids as _, ObjectId, TenantId};
use syncline_store::{
    Assignment, AssignmentId, Domain, Edge, EdgeKind, Key, KeyName, ObjectState, RULES, Reader,
    Store, StoreError, SweptTenant, Tenant,
};

use crate::backup::{Secret, made, restored};
use crate::deleted_jobs::filled;
use crate::world::{NOW, World};

const USER: EntityKind = EntityKind::User;

/// Contoso with something in every table, and Fabrikam with nobody else in it than before.
fn world() -> World {
    let world = World::new();
    let people = [1, 2, 3].map(|number| world.user(world.contoso, &format!("Q{number}")));
    filled(&world, 3);
    let deleted = filled(&world, 1);
    let contoso = world.contoso;
    let edge = |from: ObjectId, to: ObjectId| Edge {
        kind: EdgeKind::Manager,
        from,
        to,
    };
    world
        .store
        .write(|tx| {
            tx.add_edges(contoso, &[edge(people[0], people[1])])?;
            let keys: Vec<_> = people
                .iter()
                .map(|id| {
                    let name = format!("{id}@contoso.example");
                    (Key::new(KeyName::UserPrincipalName, &name), USER, *id)
                })
                .collect();
            tx.take_keys(contoso, &keys)?;
            let assignment = Assignment {
                id: AssignmentId {
                    principal: people[0],
                    suffix: *world.ids.random_uuid().as_bytes(),
                },
                resource: people[2],
                role: world.ids.random_uuid(),
                principal_kind: USER,
                created_at: NOW,
            };
            tx.insert_assignment(contoso, &assignment)?;
            let secret = Secret {
                text: "sealed".to_owned(),
            };
            tx.put_document(Some(contoso), "one", &secret, None)?;
            tx.delete_job(contoso, &deleted)
        })
        .unwrap();
    world.user(world.fabrikam, "stays");
    world
}

fn leave(world: &World) -> usize {
    let gone = world
        .store
        .write(|tx| tx.let_tenant_leave(world.contoso))
        .unwrap();
    gone.len()
}

fn sweep(store: &Store, tenant: TenantId, limit: u64) -> SweptTenant {
    store
        .write(|tx| tx.sweep_leaving_tenant(tenant, limit))
        .unwrap()
}

fn left(store: &Store, tenant: TenantId) -> u64 {
    store.read(|reader| reader.count_left_of(tenant)).unwrap()
}

fn forget(store: &Store, tenant: TenantId) -> bool {
    store.write(|tx| tx.forget_leaving_tenant(tenant)).unwrap()
}

/// No rule is broken, in any table.
fn is_sound(store: &Store) {
    for rule in &RULES {
        let page = store
            .read(|reader| reader.check_rule(rule, None, 1000))
            .unwrap();
        assert_eq!(page.broken, Vec::<String>::new(), "{}", rule.wrong);
    }
}

fn is_nowhere(store: &Store, tenant: TenantId) {
    let unknown = |told: Result<u64, StoreError>| {
        assert!(
            matches!(told, Err(StoreError::UnknownTenant(it)) if it == tenant),
            "{told:?}"
        );
    };
    unknown(store.read(|reader| reader.sequence(tenant)));
    unknown(store.read(|reader| reader.confirm_tenant(tenant).map(|()| 0)));
    unknown(store.read(|reader| reader.count_objects(tenant, USER, ObjectState::Live)));
    unknown(store.write(|tx| tx.enter(&[tenant]).map(|()| 0)));
    unknown(store.write(|tx| tx.count_jobs_of(tenant)));
    let nothing = |reader: &Reader<'_>| {
        assert_eq!(reader.tenant(tenant)?, None);
        assert_eq!(reader.tenant_of_domain("contoso.onmicrosoft.com")?, None);
        assert!(!reader.tenant_ids()?.contains(&tenant));
        assert!(reader.tenants()?.iter().all(|it| it.id != tenant));
        assert!(
            reader
                .domains()?
                .iter()
                .all(|(name, of)| !name.contains("contoso") && of.is_some())
        );
        assert!(reader.all_jobs()?.is_empty() && reader.job_rows()?.is_empty());
        assert!(reader.due_jobs(NOW, 10)?.is_empty());
        Ok::<_, StoreError>(())
    };
    store.read(nothing).unwrap();
}

fn tenant(id: TenantId, domain: &str) -> Tenant {
    Tenant {
        id,
        display_name: "New".to_owned(),
        created_at: NOW,
        domains: vec![Domain {
            name: domain.to_owned(),
            is_default: true,
            is_initial: true,
        }],
    }
}

fn insert(world: &World, id: TenantId, domain: &str) -> Result<(), StoreError> {
    world
        .store
        .write(|tx| tx.insert_tenant(&tenant(id, domain)))
}

#[test]
fn a_tenant_is_gone_at_once_and_its_rows_go_in_slices() {
    let world = world();
    let (store, contoso) = (&world.store, world.contoso);
    is_sound(store);
    assert_eq!(left(store, contoso), 0, "of one that is there");
    assert_eq!(sweep(store, contoso, 100).removed, 0);
    assert!(!forget(store, contoso));
    // It is remembered where it is.
    store.read(|reader| reader.sequence(contoso)).unwrap();

    assert_eq!(leave(&world), 1);
    is_nowhere(store, contoso);
    is_sound(store);
    assert!(!forget(store, contoso), "something is left");
    let mut rows = left(store, contoso);
    assert!(rows > 30, "{rows}");
    while rows > 0 {
        let swept = sweep(store, contoso, 4);
        assert_eq!(swept.removed, rows.min(4));
        assert_eq!(swept.more, rows >= 4);
        rows -= swept.removed;
        assert_eq!(left(store, contoso), rows);
        is_nowhere(store, contoso);
        is_sound(store);
    }
    let leaving = store.read(|reader| reader.leaving_tenants()).unwrap();
    assert_eq!(leaving.len(), 1);
    assert!(forget(store, contoso));
    assert!(!forget(store, contoso), "once");
    assert_eq!(store.read(|reader| reader.leaving_tenants()).unwrap(), []);
    is_nowhere(store, contoso);
    is_sound(store);
    assert_eq!(world.names(world.fabrikam), ["stays"]);
}

#[test]
fn its_domains_are_free_in_the_end_and_its_id_and_number_never() {
    let world = world();
    // The newest one, whose number a file would give to the next.
    let newest = world.another_tenant();
    let initial = format!("{}.onmicrosoft.com", newest.0.simple());
    let store = &world.store;
    let [from, to] = ["group", "member"].map(|name| world.user(world.fabrikam, name));
    let edge = Edge {
        kind: EdgeKind::Member,
        from,
        to,
    };
    let added = store.write(|tx| tx.add_edges_by(world.fabrikam, &[edge], newest));
    assert_eq!(added.unwrap(), [true]);
    let deleted = |id| store.read(|reader| reader.was_deleted(id)).unwrap();
    assert!(!deleted(newest));
    store.write(|tx| tx.let_tenant_leave(newest)).unwrap();
    let other = TenantId(world.ids.random_uuid());
    for (id, domain) in [(other, initial.as_str()), (newest, "else.example")] {
        let told = insert(&world, id, domain);
        assert!(matches!(told, Err(StoreError::Taken)), "{told:?}");
    }
    let of_domain = |reader: &Reader<'_>| reader.leaving_tenant_of_domain(&initial);
    assert_eq!(store.read(of_domain).unwrap().map(|it| it.id), Some(newest));
    assert!(deleted(newest));
    assert!(forget(store, newest));
    assert!(deleted(newest));
    let told = insert(&world, newest, "else.example");
    assert!(matches!(told, Err(StoreError::Taken)), "{told:?}");

    insert(&world, other, &initial).unwrap();
    for new in [other, world.another_tenant()] {
        let added = store.read(|reader| reader.edges_added(world.fabrikam, &[edge], new));
        assert_eq!(
            added.unwrap(),
            [Some(false)],
            "what the one that is gone has added"
        );
    }
}

#[test]
fn a_tenant_whose_deletion_is_taken_back_is_there_as_before() {
    let world = world();
    let store = &world.store;
    let refused = store.write(|tx| {
        tx.let_tenant_leave(world.contoso)?;
        Err::<(), _>(StoreError::Damaged("a test"))
    });
    refused.unwrap_err();
    store.read(|reader| reader.sequence(world.contoso)).unwrap();
    world.user(world.contoso, "R");
    assert_eq!(world.names(world.contoso).len(), 8);
    assert_eq!(left(store, world.contoso), 0);
}

/// It remembers the tenant.
#[test]
fn another_node_lets_nobody_in_and_writes_nothing() {
    let world = world();
    if !syncline_testkit::on_postgres() {
        return;
    }
    let path = world.folder.path().join("test.db");
    let other = syncline_testkit::open_store(&path, &world.key).unwrap();
    let count = |reader: &Reader<'_>| reader.count_objects(world.contoso, USER, ObjectState::Live);
    assert!(other.read(count).unwrap() > 0);
    leave(&world);
    let unknown = |told: Result<(), StoreError>| {
        assert!(
            matches!(told, Err(StoreError::UnknownTenant(_))),
            "{told:?}"
        );
    };
    unknown(other.read(|reader| reader.sequence(world.contoso).map(drop)));
    unknown(other.read(|reader| reader.confirm_tenant(world.contoso)));
    unknown(other.write(|tx| tx.enter(&[world.contoso])));
    // Both remove what is left.
    assert_eq!(sweep(&other, world.contoso, 5).removed, 5);
    while sweep(&world.store, world.contoso, 5).more {}
    assert!(forget(&other, world.contoso));
    assert!(!forget(&world.store, world.contoso));
    unknown(other.read(|reader| reader.sequence(world.contoso).map(drop)));
}

#[test]
fn a_backup_of_one_that_is_being_deleted_is_gone_on_with() {
    let world = world();
    leave(&world);
    sweep(&world.store, world.contoso, 7);
    let rows = left(&world.store, world.contoso);
    let backup = made(&world, None);
    let to = world.folder.path().join("restored.db");
    let again = restored(&backup, &to, &world.key).unwrap();
    is_nowhere(&again, world.contoso);
    is_sound(&again);
    assert_eq!(left(&again, world.contoso), rows);
    assert_eq!(sweep(&again, world.contoso, 1000).removed, rows);
    assert!(forget(&again, world.contoso));
    assert_eq!(left(&world.store, world.contoso), rows, "where it was made");
}
