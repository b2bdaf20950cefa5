//! Walks through what changed.

use std::collections::BTreeSet;

use syncline_engine::Lifecycle;
use syncline_model::{Attr, EntityKind, ObjectId};

use super::SourceFixture;
use super::ask::{BOTH, USERS, ids};

pub(super) fn the_watermark_never_goes_back_and_stands_still_without_a_change(
    fixture: &mut dyn SourceFixture,
) {
    if !tells_changes(fixture) {
        return;
    }
    let mut before = fixture.watermark();
    assert_eq!(fixture.watermark(), before);
    let megan = fixture.create_person("megan");
    let steps: [fn(&mut dyn SourceFixture, ObjectId); 4] = [
        |fixture, megan| fixture.set_title(megan, "Engineer"),
        |fixture, megan| fixture.soft_delete(megan),
        |fixture, megan| fixture.restore(megan),
        |fixture, megan| fixture.assign(megan),
    ];
    for step in steps {
        step(fixture, megan);
        let after = fixture.watermark();
        assert_ne!(after, before, "a change moves the watermark");
        assert!(after.sequence >= before.sequence, "{after:?} {before:?}");
        assert_eq!(fixture.watermark(), after, "asking moves it not");
        before = after;
    }
}

pub(super) fn nothing_changed_after_no_change(fixture: &mut dyn SourceFixture) {
    if !tells_changes(fixture) {
        return;
    }
    let megan = fixture.create_person("megan");
    fixture.create_person("max");
    fixture.soft_delete(megan);
    let since = fixture.watermark();
    for limit in [1, 10] {
        let seen = fixture.changes(&BOTH, &since, &since, limit);
        assert!(seen.is_empty(), "{seen:?}");
    }
}

pub(super) fn every_change_names_whom_it_concerns_and_nobody_else(fixture: &mut dyn SourceFixture) {
    if !tells_changes(fixture) {
        return;
    }
    let [megan, max, moritz] = ["megan", "max", "moritz"].map(|it| fixture.create_person(it));
    let check = |fixture: &mut dyn SourceFixture,
                 what: &str,
                 expected: &[ObjectId],
                 change: &dyn Fn(&mut dyn SourceFixture)| {
        let since = fixture.watermark();
        change(fixture);
        let expected: BTreeSet<ObjectId> = expected.iter().copied().collect();
        assert_eq!(fixture.changed(&USERS, &since), expected, "{what}");
    };
    check(fixture, "attribute set", &[megan], &|it| {
        it.set_title(megan, "Engineer");
    });
    check(fixture, "manager set", &[megan], &|it| {
        it.set_manager(megan, max);
    });
    check(fixture, "manager replaced", &[megan], &|it| {
        it.set_manager(megan, moritz);
    });
    check(fixture, "manager removed", &[megan], &|it| {
        it.remove_manager(megan);
    });
    check(fixture, "assigned", &[max], &|it| it.assign(max));
    check(fixture, "unassigned", &[max], &|it| it.unassign(max));
    check(fixture, "soft-deleted", &[max], &|it| it.soft_delete(max));
    check(fixture, "restored", &[max], &|it| it.restore(max));
    check(fixture, "deleted for good", &[max], &|it| {
        it.soft_delete(max);
        it.hard_delete(max);
    });
    fixture.set_manager(megan, moritz);
    fixture.soft_delete(moritz);
    // Whoever refers to the one who goes refers to nobody now.
    check(fixture, "manager gone for good", &[megan, moritz], &|it| {
        it.hard_delete(moritz);
    });
}

pub(super) fn many_changes_come_in_pages_of_any_size(fixture: &mut dyn SourceFixture) {
    if !tells_changes(fixture) {
        return;
    }
    let first = fixture.create_person("first");
    let untouched = fixture.create_person("untouched");
    let since = fixture.watermark();
    let mut expected = BTreeSet::from([first]);
    fixture.set_title(first, "Engineer");
    for at in 0..9 {
        let person = fixture.create_person(&format!("person{at}"));
        // Groups between them are nobody's business here.
        fixture.create_group(&format!("group{at}"));
        fixture.set_manager(person, untouched);
        expected.insert(person);
    }
    fixture.set_title(first, "Lead");
    let until = fixture.watermark();
    for limit in [1, 2, 3, 9, 10, 11, 100] {
        let seen = fixture.changes(&USERS, &since, &until, limit);
        let seen: BTreeSet<ObjectId> = seen.iter().map(|it| it.id).collect();
        assert_eq!(seen, expected, "pages of {limit}");
    }
}

pub(super) fn changes_show_subjects_as_they_are_now(fixture: &mut dyn SourceFixture) {
    if !tells_changes(fixture) {
        return;
    }
    let [megan, max, moritz] = ["megan", "max", "moritz"].map(|it| fixture.create_person(it));
    let since = fixture.watermark();
    fixture.set_title(megan, "Engineer");
    fixture.set_title(megan, "Lead");
    fixture.soft_delete(max);
    fixture.soft_delete(moritz);
    fixture.hard_delete(moritz);
    let until = fixture.watermark();
    let seen = fixture.changes(&USERS, &since, &until, 10);
    for subject in &seen {
        let title = subject.entry.as_ref().map(|it| it.text(Attr::JOB_TITLE));
        let expected = match subject.id {
            id if id == megan => (Lifecycle::Live, Some(Some("Lead"))),
            id if id == max => (Lifecycle::SoftDeleted, Some(None)),
            _ => (Lifecycle::HardDeleted, None),
        };
        assert_eq!((subject.lifecycle, title), expected, "{subject:?}");
    }
    assert_eq!(
        fixture.changed(&USERS, &since),
        BTreeSet::from([megan, max, moritz])
    );
}

pub(super) fn changes_of_other_kinds_are_left_out(fixture: &mut dyn SourceFixture) {
    if !tells_changes(fixture) {
        return;
    }
    let since = fixture.watermark();
    let person = fixture.create_person("megan");
    let group = fixture.create_group("Sales");
    let groups = [EntityKind::Group];
    assert_eq!(fixture.changed(&USERS, &since), BTreeSet::from([person]));
    assert_eq!(fixture.changed(&groups, &since), BTreeSet::from([group]));
    assert_eq!(
        fixture.changed(&BOTH, &since),
        BTreeSet::from([person, group])
    );
}

pub(super) fn changes_after_the_end_wait_for_the_next_walk(fixture: &mut dyn SourceFixture) {
    if !tells_changes(fixture) {
        return;
    }
    let max = fixture.create_person("max");
    let since = fixture.watermark();
    let megan = fixture.create_person("megan");
    let until = fixture.watermark();
    fixture.set_title(max, "Engineer");
    for limit in [1, 10] {
        let first = fixture.changes(&USERS, &since, &until, limit);
        assert_eq!(ids(&first), [megan]);
        let next = fixture.changes(&USERS, &until, &fixture.watermark(), limit);
        assert_eq!(ids(&next), [max]);
    }
}

fn tells_changes(fixture: &dyn SourceFixture) -> bool {
    fixture.source().capability().changes
}
