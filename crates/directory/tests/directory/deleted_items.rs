//! The recycle bin.

use serde::{Deserialize, Serialize};
use syncline_directory::deleted_items::{self, Purged, Restoration, Slice, left_behind};
use syncline_directory::{groups, restored};
use syncline_model::{Attr, Attrs, Clock as _, EntityKind, ObjectId, ProblemKind, TenantId, Value};
use syncline_store::{Assignment, AssignmentId, Document, ObjectState, Stored, object_documents};

use crate::applications::configuration;
use crate::assignments::{assign, role};
use crate::world::{World, ids, said, world};

const SLICE: Slice = Slice {
    objects: 100,
    edges: 1_000,
};

/// So many, and that was all.
fn whole(objects: usize) -> Purged {
    Purged {
        objects,
        more: false,
    }
}

fn list(world: &World) -> Vec<ObjectId> {
    let page = |reader: &syncline_store::Reader<'_>| {
        deleted_items::list(reader, world.contoso.id, EntityKind::User, None, 100)
    };
    ids(&world.store.read(page).unwrap())
}

fn restore(
    world: &World,
    id: ObjectId,
    name: Option<&str>,
) -> Result<Stored, syncline_model::Problem> {
    let how = Restoration {
        new_user_principal_name: name,
        ..Restoration::default()
    };
    world.write(|tx, context| deleted_items::restore(tx, context, id, how))
}

fn purge(world: &World, id: ObjectId) {
    world
        .write(|tx, context| deleted_items::purge(tx, context, id))
        .unwrap();
}

#[test]
fn a_deleted_user_is_in_the_bin_and_nowhere_else() {
    let world = world();
    let megan = world.user("megan");
    world.delete_user(megan);
    assert!(world.find_user(&megan.to_string()).is_err());
    assert!(world.find_user("megan@contoso.example").is_err());
    assert_eq!(list(&world), [megan]);
    let found = world
        .store
        .read(|reader| deleted_items::find(reader, world.contoso.id, megan))
        .unwrap();
    assert_eq!(found.state, ObjectState::Deleted);
    assert_eq!(
        found.deleted_at,
        Some(syncline_model::Clock::now(world.clock.as_ref()))
    );
    assert_eq!(
        found.entry.text(Attr::USER_PRINCIPAL_NAME),
        Some(format!("{}megan@contoso.example", megan.simple()).as_str())
    );
}

#[test]
fn the_bin_is_listed_in_pages() {
    let world = world();
    let users: Vec<ObjectId> = (0..5).map(|at| world.user(&format!("user{at}"))).collect();
    world.user("alive");
    for user in users.iter().rev() {
        world.delete_user(*user);
    }
    let page = |after| {
        world
            .store
            .read(|reader| {
                deleted_items::list(reader, world.contoso.id, EntityKind::User, after, 3)
            })
            .unwrap()
    };
    assert_eq!(ids(&page(None)), users[..3]);
    assert_eq!(ids(&page(Some(users[2]))), users[3..]);
}

#[test]
fn a_name_is_free_at_once_and_blocks_a_restore_when_taken() {
    let world = world();
    let first = world.user("megan");
    world.delete_user(first);
    let second = world.user("megan");
    let problem = restore(&world, first, None).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::BadRequest);
    assert_eq!(said(&problem).1, Some("userPrincipalName"));
    let restored = restore(&world, first, Some("megan2@contoso.example")).unwrap();
    assert_eq!(restored.entry.id, first);
    assert_eq!(
        world.find_user("megan@contoso.example").unwrap().entry.id,
        second
    );
    assert_eq!(
        world.find_user("megan2@contoso.example").unwrap().entry.id,
        first
    );
}

#[test]
fn a_taken_address_blocks_a_restore() {
    let world = world();
    let mail = || Attrs::new().with(Attr::MAIL, "m@contoso.example");
    let first = world.try_user("megan", mail()).unwrap().entry.id;
    world.delete_user(first);
    world.try_user("max", mail()).unwrap();
    assert_eq!(
        said(&restore(&world, first, None).unwrap_err()).1,
        Some("proxyAddresses")
    );
    assert_eq!(list(&world), [first]);
}

