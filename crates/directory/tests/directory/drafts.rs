//! Creates that were worked out ahead of the page that carries them out.

use std::sync::Arc;

use syncline_connector::{Draft, Target};
use syncline_directory::extension_properties::NewExtension;
use syncline_directory::{LocalTarget, applications, extension_properties, users};
use syncline_engine::{Creation, Fault, Operation, Outcome};
use syncline_model::schema::{ExtensionTarget, ExtensionType};
use syncline_model::{Attr, Attrs, EntityKind};
use syncline_store::StoreError;

use crate::target::mapped;
use crate::world::{World, new_user, world};

const USER: EntityKind = EntityKind::User;

fn target(world: &World) -> LocalTarget {
    LocalTarget::new(
        world.contoso.id,
        world.fabrikam.id,
        Arc::clone(&world.ids) as _,
        Arc::clone(&world.clock) as _,
    )
}

fn drafts(world: &World, target: &LocalTarget, creates: &[Attrs]) -> Vec<Option<Draft>> {
    let creation = |attrs| Creation {
        kind: USER,
        attrs,
        left_empty: &[],
    };
    let creates: Vec<Creation<'_>> = creates.iter().map(creation).collect();
    world
        .store
        .read(|reader| Ok::<_, StoreError>(target.draft(reader, &creates).unwrap()))
        .unwrap()
}

fn operations(creates: &[Attrs]) -> Vec<Operation> {
    let create = |attrs: &Attrs| Operation::Create {
        kind: USER,
        attrs: attrs.clone(),
        left_empty: Vec::new(),
    };
    creates.iter().map(create).collect()
}

/// As the runner does it: what fails as a whole leaves nothing behind.
fn apply(
    world: &World,
    target: &LocalTarget,
    creates: &[Attrs],
    drafts: &[Option<Draft>],
) -> Result<Vec<Outcome>, Fault> {
    world
        .store
        .write(|tx| {
            tx.enter(&[world.fabrikam.id])?;
            tx.savepoint(|tx| target.apply_drafted(tx, &operations(creates), drafts))
        })
        .unwrap()
}

/// The attributes of everybody in fabrikam but for what differs from one making to the next.
fn people(world: &World) -> Vec<Attrs> {
    let state = syncline_store::ObjectState::Live;
    let found = world
        .store
        .read(|reader| reader.scan(world.fabrikam.id, USER, state, None, 100))
        .unwrap()
        .rows;
    let plain = |attrs: Attrs| {
        let mut attrs = attrs;
        for own in [
            Attr::SECURITY_IDENTIFIER,
            Attr::CREATED_DATE_TIME,
            Attr::EXTERNAL_USER_STATE_CHANGE_DATE_TIME,
        ] {
            attrs.remove(own);
        }
        attrs
    };
    found.into_iter().map(|it| plain(it.entry.attrs)).collect()
}

#[test]
fn drafts_make_the_same_people_as_the_page_itself() {
    let creates = [mapped("ana"), mapped("ben")];
    let with = {
        let world = world();
        let target = target(&world);
        let drafts = drafts(&world, &target, &creates);
        assert!(drafts.iter().all(Option::is_some));
        let outcomes = apply(&world, &target, &creates, &drafts).unwrap();
        assert!(outcomes.iter().all(|it| matches!(it, Outcome::Done(_))));
        people(&world)
    };
    let without = {
        let world = world();
        let target = target(&world);
        apply(&world, &target, &creates, &[None, None]).unwrap();
        people(&world)
    };
    assert_eq!(with, without);
    assert_eq!(with.len(), 2);
}

#[test]
fn what_can_not_be_created_is_not_drafted_and_fails_for_itself() {
    let world = world();
    let target = target(&world);
    let creates = [
        mapped("ana"),
        mapped("ben").with(Attr::USER_PRINCIPAL_NAME, "ben@fabrikam.example"),
    ];
    let drafts = drafts(&world, &target, &creates);
    assert!(drafts[0].is_some() && drafts[1].is_none());
    let outcomes = apply(&world, &target, &creates, &drafts).unwrap();
    assert!(matches!(outcomes[0], Outcome::Done(_)));
    assert!(matches!(outcomes[1], Outcome::Failed(_)));
}

