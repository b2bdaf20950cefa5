//! `SelectUniqueValue` for people who come together: the target shows none of them yet, and each gets a
//! value of his own all the same, in one cycle.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use syncline_engine::Operation;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::schema::{FlowType, SynchronizationSchema};
use syncline_model::job::{Counts, CycleReport, CycleState};
use syncline_model::{Attr, EntityKind};
use syncline_runner::{OnDemand, OnDemandSubject, Plan};

use crate::world::{Person, World, before_page, map};

const NAMES: &str = r#"SelectUniqueValue(Join("@", [givenName], "contoso.example"), Join("@", Append([givenName], "2"), "contoso.example"), Join("@", Append([givenName], "3"), "contoso.example"))"#;

/// A mail address is chosen: the given name, and with a 2 or a 3 where that is taken.
fn world() -> World {
    let world = World::new();
    choose(&world, "mail");
    world
}

fn choose(world: &World, target: &str) {
    world.change_schema(|schema: &mut SynchronizationSchema| {
        map(schema, target, NAMES);
        let mappings = &mut schema.synchronization_rules[0].object_mappings[0].attribute_mappings;
        mappings
            .iter_mut()
            .filter(|it| it.target_attribute_name.as_deref() == Some(target))
            .for_each(|it| it.flow_type = FlowType::ObjectAddOnly);
    });
}

/// Hires people, each under a key for the test and with a given name.
fn hire<'w>(world: &'w World, people: &[(&str, &str)]) -> Vec<Person<'w>> {
    let hired = people.iter();
    hired
        .map(|(key, given)| world.person(key).set(Attr::GIVEN_NAME, *given))
        .collect()
}

fn addresses(world: &World, people: &[(&str, &str)]) -> Vec<String> {
    let mail = |key: &str| world.live(key).text(Attr::MAIL).to_owned();
    people
        .iter()
        .map(|(key, _)| mail(key).replace("@contoso.example", ""))
        .collect()
}

/// Counts what the target is asked to do from now on; what is decided again is asked again.
fn writes(world: &World) -> Arc<AtomicU64> {
    let written = Arc::new(AtomicU64::new(0));
    let counter = written.clone();
    world.target_refuses(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        false
    });
    written
}

/// The addresses that a plan says would be given, in its order.
fn told(planned: &Plan) -> Vec<String> {
    let created = planned.shown.iter().filter(|it| it.action == "create");
    created
        .flat_map(|it| &it.changes)
        .filter(|change| change.name == "mail")
        .filter_map(|change| change.new.as_deref())
        .map(|mail| mail.replace("@contoso.example", ""))
        .collect()
}

/// Everybody was created, each at the first try, and nothing is left to do.
fn all_is_done(world: &World, report: &CycleReport) {
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(report.counts.escrowed, 0);
    for (name, _) in world.everybody() {
        assert_eq!(world.outcomes(&name), [EvidenceOutcome::Created], "{name}");
    }
    let before = world.traces();
    assert_eq!(world.cycle().counts, Counts::default());
    assert_eq!(world.traces(), before);
}

#[test]
fn namesakes_of_one_page() {
    let world = world();
    let people = [("a", "john"), ("b", "john"), ("c", "ann"), ("d", "john")];
    hire(&world, &people);
    let report = world.cycle();
    assert_eq!(
        addresses(&world, &people),
        ["john", "john2", "ann", "john3"]
    );
    all_is_done(&world, &report);
}

#[test]
fn namesakes_of_several_pages() {
    let world = world().with_pages_of(2);
    let people = [
        ("a", "john"),
        ("b", "john"),
        ("c", "ann"),
        ("d", "john"),
        ("e", "ann"),
        ("f", "ann"),
    ];
    hire(&world, &people);
    let written = writes(&world);
    let report = world.cycle();
    // A page that is decided before the last one is committed knows what that was promised.
    assert_eq!(written.load(Ordering::Relaxed), 6);
    assert_eq!(
        addresses(&world, &people),
        ["john", "john2", "ann", "john3", "ann2", "ann3"]
    );
    all_is_done(&world, &report);
}

