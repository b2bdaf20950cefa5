//! Groups: kinds, members, owners.

use syncline_directory::groups::{self, NewGroup};
use syncline_directory::{deleted_items, users};
use syncline_model::{Attr, Attrs, ObjectId, ProblemKind, Value};

use crate::world::{ids, security_group, world};

fn unified(alias: &str) -> Attrs {
    Attrs::new()
        .with(Attr::DISPLAY_NAME, alias)
        .with(Attr::GROUP_TYPES, Value::List(vec![Value::text("Unified")]))
        .with(Attr::MAIL_ENABLED, true)
        .with(Attr::MAIL_NICKNAME, alias)
        .with(Attr::SECURITY_ENABLED, false)
}

#[test]
fn a_microsoft_365_group_gets_an_address_in_the_default_domain() {
    let world = world();
    let new = NewGroup {
        attrs: unified("sales"),
        ..NewGroup::default()
    };
    let group = world
        .write(|tx, context| groups::create(tx, context, new))
        .unwrap();
    assert_eq!(group.entry.text(Attr::MAIL), Some("sales@contoso.example"));
    let problem = world
        .try_user(
            "max",
            Attrs::new().with(Attr::MAIL, "sales@contoso.example"),
        )
        .unwrap_err();
    assert!(problem.message.contains("proxyAddresses"));
}

#[test]
fn mail_enabled_security_groups_are_not_made_here() {
    let world = world();
    let attrs = security_group("Sales").with(Attr::MAIL_ENABLED, true);
    let new = NewGroup {
        attrs,
        ..NewGroup::default()
    };
    let problem = world
        .write(|tx, context| groups::create(tx, context, new))
        .unwrap_err();
    assert!(
        problem
            .message
            .starts_with("The service does not currently support writes of mail-enabled groups.")
    );
}

#[test]
fn members_are_listed_in_pages() {
    let world = world();
    let members: Vec<ObjectId> = (0..7).map(|at| world.user(&format!("user{at}"))).collect();
    let group = world.group("Sales", &members);
    let mut seen = Vec::new();
    loop {
        let page = world
            .store
            .read(|reader| {
                groups::members(reader, world.contoso.id, group, seen.last().copied(), 3)
            })
            .unwrap();
        let last = page.len() < 3;
        seen.extend(ids(&page));
        if last {
            break;
        }
    }
    assert_eq!(seen, members);
}

#[test]
fn a_page_is_filled_past_hidden_members() {
    let world = world();
    let members: Vec<ObjectId> = (0..6).map(|at| world.user(&format!("user{at}"))).collect();
    let group = world.group("Sales", &members);
    world.delete_user(members[0]);
    world.delete_user(members[1]);
    let page = world
        .store
        .read(|reader| groups::members(reader, world.contoso.id, group, None, 3))
        .unwrap();
    assert_eq!(ids(&page), members[2..5]);
}

#[test]
fn adding_one_existing_member_adds_none() {
    let world = world();
    let [megan, max] = ["megan", "max"].map(|alias| world.user(alias));
    let group = world.group("Sales", &[megan]);
    let problem = world
        .write(|tx, context| groups::add_members(tx, context, group, &[max, megan]))
        .unwrap_err();
    assert_eq!(
        problem.message,
        "One or more added object references already exist for the following modified properties: 'members'."
    );
    assert_eq!(world.members(group), [megan]);
    world
        .write(|tx, context| groups::add_members(tx, context, group, &[max, max]))
        .unwrap();
    assert_eq!(world.members(group), [megan, max]);
}

#[test]
fn unknown_members_and_the_group_itself_are_refused() {
    let world = world();
    let group = world.group("Sales", &[]);
    let nobody = ObjectId::from_bytes([3; 16]);
    let problem = world
        .write(|tx, context| groups::add_members(tx, context, group, &[nobody]))
        .unwrap_err();
    assert_eq!(problem.kind, ProblemKind::NotFound);
    assert!(problem.message.contains(&nobody.to_string()));
    let problem = world
        .write(|tx, context| groups::add_members(tx, context, group, &[group]))
        .unwrap_err();
    assert_eq!(problem.kind, ProblemKind::BadRequest);
}