/// What is refused for whose it seems to be: asked of the draft, which is what is written.
fn check_refused(attr: Attr, posing: &str, code: &str) {
    let world = world();
    let target = target(&world);
    let creates = [mapped("eve").with(attr, posing)];
    let drafts = drafts(&world, &target, &creates);
    assert!(drafts[0].is_some());
    // The runner keeps no attributes of what was drafted.
    for asked in [[Attrs::new()], creates] {
        let outcomes = apply(&world, &target, &asked, &drafts).unwrap();
        let [Outcome::Failed(fault)] = outcomes.as_slice() else {
            panic!("{outcomes:?}");
        };
        assert_eq!(fault.code, code);
    }
}

#[test]
fn a_draft_with_another_tenants_home_name_is_refused() {
    check_refused(
        Attr::USER_PRINCIPAL_NAME,
        "eve_fabrikam.example#EXT#@fabrikam.onmicrosoft.com",
        "AzureActiveDirectoryInvalidUserPrincipalName",
    );
}

#[test]
fn a_draft_with_another_tenants_address_is_refused() {
    check_refused(
        Attr::MAIL,
        "ceo@fabrikam.example",
        "InvitationCreationFailureInvalidPropertyValue",
    );
}

#[test]
fn a_name_taken_since_fails_the_page_and_leaves_nothing_behind() {
    let world = world();
    let target = target(&world);
    let creates = [mapped("ana"), mapped("ben")];
    let drafts = drafts(&world, &target, &creates);
    take_name_of(&world, &creates[0]);
    let before = people(&world);

    apply(&world, &target, &creates, &drafts).unwrap_err();
    assert_eq!(people(&world), before);

    // Without drafts the page tells whom it is about.
    let outcomes = apply(&world, &target, &creates, &[]).unwrap();
    assert!(matches!(outcomes[0], Outcome::Failed(_)));
    assert!(matches!(outcomes[1], Outcome::Done(_)));
}

#[test]
fn two_who_want_one_value_are_told_apart_without_a_look_at_the_store() {
    let world = world();
    let target = target(&world);
    let creates = [
        mapped("ana").with(Attr::MAIL, "shared@contoso.example"),
        mapped("ben").with(Attr::MAIL, "shared@contoso.example"),
    ];
    let drafts = drafts(&world, &target, &creates);
    let outcomes = apply(&world, &target, &creates, &drafts).unwrap();
    assert!(matches!(outcomes[0], Outcome::Done(_)));
    assert!(matches!(outcomes[1], Outcome::Failed(_)));
}

/// Drafts of another entity table are not used: they fail, for now, and without them all is well.
#[test]
fn drafts_fail_when_the_tenant_has_other_properties_since() {
    let world = world();
    let target = target(&world);
    let creates = [mapped("ana"), mapped("ben")];
    let drafts = drafts(&world, &target, &creates);
    world
        .write_in(&world.fabrikam, |tx, context| {
            let name = Attrs::new().with(Attr::DISPLAY_NAME, "Personnel");
            let application = applications::create(tx, context, name)?;
            let new = NewExtension {
                name: "badge".to_owned(),
                data_type: ExtensionType::String,
                multi_valued: false,
                targets: vec![ExtensionTarget::User],
            };
            extension_properties::create(tx, context, &application, new)
        })
        .unwrap();
    for asked in [[Attrs::new(), Attrs::new()], creates.clone()] {
        let outcomes = apply(&world, &target, &asked, &drafts).unwrap();
        let is_passing = |it: &Outcome| matches!(it, Outcome::Failed(fault) if fault.transient);
        assert!(outcomes.iter().all(is_passing), "{outcomes:?}");
    }
    assert!(people(&world).is_empty());
    let outcomes = apply(&world, &target, &creates, &[]).unwrap();
    assert!(outcomes.iter().all(|it| matches!(it, Outcome::Done(_))));
}

fn take_name_of(world: &World, create: &Attrs) {
    let name = create.text(Attr::USER_PRINCIPAL_NAME).unwrap();
    let other = Attrs::new().with(Attr::USER_PRINCIPAL_NAME, name);
    world
        .write_in(&world.fabrikam, |tx, context| {
            users::create(tx, context, new_user("other", other))
        })
        .unwrap();
}
