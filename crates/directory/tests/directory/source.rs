//! A hosted tenant as a job's source.

use serde::{Deserialize, Serialize};
use syncline_connector::{Cursor, Source, SubjectPage};
use syncline_directory::app_role_assignments::{self, DEFAULT_ACCESS};
use syncline_directory::deleted_items::{self, Restoration};
use syncline_directory::{LocalSource, groups, service_principals, users};
use syncline_engine::{Lifecycle, Subject};
use syncline_model::job::Watermark;
use syncline_model::{Attr, Attrs, EntityKind, ObjectId, Value};
use syncline_store::{Document, StoreError, Stored, Tx};
use uuid::Uuid;

use crate::applications::configuration;
use crate::assignments::{assign, role};
use crate::world::{World, new_user, world};

const USERS: [EntityKind; 1] = [EntityKind::User];

struct Configured {
    world: World,
    configuration: Stored,
    source: LocalSource,
}

fn configured() -> Configured {
    let world = world();
    let (_, configuration) = configuration(&world);
    let source = LocalSource::new(world.contoso.id, configuration.entry.id);
    Configured {
        world,
        configuration,
        source,
    }
}

impl Configured {
    fn ask<T>(&self, question: impl FnOnce(&LocalSource, &mut Tx<'_>) -> T) -> T {
        self.world
            .store
            .write(|tx| Ok::<_, StoreError>(question(&self.source, tx)))
            .unwrap()
    }

    fn subject(&self, id: ObjectId) -> Subject {
        self.ask(|source, tx| source.by_id(tx, &[(EntityKind::User, id)]))
            .unwrap()
            .remove(0)
    }

    fn role(&self) -> Uuid {
        role(&self.configuration)
    }

    fn assign(&self, principal: ObjectId) -> syncline_store::Assignment {
        assign(
            &self.world,
            self.configuration.entry.id,
            principal,
            self.role(),
        )
        .unwrap()
    }

    fn unassign(&self, principal: ObjectId) {
        let resource = self.configuration.entry.id;
        self.world
            .write(|tx, context| {
                let tenant = context.tenant_id();
                let held = tx.assignments_between(tenant, resource, &[principal])?;
                held.iter()
                    .try_for_each(|it| app_role_assignments::unassign(tx, context, it))
            })
            .unwrap();
    }

    /// Renames the only role there is.
    fn rename_role(&self, name: &str) {
        let mut roles = self.configuration.entry.get(Attr::APP_ROLES).cloned();
        let Some(Value::List(list)) = &mut roles else {
            panic!("no roles: {roles:?}");
        };
        for role in list.iter_mut() {
            let Value::Map(members) = role else {
                panic!("no role: {role:?}");
            };
            let shown = members.iter_mut().find(|it| it.0 == "displayName");
            shown.unwrap().1 = Value::text(name);
        }
        self.world
            .write(|tx, context| {
                let id = self.configuration.entry.id;
                service_principals::update(tx, context, id, &[(Attr::APP_ROLES, roles)])
            })
            .unwrap();
    }

    fn watermark(&self) -> Watermark {
        self.ask(|source, tx| source.watermark(tx)).unwrap()
    }

    /// The users affected since, in pages of `limit`; none of the pages is larger.
    fn affected(&self, since: &Watermark, limit: usize) -> Vec<ObjectId> {
        let until = self.watermark();
        self.walk(limit, |source, tx, cursor| {
            source
                .changes(tx, &USERS, since, &until, cursor, limit)
                .unwrap()
        })
    }

    fn walk(
        &self,
        limit: usize,
        page: impl Fn(&LocalSource, &mut Tx<'_>, &Cursor) -> SubjectPage,
    ) -> Vec<ObjectId> {
        let mut cursor = Cursor::default();
        let mut seen = Vec::new();
        for _ in 0..10_000 {
            let page = self.ask(|source, tx| page(source, tx, &cursor));
            assert!(page.subjects.len() <= limit);
            seen.extend(page.subjects.iter().map(|it| it.id));
            match page.next {
                Some(next) => cursor = next,
                None => return seen,
            }
        }
        panic!("the walk does not end");
    }
}

#[test]
fn all_live_objects_come_once_in_pages() {
    let it = configured();
    let users: Vec<ObjectId> = (0..7)
        .map(|at| it.world.user(&format!("user{at}")))
        .collect();
    let group = it.world.group("Sales", &users);
    it.world.delete_user(users[3]);
    let kinds = [EntityKind::User, EntityKind::Group];
    for limit in [1, 2, 3, 6, 100] {
        let seen = it.walk(limit, |source, tx, cursor| {
            source
                .all(tx, &kinds, cursor, &Cursor::default(), limit)
                .unwrap()
        });
        let mut expected = users.clone();
        expected.remove(3);
        expected.push(group);
        assert_eq!(seen, expected, "limit {limit}");
    }
    assert_eq!(it.ask(|source, tx| source.count(tx, &kinds)).unwrap(), 7);
}

#[test]
fn a_page_looks_at_a_bounded_number_of_the_dead() {
    let it = configured();
    let users: Vec<ObjectId> = (0..40)
        .map(|at| it.world.user(&format!("user{at}")))
        .collect();
    users[1..39].iter().for_each(|id| it.world.delete_user(*id));
    let pages = std::cell::RefCell::new(Vec::new());
    let seen = it.walk(4, |source, tx, cursor| {
        let page = source
            .all(tx, &USERS, cursor, &Cursor::default(), 4)
            .unwrap();
        pages.borrow_mut().push(page.subjects.len());
        page
    });
    assert_eq!(seen, [users[0], users[39]]);
    // Four times four are looked at, and less once somebody was found.
    assert_eq!(*pages.borrow(), [1, 0, 1]);
}

#[test]
fn a_subject_shows_its_attributes_and_its_manager() {
    let it = configured();
    let [megan, max] = ["megan", "max"].map(|alias| it.world.user(alias));
    it.world.set_manager(megan, max);
    let subject = it.subject(megan);
    assert_eq!(subject.lifecycle, Lifecycle::Live);
    assert_eq!(
        subject.entry.unwrap().text(Attr::DISPLAY_NAME),
        Some("megan")
    );
    assert_eq!(subject.references, [(Attr::MANAGER, vec![max])]);
    assert!(it.subject(max).references.is_empty());
}

#[test]
fn a_manager_stays_while_in_the_recycle_bin_and_goes_with_the_purge() {
    let it = configured();
    let [megan, max] = ["megan", "max"].map(|alias| it.world.user(alias));
    it.world.set_manager(megan, max);
    it.world.delete_user(max);
    assert_eq!(it.subject(megan).references, [(Attr::MANAGER, vec![max])]);
    it.world
        .write(|tx, context| deleted_items::purge(tx, context, max))
        .unwrap();
    assert!(it.subject(megan).references.is_empty());
}

#[test]
fn lifecycles_are_told_apart() {
    let it = configured();
    let [deleted, purged] = ["deleted", "purged"].map(|alias| it.world.user(alias));
    for user in [deleted, purged] {
        it.world.delete_user(user);
    }
    it.world
        .write(|tx, context| deleted_items::purge(tx, context, purged))
        .unwrap();
    let subject = it.subject(deleted);
    assert_eq!(subject.lifecycle, Lifecycle::SoftDeleted);
    assert_eq!(
        subject.entry.unwrap().text(Attr::USER_PRINCIPAL_NAME),
        Some("deleted@contoso.example")
    );
    for gone in [purged, ObjectId::from_bytes([3; 16])] {
        let subject = it.subject(gone);
        assert_eq!(
            (subject.lifecycle, subject.entry),
            (Lifecycle::HardDeleted, None)
        );
    }
}

#[test]
fn roles_come_directly_and_through_groups() {
    let it = configured();
    let [direct, member, both, neither, default] =
        ["direct", "member", "both", "neither", "default"].map(|alias| it.world.user(alias));
    let group = it.world.group("Sales", &[member, both]);
    it.assign(direct);
    it.assign(both);
    it.assign(group);
    assign(
        &it.world,
        it.configuration.entry.id,
        default,
        DEFAULT_ACCESS,
    )
    .unwrap();
    let roles = |id| it.subject(id).assigned_roles;
    assert_eq!(roles(direct), ["msiam_access"]);
    assert_eq!(roles(member), ["msiam_access"]);
    assert_eq!(roles(both), ["msiam_access"]);
    assert_eq!(roles(default), ["Default Access"]);
    assert!(roles(neither).is_empty());
}

#[test]
fn only_direct_members_of_live_groups_that_grant_access_are_entitled() {
    let it = configured();
    let [nested, member] = ["nested", "member"].map(|alias| it.world.user(alias));
    let inner = it.world.group("Inner", &[nested]);
    let outer = it.world.group("Outer", &[inner, member]);
    it.assign(outer);
    assert!(it.subject(nested).assigned_roles.is_empty());
    assert_eq!(it.subject(member).assigned_roles, ["msiam_access"]);
    it.world
        .write(|tx, context| groups::delete(tx, context, outer))
        .unwrap();
    assert!(it.subject(member).assigned_roles.is_empty());
    it.world
        .write(|tx, context| deleted_items::restore(tx, context, outer, Restoration::default()))
        .unwrap();
    assert_eq!(it.subject(member).assigned_roles, ["msiam_access"]);
}

#[test]
fn many_assigned_groups_entitle_like_few() {
    let it = configured();
    let member = it.world.user("member");
    let outsider = it.world.user("outsider");
    for at in 0..12 {
        let members: &[ObjectId] = if at == 7 { &[member] } else { &[] };
        let group = it.world.group(&format!("group{at}"), members);
        it.assign(group);
    }
    assert_eq!(it.subject(member).assigned_roles, ["msiam_access"]);
    assert!(it.subject(outsider).assigned_roles.is_empty());
}

#[test]
fn memberships_are_told_of_the_groups_asked_for_and_followed() {
    let mut it = configured();
    let [megan, max] = ["megan", "max"].map(|alias| it.world.user(alias));
    let [inner, asked, other] = [
        it.world.group("Inner", &[max]),
        it.world.group("Asked", &[megan]),
        it.world.group("Other", &[megan, max]),
    ];
    it.world
        .write(|tx, context| groups::add_members(tx, context, asked, &[inner]))
        .unwrap();
    assert!(it.subject(megan).references.is_empty(), "nobody asks");
    it.source.ask_memberships(&[asked]).unwrap();
    let held = |it: &Configured, id| it.subject(id).references;
    assert_eq!(held(&it, megan), [(Attr::MEMBER_OF, vec![asked])]);
    assert!(held(&it, max).is_empty(), "a member of a member is none");

    let world = &it.world;
    let check = |what: &str, expected: &[ObjectId], change: &dyn Fn()| {
        let since = it.watermark();
        change();
        assert_eq!(it.affected(&since, 10), expected, "{what}");
    };
    check("member added", &[max], &|| {
        world
            .write(|tx, context| groups::add_members(tx, context, asked, &[max]))
            .unwrap();
    });
    check("member of another group removed", &[], &|| {
        world
            .write(|tx, context| groups::remove_member(tx, context, other, max))
            .unwrap();
    });
    check("group deleted", &[megan, max], &|| {
        world
            .write(|tx, context| groups::delete(tx, context, asked))
            .unwrap();
    });
    assert!(
        held(&it, megan).is_empty(),
        "a deleted group has no members"
    );
    check("group restored", &[megan, max], &|| {
        world
            .write(|tx, context| deleted_items::restore(tx, context, asked, Restoration::default()))
            .unwrap();
    });
    check("member removed", &[megan], &|| {
        world
            .write(|tx, context| groups::remove_member(tx, context, asked, megan))
            .unwrap();
    });
    assert!(held(&it, megan).is_empty());
}

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

#[test]
fn a_strange_cursor_is_refused() {
    let it = configured();
    let strange = Cursor("somewhere".to_owned());
    assert!(
        it.ask(|source, tx| source.all(tx, &USERS, &strange, &Cursor::default(), 10))
            .is_err()
    );
    let watermark = it.watermark();
    assert!(
        it.ask(|source, tx| source.changes(tx, &USERS, &watermark, &watermark, &strange, 10))
            .is_err()
    );
}
