//! Managers.

use syncline_engine::{FaultKind, Outcome};
use syncline_model::{Attr, ObjectId};

use super::TargetFixture;
use super::ask::{add_manager, hard_delete, nobody, remove_manager};

pub(super) fn a_manager_replaces_the_one_before(fixture: &mut dyn TargetFixture) {
    let [megan, max, moritz] = ["megan", "max", "moritz"].map(|alias| fixture.create(alias));
    assert_eq!(manager(fixture, megan), None);
    // The last one twice.
    for to in [max, moritz, max, max] {
        assert_eq!(fixture.done(add_manager(megan, to)), megan);
        assert_eq!(manager(fixture, megan), Some(to));
    }
    assert_eq!(manager(fixture, max), None);
}

/// Whoever writes a log says nothing of a reference that was there, and whoever foresees a cycle finds it there.
pub(super) fn a_manager_who_is_one_already_is_told_apart(fixture: &mut dyn TargetFixture) {
    let [megan, max, moritz] = ["megan", "max", "moritz"].map(|alias| fixture.create(alias));
    let (to_max, to_moritz) = (add_manager(megan, max), add_manager(megan, moritz));
    assert_eq!(
        fixture.apply(&[to_max.clone(), to_max.clone(), to_moritz, to_max.clone()]),
        [
            Outcome::Done(megan),
            Outcome::Stands(megan),
            Outcome::Done(megan),
            Outcome::Done(megan)
        ]
    );
    assert_eq!(manager(fixture, megan), Some(max));
    assert_eq!(fixture.apply(&[to_max]), [Outcome::Stands(megan)]);
}

pub(super) fn only_the_manager_named_is_removed(fixture: &mut dyn TargetFixture) {
    let [megan, max, moritz] = ["megan", "max", "moritz"].map(|alias| fixture.create(alias));
    fixture.done(add_manager(megan, moritz));
    let (of_max, of_moritz) = (remove_manager(megan, max), remove_manager(megan, moritz));
    // Somebody set another one meanwhile. Nothing is removed then, and nobody is to log or count that it was.
    assert_eq!(
        fixture.apply(std::slice::from_ref(&of_max)),
        [Outcome::Stands(megan)]
    );
    assert_eq!(manager(fixture, megan), Some(moritz));
    assert_eq!(
        fixture.apply(&[of_moritz.clone(), of_moritz.clone(), of_max]),
        [
            Outcome::Done(megan),
            Outcome::Stands(megan),
            Outcome::Stands(megan)
        ]
    );
    assert_eq!(manager(fixture, megan), None);
    assert_eq!(fixture.apply(&[of_moritz]), [Outcome::Stands(megan)]);
}

pub(super) fn nobody_refers_to_or_from_what_is_not_there(fixture: &mut dyn TargetFixture) {
    let [megan, max, gone] = ["megan", "max", "gone"].map(|alias| fixture.create(alias));
    fixture.done(add_manager(megan, max));
    fixture.done(hard_delete(gone));
    let operations = [
        add_manager(megan, nobody()),
        add_manager(megan, gone),
        add_manager(gone, megan),
        add_manager(nobody(), megan),
        remove_manager(gone, megan),
    ];
    for operation in operations {
        let fault = fixture.fault(operation.clone());
        assert_eq!(fault.kind, FaultKind::NotFound, "{operation:?} {fault:?}");
    }
    assert_eq!(manager(fixture, megan), Some(max), "the one before stays");
}

pub(super) fn a_manager_deleted_for_good_is_nobodys_manager(fixture: &mut dyn TargetFixture) {
    let [megan, max] = ["megan", "max"].map(|alias| fixture.create(alias));
    fixture.done(add_manager(megan, max));
    fixture.done(hard_delete(max));
    assert_eq!(manager(fixture, megan), None);
    assert!(fixture.present(megan).references.is_empty());
}

fn manager(fixture: &dyn TargetFixture, user: ObjectId) -> Option<ObjectId> {
    let references = fixture.present(user).references;
    let managers = references.iter().find(|(attr, _)| *attr == Attr::MANAGER);
    managers.map(|(_, managers)| {
        assert_eq!(managers.len(), 1, "one manager: {references:?}");
        managers[0]
    })
}