#[test]
fn somebody_else_takes_the_value_between_deciding_and_writing() {
    let world = world().with_pages_of(2);
    let people = [
        ("a", "ann"),
        ("b", "bea"),
        ("c", "john"),
        ("d", "john"),
        ("e", "john"),
    ];
    let last = hire(&world, &people)[4].id;
    let report = world.cycle_watched_by(&before_page(2, || {
        world.provision(last).unwrap();
    }));
    assert_eq!(
        addresses(&world, &people),
        ["ann", "bea", "john2", "john3", "john"]
    );
    all_is_done(&world, &report);
}

#[test]
fn namesakes_far_apart_in_a_large_page() {
    let world = world().with_pages_of(1000);
    for person in world.people("p", 300) {
        person.set(Attr::GIVEN_NAME, person.id.to_string());
    }
    let namesakes = [("p0", "john"), ("p150", "john"), ("p299", "john")];
    hire(&world, &namesakes);
    let written = writes(&world);
    let report = world.cycle();
    // What was decided ahead held: the page was not given up, and decided again, for their sake.
    assert_eq!(written.load(Ordering::Relaxed), 300);
    assert_eq!(report.counts.created, 300);
    assert_eq!(addresses(&world, &namesakes), ["john", "john2", "john3"]);
    all_is_done(&world, &report);
}

#[test]
fn case_does_not_make_a_name_another_one() {
    let world = world();
    let people = [("a", "John"), ("b", "JOHN"), ("c", "john")];
    hire(&world, &people);
    let report = world.cycle();
    assert_eq!(addresses(&world, &people), ["John", "JOHN2", "john3"]);
    all_is_done(&world, &report);
}

#[test]
fn a_sign_in_name_and_an_address_are_chosen_each_for_itself() {
    let world = world();
    choose(&world, "userPrincipalName");
    // Somebody of the target has the second address, and nobody the second sign-in name.
    world.internal_user_of_fabrikam("john2@contoso.example");
    let people = [("a", "john"), ("b", "john")];
    hire(&world, &people);
    let report = world.cycle();
    let sign_in_names = people.map(|(key, _)| {
        let name = world.live(key).text(Attr::USER_PRINCIPAL_NAME).to_owned();
        name.replace("_contoso.example#EXT#@fabrikam.onmicrosoft.com", "")
    });
    assert_eq!(sign_in_names, ["john", "john2"]);
    assert_eq!(addresses(&world, &people), ["john", "john3"]);
    all_is_done(&world, &report);
}

#[test]
fn whoever_comes_when_all_values_are_taken_waits_and_is_told_why() {
    let world = world();
    let people = [("a", "john"), ("b", "john"), ("c", "john")];
    hire(&world, &people);
    let late = world.person("d").set(Attr::GIVEN_NAME, "john");
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            created: 3,
            escrowed: 1,
            ..Counts::default()
        }
    );
    assert_eq!(addresses(&world, &people), ["john", "john2", "john3"]);
    let [EvidenceOutcome::Failed(failure)] = &world.outcomes("d")[..] else {
        panic!("{:?}", world.outcomes("d"));
    };
    assert_eq!(failure.code, "Conflict");
    assert!(
        failure
            .reason
            .contains("all 3 values that `mail` may have are taken in the target or by others"),
        "{}",
        failure.reason
    );
    // In the next one it is certain.
    assert_eq!(world.cycle().counts.escrowed, 1);
    let outcomes = world.outcomes("d");
    let Some(EvidenceOutcome::Failed(failure)) = outcomes.last() else {
        panic!("{outcomes:?}");
    };
    assert!(
        failure.reason.contains("taken in the target: ") && !failure.transient,
        "{failure:?}"
    );

    late.set(Attr::GIVEN_NAME, "jack");
    assert_eq!(world.cycle().counts.created, 1);
    assert_eq!(addresses(&world, &[("d", "jack")]), ["jack"]);
    assert_eq!(world.traces().escrows, 0);
}

#[test]
fn whoever_can_not_be_created_takes_no_value_from_others() {
    let world = world();
    let people = [("a", "john"), ("b", "john"), ("c", "john")];
    hire(&world, &people)[0].overwrite(|entry| {
        entry.attrs.put(Attr::DISPLAY_NAME, None);
    });
    let report = world.cycle();
    assert_eq!((report.counts.created, report.counts.escrowed), (2, 1));
    assert_eq!(addresses(&world, &people[1..]), ["john", "john2"]);
}