#[test]
fn a_restored_user_is_as_before() {
    let world = world();
    let before = world
        .try_user("megan", Attrs::new().with(Attr::JOB_TITLE, "Engineer"))
        .unwrap();
    world.delete_user(before.entry.id);
    let mut after = restore(&world, before.entry.id, None).unwrap();
    // But signs in anew.
    let ended = after
        .entry
        .attrs
        .remove(Attr::SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME);
    assert_eq!(ended, Some(Value::Time(world.clock.now())));
    assert_eq!(after.entry, before.entry);
    assert_eq!((after.state, after.deleted_at), (ObjectState::Live, None));
    assert!(list(&world).is_empty());
    assert_eq!(
        restore(&world, before.entry.id, None).unwrap_err().kind,
        ProblemKind::NotFound
    );
}

#[test]
fn a_new_name_must_be_a_good_one() {
    let world = world();
    let megan = world.user("megan");
    world.delete_user(megan);
    for name in ["m@fabrikam.example", "m", "m m@contoso.example"] {
        assert_eq!(
            restore(&world, megan, Some(name)).unwrap_err().kind,
            ProblemKind::BadRequest,
            "{name}"
        );
    }
}

#[test]
fn a_purged_user_leaves_a_tombstone_without_references() {
    let world = world();
    let (_, configuration) = configuration(&world);
    let [megan, max] = ["megan", "max"].map(|alias| world.user(alias));
    let group = world.group("Sales", &[megan]);
    world.set_manager(max, megan);
    assign(&world, configuration.entry.id, megan, role(&configuration)).unwrap();
    world.delete_user(megan);
    purge(&world, megan);
    world
        .store
        .read(|reader| {
            let tombstone = reader.object(world.contoso.id, megan)?.unwrap();
            assert_eq!(tombstone.state, ObjectState::Purged);
            assert!(tombstone.entry.attrs.is_empty());
            let manager = syncline_store::EdgeKind::Manager;
            assert_eq!(
                reader.single_edges(world.contoso.id, manager, &[max])?,
                [None]
            );
            assert!(
                reader
                    .assignments_of_principal(world.contoso.id, megan)?
                    .is_empty()
            );
            Ok::<_, syncline_store::StoreError>(())
        })
        .unwrap();
    assert!(world.members(group).is_empty());
    assert_eq!(
        restore(&world, megan, None).unwrap_err().kind,
        ProblemKind::NotFound
    );
}

#[test]
fn a_live_user_can_not_be_purged() {
    let world = world();
    let megan = world.user("megan");
    let problem = world
        .write(|tx, context| deleted_items::purge(tx, context, megan))
        .unwrap_err();
    assert_eq!(problem.kind, ProblemKind::NotFound);
}

#[test]
fn the_bin_empties_after_thirty_days() {
    let world = world();
    let [old, young] = ["old", "young"].map(|alias| world.user(alias));
    world.delete_user(old);
    world.clock.advance_seconds(20 * 86_400);
    world.delete_user(young);
    world.clock.advance_seconds(11 * 86_400);
    let purged = world
        .write(|tx, context| deleted_items::purge_expired(tx, context, 30, SLICE))
        .unwrap();
    assert_eq!(purged, whole(1));
    assert_eq!(list(&world), [young]);
}

#[test]
fn thirty_days_are_thirty_to_the_second() {
    let world = world();
    let megan = world.user("megan");
    world.delete_user(megan);
    world.clock.advance_seconds(30 * 86_400);
    assert_eq!(empty(&world, 30, SLICE), whole(0));
    world.clock.advance_seconds(1);
    assert_eq!(empty(&world, 30, SLICE), whole(1));
}

#[test]
fn a_slice_is_of_so_many_objects_of_all_kinds_together() {
    let world = world();
    for name in ["one", "two"] {
        let user = world.user(name);
        world.delete_user(user);
        let group = world.group(name, &[]);
        world
            .write(|tx, context| groups::delete(tx, context, group))
            .unwrap();
    }
    world.clock.advance_seconds(31 * 86_400);
    let three = Slice {
        objects: 3,
        ..SLICE
    };
    let full = Purged {
        objects: 3,
        more: true,
    };
    assert_eq!(
        empty(&world, 30, three),
        full,
        "a full one may not be the last"
    );
    assert_eq!(empty(&world, 30, three), whole(1));
}

