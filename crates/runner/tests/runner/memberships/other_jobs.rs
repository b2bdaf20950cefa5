//! Members whom another job brought.

use syncline_engine::Operation;
use syncline_engine::schema::{AttributeMappingSource, FlowTypes};
use syncline_model::job::{Counts, CycleState};
use syncline_model::{JobId, ObjectId};
use syncline_runner::StoredSchema;

use super::held::members_by_id;
use super::{DAY, references, world};
use crate::world::{World, after_first_page, only};

/// And keeps its people.
fn first_job_lets_groups_go(world: &World) {
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        groups.scope = Some(only("displayName", "Another"));
        groups.flow_types = FlowTypes("Add,Update".to_owned());
    });
}

#[test]
fn members_whom_another_job_brought_are_removed_when_they_leave() {
    let mut world = world();
    world.group("Sales").with(&world.people("p", 2));
    world.cycle();
    first_job_lets_groups_go(&world);
    world.cycle();
    world.another_configuration();
    world.groups_flow();
    world.scope_to("department", "Nobody's");
    world.group("Sales").without(world.person("p0"));
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    let left = world.live("p1").id.to_string();
    assert_eq!(world.members_in_fabrikam("Sales"), [left]);
}

#[test]
fn members_whom_another_job_brought_are_removed_whenever_they_leave() {
    let mut world = world();
    world.group("Sales").with(&world.people("p", 3));
    world.cycle();
    first_job_lets_groups_go(&world);
    world.cycle();
    world.another_configuration();
    world.groups_flow();
    world.scope_to("department", "Nobody's");
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    let group = world.group("Sales");
    group.without(world.person("p0"));
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    // And on demand.
    group.without(world.person("p1"));
    world.provision_group(group, &[world.person("p1")]).unwrap();
    let left = world.live("p2").id.to_string();
    assert_eq!(world.members_in_fabrikam("Sales"), [left]);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
}

/// The first job keeps these people, and the second one, which is spoken of, their group.
fn people_of_one_job_in_a_group_of_another(people: usize) -> (World, (ObjectId, JobId)) {
    let mut world = world();
    world.group("Sales").with(&world.people("p", people));
    world.cycle();
    first_job_lets_groups_go(&world);
    world.cycle();
    let first = world.another_configuration();
    world.groups_flow();
    world.scope_to("department", "Nobody's");
    world.cycle_as_planned();
    (world, first)
}

/// By whichever job: he would have access until his removal is let through.
#[test]
fn whoever_is_held_by_another_job_gets_into_no_group() {
    let (mut world, first) = people_of_one_job_in_a_group_of_another(2);
    let second = world.speak_of(first);
    world.threshold(1);
    world.scope_to("department", "Sales");
    world.person("p1").department("Sales");
    assert!(world.cycle().counts.staged > 0);
    let first = world.speak_of(second);
    world.group("Bern").with(&[world.person("p0")]);
    for _ in 0..2 {
        assert_eq!(references(world.cycle_as_planned()), (0, 0));
    }
    let second = world.speak_of(first);
    world.person("p0").department("Sales");
    world.cycle();
    world.speak_of(second);
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    assert_eq!(world.members_in_fabrikam("Bern").len(), 1);
}

/// Changes are followed at once, and his group may be large.
#[test]
fn nobody_looks_for_groups_of_whoever_is_held_by_another_job_until_that_is_over() {
    let (mut world, first) = people_of_one_job_in_a_group_of_another(2);
    let second = world.speak_of(first);
    world.threshold(1);
    world.scope_to("department", "Sales");
    world.person("p1").department("Sales");
    assert_eq!(world.cycle().counts.staged, 1);
    let first = world.speak_of(second);
    world.continuous("True");
    world.group("Bern").with(&[world.person("p0")]);
    for _ in 0..2 {
        assert_eq!(references(world.cycle_as_planned()), (0, 0));
    }
    let walked = world.groups_walked();
    for what in ["one", "another"] {
        world.group("Sales").described(what);
        assert!(world.follow().unwrap().in_between);
    }
    world.cycle();
    assert_eq!(world.groups_walked(), walked);
    let second = world.speak_of(first);
    world.person("p0").department("Sales");
    world.cycle();
    world.speak_of(second);
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    assert_eq!(world.members_in_fabrikam("Bern").len(), 1);
}

/// Nothing could bring him back into his groups.
#[test]
fn whoever_was_purged_keeps_his_memberships_while_another_job_holds_his_removal() {
    for second_is_first in [false, true] {
        let (mut world, first) = people_of_one_job_in_a_group_of_another(3);
        world.person("p0").deleted().purged();
        let mut others = first;
        if !second_is_first {
            others = world.speak_of(others);
        }
        for _ in 0..4 {
            // By turns.
            if world.schema_keeps_people() {
                world.threshold(1);
                assert_eq!(world.cycle_as_planned().staged, 1);
            } else {
                assert_eq!(references(world.cycle_as_planned()), (0, 0));
                assert_eq!(members_by_id(&world, "Sales").len(), 3);
            }
            others = world.speak_of(others);
        }
    }
}

