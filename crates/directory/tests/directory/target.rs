//! A hosted tenant as a job's target: fabrikam takes users of contoso.

use std::sync::Arc;

use syncline_connector::Target;
use syncline_directory::{LocalTarget, deleted_items, groups, users};
use syncline_engine::{Fault, FaultKind, LookupQuery, Operation, Outcome, TargetObject};
use syncline_model::policy::PolicyRefusal;
use syncline_model::{Attr, Attrs, EntityKind, ObjectId, Value, b2b};
use syncline_store::{ObjectState, StoreError, Stored};

use crate::policy::{allow, allow_groups};
use crate::world::{World, new_user, security_group, world};

const USER: EntityKind = EntityKind::User;

struct Targeted {
    world: World,
    target: LocalTarget,
}

fn targeted() -> Targeted {
    let world = world();
    let target = LocalTarget::new(
        world.contoso.id,
        world.fabrikam.id,
        Arc::clone(&world.ids) as _,
        Arc::clone(&world.clock) as _,
    );
    Targeted { world, target }
}

/// What the engine would create for `<alias>@contoso.example`.
pub fn mapped(alias: &str) -> Attrs {
    Attrs::new()
        .with(Attr::ALTERNATIVE_SECURITY_IDS, format!("5::{alias}"))
        .with(Attr::DISPLAY_NAME, alias)
        .with(Attr::MAIL_NICKNAME, alias)
        .with(Attr::IS_SOFT_DELETED, false)
        .with(Attr::SHOW_IN_ADDRESS_LIST, true)
        .with(
            Attr::USER_PRINCIPAL_NAME,
            b2b::external_upn(
                &format!("{alias}@contoso.example"),
                "fabrikam.onmicrosoft.com",
            ),
        )
}

fn create(attrs: Attrs) -> Operation {
    Operation::Create { kind: USER, attrs }
}

fn update(target: ObjectId, attr: Attr, value: Option<Value>) -> Operation {
    Operation::Update {
        kind: USER,
        target,
        set: vec![(attr, value)],
    }
}

impl Targeted {
    fn apply_through(&self, target: &LocalTarget, operations: &[Operation]) -> Vec<Outcome> {
        self.world
            .store
            .write(|tx| Ok::<_, StoreError>(target.apply(tx, operations).unwrap()))
            .unwrap()
    }

    fn apply(&self, operations: &[Operation]) -> Vec<Outcome> {
        self.apply_through(&self.target, operations)
    }

    fn done(&self, operation: Operation) -> ObjectId {
        match self.apply(&[operation]).remove(0) {
            Outcome::Done(id) => id,
            Outcome::Failed(fault) => panic!("{fault:?}"),
        }
    }

    fn fault(&self, operation: Operation) -> Fault {
        failed(self.apply(&[operation]).remove(0))
    }

    fn find(&self, queries: &[LookupQuery]) -> Vec<Vec<TargetObject>> {
        self.world
            .store
            .write(|tx| Ok::<_, StoreError>(self.target.find(tx, queries).unwrap()))
            .unwrap()
    }

    fn matching(&self, anchor: &str) -> Vec<TargetObject> {
        let attr = Attr::ALTERNATIVE_SECURITY_IDS;
        self.find(&[LookupQuery::Matching {
            kind: USER,
            attr,
            value: Value::text(anchor),
        }])
        .remove(0)
    }

    fn stored(&self, id: ObjectId) -> Stored {
        self.world
            .store
            .read(|reader| reader.object(self.world.fabrikam.id, id))
            .unwrap()
            .unwrap()
    }

    /// A user of fabrikam itself.
    fn internal(&self, alias: &str, more: Attrs) -> ObjectId {
        let name = more.with(
            Attr::USER_PRINCIPAL_NAME,
            format!("{alias}@fabrikam.example"),
        );
        self.world
            .write_in(&self.world.fabrikam, |tx, context| {
                users::create(tx, context, new_user(alias, name))
            })
            .unwrap()
            .entry
            .id
    }
}

fn failed(outcome: Outcome) -> Fault {
    match outcome {
        Outcome::Failed(fault) => fault,
        Outcome::Done(id) => panic!("done: {id}"),
    }
}