/// Somebody may have restored an old backup for what is in them.
#[test]
fn for_a_day_after_a_backup_was_restored_no_bin_loses_anything() {
    let world = world();
    let old = world.user("old");
    world.delete_user(old);
    world.clock.advance_seconds(60 * 86_400);
    world
        .store
        .write(|tx| restored::begin_anew(tx, world.ids.as_ref(), world.clock.now()))
        .unwrap();
    let until = restored::kept_until(world.clock.now());
    for seconds in [0, 86_399] {
        world.clock.advance_seconds(seconds);
        assert_eq!(empty(&world, 0, SLICE), whole(0));
        assert_eq!(list(&world), [old]);
    }
    // On purpose it goes at once, and after that day by itself.
    let young = world.user("young");
    world.delete_user(young);
    world
        .write(|tx, context| deleted_items::purge(tx, context, young))
        .unwrap();
    world.clock.advance_seconds(1);
    assert_eq!(world.clock.now(), until);
    assert_eq!(empty(&world, 30, SLICE), whole(1));
}

/// Two groups of the same seven people, deleted longer ago than the recycle bin keeps them.
fn two_expired_groups(world: &World) -> ([ObjectId; 2], Vec<ObjectId>) {
    let people: Vec<ObjectId> = (0..7).map(|at| world.user(&format!("user{at}"))).collect();
    let both = ["one", "two"].map(|name| world.group(name, &people));
    for group in both {
        world
            .write(|tx, context| groups::delete(tx, context, group))
            .unwrap();
    }
    world.clock.advance_seconds(31 * 86_400);
    (both, people)
}

fn empty(world: &World, days: u32, slice: Slice) -> Purged {
    world
        .write(|tx, context| deleted_items::purge_expired(tx, context, days, slice))
        .unwrap()
}

fn memberships(world: &World, group: ObjectId) -> usize {
    let (tenant, kind) = (world.contoso.id, syncline_store::EdgeKind::Member);
    let members = world
        .store
        .read(|reader| reader.edges_from(tenant, kind, group, None, 100));
    members.unwrap().len()
}

fn state(world: &World, id: ObjectId) -> ObjectState {
    let found = world
        .store
        .read(|reader| reader.object(world.contoso.id, id));
    found.unwrap().unwrap().state
}

#[test]
fn an_object_of_many_references_goes_a_slice_at_a_time_and_not_before_its_last() {
    let world = world();
    let ([first, second], _) = two_expired_groups(&world);
    let few = Slice { edges: 3, ..SLICE };
    let mut purged = Vec::new();
    for left in [(4, 7), (1, 7), (0, 5), (0, 2), (0, 0)] {
        purged.push(empty(&world, 30, few));
        assert_eq!(
            (memberships(&world, first), memberships(&world, second)),
            left
        );
    }
    let objects: Vec<usize> = purged.iter().map(|it| it.objects).collect();
    assert_eq!(objects, [0, 0, 1, 0, 1]);
    assert!(purged[..4].iter().all(|it| it.more));
    assert_eq!(empty(&world, 30, few), whole(0));
    for group in [first, second] {
        assert_eq!(state(&world, group), ObjectState::Purged);
    }
}

/// Somebody may delete it for good by hand meanwhile.
#[test]
fn what_is_gone_before_it_is_finished_is_not_counted() {
    let world = world();
    let ([first, second], _) = two_expired_groups(&world);
    let few = Slice { edges: 3, ..SLICE };
    assert_eq!(empty(&world, 30, few).objects, 0);
    purge(&world, first);
    assert_eq!(empty(&world, 30, SLICE), whole(1));
    assert_eq!(state(&world, second), ObjectState::Purged);
}

#[test]
fn what_has_lost_some_of_its_references_does_not_come_back_and_is_finished() {
    let world = world();
    let ([first, second], people) = two_expired_groups(&world);
    let few = Slice { edges: 3, ..SLICE };
    assert_eq!(
        empty(&world, 30, few),
        Purged {
            objects: 0,
            more: true
        }
    );
    let refused = restore(&world, first, None).unwrap_err();
    assert_eq!(refused.kind, ProblemKind::NotFound);
    // The bin may keep things for longer by now: the other one is as it was.
    restore(&world, second, None).unwrap();
    assert_eq!(world.members(second), people);
    while empty(&world, 365, few).more {}
    assert_eq!(state(&world, first), ObjectState::Purged);
    assert_eq!(world.members(second), people);
}

