//! What happens to those who lead while the walk is on its way to them, or has passed them.

use syncline_model::EntityKind;
use syncline_model::job::Counts;
use syncline_runner::OnDemandSubject;

use super::{LEADER, PEOPLE, all_have_the_leader, imported, rows, world};
use crate::world::{World, after_first_page, before_page};

#[test]
fn a_leader_whom_somebody_provisioned_since_is_left_out_and_the_page_stands() {
    for elsewhere in [false, true] {
        for page in 1..=3 {
            let world = world();
            let leader = world.person(LEADER).id;
            let provision = || {
                if elsewhere {
                    let subject = OnDemandSubject {
                        kind: EntityKind::User,
                        id: leader,
                        members: Vec::new(),
                    };
                    world
                        .another_process()
                        .provision_on_demand(
                            world.contoso.id,
                            &world.job,
                            &[&world.rule()],
                            &[subject],
                        )
                        .unwrap();
                } else {
                    world.provision(leader).unwrap();
                }
            };
            let report = world.cycle_watched_by(&before_page(page, provision));
            // In a later page he is there already, and nobody minds.
            let (created, unchanged) = if page == 1 {
                (PEOPLE - 1, 1)
            } else {
                (PEOPLE, 0)
            };
            assert_eq!(
                report.counts,
                Counts {
                    created,
                    unchanged,
                    references_set: PEOPLE - 1,
                    ..Counts::default()
                },
                "before page {page}"
            );
            assert_eq!(imported(&world), PEOPLE);
            assert_eq!(world.created_in_log().len() as u64, PEOPLE);
            all_have_the_leader(&world);
            assert_eq!(world.cycle().counts, Counts::default());
        }
    }
}

/// The first of seven is skipped and his reports come later; then something makes him wanted.
fn is_left_for_the_next_cycle(world: &World, becomes_wanted: impl Fn()) {
    let report = world.cycle_watched_by(&after_first_page(becomes_wanted));
    assert_eq!(
        report.counts,
        Counts {
            created: PEOPLE - 1,
            skipped: 1,
            references_pending: PEOPLE - 1,
            ..Counts::default()
        }
    );
    assert_eq!(imported(world), PEOPLE);
    assert_eq!(rows(world, "p0"), 1);
    let report = world.cycle();
    assert_eq!(
        (report.counts.created, report.counts.references_set),
        (1, PEOPLE - 1)
    );
}

#[test]
fn a_leader_who_is_enabled_after_the_walk_came_to_him_waits_for_the_next_cycle() {
    for size in [1, 2] {
        let world = World::new().with_pages_of(size);
        let people = world.people("p", 7);
        world.all_report_to(&people, people[0]);
        people[0].disabled();
        is_left_for_the_next_cycle(&world, || {
            people[0].enabled();
        });
    }
}

#[test]
fn a_leader_whom_the_scope_takes_in_after_the_walk_came_to_him_waits_for_the_next_cycle() {
    for size in [1, 2] {
        let world = World::new().with_pages_of(size);
        let people = world.people("p", 7);
        world.all_report_to(&people, people[0]);
        for person in &people[1..] {
            person.department("Sales");
        }
        world.scope_to("department", "Sales");
        is_left_for_the_next_cycle(&world, || world.scope(None));
    }
}

/// Nobody was noted while managers were not mapped.
#[test]
fn a_leader_whom_the_scope_takes_in_together_with_the_mapping_of_managers_is_met_once() {
    for size in [1, 2] {
        let world = World::new().with_pages_of(size);
        let people = world.people("p", 7);
        world.all_report_to(&people, people[0]);
        for person in &people[1..] {
            person.department("Sales");
        }
        world.scope_to("department", "Sales");
        let full = world.schema();
        world.change_schema(|schema| {
            let mapping = &mut schema.synchronization_rules[0].object_mappings[0];
            mapping
                .attribute_mappings
                .retain(|it| it.target_attribute_name.as_deref() != Some("manager"));
        });
        let widen = || {
            world.change_schema(|schema| {
                *schema = full.clone();
                schema.synchronization_rules[0].object_mappings[0].scope = None;
            });
        };
        let report = world.cycle_watched_by(&after_first_page(widen));
        assert_eq!(
            (report.counts.created, report.counts.skipped),
            (PEOPLE - 1, 1)
        );
        assert_eq!(imported(&world), PEOPLE);
        assert_eq!(rows(&world, "p0"), 1);
        world.cycle();
        for number in 1..7 {
            let manager = world.live(&format!("p{number}")).manager;
            assert_eq!(manager.as_deref(), Some("p0"), "p{number}");
        }
    }
}

/// Found in the target, where his account is to be switched off, he is staged, and has no link yet when his
/// object is deleted for good there.
#[test]
fn a_leader_who_is_staged_without_a_link_is_met_once() {
    let world = World::new().with_pages_of(1);
    let people = world.people("p", 7);
    world.provision(people[0].id).unwrap();
    world.restart("Full");
    world.map("accountEnabled", "\"False\"");
    world.all_report_to(&people, people[0]);
    let found = world.live("p0").id;
    let report = world.cycle_watched_by(&after_first_page(|| {
        world.fabrikam_deletes(found);
        world.fabrikam_purges(found);
    }));
    assert_eq!((imported(&world), report.counts.created), (PEOPLE, PEOPLE));
    assert_eq!(rows(&world, "p0"), 1);
    world.cycle();
    for number in 1..7 {
        let manager = world.live(&format!("p{number}")).manager;
        assert_eq!(manager.as_deref(), Some("p0"), "p{number}");
    }
}

#[test]
fn a_change_of_the_scope_between_deciding_and_carrying_out() {
    for page in 1..=4 {
        let world = world();
        for number in 0..6 {
            world.person(&format!("p{number}")).department("Sales");
        }
        let observer = before_page(page, || world.scope_to("department", "Sales"));
        let report = world.cycle_watched_by(&observer);
        assert_eq!(imported(&world), PEOPLE, "before page {page}");
        assert_eq!(rows(&world, LEADER), 1, "before page {page}");
        // Who was created under the old scope is removed under the new one, by the next cycle.
        let created = if page == 1 { PEOPLE - 1 } else { PEOPLE };
        assert_eq!(report.counts.created, created, "before page {page}");
        world.cycle();
        assert_eq!(world.target_names().len() as u64, PEOPLE - 1);
    }
}
