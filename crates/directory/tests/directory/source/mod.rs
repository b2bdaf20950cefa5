//! A hosted tenant as a job's source.

mod affected;

use syncline_connector::{Cursor, Source, SubjectPage};
use syncline_directory::app_role_assignments::{self, DEFAULT_ACCESS};
use syncline_directory::deleted_items::{self, Restoration};
use syncline_directory::{LocalSource, groups, service_principals};
use syncline_engine::{Lifecycle, Subject};
use syncline_model::job::Watermark;
use syncline_model::{Attr, EntityKind, ObjectId, Value};
use syncline_store::{StoreError, Stored, Tx};
use uuid::Uuid;

use crate::applications::configuration;
use crate::assignments::{assign, role};
use crate::world::{World, world};

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
        self.subject_of(EntityKind::User, id)
    }

    fn subject_of(&self, kind: EntityKind, id: ObjectId) -> Subject {
        self.ask(|source, tx| source.by_id(tx, &[(kind, id)]))
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
    let roles = |group| it.subject_of(EntityKind::Group, group).assigned_roles;
    assert!(roles(inner).is_empty());
    assert_eq!(roles(outer), ["msiam_access"]);
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
