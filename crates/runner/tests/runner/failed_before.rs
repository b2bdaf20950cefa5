//! Whoever failed, once the configuration is another one. Of linked people whom a mapping lets fail, nothing else
//! flows until then.

use syncline_engine::Operation;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::schema::{AttributeMapping, FlowType};
use syncline_model::Attr;
use syncline_model::job::{CycleKind, CycleState};

use crate::world::{World, map};

/// So long that whoever fails is given up.
const DAYS: i64 = 40;

/// Ways to make a mapping of this target attribute flow no more to whom is linked.
const MENDED: [fn(&World, &str); 2] = [
    |world, target| {
        world.change_schema(|schema| {
            let mapping = &mut schema.synchronization_rules[0].object_mappings[0];
            mapping
                .attribute_mappings
                .retain(|it| it.target_attribute_name.as_deref() != Some(target));
        });
    },
    |world, target| world.flow_type(target, FlowType::ObjectAddOnly),
];

/// Ana, Bo and Cem, who are linked, and then fail by the mapping of a target attribute with this code; Ana's change of
/// department waits.
fn all_fail(target: &str, expression: &str, code: &str) -> World {
    let world = World::new();
    for name in ["ana", "bo", "cem"] {
        world.person(name).set(Attr::JOB_TITLE, "Clerk");
    }
    world.cycle();
    world.map(target, expression);
    world.person("ana").department("Sales");
    assert_eq!(world.cycle().counts.escrowed, 3);
    for name in ["ana", "bo", "cem"] {
        match world.outcomes(name).pop() {
            Some(EvidenceOutcome::Failed(failure)) => assert_eq!(failure.code, code, "{failure:?}"),
            other => panic!("{name} did not fail: {other:?}"),
        }
    }
    assert_eq!(world.live("ana").department(), "");
    world
}

/// The next cycle does what is planned: all three are looked at again, and nobody is left over.
fn goes_on(world: &World) {
    let plan = world.plan();
    assert_eq!((plan.kind, plan.affected), (CycleKind::Incremental, 3));
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Incremental);
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(plan.counts, report.counts);
    assert_eq!((report.counts.updated, report.counts.unchanged), (1, 2));
    assert_eq!(world.live("ana").department(), "Sales");
    assert_eq!(world.traces().escrows, 0);
    assert_eq!(world.plan().affected, 0);
}

#[test]
fn whom_an_expression_let_fail_is_looked_at_when_it_flows_no_more() {
    for mend in MENDED {
        let world = all_fail("city", "CDate([jobTitle])", "AttributeValidationFailed");
        mend(&world, "city");
        goes_on(&world);
    }
}

/// Nothing but the target knows that the value is wrong.
#[test]
fn so_is_whom_the_target_refused() {
    for mend in MENDED {
        let expression = "Append([mailNickname], \" <x>\")";
        let world = all_fail("mailNickname", expression, "UnprocessableEntity");
        mend(&world, "mailNickname");
        goes_on(&world);
    }
}

#[test]
fn so_is_who_was_given_up() {
    for mend in MENDED {
        let world = all_fail("city", "CDate([jobTitle])", "AttributeValidationFailed");
        for _ in 0..DAYS {
            world.clock.advance_seconds(24 * 60 * 60);
            world.cycle();
        }
        let given_up = |reader: &syncline_store::Reader<'_>| {
            reader.count_given_up(world.contoso.id, &world.job)
        };
        assert_eq!(world.store.read(given_up).unwrap(), 3);
        mend(&world, "city");
        goes_on(&world);
    }
}

/// Who fails on is tried once for each change, and not in each cycle.
#[test]
fn a_change_that_does_not_help_has_everybody_tried_once() {
    let world = all_fail("city", "CDate([jobTitle])", "AttributeValidationFailed");
    world.map("department", "ToUpper([department])");
    let plan = world.plan();
    assert_eq!((plan.affected, plan.counts.escrowed), (3, 3));
    assert_eq!(world.cycle().counts, plan.counts);
    assert_eq!(world.cycle().counts.escrowed, 0);
    assert_eq!(world.traces().escrows, 3);
}

/// A scope that only narrows concerns nobody else who is not linked, and the source is not gone through.
#[test]
fn who_failed_to_be_created_and_leaves_the_scope_is_not_left_over() {
    for size in [1, 100] {
        let world = World::new().with_pages_of(size);
        world.target_refuses(|operation| {
            matches!(operation, Operation::Create { attrs, .. } if !attrs.contains(Attr::DEPARTMENT))
        });
        world.people("p", 2);
        world.person("ana").department("Sales");
        assert_eq!(world.cycle().counts.escrowed, 2);
        world.target_is_well();
        world.scope_to("department", "Sales");
        let plan = world.plan();
        assert_eq!(plan.affected, 2);
        let report = world.cycle();
        assert_eq!(plan.counts, report.counts);
        assert_eq!((report.counts.skipped, report.counts.deleted), (2, 0));
        assert_eq!(world.traces().escrows, 0);
    }
}

/// They are gone, and what is left of them is to be switched off, which another mapping says.
#[test]
fn who_is_gone_and_failed_by_what_marks_them_is_looked_at_when_it_flows_no_more() {
    for mend in MENDED {
        let world = World::new();
        world.change_schema(|schema| {
            map(schema, "accountEnabled", "Not([IsSoftDeleted])");
            let bad = r#"IIF([IsSoftDeleted], Append([mailNickname], " <x>"), [mailNickname])"#;
            map(schema, "mailNickname", bad);
            let users = &mut schema.synchronization_rules[0].object_mappings[0];
            let is_kept = |it: &AttributeMapping| {
                it.target_attribute_name.as_deref() != Some("IsSoftDeleted")
            };
            users.attribute_mappings.retain(is_kept);
        });
        world.people("p", 3);
        world.cycle();
        world.person("p0").deleted();
        assert_eq!(world.cycle().counts.escrowed, 1);
        // The account is switched off alone, and the rest is tried again.
        assert!(!world.live("p0").is_enabled() && world.live("p1").is_enabled());
        assert_eq!(world.traces().escrows, 1);
        mend(&world, "mailNickname");
        let plan = world.plan();
        assert_eq!(plan.affected, 1);
        let report = world.cycle();
        assert_eq!(plan.counts, report.counts);
        assert!(!world.live("p0").is_enabled() && world.live("p1").is_enabled());
        assert_eq!(world.traces().escrows, 0);
    }
}