/// He fails only when he is written, every time; another one had to go without meanwhile.
#[test]
fn whoever_is_refused_by_the_target_leaves_his_value_to_the_next_cycle() {
    let world = world();
    let people = [("a", "john"), ("b", "john"), ("c", "john"), ("d", "john")];
    hire(&world, &people)[0].department("refused");
    world.target_refuses(|operation| match operation {
        Operation::Create { attrs, .. } => attrs.text(Attr::DEPARTMENT) == Some("refused"),
        _ => false,
    });
    let report = world.cycle();
    assert_eq!((report.counts.created, report.counts.escrowed), (2, 2));
    assert_eq!(addresses(&world, &people[1..3]), ["john2", "john3"]);
    assert_eq!(world.cycle().counts.created, 1);
    assert_eq!(addresses(&world, &people[3..]), ["john"]);
}

/// In one page, and in pages apart. Decided before the page of the other one is written, he may have been
/// promised a value until he fails.
#[test]
fn nor_does_whoever_has_the_anchor_of_another_one() {
    for size in [1, 2] {
        let mut world = world().with_pages_of(size);
        world.runner = world.runner.clone().with_deciding_ahead(false);
        the_anchor_of_another_one(&world);
    }
}

fn the_anchor_of_another_one(world: &World) {
    let people = hire(world, &[("a", "john"), ("b", "john"), ("c", "john")]);
    for person in &people[..2] {
        person.overwrite(|entry| {
            entry.attrs.set(Attr::NET_ID, "0123456789ABCDEF");
        });
    }
    let planned = world.plan();
    let report = world.cycle_without_checks();
    assert_eq!(planned.counts, report.counts);
    assert_eq!((report.counts.created, report.counts.escrowed), (2, 1));
    assert_eq!(told(&planned), ["john", "john2"]);
    let log = world.log();
    let last = log.iter().find(|row| row.source == people[2].id).unwrap();
    let mail = last.modified.iter().find(|it| it.name == "mail").unwrap();
    assert_eq!(mail.new.as_deref(), Some("john2@contoso.example"));
}

#[test]
fn a_manager_who_is_brought_forward_and_his_namesake() {
    let world = world().with_pages_of(2);
    let people = [("a", "john"), ("b", "ann"), ("c", "bea"), ("d", "john")];
    hire(&world, &people)[0].manager("d");
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            created: 4,
            references_set: 1,
            ..Counts::default()
        }
    );
    // The manager is decided first.
    assert_eq!(addresses(&world, &people), ["john2", "ann", "bea", "john"]);
    assert_eq!(world.live("a").manager.as_deref(), Some("d"));
    all_is_done(&world, &report);
}

#[test]
fn several_on_demand() {
    let world = world();
    let people = [("a", "john"), ("b", "john")];
    let subjects: Vec<OnDemandSubject> = hire(&world, &people)
        .iter()
        .map(|person| OnDemandSubject {
            kind: EntityKind::User,
            id: person.id,
            members: Vec::new(),
        })
        .collect();
    let done = world
        .runner
        .provision_on_demand(world.contoso.id, &world.job, &[&world.rule()], &subjects)
        .unwrap();
    let created = |it: &OnDemand| it.evidence.outcome == EvidenceOutcome::Created;
    assert!(done.len() == 2 && done.iter().all(created), "{done:?}");
    assert_eq!(addresses(&world, &people), ["john", "john2"]);
}

#[test]
fn a_plan_tells_who_gets_which_value_and_who_none() {
    let world = world().with_pages_of(2);
    let people = [("a", "john"), ("b", "john"), ("c", "john")];
    hire(&world, &people);
    hire(&world, &[("d", "john")]);
    let planned = world.plan();
    let report = world.cycle();
    assert_eq!(planned.counts, report.counts);
    assert_eq!((report.counts.created, report.counts.escrowed), (3, 1));
    assert_eq!(told(&planned), ["john", "john2", "john3"]);
    assert_eq!(addresses(&world, &people), told(&planned));
}
