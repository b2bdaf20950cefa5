//! Who added a reference, and whose memberships a job has still to go through.

use syncline_model::{EntityKind, JobId, ObjectId, TenantId, Timestamp};
use syncline_store::{
    Edge, EdgeChange, EdgeKind, MembershipStage, MembershipsDue, Reader, StoreError,
};

use crate::links;
use crate::world::World;

fn member(from: ObjectId, to: ObjectId) -> Edge {
    Edge {
        kind: EdgeKind::Member,
        from,
        to,
    }
}

#[test]
fn who_added_a_reference_is_told_until_it_is_removed() {
    let world = World::new();
    let [ana, bo, cleo] = ["ana", "bo", "cleo"].map(|name| world.user(world.fabrikam, name));
    let (by_hand, synchronized) = (member(ana, bo), member(ana, cleo));
    let both = [by_hand, synchronized];
    let (fabrikam, contoso) = (world.fabrikam, world.contoso);
    let added = |reader: &Reader<'_>| reader.edges_added(fabrikam, &both, contoso);
    world
        .store
        .write(|tx| {
            assert_eq!(added(tx)?, [None, None]);
            assert_eq!(tx.add_edges(fabrikam, &[by_hand])?, [true]);
            // What is there already stays whose it is.
            assert_eq!(tx.add_edges_by(fabrikam, &both, contoso)?, [false, true]);
            assert_eq!(added(tx)?, [Some(false), Some(true)]);
            assert_eq!(
                tx.edges_added(fabrikam, &both, fabrikam)?,
                [Some(false), Some(false)]
            );
            let page = |after, limit| {
                tx.edges_from_added(fabrikam, EdgeKind::Member, ana, contoso, after, limit)
            };
            assert_eq!(page(None, 1)?, [(bo, false)]);
            assert_eq!(page(Some(bo), 10)?, [(cleo, true)]);
            let groups = |member, after| {
                tx.edges_to_added(fabrikam, EdgeKind::Member, member, contoso, after, 10)
            };
            assert_eq!(groups(bo, None)?, [(ana, false)]);
            assert_eq!(groups(cleo, None)?, [(ana, true)]);
            assert_eq!(groups(cleo, Some(ana))?, []);
            // Removed and added again, each is whoever's added it last.
            tx.remove_edges(fabrikam, &both)?;
            assert_eq!(added(tx)?, [None, None]);
            let groups = tx.edges_to_added(fabrikam, EdgeKind::Member, cleo, contoso, None, 10)?;
            assert_eq!(groups, []);
            tx.add_edges(fabrikam, &[synchronized])?;
            tx.add_edges_by(fabrikam, &[by_hand], contoso)?;
            assert_eq!(added(tx)?, [Some(true), Some(false)]);
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[test]
fn changes_of_references_come_in_order_and_in_pages() {
    let world = World::new();
    let [ana, bo, cleo] = ["ana", "bo", "cleo"].map(|name| world.user(world.contoso, name));
    let contoso = world.contoso;
    let (first, second) = (member(ana, bo), member(ana, cleo));
    world
        .store
        .write(|tx| {
            tx.add_edges(contoso, &[first])?;
            tx.add_edges(contoso, &[second])?;
            tx.remove_edges(contoso, &[first])
        })
        .unwrap();
    world
        .store
        .read(|reader| {
            let until = reader.sequence(contoso)?;
            let page = reader.edge_changes(contoso, 0, until, 1)?;
            let [EdgeChange { sequence, edge, .. }] = page[..] else {
                panic!("{page:?}");
            };
            assert_eq!(edge, second);
            let rest = reader.edge_changes(contoso, sequence, until, 10)?;
            let rest: Vec<_> = rest.iter().map(|it| (it.edge, it.removed)).collect();
            assert_eq!(rest, [(first, true)]);
            assert_eq!(reader.edge_changes(contoso, 0, until - 1, 10)?.len(), 1);
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[test]
fn memberships_are_due_until_they_are_done() {
    let world = World::new();
    let job = links::job(&world, world.contoso);
    let other = links::job(&world, world.contoso);
    let contoso = world.contoso;
    let [ana, bo, other_person] = ["ana", "bo", "cleo"].map(|name| world.user(contoso, name));
    let of_ana = MembershipsDue::of(EntityKind::User, ana);
    let of_bo = MembershipsDue::of(EntityKind::Group, bo);
    let (began, latest) = (Timestamp(1_000), Timestamp(2_000));
    world
        .store
        .write(|tx| {
            tx.put_memberships_due(contoso, &job, &[of_bo, of_ana])?;
            let due = |reader: &Reader<'_>, job, after, limit| {
                reader.memberships_due(contoso, job, began, latest, after, limit)
            };
            assert_eq!(due(tx, &job, None, 10)?, [of_ana, of_bo]);
            assert_eq!(due(tx, &job, None, 1)?, [of_ana]);
            assert_eq!(due(tx, &job, Some(ana), 10)?, [of_bo]);
            assert_eq!(due(tx, &other, None, 10)?, []);
            // What failed in this cycle waits for another one; what is under way goes on at its place.
            let failed = MembershipsDue {
                not_before: began,
                first_failed: Some(began),
                again: Some(Timestamp(7)),
                ..of_ana
            };
            let under_way = MembershipsDue {
                stage: MembershipStage::Leavers,
                place: Some(ana),
                ..of_bo
            };
            tx.put_memberships_due(contoso, &job, &[failed, under_way])?;
            assert_eq!(due(tx, &job, None, 10)?, [under_way]);
            let later = Timestamp(1_001);
            assert_eq!(
                tx.memberships_due(contoso, &job, later, latest, None, 10)?,
                [failed, under_way]
            );
            // Nothing is tried so late as this is put off to.
            let put_off = |not_before| MembershipsDue {
                not_before,
                ..failed
            };
            for (not_before, is_due) in [(latest, false), (Timestamp(2_001), true)] {
                tx.put_memberships_due(contoso, &job, &[put_off(not_before)])?;
                let found = due(tx, &job, None, 1)?;
                assert_eq!(found == [put_off(not_before)], is_due, "{found:?}");
            }
            tx.put_memberships_due(contoso, &job, &[failed])?;
            // Asked for by themselves, also what is due later.
            let asked = [bo, other_person, ana];
            assert_eq!(
                tx.memberships_due_of(contoso, &job, &asked)?,
                [Some(under_way), None, Some(failed)]
            );
            assert_eq!(tx.memberships_due_of(contoso, &other, &[ana])?, [None]);
            tx.delete_memberships_due(contoso, &job, &[bo])?;
            assert_eq!(due(tx, &job, None, 10)?, []);
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[test]
fn memberships_that_wait_for_the_end_of_a_removal_are_due_when_it_is_over() {
    let world = World::new();
    let [own, other, theirs] = [world.contoso, world.contoso, world.fabrikam]
        .map(|tenant| (tenant, links::job(&world, tenant)));
    let contoso = world.contoso;
    let [ana, bo, cleo] = ["ana", "bo", "cleo"].map(|name| world.user(contoso, name));
    let waits = |source| MembershipsDue {
        not_before: MembershipsDue::HELD,
        ..MembershipsDue::of(EntityKind::User, source)
    };
    // Found waiting in a walk that is not over.
    let under_way = MembershipsDue {
        again: Some(MembershipsDue::HELD),
        ..MembershipsDue::of(EntityKind::User, bo)
    };
    let (when, late) = (Timestamp(1_000), Timestamp(5_000));
    world
        .store
        .write(|tx| {
            for (tenant, job) in [&own, &other, &theirs] {
                tx.put_memberships_due(*tenant, job, &[waits(ana), under_way, waits(cleo)])?;
            }
            let held = |reader: &Reader<'_>, (tenant, job): &(TenantId, JobId), after, limit| {
                reader.memberships_held(*tenant, job, after, limit)
            };
            let due = |reader: &Reader<'_>, (tenant, job): &(TenantId, JobId)| {
                reader.memberships_due(*tenant, job, late, late, None, 10)
            };
            assert_eq!(held(tx, &own, None, 1)?, [waits(ana)]);
            assert_eq!(held(tx, &own, Some(ana), 10)?, [under_way, waits(cleo)]);
            assert_eq!(held(tx, &own, Some(cleo), 10)?, []);
            assert_eq!(due(tx, &own)?, [under_way]);

            tx.delete_staged(contoso, &own.1, &[ana, bo], when)?;
            let woken = |not_before, again| {
                let ana = MembershipsDue {
                    not_before,
                    ..waits(ana)
                };
                let again = Some(again);
                [ana, MembershipsDue { again, ..under_way }]
            };
            assert_eq!(due(tx, &own)?, woken(when, when));
            assert_eq!(held(tx, &own, None, 10)?, [waits(cleo)]);
            let at_once = MembershipsDue::AT_ONCE;
            assert_eq!(due(tx, &other)?, woken(at_once, at_once));
            assert_eq!(held(tx, &other, None, 10)?, [waits(cleo)]);
            assert_eq!(
                held(tx, &theirs, None, 10)?,
                [waits(ana), under_way, waits(cleo)]
            );

            tx.wake_held_memberships(contoso, &other.1, &[cleo], when)?;
            assert_eq!(due(tx, &other)?[2].not_before, when);
            assert_eq!(held(tx, &own, None, 10)?, []);

            // Put off for what was refused, and not for what was held.
            let put_off = MembershipsDue {
                not_before: late,
                ..under_way
            };
            tx.put_memberships_due(contoso, &own.1, &[put_off])?;
            assert_eq!(held(tx, &own, None, 10)?, [put_off]);
            tx.wake_held_memberships(contoso, &own.1, &[bo], when)?;
            let [woken] = tx.memberships_due_of(contoso, &own.1, &[bo])?[..] else {
                panic!("one was asked for");
            };
            let woken = woken.unwrap();
            assert_eq!((woken.not_before, woken.again), (when, Some(when)));
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[test]
fn who_refers_to_each_of_several_is_told_in_the_order_asked() {
    let world = World::new();
    let [ana, bo, cleo, dan] =
        ["ana", "bo", "cleo", "dan"].map(|name| world.user(world.contoso, name));
    let manager = |(from, to)| Edge {
        kind: EdgeKind::Manager,
        from,
        to,
    };
    let edges = [(ana, dan), (bo, dan), (cleo, bo)].map(manager);
    let each = |reader: &Reader<'_>, to: &[(ObjectId, Option<ObjectId>)], limit| {
        reader.edges_to_each(world.contoso, EdgeKind::Manager, to, limit)
    };
    world
        .store
        .write(|tx| {
            tx.add_edges(world.contoso, &edges)?;
            let all = [(bo, None), (ana, None), (dan, None)];
            let expected = [(bo, cleo), (dan, ana), (dan, bo)];
            assert_eq!(each(tx, &all, 10)?, expected);
            let two = [(dan, None), (bo, None)];
            assert_eq!(each(tx, &two, 1)?, [(dan, ana), (bo, cleo)]);
            let behind = [(dan, Some(ana)), (bo, Some(cleo))];
            assert_eq!(each(tx, &behind, 1)?, [(dan, bo)]);
            assert_eq!(each(tx, &[(dan, Some(bo))], 1)?, []);
            assert_eq!(each(tx, &[], 10)?, []);
            tx.remove_edges(world.contoso, &edges[..1])?;
            assert_eq!(each(tx, &two, 10)?, [(dan, bo), (bo, cleo)]);
            let elsewhere = tx.edges_to_each(world.fabrikam, EdgeKind::Manager, &two, 10)?;
            assert_eq!(elsewhere, []);
            Ok::<_, StoreError>(())
        })
        .unwrap();
}