#[test]
fn a_created_user_is_an_accepted_external_one() {
    let it = targeted();
    let id = it.done(create(
        mapped("megan").with(Attr::MAIL, "megan@contoso.example"),
    ));
    let user = it.stored(id);
    let text = |attr: Attr| user.entry.text(attr);
    assert_eq!(user.state, ObjectState::Live);
    assert_eq!(text(Attr::CREATION_TYPE), Some("Invitation"));
    assert_eq!(text(Attr::EXTERNAL_USER_STATE), Some("Accepted"));
    assert_eq!(
        user.entry.get(Attr::EXTERNAL_USER_STATE_CHANGE_DATE_TIME),
        Some(&Value::Time(user.created_at))
    );
    assert_eq!(
        text(Attr::USER_PRINCIPAL_NAME),
        Some("megan_contoso.example#EXT#@fabrikam.onmicrosoft.com")
    );
    assert_eq!(text(Attr::USER_TYPE), Some("Member"));
    assert_eq!(user.entry.bool(Attr::ACCOUNT_ENABLED), Some(true));
    assert_eq!(
        user.entry.get(Attr::HOME_TENANT_ID),
        Some(&Value::Guid(it.world.contoso.id.0))
    );
    let list = |text: &str| Some(Value::List(vec![Value::text(text)]));
    assert_eq!(
        user.entry.get(Attr::ALTERNATIVE_SECURITY_IDS),
        list("5::megan").as_ref()
    );
    assert_eq!(
        user.entry.get(Attr::OTHER_MAILS),
        list("megan@contoso.example").as_ref()
    );
    assert_eq!(
        user.entry.get(Attr::PROXY_ADDRESSES),
        list("SMTP:megan@contoso.example").as_ref()
    );
    assert_eq!(
        user.entry.get(Attr::CREATED_DATE_TIME),
        Some(&Value::Time(user.created_at))
    );
    assert!(!user.entry.attrs.contains(Attr::IS_SOFT_DELETED));
    let identity = &user.entry.get(Attr::IDENTITIES).unwrap().as_slice()[0];
    assert_eq!(
        identity.member("signInType").unwrap().as_text(),
        Some("federated")
    );
    assert_eq!(
        identity.member("issuer").unwrap().as_text(),
        Some("ExternalAzureAD")
    );
}

#[test]
fn without_a_mail_address_the_home_name_is_the_invited_one() {
    let it = targeted();
    let id = it.done(create(mapped("megan_b")));
    let mails = it.stored(id).entry.get(Attr::OTHER_MAILS).cloned();
    assert_eq!(
        mails,
        Some(Value::List(vec![Value::text("megan_b@contoso.example")]))
    );
}

#[test]
fn a_page_of_creates_fails_only_where_it_must() {
    let it = targeted();
    let operations: Vec<Operation> = ["a", "b", "a", "c"]
        .into_iter()
        .map(|alias| create(mapped(alias)))
        .collect();
    let outcomes = it.apply(&operations);
    assert!(matches!(
        outcomes[..],
        [
            Outcome::Done(_),
            Outcome::Done(_),
            Outcome::Failed(_),
            Outcome::Done(_)
        ]
    ));
    assert_eq!(
        it.world
            .store
            .read(|reader| reader.count_objects(it.world.fabrikam.id, USER, ObjectState::Live))
            .unwrap(),
        3
    );
}

#[test]
fn a_source_anchor_is_created_once_even_while_in_the_recycle_bin() {
    let it = targeted();
    let first = it.done(create(mapped("megan")));
    let again = || {
        let name = b2b::external_upn("other@contoso.example", "fabrikam.onmicrosoft.com");
        it.fault(create(
            mapped("megan").with(Attr::USER_PRINCIPAL_NAME, name),
        ))
    };
    let fault = again();
    assert_eq!(
        (fault.kind, fault.code.as_str()),
        (FaultKind::Conflict, "Conflict")
    );
    assert!(fault.message.contains(&first.to_string()));
    it.done(Operation::SoftDelete {
        kind: USER,
        target: first,
    });
    assert_eq!(again().kind, FaultKind::Conflict);
    it.done(Operation::HardDelete {
        kind: USER,
        target: first,
    });
    it.done(create(mapped("megan")));
}