/// A member more than goes in one transaction.
#[test]
fn a_large_group_that_is_purged_is_gone_at_once_and_its_memberships_a_slice_at_a_time() {
    let world = world();
    let group = world.group("one", &[]);
    with_too_many_members(&world, world.contoso.id, group);
    world
        .write(|tx, context| groups::delete(tx, context, group))
        .unwrap();
    purge(&world, group);
    assert_eq!(memberships(&world, group), 1);
    let find = |reader: &syncline_store::Reader<'_>| {
        let (tenant, kind) = (world.contoso.id, EntityKind::Group);
        let listed = deleted_items::list(reader, tenant, kind, None, 10).unwrap();
        (deleted_items::find(reader, tenant, group), ids(&listed))
    };
    let (found, listed) = world
        .store
        .read(|reader| Ok::<_, syncline_store::StoreError>(find(reader)))
        .unwrap();
    assert_eq!(found.unwrap_err().kind, ProblemKind::NotFound);
    assert!(listed.is_empty());
    let not_found = |answer: Result<(), syncline_model::Problem>| {
        assert_eq!(answer.unwrap_err().kind, ProblemKind::NotFound);
    };
    not_found(restore(&world, group, None).map(drop));
    not_found(world.write(|tx, context| deleted_items::purge(tx, context, group)));

    assert_eq!(empty(&world, 365, SLICE), whole(1));
    assert_eq!(memberships(&world, group), 0);
    assert_eq!(state(&world, group), ObjectState::Purged);
}

/// It was gone for everybody before: nobody restored the backup for what is left of it.
#[test]
fn what_is_being_purged_is_finished_while_the_bins_of_a_backup_lose_nothing() {
    let world = world();
    let old = world.user("old");
    world.delete_user(old);
    let group = world.group("one", &[]);
    with_too_many_members(&world, world.contoso.id, group);
    world
        .write(|tx, context| groups::delete(tx, context, group))
        .unwrap();
    purge(&world, group);
    world.clock.advance_seconds(60 * 86_400);
    world
        .store
        .write(|tx| restored::begin_anew(tx, world.ids.as_ref(), world.clock.now()))
        .unwrap();
    let has_expired = || {
        let (tenant, now) = (world.contoso.id, world.clock.now());
        let asked = world
            .store
            .read(|reader| deleted_items::has_expired(reader, tenant, now, 30));
        asked.unwrap()
    };
    assert!(has_expired());
    assert_eq!(empty(&world, 30, SLICE), whole(1));
    assert_eq!(state(&world, group), ObjectState::Purged);
    assert!(!has_expired());
    assert_eq!(list(&world), [old]);
}

/// Adds memberships of nobody, one more than go at once.
pub(crate) fn with_too_many_members(world: &World, tenant: TenantId, group: ObjectId) {
    let of = |at: usize| syncline_store::Edge {
        kind: syncline_store::EdgeKind::Member,
        from: group,
        to: ObjectId(uuid::Uuid::from_u128(0xFFFF_0000_0000 + at as u128)),
    };
    let edges: Vec<_> = (0..=deleted_items::EDGES_AT_ONCE).map(of).collect();
    world
        .store
        .write(|tx| tx.add_edges(tenant, &edges))
        .unwrap();
}

/// What else is known of somebody.
#[derive(Serialize, Deserialize)]
struct Password {}

impl Document for Password {
    const KIND: &'static str = object_documents::PASSWORD;
}

pub(crate) fn give_password(world: &World, tenant: TenantId, id: ObjectId) {
    let key = id.to_string();
    world
        .store
        .write(|tx| tx.put_document(Some(tenant), &key, &Password {}, None))
        .unwrap();
}

pub(crate) fn has_password(world: &World, tenant: TenantId, id: ObjectId) -> bool {
    let key = id.to_string();
    let found = world
        .store
        .read(|reader| reader.document::<Password>(Some(tenant), &key));
    found.unwrap().is_some()
}

#[test]
fn whoever_is_purged_is_forgotten_and_nobody_before() {
    let world = world();
    let tenant = world.contoso.id;
    let [now, later, large] = ["now", "later", "large"].map(|alias| world.user(alias));
    let large_group = world.group("large", &[]);
    with_too_many_members(&world, tenant, large_group);
    for id in [now, later, large, large_group] {
        give_password(&world, tenant, id);
    }
    for id in [now, later] {
        world.delete_user(id);
    }
    world
        .write(|tx, context| groups::delete(tx, context, large_group))
        .unwrap();
    assert!(has_password(&world, tenant, now), "it may be restored");
    purge(&world, now);
    assert!(!has_password(&world, tenant, now));
    // Its last references are still to go.
    purge(&world, large_group);
    assert_ne!(state(&world, large_group), ObjectState::Purged);
    assert!(!has_password(&world, tenant, large_group));
    assert!(has_password(&world, tenant, later));
    world.clock.advance_seconds(31 * 86_400);
    while empty(&world, 30, SLICE).more {}
    assert!(!has_password(&world, tenant, later));
    assert!(has_password(&world, tenant, large), "it is live");
}