#[test]
fn who_leaves_a_group_leaves_it_beside_one_whom_another_job_holds() {
    let (world, _) = people_of_one_job_in_a_group_of_another(6);
    let world = world.with_pages_of(1);
    world.person("p0").deleted().purged();
    world.restart("Watermark");
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    world.group("Sales").without(world.person("p1"));
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    world.restart("Watermark");
    world.group("Sales").without(world.person("p5"));
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    assert_eq!(members_by_id(&world, "Sales").len(), 4);
}

/// Whom another job lets go instead of deleting him, nobody holds.
#[test]
fn whoever_left_and_is_let_go_by_another_job_is_removed() {
    let (mut world, first) = people_of_one_job_in_a_group_of_another(2);
    world.person("p0").deleted().purged();
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    let second = world.speak_of(first);
    world.change_schema(|schema| {
        let people = &mut schema.synchronization_rules[0].object_mappings[0];
        people.flow_types = FlowTypes("Add,Update".to_owned());
    });
    world.cycle_as_planned();
    world.speak_of(second);
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    assert_eq!(members_by_id(&world, "Sales").len(), 1);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

/// That job never comes to his removal, and nobody holds it.
#[test]
fn whoever_was_purged_and_is_another_jobs_that_looks_at_nobody_is_removed() {
    let (mut world, first) = people_of_one_job_in_a_group_of_another(3);
    let second = world.speak_of(first);
    world.change_schema(|schema| {
        schema.synchronization_rules[0].object_mappings[0].enabled = false;
    });
    world.cycle_as_planned();
    world.speak_of(second);
    world.person("p0").deleted().purged();
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    assert_eq!(members_by_id(&world, "Sales").len(), 2);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

/// Once they can be read, it may hold his removal.
#[test]
fn whoever_was_purged_waits_for_another_job_whose_rules_can_not_be_read() {
    let (world, first) = people_of_one_job_in_a_group_of_another(3);
    world
        .store
        .write(|tx| tx.delete_document::<StoredSchema>(Some(world.contoso.id), first.1.as_str()))
        .unwrap();
    world.person("p0").deleted().purged();
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(members_by_id(&world, "Sales").len(), 3);
}

/// What a job towards another target has of him is his account there: it takes no membership away here.
#[test]
fn whom_a_job_towards_another_target_has_does_not_wait_for_it() {
    let mut world = world();
    world.group("Sales").with(&world.people("p", 2));
    world.cycle();
    world.change_schema(|schema| {
        let people = &mut schema.synchronization_rules[0].object_mappings[0];
        people.scope = Some(only("department", "Nobody's"));
        people.flow_types = FlowTypes("Add,Update".to_owned());
    });
    world.cycle_as_planned();
    assert_eq!(members_by_id(&world, "Sales").len(), 2);
    let first = world.configuration_towards_tailspin();
    assert_eq!(world.cycle_without_checks().counts.created, 2);
    world.speak_of(first);
    world.person("p0").deleted().purged();
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    assert_eq!(members_by_id(&world, "Sales").len(), 1);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

/// Of one of them the target refuses the removal, the other is another job's, which lets him go at last.
fn refused_beside_another_jobs(
    refused: &str,
    others: &str,
    page: usize,
    full_read: bool,
    weeks: i64,
) {
    let (world, first) = people_of_one_job_in_a_group_of_another(3);
    let mut world = world.with_pages_of(page);
    let guest = world.live(refused).id;
    world.target_refuses(
        move |it| matches!(it, Operation::RemoveReference { to, .. } if *to == guest),
    );
    world.group("Sales").without(world.person(refused));
    world.person(others).deleted().purged();
    if full_read {
        world.restart("Watermark");
    }
    assert_eq!(references(world.cycle().counts), (0, 0));
    for _ in 0..weeks {
        world.clock.advance_seconds(7 * DAY);
        assert_eq!(references(world.cycle().counts), (0, 0));
    }
    let second = world.speak_of(first);
    world.change_schema(|schema| {
        let people = &mut schema.synchronization_rules[0].object_mappings[0];
        people.flow_types = FlowTypes("Add,Update".to_owned());
    });
    world.cycle();
    world.speak_of(second);
    assert_eq!(
        references(world.cycle().counts),
        (0, 1),
        "{refused}, {page}, {full_read}, {weeks}"
    );
    assert_eq!(members_by_id(&world, "Sales").len(), 2);
}

/// Whom another job has let go is removed by the next cycle, whatever else is refused in his group and for
/// however long.
#[test]
fn a_refused_membership_does_not_put_off_one_that_waits_for_another_job() {
    for (refused, others) in [("p0", "p1"), ("p1", "p0")] {
        for (full_read, page) in [(false, 100), (true, 100), (true, 1)] {
            for weeks in [0, 5] {
                refused_beside_another_jobs(refused, others, page, full_read, weeks);
            }
        }
    }
}

fn groups_are_known_by_their_description(world: &World) {
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        groups.attribute_mappings[0].source =
            Some(AttributeMappingSource::attribute("description"));
    });
}

/// What one job let go and another one has since as something else is in the groups of that, not in those of
/// what it was.
#[test]
fn what_became_something_elses_leaves_the_groups_of_what_it_was() {
    let mut world = world();
    groups_are_known_by_their_description(&world);
    let inner = world.group("Inner").described("one").id;
    let sales = world.group("Sales").described("sales");
    sales.with_group(world.group("Inner"));
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    let was = world.linked(inner);
    let scope_to = |world: &World, group: &str| {
        world.change_schema(|schema| {
            let groups = &mut schema.synchronization_rules[0].object_mappings[1];
            groups.scope = Some(only("displayName", group));
            groups.flow_types = FlowTypes("Add,Update".to_owned());
        });
    };
    scope_to(&world, "Sales");
    assert_eq!(references(world.cycle_as_planned()), (0, 0));

    let first = world.another_configuration();
    world.groups_flow();
    groups_are_known_by_their_description(&world);
    scope_to(&world, "Other");
    let other = world.group("Other").described("one").id;
    assert_eq!(world.cycle().counts.updated, 1);
    assert_eq!(world.linked(other), was);

    world.speak_of(first);
    for removed in [1, 0] {
        world.restart("Watermark");
        assert_eq!(references(world.cycle_as_planned()), (0, removed));
        assert!(members_by_id(&world, "Sales").is_empty());
    }
}

/// It is a member as what it is now, by the source's word: what it was takes nothing of that along.
#[test]
fn what_became_something_elses_stays_in_the_groups_that_are_its_own() {
    for deletes in [false, true] {
        let mut world = world();
        groups_are_known_by_their_description(&world);
        let inner = world.group("Inner").described("one").id;
        let sales = world.group("Sales").described("sales");
        sales.with_group(world.group("Inner"));
        assert_eq!(references(world.cycle_as_planned()), (1, 0));
        let was = world.linked(inner).unwrap();
        world.change_schema(|schema| {
            let groups = &mut schema.synchronization_rules[0].object_mappings[1];
            groups.scope = Some(only("displayName", "Sales"));
            if !deletes {
                groups.flow_types = FlowTypes("Add,Update".to_owned());
            }
        });
        world.cycle_as_planned();
        let first = world.another_configuration();
        world.groups_flow();
        groups_are_known_by_their_description(&world);
        world.change_schema(|schema| {
            let groups = &mut schema.synchronization_rules[0].object_mappings[1];
            groups.scope = Some(only("displayName", "Other"));
        });
        let other = world.group("Other").described("one").id;
        world.cycle();
        assert_eq!(world.linked(other), Some(was), "{deletes}");

        world.speak_of(first);
        let [inner, sales, other] = ["Inner", "Sales", "Other"].map(|name| world.group(name));
        sales.with_group(other).without_group(inner);
        assert_eq!(world.cycle().counts.references_removed, 0, "{deletes}");
        assert_eq!(members_by_id(&world, "Sales"), [was]);
        sales.without_group(other);
        world.restart("Watermark");
        assert_eq!(world.cycle().counts.references_removed, 1, "{deletes}");
        assert!(members_by_id(&world, "Sales").is_empty());
    }
}

/// Where he left before he was deleted, that is made up for when he comes back.
#[test]
fn whoever_left_before_he_was_deleted_is_removed_when_he_is_back() {
    let (world, _) = people_of_one_job_in_a_group_of_another(2);
    world.group("Sales").without(world.person("p0"));
    world.person("p0").deleted();
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    world.person("p0").restored();
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

impl World {
    /// Whether it is the first job that is spoken of.
    fn schema_keeps_people(&self) -> bool {
        let schema = self.schema();
        let [people, ..] = &schema.synchronization_rules[0].object_mappings[..] else {
            return false;
        };
        people.scope.is_none()
    }
}

/// The cycle that was to go through all groups, since the other job has brought somebody, is given up before it has.
#[test]
fn members_that_a_cycle_was_to_give_which_is_given_up_are_planned() {
    let (mut world, first) = people_of_one_job_in_a_group_of_another(2);
    let newcomer = world.person("newcomer");
    world.group("Sales").with(&[newcomer]);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    let second = world.speak_of(first);
    world.restart("Watermark");
    world.cycle_as_planned();
    world.speak_of(second);
    let report = world.cycle_watched_by(&after_first_page(|| drop(world.pause())));
    assert_eq!(report.state, CycleState::Stopped);
    world.map("jobTitle", "\"Colleague\"");
    world.start();
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    assert_eq!(members_by_id(&world, "Sales").len(), 3);
}