#[test]
fn a_taken_name_is_a_conflict_that_says_whose_it_is() {
    let it = targeted();
    let name = b2b::external_upn("megan@contoso.example", "fabrikam.onmicrosoft.com");
    let holder = it
        .world
        .write_in(&it.world.fabrikam, |tx, context| {
            let attrs = Attrs::new().with(Attr::USER_PRINCIPAL_NAME, name.as_str());
            users::create(tx, context, new_user("guest", attrs))
        })
        .unwrap()
        .entry
        .id;
    let fault = it.fault(create(mapped("megan")));
    assert_eq!(
        (fault.kind, fault.code.as_str(), fault.transient),
        (FaultKind::Conflict, "Conflict", false)
    );
    assert!(
        fault.message.contains("userPrincipalName") && fault.message.contains(&holder.to_string())
    );
}

#[test]
fn the_address_of_an_internal_user_makes_the_user_ambiguous() {
    let it = targeted();
    let mail = || Attrs::new().with(Attr::MAIL, "megan@contoso.example");
    let internal = it.internal("megan", mail());
    let fault = it.fault(create(
        mapped("megan").with(Attr::MAIL, "Megan@contoso.example"),
    ));
    assert_eq!(
        (fault.kind, fault.code.as_str()),
        (
            FaultKind::Conflict,
            "InvitationCreationFailureAmbiguousUser"
        )
    );
    assert!(fault.message.contains(&internal.to_string()));
}

#[test]
fn the_address_of_another_external_user_is_a_conflict() {
    let it = targeted();
    it.done(create(
        mapped("megan").with(Attr::MAIL, "m@contoso.example"),
    ));
    let fault = it.fault(create(mapped("max").with(Attr::MAIL, "m@contoso.example")));
    assert_eq!(
        (fault.kind, fault.code.as_str()),
        (FaultKind::Conflict, "Conflict")
    );
}

#[test]
fn the_address_of_a_group_is_an_invalid_value() {
    let it = targeted();
    let attrs = security_group("sales")
        .with(Attr::GROUP_TYPES, Value::List(vec![Value::text("Unified")]))
        .with(Attr::MAIL_ENABLED, true)
        .with(Attr::MAIL, "sales@contoso.example");
    it.world
        .write_in(&it.world.fabrikam, |tx, context| {
            groups::create(
                tx,
                context,
                groups::NewGroup {
                    attrs,
                    ..groups::NewGroup::default()
                },
            )
        })
        .unwrap();
    let fault = it.fault(create(
        mapped("megan").with(Attr::MAIL, "sales@contoso.example"),
    ));
    assert_eq!(fault.code, "InvitationCreationFailureInvalidPropertyValue");
}

#[test]
fn values_that_do_not_fit_are_refused_by_code() {
    let it = targeted();
    let bad = [
        (
            Attr::USER_TYPE,
            Value::text("Owner"),
            "InvitationCreationFailureInvalidPropertyValue",
        ),
        (
            Attr::MAIL,
            Value::text("no address"),
            "InvitationCreationFailureInvalidPropertyValue",
        ),
        (
            Attr::EMPLOYEE_ID,
            Value::text("1".repeat(17)),
            "InvitationCreationFailureInvalidPropertyValue",
        ),
        (
            Attr::USER_PRINCIPAL_NAME,
            Value::text("megan@contoso.example"),
            "AzureActiveDirectoryInvalidUserPrincipalName",
        ),
        (
            Attr::USER_PRINCIPAL_NAME,
            Value::text("m m"),
            "AzureActiveDirectoryInvalidUserPrincipalName",
        ),
        (
            Attr::USER_PRINCIPAL_NAME,
            Value::text("m_x#EXT#@fabrikam.example"),
            "AzureActiveDirectoryInvalidUserPrincipalName",
        ),
        (
            Attr::PROXY_ADDRESSES,
            Value::List(vec![Value::text("smtp:a@b.example")]),
            "AzureActiveDirectoryCannotUpdateObjectsOriginatedInExternalService",
        ),
    ];
    for (attr, value, code) in bad {
        let fault = it.fault(create(mapped("megan").with(attr, value.clone())));
        assert_eq!(
            (fault.kind, fault.code.as_str()),
            (FaultKind::Invalid, code),
            "{attr:?} {value:?}"
        );
        assert!(
            fault.message.contains(attr.core_name().unwrap()),
            "{}",
            fault.message
        );
    }
    let mut without = mapped("megan");
    without.remove(Attr::ALTERNATIVE_SECURITY_IDS);
    assert_eq!(it.fault(create(without)).code, "MissingValues");
}

