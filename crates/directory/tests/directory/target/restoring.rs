//! What comes back from the recycle bin.

use syncline_directory::deleted_items::{self, Restoration};
use syncline_engine::{FaultKind, Operation};
use syncline_model::{Attr, Value, b2b};
use syncline_store::ObjectState;

use super::{USER, create, mapped, targeted};

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
fn the_targets_administrator_may_restore_what_a_job_deleted() {
    let it = targeted();
    let megan = it.done(create(mapped("megan")));
    it.done(Operation::SoftDelete {
        kind: USER,
        target: megan,
    });
    it.world
        .write_in(&it.world.fabrikam, |tx, context| {
            deleted_items::restore(tx, context, megan, Restoration::default())
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
