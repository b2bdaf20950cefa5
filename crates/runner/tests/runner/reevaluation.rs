//! A changed configuration: whom the next cycle looks at again, and that nobody is lost.

use std::panic::{AssertUnwindSafe, catch_unwind};

use syncline_engine::schema::Filter;
use syncline_model::job::{Counts, CycleKind, CyclePhase, CycleReport, CycleState};
use syncline_runner::{Progress, StoredSchema};

use crate::world::{AfterPage, World};

const PEOPLE: usize = 500;

/// `PEOPLE` of Contoso, every tenth of them in Sales and the others without a department.
fn many(page_size: usize) -> World {
    let world = World::new().with_pages_of(page_size);
    let people = world.people("p", PEOPLE);
    for person in people.iter().step_by(10) {
        person.department("Sales");
    }
    world
}

/// How many objects were evaluated.
fn evaluated(report: &CycleReport) -> u64 {
    let counts = &report.counts;
    counts.created
        + counts.updated
        + counts.disabled
        + counts.deleted
        + counts.restored
        + counts.skipped
        + counts.escrowed
        + counts.unchanged
}

fn only(report: &CycleReport, counts: Counts) {
    assert_eq!(report.kind, CycleKind::Incremental, "no restart");
    assert_eq!(report.counts, counts);
}

#[test]
fn a_changed_mapping_evaluates_those_for_whom_it_yields_another_value() {
    let world = many(50);
    world.cycle();
    let links = world.traces().links;
    world.map("department", "ToUpper([department])");
    only(
        &world.cycle(),
        Counts {
            updated: 50,
            ..Counts::default()
        },
    );
    assert_eq!(world.traces().links, links);
    assert_eq!(world.live("p0").department(), "SALES");
    only(&world.cycle(), Counts::default());
}

#[test]
fn a_narrower_scope_evaluates_those_who_leave() {
    let world = many(50);
    world.scope_to("department", "Sales");
    world.cycle();
    world.scope_to("department", "Nobody's");
    only(
        &world.cycle(),
        Counts {
            deleted: 50,
            ..Counts::default()
        },
    );
}

#[test]
fn a_wider_scope_evaluates_those_who_come_in() {
    let world = many(50);
    world.scope_to("department", "Sales");
    assert_eq!(world.cycle().counts.created, 50);
    world.scope(None);
    only(
        &world.cycle(),
        Counts {
            created: PEOPLE as u64 - 50,
            ..Counts::default()
        },
    );
}

#[test]
fn names_and_order_evaluate_nobody_and_read_nothing() {
    let world = many(50);
    world.scope_to("department", "Sales");
    world.cycle();
    world.change_schema(|schema| {
        let mapping = &mut schema.synchronization_rules[0].object_mappings[0];
        mapping.attribute_mappings.reverse();
        if let Some(Filter { groups, .. }) = &mut mapping.scope {
            let again = groups[0].clauses.clone();
            groups[0].clauses.extend(again);
            groups[0].name = Some("another name".to_owned());
        }
    });
    let reevaluated = AfterPage::new(|_, progress: &Progress| {
        assert_ne!(progress.phase, CyclePhase::Reevaluation);
    });
    only(&world.cycle_watched_by(&reevaluated), Counts::default());
}

#[test]
fn a_mapping_switched_off_and_on_looks_at_everybody_it_is_about() {
    let world = World::new();
    world.person("ana");
    world.person("bo");
    world.cycle();
    let switch = |on: bool| {
        world.change_schema(|schema| {
            schema.synchronization_rules[0].object_mappings[0].enabled = on;
        });
    };
    switch(false);
    only(&world.cycle(), Counts::default());
    world.person("ana").department("Sales");
    only(&world.cycle(), Counts::default());
    switch(true);
    only(
        &world.cycle(),
        Counts {
            updated: 1,
            unchanged: 1,
            ..Counts::default()
        },
    );
    assert_eq!(world.live("ana").department(), "Sales");
}

#[test]
fn deletes_of_a_narrowed_scope_go_through_the_gate() {
    let world = many(50);
    world.threshold(100);
    world.cycle();
    world.scope_to("department", "Sales");
    let report = world.cycle();
    only(
        &report,
        Counts {
            staged: PEOPLE as u64 - 50,
            ..Counts::default()
        },
    );
    // Somebody saw it and takes it back: nobody was deleted.
    world.scope(None);
    let report = world.cycle();
    assert_eq!((report.counts.deleted, report.counts.staged), (0, 0));
    assert_eq!(world.target_names().len(), PEOPLE);
}

