//! Which subjects a change affects, page by page.

use crate::applications::configuration;
use crate::assignments::{assign, role};
use crate::world::new_user;
use serde::{Deserialize, Serialize};
use syncline_connector::{Cursor, Source};
use syncline_directory::app_role_assignments::{self, DEFAULT_ACCESS};
use syncline_directory::deleted_items::{self, Restoration};
use syncline_directory::{groups, service_principals, users};
use syncline_model::job::Watermark;
use syncline_model::{Attr, Attrs, ObjectId, Value};
use syncline_store::Document;

use super::{USERS, configured};

#[test]
fn every_kind_of_write_affects_the_right_subjects() {
    let it = configured();
    let world = &it.world;
    let [megan, max] = ["megan", "max"].map(|alias| world.user(alias));
    let group = world.group("Sales", &[]);
    let other = world.group("Unassigned", &[]);
    it.assign(group);
    let check = |what: &str, expected: &[ObjectId], change: &dyn Fn()| {
        let since = it.watermark();
        change();
        assert_eq!(it.affected(&since, 10), expected, "{what}");
    };
    check("nothing", &[], &|| {});
    check("changed attribute", &[megan], &|| {
        world
            .update_user(megan, Attr::JOB_TITLE, Some(Value::text("Engineer")))
            .unwrap();
    });
    check("manager set", &[megan], &|| world.set_manager(megan, max));
    check("manager removed", &[megan], &|| {
        world
            .write(|tx, context| users::remove_manager(tx, context, megan))
            .unwrap();
    });
    check("member added", &[megan], &|| {
        world
            .write(|tx, context| groups::add_members(tx, context, group, &[megan]))
            .unwrap();
    });
    check("member of a group that is not assigned", &[], &|| {
        world
            .write(|tx, context| groups::add_members(tx, context, other, &[megan]))
            .unwrap();
    });
    check("group deleted", &[megan], &|| {
        world
            .write(|tx, context| groups::delete(tx, context, group))
            .unwrap();
    });
    check("group restored", &[megan], &|| {
        world
            .write(|tx, context| deleted_items::restore(tx, context, group, Restoration::default()))
            .unwrap();
    });
    check("member removed", &[megan], &|| {
        world
            .write(|tx, context| groups::remove_member(tx, context, group, megan))
            .unwrap();
    });
    check("user assigned", &[max], &|| {
        it.assign(max);
    });
    check("user deleted", &[max], &|| world.delete_user(max));
    check("user restored", &[max], &|| {
        world
            .write(|tx, context| deleted_items::restore(tx, context, max, Restoration::default()))
            .unwrap();
    });
    check("user unassigned", &[max], &|| {
        let held = world
            .store
            .read(|reader| reader.assignments_of_principal(world.contoso.id, max))
            .unwrap();
        world
            .write(|tx, context| app_role_assignments::unassign(tx, context, &held[0]))
            .unwrap();
    });
    world.set_manager(megan, max);
    world.delete_user(max);
    // The reference goes first, then its end.
    check("manager purged", &[megan, max], &|| {
        world
            .write(|tx, context| deleted_items::purge(tx, context, max))
            .unwrap();
    });
}

#[test]
fn somebody_elses_assignments_affect_nobody() {
    let it = configured();
    let megan = it.world.user("megan");
    let (_, other) = configuration(&it.world);
    let since = it.watermark();
    assign(&it.world, other.entry.id, megan, role(&other)).unwrap();
    assert!(it.affected(&since, 10).is_empty());
}

#[test]
fn a_member_who_left_before_the_group_was_unassigned_is_not_forgotten() {
    let it = configured();
    let [left, stayed] = ["left", "stayed"].map(|alias| it.world.user(alias));
    let group = it.world.group("Sales", &[left, stayed]);
    let assignment = it.assign(group);
    let since = it.watermark();
    it.world
        .write(|tx, context| groups::remove_member(tx, context, group, left))
        .unwrap();
    it.world
        .write(|tx, context| app_role_assignments::unassign(tx, context, &assignment))
        .unwrap();
    assert_eq!(it.affected(&since, 10), [left, stayed]);
}

#[test]
fn a_large_assigned_group_is_walked_through_in_bounded_pages() {
    let it = configured();
    let new: Vec<_> = (0..500)
        .map(|at| new_user(&format!("user{at}"), Attrs::new()))
        .collect();
    let made = it
        .world
        .write(|tx, context| users::create_many(tx, context, new))
        .unwrap();
    let members: Vec<ObjectId> = made.into_iter().map(Result::unwrap).collect();
    let group = it.world.group("Everyone", &members);
    let since = it.watermark();
    it.assign(group);
    let later = it.world.user("later");
    for limit in [7, 100, 499, 500, 501, 1000] {
        let affected = it.affected(&since, limit);
        let mut expected = members.clone();
        expected.push(later);
        assert_eq!(affected, expected, "limit {limit}");
    }
}

