use std::collections::BTreeSet;

use syncline_access::DirectoryRole::{
    GlobalReader, GroupsAdministrator, SecurityAdministrator, UserAdministrator,
};
use syncline_access::roles;
use syncline_model::{Attr, Attrs, Clock as _, EntityKind, Entry, Ids as _, ObjectId};
use syncline_store::{Edge, EdgeKind, ObjectState};

use crate::world::{Hosted, World, claims};

/// A group with these members; for roles or not.
pub fn group(world: &World, tenant: &Hosted, for_roles: bool, members: &[ObjectId]) -> ObjectId {
    let id = world.ids.object_id();
    let attrs = Attrs::new().with(Attr::IS_ASSIGNABLE_TO_ROLE, for_roles);
    let entry = Entry {
        id,
        kind: EntityKind::Group,
        attrs,
    };
    let edge = |to: &ObjectId| Edge {
        kind: EdgeKind::Member,
        from: id,
        to: *to,
    };
    let edges: Vec<Edge> = members.iter().map(edge).collect();
    world.write(|tx| {
        tx.insert_objects(tenant.id, &[entry], world.clock.now())?;
        tx.add_edges(tenant.id, &edges)?;
        Ok(())
    });
    id
}

#[test]
fn granted_twice_is_one_assignment_and_revoked_is_gone() {
    let world = World::new();
    let tenant = &world.contoso;
    world.write(|tx| {
        let first = roles::grant(tx, tenant.id, world.ids.as_ref(), tenant.ada, GlobalReader)?;
        let again = roles::grant(tx, tenant.id, world.ids.as_ref(), tenant.ada, GlobalReader)?;
        assert_eq!(first, again);
        roles::grant(
            tx,
            tenant.id,
            world.ids.as_ref(),
            tenant.ada,
            SecurityAdministrator,
        )?;
        roles::grant(
            tx,
            tenant.id,
            world.ids.as_ref(),
            tenant.bob,
            SecurityAdministrator,
        )?;
        assert!(roles::all(tx, tenant.id)?.contains(&first));
        Ok(())
    });
    let of = |user| {
        let mut held = world
            .store
            .read(|reader| roles::given(reader, tenant.id, (EntityKind::User, user)))
            .unwrap();
        held.sort();
        held
    };
    assert_eq!(of(tenant.ada), [SecurityAdministrator, GlobalReader]);
    assert_eq!(of(tenant.bob), [SecurityAdministrator]);
    world.write(|tx| {
        assert!(roles::revoke(
            tx,
            tenant.id,
            tenant.ada,
            SecurityAdministrator
        )?);
        assert!(!roles::revoke(
            tx,
            tenant.id,
            tenant.ada,
            SecurityAdministrator
        )?);
        Ok(())
    });
    assert_eq!(of(tenant.ada), [GlobalReader]);
    let all = world
        .store
        .read(|reader| roles::list(reader, tenant.id, None, 10))
        .unwrap();
    assert_eq!(all.len(), 2);
    let rest = world
        .store
        .read(|reader| roles::list(reader, tenant.id, Some(&all[0]), 10))
        .unwrap();
    assert_eq!(rest, all[1..]);
}

#[test]
fn roles_of_one_tenant_mean_nothing_in_another() {
    let world = World::new();
    world.write(|tx| {
        roles::grant(
            tx,
            world.contoso.id,
            world.ids.as_ref(),
            world.contoso.ada,
            GlobalReader,
        )?;
        Ok(())
    });
    let elsewhere = world
        .store
        .read(|reader| {
            roles::given(
                reader,
                world.fabrikam.id,
                (EntityKind::User, world.contoso.ada),
            )
        })
        .unwrap();
    assert!(elsewhere.is_empty());
}

