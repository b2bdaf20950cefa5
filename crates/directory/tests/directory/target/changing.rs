//! Updates, and whom they may be about.

use std::sync::Arc;

use syncline_directory::LocalTarget;
use syncline_engine::{Failure, FaultKind, LookupQuery, Operation, Outcome};
use syncline_model::{Attr, Attrs, ObjectId, Value};

use super::{USER, create, failed, mapped, targeted, update};

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
        let fault = failed(outcome);
        assert_eq!(fault.kind, FaultKind::Forbidden);
        // No right is lacking, and none would help.
        let advice = Failure::from(fault).recommended_action;
        assert!(advice.starts_with("Restart the job"), "{advice}");
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