#[test]
fn matching_sees_only_users_of_this_source() {
    let it = targeted();
    let id = it.done(create(mapped("megan")));
    let found = it.matching("5::megan");
    assert_eq!(
        (found.len(), found[0].entry.id, found[0].soft_deleted),
        (1, id, false)
    );
    assert!(it.matching("5::nobody").is_empty());
    let other = LocalTarget::new(
        syncline_model::TenantId::from_bytes([1; 16]),
        it.world.fabrikam.id,
        Arc::clone(&it.world.ids) as _,
        Arc::clone(&it.world.clock) as _,
    );
    let query = LookupQuery::Matching {
        kind: USER,
        attr: Attr::ALTERNATIVE_SECURITY_IDS,
        value: Value::text("5::megan"),
    };
    let seen = it
        .world
        .store
        .write(|tx| Ok::<_, StoreError>(other.find(tx, &[query]).unwrap()))
        .unwrap();
    assert!(seen[0].is_empty());
    let by_mail = LookupQuery::Matching {
        kind: USER,
        attr: Attr::MAIL,
        value: Value::text("m@x.example"),
    };
    let refused = it
        .world
        .store
        .write(|tx| Ok::<_, StoreError>(it.target.find(tx, &[by_mail])))
        .unwrap();
    assert_eq!(refused.unwrap_err().code, "schemaInvalid");
}

#[test]
fn look_ups_are_answered_in_the_order_asked() {
    let it = targeted();
    let [megan, max] = ["megan", "max"].map(|alias| it.done(create(mapped(alias))));
    it.done(Operation::SoftDelete {
        kind: USER,
        target: max,
    });
    let linked = |target| LookupQuery::Linked { kind: USER, target };
    let matching = |anchor: &str| LookupQuery::Matching {
        kind: USER,
        attr: Attr::ALTERNATIVE_SECURITY_IDS,
        value: Value::text(anchor),
    };
    let found = it.find(&[
        matching("5::max"),
        linked(megan),
        linked(ObjectId::from_bytes([3; 16])),
        matching("5::x"),
        matching("5::megan"),
        linked(max),
    ]);
    let ids: Vec<Option<ObjectId>> = found
        .iter()
        .map(|it| it.first().map(|it| it.entry.id))
        .collect();
    assert_eq!(
        ids,
        [Some(max), Some(megan), None, None, Some(megan), Some(max)]
    );
    assert!(found[0][0].soft_deleted && found[5][0].soft_deleted && !found[1][0].soft_deleted);
}

#[test]
fn an_update_sets_and_clears_and_keeps_names_unique() {
    let it = targeted();
    let megan = it.done(create(
        mapped("megan")
            .with(Attr::JOB_TITLE, "Engineer")
            .with(Attr::MAIL, "a@contoso.example"),
    ));
    let max = it.done(create(mapped("max").with(Attr::MAIL, "b@contoso.example")));
    it.done(Operation::Update {
        kind: USER,
        target: megan,
        set: vec![
            (Attr::JOB_TITLE, None),
            (Attr::CITY, Some(Value::text("Bonn"))),
        ],
    });
    let entry = it.stored(megan).entry;
    assert_eq!(
        (entry.text(Attr::JOB_TITLE), entry.text(Attr::CITY)),
        (None, Some("Bonn"))
    );
    let fault = it.fault(update(
        max,
        Attr::MAIL,
        Some(Value::text("a@contoso.example")),
    ));
    assert_eq!(fault.kind, FaultKind::Conflict);
    assert_eq!(
        it.stored(max).entry.text(Attr::MAIL),
        Some("b@contoso.example")
    );
    // In order within a page: the first frees what the second takes.
    let swap = [
        update(megan, Attr::MAIL, Some(Value::text("c@contoso.example"))),
        update(max, Attr::MAIL, Some(Value::text("a@contoso.example"))),
    ];
    assert!(
        it.apply(&swap)
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Done(_)))
    );
    assert_eq!(
        it.stored(max).entry.get(Attr::PROXY_ADDRESSES),
        Some(&Value::List(vec![Value::text("SMTP:a@contoso.example")]))
    );
}