#[test]
fn roles_of_groups_for_roles_are_held_by_who_is_in_them_and_told_in_tokens() {
    let world = World::new();
    let tenant = &world.contoso;
    let (bob, tool) = (tenant.bob, tenant.service_principal);
    let strong = group(&world, tenant, true, &[bob, tool]);
    let plain = group(&world, tenant, false, &[bob, tool]);
    let outer = group(&world, tenant, true, &[plain]);
    let empty = group(&world, tenant, true, &[]);
    let grant = |principal, role| {
        world.write(|tx| {
            roles::grant(tx, tenant.id, world.ids.as_ref(), principal, role)?;
            Ok(())
        });
    };
    let held = |principal| {
        world
            .store
            .read(|reader| roles::held(reader, tenant.id, principal))
            .unwrap()
    };
    grant(bob, GlobalReader);
    assert_eq!(held(bob), BTreeSet::from([GlobalReader]));
    for holder in [plain, outer, empty] {
        grant(holder, UserAdministrator);
    }
    assert_eq!(held(bob), BTreeSet::from([GlobalReader]));
    grant(strong, SecurityAdministrator);
    grant(strong, GroupsAdministrator);
    let of_group = BTreeSet::from([SecurityAdministrator, GroupsAdministrator]);
    assert_eq!(held(tool), of_group);
    let of_bob: BTreeSet<_> = of_group.iter().copied().chain([GlobalReader]).collect();
    assert_eq!(held(bob), of_bob);
    assert!(held(tenant.ada).is_empty());
    for (token, expected) in [
        (world.user_token(tenant, bob, &["User.Read"]), &of_bob),
        (world.app_token(tenant), &of_group),
    ] {
        let wids: Vec<String> = serde_json::from_value(claims(&token)["wids"].clone()).unwrap();
        let expected: Vec<String> = expected
            .iter()
            .map(|role| role.template_id().to_string())
            .collect();
        assert_eq!(wids, expected);
    }
    // A group in the recycle bin gives nothing, and takes nobody's protection away.
    world.write(|tx| {
        let entry = tx.object(tenant.id, strong)?.unwrap().entry;
        Ok(tx.move_objects(tenant.id, &[entry], ObjectState::Deleted, world.clock.now())?)
    });
    assert!(held(tool).is_empty());
    let is_privileged = |principal| {
        world
            .store
            .read(|reader| roles::is_privileged(reader, tenant.id, principal))
            .unwrap()
    };
    assert!(is_privileged(tool) && is_privileged(bob) && !is_privileged(tenant.ada));
}

#[test]
fn assignments_of_groups_are_listed_after_all_others_found_and_revoked() {
    let world = World::new();
    let tenant = &world.contoso;
    let strong = group(&world, tenant, true, &[]);
    let holders = [tenant.ada, strong, tenant.bob];
    world.write(|tx| {
        for holder in holders {
            for role in [GlobalReader, UserAdministrator] {
                let ids = world.ids.as_ref();
                let made = roles::grant(tx, tenant.id, ids, holder, role)?;
                assert_eq!(made.to_group, holder == strong);
                assert_eq!(roles::grant(tx, tenant.id, ids, holder, role)?, made);
                assert!(roles::all(tx, tenant.id)?.contains(&made));
            }
        }
        Ok(())
    });
    let mut walked: Vec<roles::RoleAssignment> = Vec::new();
    loop {
        let page = world
            .store
            .read(|reader| roles::list(reader, tenant.id, walked.last(), 1))
            .unwrap();
        match page.into_iter().next() {
            Some(next) => walked.push(next),
            None => break,
        }
    }
    assert_eq!(walked.len(), 6);
    assert!(walked[4..].iter().all(|it| it.principal == strong));
    world.write(|tx| {
        assert!(roles::revoke(tx, tenant.id, strong, GlobalReader)?);
        assert!(!roles::revoke(tx, tenant.id, strong, GlobalReader)?);
        assert_eq!(
            roles::given(tx, tenant.id, (EntityKind::Group, strong))?,
            [UserAdministrator]
        );
        Ok(())
    });
}

/// A version in which roles of groups did not count kept them beside those of users.
#[test]
fn a_role_that_an_earlier_version_gave_to_a_group_can_be_given_anew() {
    let world = World::new();
    let tenant = &world.contoso;
    let strong = group(&world, tenant, true, &[tenant.ada]);
    let role = GlobalReader;
    let key = format!("{strong}/{}", role.template_id());
    world.write(|tx| {
        let old = roles::RoleAssignment {
            id: world.ids.random_uuid(),
            principal: strong,
            role,
            to_group: false,
        };
        tx.put_document(Some(tenant.id), &key, &old, None)?;
        let holder = (EntityKind::Group, strong);
        assert!(!roles::is_given(tx, tenant.id, holder, role)?);
        roles::grant(tx, tenant.id, world.ids.as_ref(), strong, role)?;
        assert!(roles::is_given(tx, tenant.id, holder, role)?);
        assert_eq!(roles::list(tx, tenant.id, None, 10)?.len(), 1);
        let held = roles::held(tx, tenant.id, tenant.ada)?;
        assert_eq!(held, BTreeSet::from([role]));
        Ok(())
    });
}