#[test]
fn what_was_left_behind_is_looked_for_once_a_day() {
    let world = world();
    let tenant = world.contoso.id;
    let [gone, there] = ["gone", "there"].map(|alias| world.user(alias));
    world.delete_user(gone);
    purge(&world, gone);
    let is_due = || {
        let now = world.clock.now();
        let asked = world
            .store
            .read(|reader| left_behind::is_due(reader, tenant, now));
        asked.unwrap()
    };
    let sweep = || {
        let now = world.clock.now();
        let swept = world.store.write(|tx| left_behind::sweep(tx, tenant, now));
        swept.unwrap().removed
    };
    // As versions before did.
    for id in [gone, there] {
        give_password(&world, tenant, id);
    }
    assert!(is_due());
    assert_eq!(sweep(), 1);
    assert!(!has_password(&world, tenant, gone));
    assert!(has_password(&world, tenant, there));
    give_password(&world, tenant, gone);
    assert!(!is_due());
    assert_eq!(sweep(), 0);
    world.clock.advance_seconds(86_400);
    assert!(is_due());
    assert_eq!(sweep(), 1);
}

/// In one transaction other writers of the tenant would wait for all of them.
#[test]
fn somebody_with_many_assignments_is_purged_a_slice_at_a_time() {
    let world = world();
    let (_, configuration) = configuration(&world);
    let megan = world.user("megan");
    let of = |at: usize| Assignment {
        id: AssignmentId {
            principal: megan,
            suffix: (at as u128).to_be_bytes(),
        },
        resource: configuration.entry.id,
        principal_kind: EntityKind::User,
        role: uuid::Uuid::from_u128(at as u128),
        created_at: world.clock.now(),
    };
    let many: Vec<_> = (0..=deleted_items::EDGES_AT_ONCE).map(of).collect();
    world
        .store
        .write(|tx| tx.insert_assignments(world.contoso.id, &many))
        .unwrap();
    world.delete_user(megan);
    let left = || {
        let held = world
            .store
            .read(|reader| reader.assignments_of_principal(world.contoso.id, megan));
        held.unwrap().len()
    };
    world.clock.advance_seconds(31 * 86_400);
    let slice = Slice {
        edges: deleted_items::EDGES_AT_ONCE,
        ..SLICE
    };
    let begun = Purged {
        objects: 0,
        more: true,
    };
    assert_eq!(empty(&world, 30, slice), begun);
    assert_eq!(left(), 1);
    assert_eq!(empty(&world, 30, slice), whole(1));
    assert_eq!(left(), 0);
    assert_eq!(state(&world, megan), ObjectState::Purged);
}

#[test]
fn a_purged_service_principal_takes_its_assignments_along() {
    let world = world();
    let (_, configuration) = configuration(&world);
    let megan = world.user("megan");
    assign(&world, configuration.entry.id, megan, role(&configuration)).unwrap();
    let id = configuration.entry.id;
    world
        .write(|tx, context| syncline_directory::service_principals::delete(tx, context, id))
        .unwrap();
    purge(&world, id);
    let held = world
        .store
        .read(|reader| reader.assignments_of_principal(world.contoso.id, megan))
        .unwrap();
    assert!(held.is_empty());
}

#[test]
fn deleted_date_time_shows_only_while_deleted() {
    let world = world();
    let megan = world.user("megan");
    world.delete_user(megan);
    let found = world
        .store
        .read(|reader| deleted_items::find(reader, world.contoso.id, megan))
        .unwrap();
    assert_eq!(
        found.entry.get(Attr::DELETED_DATE_TIME),
        found.deleted_at.map(Value::Time).as_ref()
    );
    let restored = restore(&world, megan, None).unwrap();
    assert!(!restored.entry.attrs.contains(Attr::DELETED_DATE_TIME));
}
