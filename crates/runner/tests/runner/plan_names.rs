//! Unique values in a plan: who would have them, who would be refused, whoever holds or gives them up.

use std::cell::Cell;

use syncline_model::Attr;
use syncline_model::job::Counts;
use syncline_runner::{Observer, PageReport, Progress};

use crate::world::{World, map};

/// People with the names of others whose removal is held.
fn successors_of_the_held() -> World {
    let world = World::new();
    world.threshold(3);
    let names = ["ana", "bea", "cem", "dora"];
    for name in names {
        world.person(name);
    }
    world.cycle();
    for name in names {
        world.person(name).deleted();
        world.remember_as(name, &format!("the first {name}"));
    }
    for name in names {
        world.person(name);
    }
    world.person("ana").manager("bea");
    world
}

#[test]
fn names_that_held_removals_keep_are_planned_to_be_taken() {
    let world = successors_of_the_held();
    let planned = world.plan();
    let expected = Counts {
        staged: 4,
        escrowed: 4,
        ..Counts::default()
    };
    assert_eq!(planned.counts, expected);
    assert!(planned.held);
    let failing: Vec<_> = planned
        .shown
        .iter()
        .filter(|it| it.action == "fail")
        .collect();
    assert_eq!(failing.len(), 4);
    let reason = failing[0].reason.as_deref().unwrap();
    assert!(reason.starts_with("Conflict: "), "{reason}");
    assert_eq!(world.cycle().counts, expected);
    // They are due again.
    assert_eq!(world.plan().counts, expected);
}

#[test]
fn names_that_the_cycle_itself_sets_free_are_planned_to_be_given() {
    let world = successors_of_the_held();
    world.cycle();
    world.restart("ForceDeletes");
    let planned = world.plan();
    let expected = Counts {
        created: 4,
        deleted: 4,
        references_set: 1,
        ..Counts::default()
    };
    assert_eq!(planned.counts, expected);
    assert_eq!(world.cycle().counts, expected);
}

/// Adds up what it is told of pages.
#[derive(Default)]
struct Sum {
    created: Cell<u64>,
    deleted: Cell<u64>,
    escrowed: Cell<u64>,
}

impl Observer for Sum {
    fn page_done(&self, _progress: &Progress) {}

    fn page_committed(&self, page: &PageReport) {
        let add = |sum: &Cell<u64>, more| sum.set(sum.get() + more);
        add(&self.created, page.counts.created);
        add(&self.deleted, page.counts.deleted);
        add(&self.escrowed, page.counts.escrowed);
    }
}

/// What a page has told stays told: figures that only grow take it from there.
#[test]
fn whoever_is_tried_again_in_the_same_cycle_is_told_of_by_both_pages() {
    let world = successors_of_the_held();
    world.cycle();
    world.restart("ForceDeletes");
    let sum = Sum::default();
    let report = world.cycle_watched_by(&sum);
    let counts = &report.counts;
    assert_eq!((counts.created, counts.deleted, counts.escrowed), (4, 4, 0));
    assert_eq!((sum.created.get(), sum.deleted.get()), (4, 4));
    assert_eq!(sum.escrowed.get(), 4);
}

/// Removals are what a cycle tries somebody once more for.
#[test]
fn names_that_are_given_up_behind_their_successors_are_planned_to_be_given_only_beside_removals() {
    for removes in [false, true] {
        let world = World::new().with_pages_of(1);
        world.person("ana");
        world.person("leaver");
        world.cycle();
        world.person("ana").renamed("anita");
        world.remember_as("ana", "anita");
        world.person("ana");
        // Now he is read behind her.
        world.person("anita").department("Sales");
        if removes {
            world.person("leaver").deleted();
        }
        let planned = world.plan();
        assert_eq!(world.cycle().counts, planned.counts, "{removes}");
        let counts = &planned.counts;
        assert_eq!(
            (counts.created, counts.escrowed),
            if removes { (1, 0) } else { (0, 1) }
        );
    }
}

#[test]
fn names_that_are_given_up_before_are_planned_to_be_given() {
    let world = World::new().with_pages_of(1);
    world.person("ana");
    world.cycle();
    world.person("ana").renamed("anita");
    world.remember_as("ana", "anita");
    world.person("ana");
    let planned = world.plan();
    assert_eq!(world.cycle().counts, planned.counts);
    assert_eq!((planned.counts.created, planned.counts.updated), (1, 1));
}