#[test]
fn an_update_that_changes_nothing_writes_nothing() {
    let it = targeted();
    let megan = it.done(create(mapped("megan")));
    let before = it.stored(megan).changed_seq;
    it.done(update(
        megan,
        Attr::DISPLAY_NAME,
        Some(Value::text("megan")),
    ));
    assert_eq!(it.stored(megan).changed_seq, before);
}

#[test]
fn only_users_of_this_source_are_changed() {
    let it = targeted();
    let internal = it.internal("boss", Attrs::new());
    let external = it.done(create(mapped("megan")));
    let other = LocalTarget::new(
        syncline_model::TenantId::from_bytes([1; 16]),
        it.world.fabrikam.id,
        Arc::clone(&it.world.ids) as _,
        Arc::clone(&it.world.clock) as _,
    );
    let operations = |target: ObjectId| {
        [
            update(target, Attr::JOB_TITLE, Some(Value::text("Owned"))),
            Operation::SoftDelete { kind: USER, target },
            Operation::HardDelete { kind: USER, target },
            Operation::Restore {
                kind: USER,
                target,
                set: Vec::new(),
            },
            Operation::AddReference {
                kind: USER,
                target,
                attr: Attr::MANAGER,
                to: external,
            },
            Operation::RemoveReference {
                kind: USER,
                target,
                attr: Attr::MANAGER,
                to: external,
            },
        ]
    };
    let before = [it.stored(internal), it.stored(external)];
    for outcome in it
        .apply(&operations(internal))
        .into_iter()
        .chain(it.apply_through(&other, &operations(external)))
    {
        assert_eq!(failed(outcome).kind, FaultKind::Forbidden);
    }
    assert_eq!([it.stored(internal), it.stored(external)], before);
}

#[test]
fn a_vanished_user_can_not_be_updated() {
    let it = targeted();
    let megan = it.done(create(mapped("megan")));
    it.done(Operation::SoftDelete {
        kind: USER,
        target: megan,
    });
    let title = || update(megan, Attr::JOB_TITLE, Some(Value::text("Engineer")));
    assert_eq!(it.fault(title()).kind, FaultKind::NotFound);
    it.done(Operation::HardDelete {
        kind: USER,
        target: megan,
    });
    let fault = it.fault(title());
    assert_eq!(
        (fault.kind, fault.code.as_str()),
        (FaultKind::NotFound, "InvalidAnchor")
    );
    assert!(
        it.find(&[LookupQuery::Linked {
            kind: USER,
            target: megan
        }])[0]
            .is_empty()
    );
    // Deleting what is gone is what was wanted.
    it.done(Operation::SoftDelete {
        kind: USER,
        target: megan,
    });
    it.done(Operation::HardDelete {
        kind: USER,
        target: megan,
    });
}

#[test]
fn a_restored_user_has_the_references_of_before_and_the_new_values() {
    let it = targeted();
    let [megan, max] = ["megan", "max"].map(|alias| it.done(create(mapped(alias))));
    it.done(Operation::AddReference {
        kind: USER,
        target: megan,
        attr: Attr::MANAGER,
        to: max,
    });
    it.done(Operation::SoftDelete {
        kind: USER,
        target: megan,
    });
    assert_eq!(it.stored(megan).state, ObjectState::Deleted);
    assert!(it.stored(megan).deleted_at.is_some());
    it.done(Operation::Restore {
        kind: USER,
        target: megan,
        set: vec![(Attr::JOB_TITLE, Some(Value::text("Engineer")))],
    });
    let restored = it.stored(megan);
    assert_eq!(
        (restored.state, restored.entry.text(Attr::JOB_TITLE)),
        (ObjectState::Live, Some("Engineer"))
    );
    assert!(!restored.entry.attrs.contains(Attr::DELETED_DATE_TIME));
    assert_eq!(
        it.matching("5::megan")[0].references,
        [(Attr::MANAGER, vec![max])]
    );
}

