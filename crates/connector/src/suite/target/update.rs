//! Updates.

use syncline_engine::FaultKind;
use syncline_model::{Attr, EntityKind};

use super::TargetFixture;
use super::ask::{create, hard_delete, nobody, soft_delete, update};

const TITLE: &[(Attr, Option<&str>)] = &[(Attr::JOB_TITLE, Some("Engineer"))];

pub(super) fn attributes_are_set_and_cleared_and_others_stay(fixture: &mut dyn TargetFixture) {
    let person = fixture
        .person("megan")
        .with(Attr::JOB_TITLE, "Engineer")
        .with(Attr::DEPARTMENT, "Research");
    let id = fixture.done(create(person));
    let max = fixture.create("max");
    let neighbour = fixture.present(max);
    let set = [
        (Attr::JOB_TITLE, None),
        (Attr::CITY, Some("Bonn")),
        // Clearing what has no value is no mistake.
        (Attr::COMPANY_NAME, None),
    ];
    assert_eq!(fixture.done(update(id, &set)), id);
    let entry = fixture.present(id).entry;
    assert_eq!(entry.get(Attr::JOB_TITLE), None);
    assert_eq!(entry.get(Attr::COMPANY_NAME), None);
    assert_eq!(entry.text(Attr::CITY), Some("Bonn"));
    assert_eq!(entry.text(Attr::DEPARTMENT), Some("Research"));
    let name = fixture.mapped("megan", Attr::DISPLAY_NAME);
    assert_eq!(entry.get(Attr::DISPLAY_NAME), Some(&name));
    assert_eq!(fixture.present(max), neighbour);
    // Again, and with nothing at all: as before.
    fixture.done(update(id, &set));
    fixture.done(update(id, &[]));
    assert_eq!(fixture.present(id).entry, entry);
}

pub(super) fn an_update_of_what_is_not_there_is_not_found(fixture: &mut dyn TargetFixture) {
    let [megan, max] = ["megan", "max"].map(|alias| fixture.create(alias));
    fixture.done(hard_delete(max));
    let mut vanished = vec![nobody(), max];
    if fixture.target().capability().soft_delete {
        fixture.done(soft_delete(megan));
        vanished.push(megan);
    }
    for id in vanished {
        let fault = fixture.fault(update(id, TITLE));
        assert_eq!(fault.kind, FaultKind::NotFound, "{fault:?}");
        let there = fixture.linked(id);
        assert!(there.is_none_or(|it| it.soft_deleted && it.entry.get(Attr::JOB_TITLE).is_none()));
    }
}

pub(super) fn a_refused_update_changes_nothing(fixture: &mut dyn TargetFixture) {
    let [megan, max] = ["megan", "max"].map(|alias| fixture.create(alias));
    let before = [megan, max].map(|id| fixture.present(id));
    let taken = fixture.mapped("megan", Attr::USER_PRINCIPAL_NAME);
    let set = [
        (Attr::JOB_TITLE, Some("Engineer")),
        (Attr::USER_PRINCIPAL_NAME, taken.as_text()),
        (Attr::CITY, Some("Bonn")),
    ];
    let fault = fixture.fault(update(max, &set));
    assert_eq!(fault.kind, FaultKind::Conflict, "{fault:?}");
    let mut of_another_kind = update(max, TITLE);
    if let syncline_engine::Operation::Update { kind, .. } = &mut of_another_kind {
        *kind = EntityKind::Application;
    }
    assert_eq!(fixture.fault(of_another_kind).kind, FaultKind::NotFound);
    assert_eq!([megan, max].map(|id| fixture.present(id)), before);
}