/// Whoever holds it has another value then, where mappings or scopes ask for its name.
#[test]
fn a_renamed_role_affects_all_who_hold_one_page_by_page() {
    let it = configured();
    let world = &it.world;
    let alias = |at: usize| world.user(&format!("user{at}"));
    let direct: Vec<ObjectId> = (0..7).map(alias).collect();
    let members: Vec<ObjectId> = (7..14).map(alias).collect();
    let [default, other] = ["default", "other"].map(|alias| world.user(alias));
    for id in &direct {
        it.assign(*id);
    }
    for (name, members) in [("Sales", &members[..4]), ("Empty", &[]), ("All", &members)] {
        it.assign(world.group(name, members));
    }
    assign(world, it.configuration.entry.id, default, DEFAULT_ACCESS).unwrap();
    let unassigned = world.group("Unassigned", &[other]);
    it.assign(unassigned);
    it.unassign(unassigned);
    it.unassign(direct[6]);
    let since = it.watermark();
    it.rename_role("Salespeople");
    assert_eq!(it.subject(members[0]).assigned_roles, ["Salespeople"]);
    assert_eq!(it.subject(default).assigned_roles, ["Default Access"]);
    let mut expected: Vec<ObjectId> = direct[..6].iter().chain(&members).copied().collect();
    expected.sort_unstable();
    for limit in [1, 2, 3, 5, 100] {
        let mut affected = it.affected(&since, limit);
        affected.sort_unstable();
        affected.dedup();
        assert_eq!(affected, expected, "limit {limit}");
    }
}

/// Assignments are read five hundred at a time: the last of the first ones is followed by another of the same person.
#[test]
fn a_renamed_role_affects_whoever_holds_it_behind_many_who_do_not() {
    let it = configured();
    let configuration = it.configuration.entry.id;
    for at in 0..499 {
        let user = it.world.user(&format!("user{at}"));
        assign(&it.world, configuration, user, DEFAULT_ACCESS).unwrap();
    }
    let [both, one] = ["both", "one"].map(|alias| it.world.user(alias));
    assign(&it.world, configuration, both, DEFAULT_ACCESS).unwrap();
    it.assign(both);
    it.assign(one);
    let since = it.watermark();
    it.rename_role("Salespeople");
    for limit in [1, 5, 1_000] {
        assert_eq!(it.affected(&since, limit), [both, one], "limit {limit}");
    }
}

/// Only app roles are asked for by mappings and scopes.
#[test]
fn whatever_else_changes_of_a_configuration_affects_nobody() {
    let it = configured();
    let id = it.configuration.entry.id;
    let edit = |attr, value: &str| {
        it.world
            .write(|tx, context| {
                service_principals::update(tx, context, id, &[(attr, Some(Value::text(value)))])
            })
            .unwrap()
    };
    let megan = it.world.user("megan");
    it.assign(megan);
    let since = it.watermark();
    edit(Attr::NOTES, "ours");
    assert_eq!(it.affected(&since, 10), []);
    let first = it.watermark();
    it.rename_role("Salespeople");
    assert_eq!(it.affected(&since, 10), [megan]);
    edit(Attr::NOTES, "theirs");
    assert_eq!(
        it.affected(&first, 10),
        [megan],
        "it was before, but behind"
    );
    let second = it.watermark();
    edit(Attr::NOTES, "nobody's");
    assert_eq!(it.affected(&second, 10), []);
    // As they were before: whoever was looked at meanwhile has the names of then.
    let third = it.watermark();
    it.rename_role("Others");
    it.rename_role("Salespeople");
    assert_eq!(it.affected(&third, 10), [megan]);
}

/// What is noted, of which a version before had nothing.
#[derive(Serialize, Deserialize)]
struct RolesChanged {}

impl Document for RolesChanged {
    const KIND: &'static str = "roles_changed";
}

/// Who changed what before it was noted, nobody knows.
#[test]
fn the_last_change_of_a_configuration_that_was_not_noted_may_be_one_of_its_roles() {
    let it = configured();
    let id = it.configuration.entry.id;
    let megan = it.world.user("megan");
    it.assign(megan);
    let since = it.watermark();
    it.rename_role("Salespeople");
    it.world
        .write(|tx, context| {
            let tenant = Some(context.tenant_id());
            Ok(tx.delete_document::<RolesChanged>(tenant, &id.to_string())?)
        })
        .unwrap();
    assert_eq!(it.affected(&since, 10), [megan]);
    let notes = &[(Attr::NOTES, Some(Value::text("ours")))];
    let before = it.watermark();
    it.world
        .write(|tx, context| service_principals::update(tx, context, id, notes))
        .unwrap();
    assert_eq!(it.affected(&since, 10), [megan]);
    assert_eq!(it.affected(&before, 10), []);
}

#[test]
fn a_walk_over_changes_that_affect_nobody_goes_on_page_by_page() {
    let it = configured();
    let since = it.watermark();
    for at in 0..30 {
        it.world.group(&format!("group{at}"), &[]);
    }
    let megan = it.world.user("megan");
    assert_eq!(it.affected(&since, 2), [megan]);
}

#[test]
fn changes_after_until_wait_for_the_next_walk() {
    let it = configured();
    let since = it.watermark();
    let [megan, max] = ["megan", "max"].map(|alias| it.world.user(alias));
    let until = it.watermark();
    it.world
        .update_user(max, Attr::JOB_TITLE, Some(Value::text("Engineer")))
        .unwrap();
    let page = |since: &Watermark, until: &Watermark| {
        it.ask(|source, tx| source.changes(tx, &USERS, since, until, &Cursor::default(), 10))
            .unwrap()
    };
    let first: Vec<ObjectId> = page(&since, &until)
        .subjects
        .iter()
        .map(|subject| subject.id)
        .collect();
    assert_eq!(first, [megan]);
    let second: Vec<ObjectId> = page(&until, &it.watermark())
        .subjects
        .iter()
        .map(|subject| subject.id)
        .collect();
    assert_eq!(second, [max]);
}