#[test]
fn whoever_gives_up_another_value_is_planned_to_be_in_the_way() {
    for removes in [false, true] {
        let world = World::new();
        let name = r#"Join("@", [givenName], "contoso.example")"#;
        world.map("userPrincipalName", name);
        world.person("ana").set(Attr::GIVEN_NAME, "an");
        world.person("leaver").set(Attr::GIVEN_NAME, "lee");
        world.cycle();
        // The address becomes another one; the name that is in the way stays.
        world.person("ana").set(Attr::MAIL, "anita@contoso.example");
        world.person("bea").set(Attr::GIVEN_NAME, "an");
        if removes {
            world.person("leaver").deleted();
        }
        let planned = world.plan();
        assert_eq!(world.cycle().counts, planned.counts, "{removes}");
        let counts = &planned.counts;
        assert_eq!((counts.created, counts.escrowed), (0, 1), "{removes}");
    }
}

#[test]
fn names_of_people_of_the_target_are_planned_to_be_taken() {
    let world = World::new();
    world.internal_user_of_fabrikam("bea@contoso.example");
    world.person("ana");
    world.person("bea");
    let planned = world.plan();
    let [bea, _] = &planned.shown[..] else {
        panic!("{:?}", planned.shown);
    };
    assert_eq!(bea.action, "fail");
    let reason = bea.reason.as_deref().unwrap();
    assert!(
        reason.starts_with("InvitationCreationFailureAmbiguousUser: "),
        "{reason}"
    );
    assert_eq!((planned.counts.created, planned.counts.escrowed), (1, 1));
    assert_eq!(world.cycle().counts, planned.counts);
}

#[test]
fn addresses_of_people_of_the_target_are_planned_to_be_refused() {
    let world = World::new();
    world.person("ana").set(Attr::MAIL, "ceo@fabrikam.example");
    world.person("bea");
    let planned = world.plan();
    let [ana, _] = &planned.shown[..] else {
        panic!("{:?}", planned.shown);
    };
    assert_eq!(ana.action, "fail");
    let reason = ana.reason.as_deref().unwrap();
    assert!(reason.contains("fabrikam.example in the mail"), "{reason}");
    assert_eq!((planned.counts.created, planned.counts.escrowed), (1, 1));
    assert_eq!(world.cycle().counts, planned.counts);

    // The address is mended, and goes wrong once more when she has an account.
    world.person("ana").set(Attr::MAIL, "ana@contoso.example");
    world.cycle();
    world.person("ana").set(Attr::MAIL, "ceo@fabrikam.example");
    let planned = world.plan();
    assert_eq!(planned.shown[0].action, "fail");
    let reason = planned.shown[0].reason.as_deref().unwrap();
    assert!(reason.starts_with("UnprocessableEntity: "), "{reason}");
    let report = world.cycle();
    assert_eq!((report.counts.updated, report.counts.escrowed), (0, 1));
    assert_eq!(planned.counts, report.counts);
    assert_eq!(world.live("ana").text(Attr::MAIL), "ana@contoso.example");
}

/// A mapping that would give everybody an address of the target's.
#[test]
fn a_schema_that_maps_addresses_of_the_target_is_planned_to_fail() {
    let world = World::new();
    world.people("p", 3);
    world.cycle();
    world.person("p0").disabled();
    let mail = r#"Append([mailNickname], "@fabrikam.example")"#;
    let planned = world.plan_change(|schema| map(schema, "mail", mail));
    assert_eq!(planned.counts.escrowed, 3);
    assert_eq!((planned.counts.updated, planned.removals), (0, 1));
    world.map("mail", mail);
    assert_eq!(world.cycle().counts, planned.counts);
    assert!(!world.live("p0").is_enabled());
}

#[test]
fn a_refused_value_that_is_redacted_is_not_planned_aloud() {
    let world = World::new();
    world.internal_user_of_fabrikam("bea@contoso.example");
    world.map("mail", "Redact([mail])");
    world.person("bea");
    let planned = world.plan();
    let reason = planned.shown[0].reason.as_deref().unwrap();
    assert!(!reason.contains("bea@contoso.example"), "{reason}");
    assert!(reason.contains("not to be shown"), "{reason}");
}
