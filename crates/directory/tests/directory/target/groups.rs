//! Synchronized groups.

use syncline_directory::deleted_items::{self, Slice};
use syncline_directory::groups;
use syncline_engine::{FaultKind, LookupQuery, Operation};
use syncline_model::{Attr, Attrs, EntityKind, Value};
use syncline_store::{EdgeKind, ObjectState, Reader};

use super::{create, mapped, targeted};
use crate::deleted_items::with_too_many_members;
use crate::policy::allow_groups;

#[test]
fn a_synchronized_group_is_a_static_security_group() {
    let it = targeted();
    allow_groups(&it.world, true);
    let attrs = Attrs::new()
        .with(Attr::ALTERNATIVE_SECURITY_IDS, "group-anchor")
        .with(Attr::DISPLAY_NAME, "Sales")
        .with(Attr::IS_ASSIGNABLE_TO_ROLE, true)
        .with(Attr::MAIL_ENABLED, true)
        .with(Attr::SECURITY_ENABLED, false);
    let group = it.done(Operation::Create {
        kind: EntityKind::Group,
        attrs,
        left_empty: Vec::new(),
    });
    let entry = it.stored(group).entry;
    assert_eq!(
        (
            entry.bool(Attr::MAIL_ENABLED),
            entry.bool(Attr::SECURITY_ENABLED)
        ),
        (Some(false), Some(true))
    );
    assert!(!entry.attrs.contains(Attr::IS_ASSIGNABLE_TO_ROLE));
    let megan = it.done(create(mapped("megan")));
    let member = |add| match add {
        true => Operation::AddReference {
            kind: EntityKind::Group,
            target: group,
            attr: Attr::MEMBERS,
            to: megan,
        },
        false => Operation::RemoveReference {
            kind: EntityKind::Group,
            target: group,
            attr: Attr::MEMBERS,
            to: megan,
        },
    };
    let members = || {
        let page = it
            .world
            .store
            .read(|reader| groups::members(reader, it.world.fabrikam.id, group, None, 10));
        crate::world::ids(&page.unwrap())
    };
    it.done(member(true));
    assert_eq!(members(), [megan]);
    it.done(member(false));
    assert!(members().is_empty());

    // Whom an administrator of the target added is not removed, also not by one who asks for it.
    let fabrikam = it.world.fabrikam.clone();
    let by_hand = it.world.write_in(&fabrikam, |tx, context| {
        groups::add_members(tx, context, group, &[megan])
    });
    by_hand.unwrap();
    it.done(member(false));
    it.done(member(true));
    it.done(member(false));
    assert_eq!(members(), [megan]);
}

#[test]
fn a_synchronized_group_stays_a_static_security_group() {
    let it = targeted();
    allow_groups(&it.world, true);
    let group = it.done(Operation::Create {
        kind: EntityKind::Group,
        attrs: Attrs::new()
            .with(Attr::ALTERNATIVE_SECURITY_IDS, "group-anchor")
            .with(Attr::DISPLAY_NAME, "Sales"),
        left_empty: Vec::new(),
    });
    let set = || {
        vec![
            (Attr::DISPLAY_NAME, Some(Value::text("Sales 2"))),
            (Attr::MAIL_ENABLED, Some(Value::Bool(true))),
            (Attr::SECURITY_ENABLED, Some(Value::Bool(false))),
            (
                Attr::GROUP_TYPES,
                Some(Value::List(vec![
                    "Unified".into(),
                    "DynamicMembership".into(),
                ])),
            ),
            (Attr::MEMBERSHIP_RULE, Some(Value::text("user.city -eq 1"))),
            (Attr::IS_ASSIGNABLE_TO_ROLE, Some(Value::Bool(true))),
        ]
    };
    let kind = EntityKind::Group;
    let stays_as_it_was = || {
        let entry = it.stored(group).entry;
        assert_eq!(entry.text(Attr::DISPLAY_NAME), Some("Sales 2"));
        assert_eq!(entry.bool(Attr::MAIL_ENABLED), Some(false));
        assert_eq!(entry.bool(Attr::SECURITY_ENABLED), Some(true));
        for attr in [
            Attr::GROUP_TYPES,
            Attr::MEMBERSHIP_RULE,
            Attr::IS_ASSIGNABLE_TO_ROLE,
        ] {
            assert!(!entry.attrs.contains(attr), "{attr:?}");
        }
    };
    it.done(Operation::Update {
        kind,
        target: group,
        set: set(),
    });
    stays_as_it_was();
    it.done(Operation::SoftDelete {
        kind,
        target: group,
    });
    it.done(Operation::Restore {
        kind,
        target: group,
        set: set(),
    });
    stays_as_it_was();
    // What can be set at creation only is no change that a job could ask for.
    let fault = it.fault(Operation::Update {
        kind,
        target: group,
        set: vec![(Attr::UNIQUE_NAME, Some(Value::text("sales")))],
    });
    assert!(fault.message.contains("uniqueName"), "{fault:?}");
}

/// The rest of its memberships is for the sweep of the recycle bin: a page has an end.
#[test]
fn a_large_group_that_is_deleted_for_good_is_gone_at_once() {
    let it = targeted();
    allow_groups(&it.world, true);
    let kind = EntityKind::Group;
    let new = || Operation::Create {
        kind,
        attrs: Attrs::new()
            .with(Attr::ALTERNATIVE_SECURITY_IDS, "group-anchor")
            .with(Attr::DISPLAY_NAME, "Sales"),
        left_empty: Vec::new(),
    };
    let target = it.done(new());
    let fabrikam = it.world.fabrikam.clone();
    with_too_many_members(&it.world, fabrikam.id, target);
    it.done(Operation::HardDelete { kind, target });
    let members = || {
        let kind = EdgeKind::Member;
        let read = |reader: &Reader<'_>| reader.edges_from(fabrikam.id, kind, target, None, 10);
        it.world.store.read(read).unwrap().len()
    };
    assert_eq!(members(), 1);
    assert!(it.find(&[LookupQuery::Linked { kind, target }])[0].is_empty());
    let set = Vec::new();
    let fault = it.fault(Operation::Restore { kind, target, set });
    assert_eq!(fault.kind, FaultKind::NotFound);
    // It is no end of a reference any more.
    let other = it.done(Operation::Create {
        kind,
        attrs: Attrs::new()
            .with(Attr::ALTERNATIVE_SECURITY_IDS, "another-anchor")
            .with(Attr::DISPLAY_NAME, "Another"),
        left_empty: Vec::new(),
    });
    for (target, to) in [(other, target), (target, other)] {
        let attr = Attr::MEMBERS;
        let fault = it.fault(Operation::AddReference {
            kind,
            target,
            attr,
            to,
        });
        assert_eq!(fault.kind, FaultKind::NotFound);
    }
    it.done(Operation::HardDelete { kind, target });
    // Its anchor is free for who comes after it.
    assert_ne!(it.done(new()), target);

    let slice = Slice {
        objects: 10,
        edges: 10,
    };
    let purged = it.world.write_in(&fabrikam, |tx, context| {
        deleted_items::purge_expired(tx, context, 30, slice)
    });
    assert_eq!(purged.unwrap().objects, 1);
    assert_eq!(members(), 0);
    assert_eq!(it.stored(target).state, ObjectState::Purged);
}
