//! The recycle bin, and what is deleted for good.

use syncline_engine::FaultKind;
use syncline_model::Attr;

use super::TargetFixture;
use super::ask::{add_manager, create, hard_delete, nobody, restore, soft_delete};

pub(super) fn the_recycle_bin_keeps_everything(fixture: &mut dyn TargetFixture) {
    if !has_recycle_bin(fixture) {
        return;
    }
    let person = fixture.person("megan").with(Attr::JOB_TITLE, "Engineer");
    let megan = fixture.done(create(person));
    let max = fixture.create("max");
    fixture.done(add_manager(megan, max));
    let before = fixture.present(megan);
    assert_eq!(fixture.done(soft_delete(megan)), megan);
    let deleted = fixture.matched("megan").expect("found in the bin");
    assert!(deleted.soft_deleted);
    assert_eq!(deleted.entry.id, megan);
    assert_eq!(deleted.entry.text(Attr::JOB_TITLE), Some("Engineer"));
    assert_eq!(fixture.linked(megan), Some(deleted));
    assert_eq!(fixture.done(restore(megan, &[])), megan);
    assert_eq!(fixture.present(megan), before);
}

pub(super) fn deleting_what_is_deleted_is_what_was_wanted(fixture: &mut dyn TargetFixture) {
    let megan = fixture.create("megan");
    if has_recycle_bin(fixture) {
        for _ in 0..2 {
            assert_eq!(fixture.done(soft_delete(megan)), megan);
            assert!(fixture.present(megan).soft_deleted);
        }
        assert_eq!(fixture.done(soft_delete(nobody())), nobody());
    }
    for _ in 0..2 {
        assert_eq!(fixture.done(hard_delete(megan)), megan);
        assert_eq!(fixture.linked(megan), None);
    }
    assert_eq!(fixture.done(hard_delete(nobody())), nobody());
}

pub(super) fn what_is_deleted_for_good_is_found_no_more(fixture: &mut dyn TargetFixture) {
    let [megan, max] = ["megan", "max"].map(|alias| fixture.create(alias));
    if has_recycle_bin(fixture) {
        fixture.done(soft_delete(megan));
    }
    // From the bin, and not from the bin.
    for (id, alias) in [(megan, "megan"), (max, "max")] {
        fixture.done(hard_delete(id));
        assert_eq!(fixture.linked(id), None);
        assert_eq!(fixture.matched(alias), None);
    }
}

pub(super) fn an_anchor_deleted_for_good_may_be_created_again(fixture: &mut dyn TargetFixture) {
    let first = fixture.create("megan");
    fixture.done(hard_delete(first));
    let second = fixture.create("megan");
    assert_ne!(first, second);
    let found = fixture.matched("megan").expect("created again");
    assert_eq!(found.entry.id, second);
}

pub(super) fn a_restore_sets_attributes_in_the_bin_and_out_of_it(fixture: &mut dyn TargetFixture) {
    if !has_recycle_bin(fixture) {
        return;
    }
    let person = fixture.person("megan").with(Attr::JOB_TITLE, "Engineer");
    let megan = fixture.done(create(person));
    fixture.done(soft_delete(megan));
    // The second finds it live: somebody else was faster, and the values count nevertheless.
    for city in ["Bonn", "Rome"] {
        let set = [(Attr::CITY, Some(city)), (Attr::JOB_TITLE, None)];
        fixture.done(restore(megan, &set));
        let found = fixture.present(megan);
        assert!(!found.soft_deleted);
        assert_eq!(found.entry.text(Attr::CITY), Some(city));
        assert_eq!(found.entry.get(Attr::JOB_TITLE), None);
    }
}

pub(super) fn a_restore_fails_while_the_sign_in_name_is_taken(fixture: &mut dyn TargetFixture) {
    if !has_recycle_bin(fixture) {
        return;
    }
    let megan = fixture.create("megan");
    fixture.done(soft_delete(megan));
    let name = fixture.mapped("megan", Attr::USER_PRINCIPAL_NAME);
    let max = fixture.person("max").with(Attr::USER_PRINCIPAL_NAME, name);
    fixture.done(create(max));
    let before = fixture.present(megan);
    let fault = fixture.fault(restore(megan, &[(Attr::CITY, Some("Bonn"))]));
    assert_eq!(fault.kind, FaultKind::Conflict, "{fault:?}");
    assert_eq!(fixture.present(megan), before);
    let free = fixture.mapped("free", Attr::USER_PRINCIPAL_NAME);
    fixture.done(restore(
        megan,
        &[(Attr::USER_PRINCIPAL_NAME, free.as_text())],
    ));
    assert!(!fixture.present(megan).soft_deleted);
}

pub(super) fn what_is_gone_is_not_restored(fixture: &mut dyn TargetFixture) {
    let megan = fixture.create("megan");
    fixture.done(hard_delete(megan));
    for id in [megan, nobody()] {
        let fault = fixture.fault(restore(id, &[]));
        assert_eq!(fault.kind, FaultKind::NotFound, "{fault:?}");
        assert_eq!(fixture.linked(id), None);
    }
}

fn has_recycle_bin(fixture: &dyn TargetFixture) -> bool {
    fixture.target().capability().soft_delete
}
