//! Walks through everything.

use std::collections::BTreeSet;

use syncline_engine::{FaultKind, Lifecycle};
use syncline_model::{EntityKind, ObjectId};

use super::SourceFixture;
use super::ask::{BOTH, USERS, ids, sorted};
use crate::Cursor;

pub(super) fn every_live_object_comes_once_whatever_the_page_size(fixture: &mut dyn SourceFixture) {
    assert!(fixture.all(&BOTH, 10).is_empty(), "a fixture begins empty");
    let mut expected = people(fixture, 7);
    fixture.soft_delete(expected[3]);
    fixture.soft_delete(expected[6]);
    fixture.hard_delete(expected[6]);
    expected.remove(6);
    expected.remove(3);
    expected.push(fixture.create_group("Sales"));
    let expected = sorted(expected);
    for limit in [1, 2, 3, 5, 6, 7, 100] {
        let seen = fixture.all(&BOTH, limit);
        assert_eq!(sorted(ids(&seen)), expected, "pages of {limit}");
        for subject in seen {
            assert_eq!(subject.lifecycle, Lifecycle::Live, "{subject:?}");
            let entry = subject.entry.expect("a live subject has attributes");
            assert_eq!((entry.id, entry.kind), (subject.id, subject.kind));
        }
    }
}

pub(super) fn a_walk_shows_the_kinds_asked_for_and_no_others(fixture: &mut dyn SourceFixture) {
    let people = people(fixture, 3);
    let group = fixture.create_group("Sales");
    assert_eq!(sorted(ids(&fixture.all(&USERS, 2))), sorted(people));
    assert_eq!(ids(&fixture.all(&[EntityKind::Group], 2)), [group]);
    assert!(fixture.all(&[], 2).is_empty());
}

pub(super) fn a_walk_goes_on_behind_an_object_that_was_deleted_meanwhile(
    fixture: &mut dyn SourceFixture,
) {
    let mut waiting: BTreeSet<ObjectId> = people(fixture, 4).into_iter().collect();
    let mut cursor = Cursor::default();
    loop {
        let page = fixture.page_of_all(&USERS, &cursor, 1);
        for subject in &page.subjects {
            assert!(waiting.remove(&subject.id), "{} came twice", subject.id);
            // The place that the cursor stands on.
            fixture.soft_delete(subject.id);
        }
        match page.next {
            Some(next) => cursor = next,
            None => break,
        }
    }
    assert!(waiting.is_empty(), "never seen: {waiting:?}");
}

pub(super) fn the_parts_of_a_walk_show_together_what_the_walk_shows(
    fixture: &mut dyn SourceFixture,
) {
    let mut expected = people(fixture, 11);
    expected.push(fixture.create_group("Sales"));
    for size in [1, 3, 4, 11, 100] {
        let parts = fixture.ask(|source, page| source.split(page, &BOTH, size));
        if parts.is_empty() {
            // The source can not be cut.
            return;
        }
        let mut seen = Vec::new();
        for (from, last) in parts {
            let mut cursor = from;
            loop {
                let page = fixture.ask(|source, page| source.all(page, &BOTH, &cursor, &last, 2));
                seen.extend(ids(&page.subjects));
                match page.next {
                    Some(next) => cursor = next,
                    None => break,
                }
            }
        }
        assert_eq!(sorted(seen), sorted(expected.clone()), "parts of {size}");
    }
}

pub(super) fn a_strange_cursor_is_refused(fixture: &mut dyn SourceFixture) {
    people(fixture, 2);
    let strange = Cursor("somewhere else".to_owned());
    let mut faults = vec![
        fixture.try_ask(|source, page| source.all(page, &USERS, &strange, &Cursor::default(), 10)),
    ];
    if fixture.source().capability().changes {
        let at = fixture.watermark();
        faults.push(
            fixture.try_ask(|source, page| source.changes(page, &USERS, &at, &at, &strange, 10)),
        );
    }
    for answer in faults {
        let fault = answer.expect_err("a walk from nowhere would lose subjects");
        assert_eq!(fault.kind, FaultKind::Invalid, "{fault:?}");
        assert!(!fault.transient, "it will not get better: {fault:?}");
    }
}

pub(super) fn live_objects_are_counted(fixture: &mut dyn SourceFixture) {
    assert_eq!(fixture.count(&BOTH), 0);
    let people = people(fixture, 5);
    fixture.create_group("Sales");
    fixture.soft_delete(people[0]);
    fixture.soft_delete(people[1]);
    fixture.hard_delete(people[1]);
    assert_eq!(fixture.count(&USERS), 3);
    assert_eq!(fixture.count(&[EntityKind::Group]), 1);
    assert_eq!(fixture.count(&BOTH), 4);
    fixture.restore(people[0]);
    assert_eq!(fixture.count(&BOTH), 5);
}

fn people(fixture: &mut dyn SourceFixture, count: usize) -> Vec<ObjectId> {
    (0..count)
        .map(|at| fixture.create_person(&format!("person{at}")))
        .collect()
}