#[test]
fn a_restore_fails_while_the_name_is_taken() {
    let it = targeted();
    let megan = it.done(create(mapped("megan")));
    it.done(Operation::SoftDelete {
        kind: USER,
        target: megan,
    });
    let name = b2b::external_upn("megan@contoso.example", "fabrikam.onmicrosoft.com");
    it.done(create(mapped("max").with(Attr::USER_PRINCIPAL_NAME, name)));
    let fault = it.fault(Operation::Restore {
        kind: USER,
        target: megan,
        set: Vec::new(),
    });
    assert_eq!(fault.kind, FaultKind::Conflict);
    let renamed = b2b::external_upn("megan2@contoso.example", "fabrikam.onmicrosoft.com");
    it.done(Operation::Restore {
        kind: USER,
        target: megan,
        set: vec![(Attr::USER_PRINCIPAL_NAME, Some(Value::text(renamed)))],
    });
    assert_eq!(it.stored(megan).state, ObjectState::Live);
}

#[test]
fn a_manager_is_replaced_and_only_the_named_one_is_removed() {
    let it = targeted();
    let [megan, max, moritz] =
        ["megan", "max", "moritz"].map(|alias| it.done(create(mapped(alias))));
    let reference = |to, add| match add {
        true => Operation::AddReference {
            kind: USER,
            target: megan,
            attr: Attr::MANAGER,
            to,
        },
        false => Operation::RemoveReference {
            kind: USER,
            target: megan,
            attr: Attr::MANAGER,
            to,
        },
    };
    let manager = || {
        it.matching("5::megan")[0]
            .references
            .first()
            .map(|(_, to)| to[0])
    };
    it.done(reference(max, true));
    assert_eq!(manager(), Some(max));
    it.done(reference(moritz, true));
    assert_eq!(manager(), Some(moritz));
    it.done(reference(max, false));
    assert_eq!(manager(), Some(moritz));
    it.apply(&[reference(moritz, false), reference(max, true)]);
    assert_eq!(manager(), Some(max));
    it.done(reference(max, false));
    assert_eq!(manager(), None);
    let nobody = it.fault(reference(ObjectId::from_bytes([3; 16]), true));
    assert_eq!(nobody.kind, FaultKind::NotFound);
}

#[test]
fn a_purged_manager_is_no_reference_any_more() {
    let it = targeted();
    let [megan, max] = ["megan", "max"].map(|alias| it.done(create(mapped(alias))));
    it.apply(&[
        Operation::AddReference {
            kind: USER,
            target: megan,
            attr: Attr::MANAGER,
            to: max,
        },
        Operation::HardDelete {
            kind: USER,
            target: max,
        },
    ]);
    assert_eq!(it.stored(max).state, ObjectState::Purged);
    assert!(it.matching("5::megan")[0].references.is_empty());
}

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

#[test]
fn the_targets_administrator_may_restore_what_a_job_deleted() {
    let it = targeted();
    let megan = it.done(create(mapped("megan")));
    it.done(Operation::SoftDelete {
        kind: USER,
        target: megan,
    });
    it.world
        .write_in(&it.world.fabrikam, |tx, context| {
            deleted_items::restore(tx, context, megan, None)
        })
        .unwrap();
    // The job's own restore then only sets values.
    it.done(Operation::Restore {
        kind: USER,
        target: megan,
        set: vec![(Attr::CITY, Some(Value::text("Bonn")))],
    });
    assert_eq!(it.stored(megan).entry.text(Attr::CITY), Some("Bonn"));
}

