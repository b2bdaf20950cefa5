//! Creates, and what keeps them from happening twice.

use syncline_engine::FaultKind;
use syncline_model::Attr;

use super::TargetFixture;
use super::ask::{create, soft_delete};

pub(super) fn what_was_created_is_found_by_its_anchor_and_by_its_id(
    fixture: &mut dyn TargetFixture,
) {
    let person = fixture.person("megan").with(Attr::JOB_TITLE, "Engineer");
    let name = person.text(Attr::DISPLAY_NAME).map(str::to_owned);
    let id = fixture.done(create(person));
    fixture.create("max");
    let found = fixture.matched("megan").expect("found by its anchor");
    assert_eq!(Some(&found), fixture.linked(id).as_ref());
    assert_eq!(found.entry.id, id);
    assert_eq!(found.entry.text(Attr::JOB_TITLE), Some("Engineer"));
    assert_eq!(found.entry.text(Attr::DISPLAY_NAME), name.as_deref());
    assert!(!found.soft_deleted);
    assert!(found.references.is_empty());
    assert_eq!(found.linked_source, None, "links are the runner's");
}

pub(super) fn an_anchor_is_created_once(fixture: &mut dyn TargetFixture) {
    let id = fixture.create("megan");
    let before = fixture.present(id);
    assert_anchor_is_taken(fixture);
    assert_eq!(fixture.matched("megan"), Some(before));
}

pub(super) fn an_anchor_in_the_recycle_bin_is_not_created_again(fixture: &mut dyn TargetFixture) {
    if !fixture.target().capability().soft_delete {
        return;
    }
    let id = fixture.create("megan");
    fixture.done(soft_delete(id));
    let before = fixture.present(id);
    assert_anchor_is_taken(fixture);
    assert!(before.soft_deleted);
    assert_eq!(fixture.matched("megan"), Some(before));
}

/// A second create for megan fails, under whatever name, and leaves no trace.
fn assert_anchor_is_taken(fixture: &dyn TargetFixture) {
    let other_name = fixture.mapped("other", Attr::USER_PRINCIPAL_NAME);
    let again = fixture
        .person("megan")
        .with(Attr::USER_PRINCIPAL_NAME, other_name);
    let fault = fixture.fault(create(again));
    assert_eq!(fault.kind, FaultKind::Conflict, "{fault:?}");
    assert!(!fault.transient, "it will not get better: {fault:?}");
    // The name the second one asked for is still free.
    fixture.create("other");
}

pub(super) fn a_taken_sign_in_name_is_a_conflict_that_leaves_nothing(
    fixture: &mut dyn TargetFixture,
) {
    let id = fixture.create("megan");
    let before = fixture.present(id);
    let taken = fixture.mapped("megan", Attr::USER_PRINCIPAL_NAME);
    let name = taken.as_text().expect("a name is text").to_uppercase();
    for taken in [taken, name.into()] {
        let max = fixture.person("max").with(Attr::USER_PRINCIPAL_NAME, taken);
        let fault = fixture.fault(create(max));
        assert_eq!(fault.kind, FaultKind::Conflict, "{fault:?}");
        assert_eq!(fixture.matched("max"), None);
    }
    assert_eq!(fixture.linked(id), Some(before));
    fixture.create("max");
}

pub(super) fn without_an_anchor_nothing_is_created(fixture: &mut dyn TargetFixture) {
    if !fixture.target().capability().anchors {
        return;
    }
    let mut person = fixture.person("megan");
    person.remove(Attr::ALTERNATIVE_SECURITY_IDS);
    let fault = fixture.fault(create(person));
    assert_eq!(fault.kind, FaultKind::Invalid, "{fault:?}");
    assert!(!fault.transient, "it will not get better: {fault:?}");
    // The name is still free.
    fixture.create("megan");
}
