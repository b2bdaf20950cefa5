//! Those brought forward who can not be created, and pages that fail with them among their people.

use syncline_engine::Operation;
use syncline_model::job::{Counts, CycleKind, CycleState};
use syncline_model::{Attr, Value};

use super::{LEADER, PEOPLE, imported, rows, world};
use crate::world::{World, before_page};

/// A leader who can not be created is tried once, and waited for.
fn fails_once(world: &World, leader: &str) {
    let report = world.cycle();
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!(
        report.counts,
        Counts {
            created: PEOPLE - 1,
            escrowed: 1,
            references_pending: PEOPLE - 1,
            ..Counts::default()
        }
    );
    assert_eq!(imported(world), PEOPLE);
    assert_eq!(rows(world, leader), 1);
    let source = world.person(leader).id;
    let escrows = world
        .store
        .read(|reader| reader.escrows_for(world.contoso.id, &world.job, &[source]))
        .unwrap();
    assert_eq!(escrows[0].as_ref().unwrap().attempts, 1);
    assert_eq!(world.traces().escrows, 1);
}

/// The six others get a leader who is well by now.
fn recovers(world: &World, leader: &str) {
    world.clock.advance_seconds(24 * 60 * 60);
    let report = world.cycle();
    assert_eq!(
        (report.counts.created, report.counts.references_set),
        (1, PEOPLE - 1)
    );
    for (name, _) in world.everybody() {
        let manager = world.live(&name).manager;
        assert_eq!(manager.is_none(), name == leader, "{name}");
    }
}

#[test]
fn a_leader_whose_address_is_taken_in_the_target_fails_once() {
    for size in [1, 2, 3] {
        let world = world().with_pages_of(size);
        let holder = world.internal_user_of_fabrikam(&format!("{LEADER}@contoso.example"));
        fails_once(&world, LEADER);
        world.fabrikam_changes(holder, Attr::MAIL, "somebody.else@fabrikam.example");
        let nothing = Value::List(Vec::new());
        world.fabrikam_changes(holder, Attr::PROXY_ADDRESSES, nothing);
        recovers(&world, LEADER);
    }
}

/// The target refuses to create this person.
fn refuses_to_create(world: &World, name: &str) {
    let name = format!("{name} of Contoso");
    world.target_refuses(move |it| {
        matches!(it, Operation::Create { attrs, .. }
            if attrs.text(Attr::DISPLAY_NAME) == Some(&name))
    });
}

#[test]
fn a_leader_whom_the_target_refuses_fails_once() {
    for size in [1, 2, 3] {
        let world = world().with_pages_of(size);
        refuses_to_create(&world, LEADER);
        fails_once(&world, LEADER);
        world.target_is_well();
        recovers(&world, LEADER);
    }
}

#[test]
fn a_leader_who_failed_when_the_walk_came_to_him_is_not_tried_again_with_his_reports() {
    for (size, ahead) in [(1, true), (2, true), (1, false), (2, false)] {
        let mut world = World::new().with_pages_of(size);
        world.runner = world.runner.clone().with_deciding_ahead(ahead);
        let people = world.people("p", 7);
        world.all_report_to(&people, people[0]);
        refuses_to_create(&world, "p0");
        fails_once(&world, "p0");
        world.target_is_well();
        recovers(&world, "p0");
    }
}

#[test]
fn a_leader_who_is_disabled_while_his_page_is_given_up_is_written_down_once() {
    let world = world();
    refuses_to_create(&world, "p1");
    let leader = world.person(LEADER);
    let report = world.cycle_watched_by(&before_page(1, || {
        leader.disabled();
    }));
    assert_eq!(
        report.counts,
        Counts {
            created: PEOPLE - 2,
            escrowed: 1,
            skipped: 1,
            references_pending: PEOPLE - 2,
            ..Counts::default()
        }
    );
    assert_eq!(imported(&world), PEOPLE);
    assert_eq!((rows(&world, LEADER), rows(&world, "p1")), (1, 1));
}

#[test]
fn a_leader_who_is_purged_while_his_page_is_given_up_is_missed_by_nobody() {
    let world = world();
    refuses_to_create(&world, "p1");
    let leader = world.person(LEADER);
    let report = world.cycle_watched_by(&before_page(1, || {
        leader.deleted();
        leader.purged();
    }));
    assert_eq!(report.counts.created, PEOPLE - 2);
    assert_eq!(report.counts.escrowed, 1);
    assert!(rows(&world, LEADER) <= 1);
    for number in [0, 2, 3, 4, 5] {
        assert_eq!(world.live(&format!("p{number}")).manager, None);
    }
}

#[test]
fn a_leader_whose_name_is_free_only_when_the_walk_comes_to_him_is_left_to_it() {
    for size in [1, 2, 3] {
        let world = World::new().with_pages_of(size);
        for name in ["early", "jan", "other"] {
            world.person(name);
        }
        world.cycle();
        // The name is handed on: Fabrikam gives it free when the walk meets the one who had it.
        world.person("jan").renamed("jan2");
        world.remember_as("jan", "jan2");
        world.person("early").manager("jan");
        world.restart("Watermark");
        let report = world.cycle();
        assert_eq!(report.kind, CycleKind::Initial);
        assert_eq!(report.state, CycleState::Succeeded, "pages of {size}");
        assert_eq!(
            (report.counts.created, report.counts.escrowed),
            (1, 0),
            "pages of {size}"
        );
        assert_eq!(imported(&world), 4);
        assert_eq!(world.live("early").manager.as_deref(), Some("jan"));
    }
}

#[test]
fn a_page_whose_batch_breaks_brings_its_leader_all_the_same() {
    let world = world();
    let broken = "p1 of Contoso";
    world.target_breaks_over(move |it| {
        matches!(it, Operation::Create { attrs, .. }
            if attrs.text(Attr::DISPLAY_NAME) == Some(broken))
    });
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            created: PEOPLE - 1,
            escrowed: 1,
            references_set: PEOPLE - 2,
            ..Counts::default()
        }
    );
    assert_eq!(imported(&world), PEOPLE);
    assert_eq!((rows(&world, LEADER), rows(&world, "p1")), (1, 1));
}
