//! Single subjects.

use syncline_engine::{Lifecycle, Subject};
use syncline_model::{Attr, EntityKind, ObjectId};

use super::SourceFixture;
use super::ask::ids;
use crate::Referrer;

pub(super) fn subjects_come_in_the_order_asked(fixture: &mut dyn SourceFixture) {
    if !serves_single_subjects(fixture) {
        return;
    }
    let [megan, max] = ["megan", "max"].map(|it| fixture.create_person(it));
    let group = fixture.create_group("Sales");
    let (user, a_group) = (EntityKind::User, EntityKind::Group);
    let asked = [
        (user, max),
        (a_group, group),
        (user, nobody()),
        (user, megan),
    ];
    let answer = fixture.ask(|source, page| source.by_id(page, &asked));
    assert_eq!(ids(&answer), asked.map(|(_, id)| id));
    assert!(fixture.subjects(&[]).is_empty());
}

pub(super) fn a_subject_asked_for_twice_is_answered_twice(fixture: &mut dyn SourceFixture) {
    if !serves_single_subjects(fixture) {
        return;
    }
    let [megan, max] = ["megan", "max"].map(|it| fixture.create_person(it));
    fixture.assign(megan);
    fixture.set_manager(megan, max);
    let answer = fixture.subjects(&[megan, max, megan]);
    assert_eq!(ids(&answer), [megan, max, megan]);
    assert_eq!(answer[0], answer[2]);
    assert_eq!(answer[0].lifecycle, Lifecycle::Live);
    assert_eq!(answer[0].assigned_roles.len(), 1);
}

pub(super) fn the_unknown_are_hard_deleted(fixture: &mut dyn SourceFixture) {
    if !serves_single_subjects(fixture) {
        return;
    }
    let megan = fixture.create_person("megan");
    assert_is_gone(&fixture.subject(nobody()), nobody());
    // Somebody of another kind is unknown, too.
    let other = [(EntityKind::Group, megan), (EntityKind::User, megan)];
    let answer = fixture.ask(|source, page| source.by_id(page, &other));
    assert_eq!(answer[0].kind, EntityKind::Group);
    assert_is_gone(&answer[0], megan);
    assert_eq!(answer[1].lifecycle, Lifecycle::Live);
}

pub(super) fn lifecycles_are_told_apart(fixture: &mut dyn SourceFixture) {
    if !serves_single_subjects(fixture) {
        return;
    }
    let megan = fixture.create_person("megan");
    fixture.set_title(megan, "Engineer");
    let live = fixture.subject(megan);
    assert_eq!(live.lifecycle, Lifecycle::Live);
    fixture.soft_delete(megan);
    let deleted = fixture.subject(megan);
    assert_eq!(deleted.lifecycle, Lifecycle::SoftDeleted);
    assert_eq!(
        title(&deleted),
        Some("Engineer"),
        "the bin keeps everything"
    );
    fixture.restore(megan);
    let restored = fixture.subject(megan);
    assert_eq!(restored.lifecycle, Lifecycle::Live);
    assert_eq!(title(&restored), Some("Engineer"));
    fixture.soft_delete(megan);
    fixture.hard_delete(megan);
    assert_is_gone(&fixture.subject(megan), megan);
}

pub(super) fn a_subject_shows_its_attributes_its_manager_and_its_roles(
    fixture: &mut dyn SourceFixture,
) {
    if !serves_single_subjects(fixture) {
        return;
    }
    let [megan, max, moritz] = ["megan", "max", "moritz"].map(|it| fixture.create_person(it));
    let bare = fixture.subject(megan);
    assert_eq!((bare.id, bare.kind), (megan, EntityKind::User));
    assert!(bare.references.is_empty() && bare.assigned_roles.is_empty());
    assert_eq!(title(&bare), None);
    fixture.set_title(megan, "Engineer");
    fixture.assign(megan);
    for manager in [max, moritz] {
        fixture.set_manager(megan, manager);
        let subject = fixture.subject(megan);
        assert_eq!(subject.references, [(Attr::MANAGER, vec![manager])]);
        assert_eq!(title(&subject), Some("Engineer"));
        assert_eq!(subject.assigned_roles.len(), 1, "{subject:?}");
    }
    fixture.remove_manager(megan);
    fixture.unassign(megan);
    let bare = fixture.subject(megan);
    assert!(bare.references.is_empty() && bare.assigned_roles.is_empty());
}

pub(super) fn the_manager_who_is_gone_for_good_is_nobodys_manager(fixture: &mut dyn SourceFixture) {
    if !serves_single_subjects(fixture) {
        return;
    }
    let [megan, max] = ["megan", "max"].map(|it| fixture.create_person(it));
    fixture.set_manager(megan, max);
    fixture.soft_delete(max);
    // A restore would make the reference whole again.
    assert_eq!(
        fixture.subject(megan).references,
        [(Attr::MANAGER, vec![max])]
    );
    fixture.hard_delete(max);
    assert!(fixture.subject(megan).references.is_empty());
}

pub(super) fn those_who_refer_to_somebody_are_all_told_or_none(fixture: &mut dyn SourceFixture) {
    let [max, moritz] = ["max", "moritz"].map(|it| fixture.create_person(it));
    let mut expected = Vec::new();
    for at in 0..5 {
        let id = fixture.create_person(&format!("person{at}"));
        // The third has another manager.
        let to = if at == 2 { moritz } else { max };
        fixture.set_manager(id, to);
        let kind = EntityKind::User;
        expected.push(Referrer { to, kind, id });
    }
    expected.sort_unstable_by_key(|it| (it.to != max, it.id));
    for limit in [1, 2, 3, 4, 10] {
        let mut left = vec![(max, None), (nobody(), None), (moritz, None)];
        let mut told: Vec<Referrer> = Vec::new();
        while !left.is_empty() {
            let page =
                fixture.ask(|source, page| source.referrers(page, Attr::MANAGER, &left, limit));
            let in_order = left.iter().flat_map(|(to, _)| {
                let of_one = page.iter().filter(move |it| it.to == *to);
                of_one.copied()
            });
            assert!(in_order.eq(page.iter().copied()), "not as asked: {page:?}");
            left.retain_mut(|(to, after)| {
                let mut of_one = page.iter().filter(|it| it.to == *to);
                *after = of_one.clone().next_back().map(|it| it.id);
                let count = of_one.by_ref().count();
                assert!(count <= limit, "more than {limit}: {page:?}");
                count == limit
            });
            told.extend(page);
            assert!(told.len() <= expected.len(), "some came twice: {told:?}");
        }
        told.sort_unstable_by_key(|it| (it.to != max, it.id));
        assert!(told.is_empty() || told == expected, "{told:?}");
    }
}

fn assert_is_gone(subject: &Subject, id: ObjectId) {
    assert_eq!(subject.id, id);
    assert_eq!(subject.lifecycle, Lifecycle::HardDeleted, "{subject:?}");
    assert_eq!(subject.entry, None);
    assert!(subject.references.is_empty() && subject.assigned_roles.is_empty());
}

fn title(subject: &Subject) -> Option<&str> {
    subject.entry.as_ref()?.text(Attr::JOB_TITLE)
}

/// An id that no object has.
fn nobody() -> ObjectId {
    ObjectId::from_bytes([3; 16])
}

fn serves_single_subjects(fixture: &dyn SourceFixture) -> bool {
    fixture.source().capability().by_id
}