#[test]
fn the_policies_of_both_tenants_decide() {
    let it = targeted();
    let permits = || {
        it.world
            .store
            .write(|tx| Ok::<_, StoreError>(it.target.permits(tx).unwrap()))
            .unwrap()
    };
    assert_eq!(
        permits(),
        Err(PolicyRefusal::InboundSynchronizationNotAllowed)
    );
    allow(&it.world);
    assert_eq!(permits(), Ok(()));
}

#[test]
fn a_page_of_thousands_is_one_page() {
    let it = targeted();
    let operations: Vec<Operation> = (0..3000)
        .map(|at| create(mapped(&format!("user{at}"))))
        .collect();
    let outcomes = it.apply(&operations);
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Done(_)))
    );
    assert_eq!(it.matching("5::user2999").len(), 1);
}

#[test]
fn groups_need_a_consent_of_their_own_and_lose_it_at_once() {
    let it = targeted();
    allow(&it.world);
    let group = |anchor: &str| Operation::Create {
        kind: EntityKind::Group,
        attrs: Attrs::new()
            .with(Attr::ALTERNATIVE_SECURITY_IDS, anchor)
            .with(Attr::DISPLAY_NAME, anchor),
    };
    // The refused group stands between two people, who are created as themselves.
    let mut outcomes = it.apply(&[
        create(mapped("megan")),
        group("sales"),
        create(mapped("max")),
    ]);
    assert_eq!(
        failed(outcomes.remove(1)).code,
        PolicyRefusal::CODE,
        "{outcomes:?}"
    );
    assert!(
        outcomes.iter().all(|it| matches!(it, Outcome::Done(_))),
        "{outcomes:?}"
    );
    let [megan, max] = ["megan", "max"].map(|alias| it.matching(&format!("5::{alias}")).remove(0));
    assert_eq!(megan.entry.text(Attr::DISPLAY_NAME), Some("megan"));
    assert_eq!(max.entry.text(Attr::DISPLAY_NAME), Some("max"));

    allow_groups(&it.world, true);
    let sales = it.done(group("sales"));
    allow_groups(&it.world, false);
    let kind = EntityKind::Group;
    for operation in [
        Operation::Update {
            kind,
            target: sales,
            set: vec![(Attr::DISPLAY_NAME, Some(Value::text("x")))],
        },
        Operation::AddReference {
            kind,
            target: sales,
            attr: Attr::MEMBERS,
            to: megan.entry.id,
        },
        Operation::SoftDelete {
            kind,
            target: sales,
        },
        Operation::HardDelete {
            kind,
            target: sales,
        },
    ] {
        let fault = it.fault(operation.clone());
        assert_eq!(fault.code, PolicyRefusal::CODE, "{operation:?}");
        assert_eq!(fault.kind, FaultKind::Forbidden, "{operation:?}");
    }
    assert_eq!(it.stored(sales).state, ObjectState::Live);
}

#[test]
fn nobody_is_named_after_another_tenant() {
    let it = targeted();
    let megan = it.done(create(mapped("megan")));
    let named = |home: &str| b2b::external_upn(home, "fabrikam.onmicrosoft.com");
    for home in [
        "ceo@fabrikam.example",
        "ceo@FABRIKAM.onmicrosoft.com",
        "the_ceo@fabrikam.example",
    ] {
        let attrs = mapped("other").with(Attr::USER_PRINCIPAL_NAME, named(home));
        let fault = it.fault(create(attrs));
        assert_eq!(
            fault.code, "AzureActiveDirectoryInvalidUserPrincipalName",
            "{home}"
        );
        let renamed = Some(Value::text(named(home)));
        let fault = it.fault(update(megan, Attr::USER_PRINCIPAL_NAME, renamed));
        assert_eq!(
            fault.code, "AzureActiveDirectoryInvalidUserPrincipalName",
            "{home}"
        );
    }
    // Its own domains, and domains that are nobody's here.
    for home in ["m@contoso.onmicrosoft.com", "m_m@partner.example"] {
        it.done(update(
            megan,
            Attr::USER_PRINCIPAL_NAME,
            Some(Value::text(named(home))),
        ));
    }
}