#[test]
fn a_member_can_be_removed_once() {
    let world = world();
    let megan = world.user("megan");
    let group = world.group("Sales", &[megan]);
    let member_of = || {
        ids(&world
            .store
            .read(|reader| users::member_of(reader, world.contoso.id, megan))
            .unwrap())
    };
    assert_eq!(member_of(), [group]);
    world
        .write(|tx, context| groups::remove_member(tx, context, group, megan))
        .unwrap();
    assert!(member_of().is_empty());
    let problem = world
        .write(|tx, context| groups::remove_member(tx, context, group, megan))
        .unwrap_err();
    assert_eq!(problem.kind, ProblemKind::NotFound);
}

#[test]
fn of_many_those_who_are_members_are_removed_and_counted() {
    let world = world();
    let members: Vec<ObjectId> = (0..3).map(|at| world.user(&format!("user{at}"))).collect();
    let other = world.user("other");
    let group = world.group("Sales", &members);
    let asked = [members[0], other, members[2], members[0]];
    let remove = || world.write(|tx, context| groups::remove_members(tx, context, group, &asked));
    assert_eq!(remove().unwrap(), 2);
    assert_eq!(remove().unwrap(), 0);
    let left = world
        .store
        .read(|reader| groups::members(reader, world.contoso.id, group, None, 10))
        .unwrap();
    assert_eq!(ids(&left), [members[1]]);
}

#[test]
fn one_membership_change_writes_one_edge_and_not_the_group() {
    let world = world();
    let megan = world.user("megan");
    let group = world.group("Sales", &[]);
    let before = world.sequence();
    world
        .write(|tx, context| groups::add_members(tx, context, group, &[megan]))
        .unwrap();
    assert_eq!(world.sequence(), before + 1);
}

#[test]
fn a_microsoft_365_group_keeps_its_last_owner() {
    let world = world();
    let [megan, max] = ["megan", "max"].map(|alias| world.user(alias));
    let new = NewGroup {
        attrs: unified("sales"),
        members: Vec::new(),
        owners: vec![megan, max],
    };
    let group = world
        .write(|tx, context| groups::create(tx, context, new))
        .unwrap()
        .entry
        .id;
    world
        .write(|tx, context| groups::remove_owner(tx, context, group, megan))
        .unwrap();
    world
        .write(|tx, context| groups::remove_owner(tx, context, group, max))
        .unwrap_err();
    let owners = world
        .store
        .read(|reader| groups::owners(reader, world.contoso.id, group, None, 10))
        .unwrap();
    assert_eq!(ids(&owners), [max]);
}

#[test]
fn unique_names_are_unique_per_kind() {
    let world = world();
    let make = || {
        let attrs = security_group("Sales").with(Attr::UNIQUE_NAME, "sales");
        world.write(|tx, context| {
            groups::create(
                tx,
                context,
                NewGroup {
                    attrs,
                    ..NewGroup::default()
                },
            )
        })
    };
    make().unwrap();
    assert_eq!(
        make().unwrap_err().code,
        "Request_MultipleObjectsWithSameKeyValue"
    );
}

#[test]
fn a_deleted_group_hides_its_membership_and_brings_it_back() {
    let world = world();
    let megan = world.user("megan");
    let group = world.group("Sales", &[megan]);
    world
        .write(|tx, context| groups::delete(tx, context, group))
        .unwrap();
    let member_of = || {
        ids(&world
            .store
            .read(|reader| users::member_of(reader, world.contoso.id, megan))
            .unwrap())
    };
    assert!(member_of().is_empty());
    world
        .write(|tx, context| {
            deleted_items::restore(tx, context, group, deleted_items::Restoration::default())
        })
        .unwrap();
    assert_eq!(member_of(), [group]);
    assert_eq!(world.members(group), [megan]);
}