#[test]
fn a_new_configuration_evaluates_changes_and_the_concerned_once() {
    let world = many(50);
    world.cycle();
    world.person("p0").department("Board");
    world.person("p1").department("Board");
    world.map("department", "ToUpper([department])");
    let report = world.cycle();
    assert_eq!(evaluated(&report), 51);
    assert_eq!(report.counts.updated, 51);
}

/// Changes the scope, interrupts the cycle that follows after so many pages by `interrupt`, and
/// checks that the next one does the rest.
fn interrupted(interrupt: impl Fn(&World)) {
    for pages in 1..8 {
        let world = many(20);
        world.cycle();
        world.scope_to("department", "Sales");
        let observer = AfterPage::new(|page, _: &Progress| {
            if page == pages {
                interrupt(&world);
            }
        });
        let _ = catch_unwind(AssertUnwindSafe(|| world.try_cycle(&observer)));
        world.start();
        let world = world.elsewhere();
        world.cycle();
        assert_eq!(world.target_names().len(), 50, "after {pages} pages");
        only(&world.cycle(), Counts::default());
    }
}

#[test]
fn a_process_that_dies_in_the_middle_loses_nobody() {
    interrupted(|_| std::panic::resume_unwind(Box::new("the process dies here")));
}

#[test]
fn a_pause_in_the_middle_loses_nobody() {
    interrupted(|world| {
        world.pause();
    });
}

#[test]
fn a_change_taken_back_in_the_middle_brings_back_those_it_took() {
    for page in 1..8 {
        let world = many(20);
        world.cycle();
        world.scope_to("department", "Sales");
        let observer = AfterPage::new(|at, _: &Progress| {
            if at == page {
                world.scope(None);
            }
        });
        world.cycle_watched_by(&observer);
        let report = world.cycle();
        assert_eq!(report.kind, CycleKind::Incremental);
        assert_eq!(world.target_names().len(), PEOPLE, "after {page} pages");
        only(&world.cycle(), Counts::default());
    }
}

#[test]
fn a_second_change_before_the_first_was_evaluated_is_compared_with_what_was() {
    let world = many(50);
    world.cycle();
    world.scope_to("department", "Nobody's");
    world.scope_to("department", "Sales");
    only(
        &world.cycle(),
        Counts {
            deleted: PEOPLE as u64 - 50,
            ..Counts::default()
        },
    );
}

#[test]
fn somebody_provisioned_by_hand_under_a_change_that_is_taken_back_is_looked_at() {
    let world = many(50);
    world.cycle();
    world.scope_to("department", "Nobody's");
    world.provision(world.person("p0").id).unwrap();
    assert!(!world.target_names().contains(&"p0".to_owned()));
    world.scope(None);
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Incremental);
    assert_eq!(report.counts.restored, 1);
}

#[test]
fn so_many_changes_that_they_are_not_remembered_end_in_a_look_at_everybody() {
    let world = World::new();
    world.person("ana").department("Sales");
    world.cycle();
    for round in 0..20 {
        world.scope_to("department", &format!("{round}"));
        world.provision(world.person("ana").id).unwrap();
        world.clock.advance_seconds(60);
    }
    world.scope(None);
    assert_eq!(world.cycle().kind, CycleKind::Initial);
    assert_eq!(world.target_names(), ["ana"]);
}

#[test]
fn the_source_of_a_released_object_is_deleted_when_deletes_are_switched_on() {
    let world = World::new();
    let flows = |text: &str| {
        world.change_schema(|schema| {
            schema.synchronization_rules[0].object_mappings[0]
                .flow_types
                .0 = text.to_owned();
        });
    };
    flows("Add,Update");
    world.person("ana");
    world.person("bo");
    world.cycle();
    world.person("ana").deleted();
    world.cycle();
    assert_eq!(world.target_names(), ["ana", "bo"], "released");
    flows("Add,Update,Delete");
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Incremental);
    assert_eq!(report.counts.deleted, 1);
    assert_eq!(world.target_names(), ["bo"]);
}

#[test]
fn a_schema_stored_by_a_version_that_remembers_nothing_is_evaluated_as_a_whole() {
    let world = World::new();
    world.person("ana").department("Sales");
    world.person("bo").department("Finance");
    world.cycle();
    world.scope_to("department", "Sales");
    // As such a version does it.
    let mut job = world.stored_job();
    let schema = world.schema();
    world.write(|tx, _| {
        tx.put_document(
            Some(job.tenant),
            job.id.as_str(),
            &StoredSchema(schema),
            None,
        )?;
        job.configuration_generation += 1;
        Ok(tx.update_job(&job)?)
    });
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Initial);
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(world.target_names(), ["ana"]);
}
