//! References the target object should have.

use syncline_engine::schema::{FlowType, FlowTypes, compile};
use syncline_engine::{Decision, Reference};
use syncline_model::link::LinkState;
use syncline_model::{Attr, Schema};

use crate::support::{World, default_schema, id, mapped, one, person, rule_with, words};

const MANAGER: u128 = 0xb055;

fn managers(decision: &Decision) -> Vec<Reference> {
    decision.references.clone()
}

fn manager(sources: &[u128], current: &[u128]) -> Vec<Reference> {
    vec![Reference {
        attr: Attr::MANAGER,
        sources: sources.iter().copied().map(id).collect(),
        current: current.iter().copied().map(id).collect(),
        adds_only: false,
    }]
}

fn linked_with_manager(current: &[u128]) -> World {
    let mut world = World::new().synchronized();
    world.target[0].references = vec![(Attr::MANAGER, current.iter().copied().map(id).collect())];
    world
}

#[test]
fn a_created_user_gets_the_manager() {
    let decision = World::new().decide(&person().managed_by(id(MANAGER)).0);
    assert_eq!(managers(&decision), manager(&[MANAGER], &[]));
}

#[test]
fn without_a_manager_on_both_sides_there_is_nothing_to_do() {
    assert!(managers(&World::new().decide(&person().0)).is_empty());
    assert!(managers(&World::new().synchronized().decide(&person().0)).is_empty());
}

#[test]
fn the_target_is_asked_for_the_manager_it_has() {
    let decision = linked_with_manager(&[9]).decide(&person().managed_by(id(MANAGER)).0);
    assert_eq!(managers(&decision), manager(&[MANAGER], &[9]));
}

#[test]
fn removing_a_manager_propagates() {
    let decision = linked_with_manager(&[9]).decide(&person().0);
    assert_eq!(managers(&decision), manager(&[], &[9]));
}

#[test]
fn a_restored_user_gets_the_manager_back() {
    let world = linked_with_manager(&[]).in_recycle_bin();
    assert_eq!(
        managers(&world.decide(&person().managed_by(id(MANAGER)).0)),
        manager(&[MANAGER], &[])
    );
}

#[test]
fn who_leaves_keeps_no_references_to_write() {
    let source = || person().managed_by(id(MANAGER));
    assert!(managers(&linked_with_manager(&[9]).decide(&source().unassigned().0)).is_empty());
    assert!(
        managers(
            &linked_with_manager(&[9])
                .in_recycle_bin()
                .decide(&source().unassigned().0)
        )
        .is_empty()
    );
    assert!(managers(&World::new().decide(&source().unassigned().0)).is_empty());
}

#[test]
fn whoever_was_released_gets_none() {
    let source = person().managed_by(id(MANAGER)).unassigned();
    let world = World::new()
        .synchronized()
        .keeping_out_of_scope()
        .link_state(LinkState::Released);
    let decision = world.decide(&source.0);
    assert_eq!(words(&decision), "unchanged");
    assert!(managers(&decision).is_empty());
}

#[test]
fn a_reference_that_flows_at_creation_only_is_left_alone_later() {
    let world = || mapped("manager", |it| it.flow_type = FlowType::ObjectAddOnly);
    let source = person().managed_by(id(MANAGER));
    assert_eq!(
        managers(&world().decide(&source.0)),
        manager(&[MANAGER], &[])
    );
    let mut linked = world().synchronized();
    linked.target[0].references = vec![(Attr::MANAGER, vec![id(9)])];
    assert!(managers(&linked.decide(&source.0)).is_empty());
}

/// What is wanted of somebody with this flow type of the manager, whose target has these.
fn flowing(flow_type: FlowType, sources: &[u128], current: &[u128]) -> Vec<Reference> {
    let mut world = mapped("manager", |it| it.flow_type = flow_type).synchronized();
    world.target[0].references = vec![(Attr::MANAGER, current.iter().copied().map(id).collect())];
    let mut source = person();
    for manager in sources {
        source = source.managed_by(id(*manager));
    }
    managers(&world.decide(&source.0))
}

#[test]
fn a_reference_that_is_only_added_is_replaced_and_never_removed() {
    for flow_type in [FlowType::ValueAddOnly, FlowType::MultiValueAddOnly] {
        let mut wanted = manager(&[MANAGER], &[9]);
        wanted[0].adds_only = true;
        assert_eq!(flowing(flow_type.clone(), &[MANAGER], &[9]), wanted);
        assert!(flowing(flow_type, &[], &[9]).is_empty());
    }
}

#[test]
fn a_reference_that_only_fills_is_wanted_while_the_target_has_none() {
    let flow_type = || FlowType::AttributeAddOnly;
    let mut wanted = manager(&[MANAGER], &[]);
    wanted[0].adds_only = true;
    assert_eq!(flowing(flow_type(), &[MANAGER], &[]), wanted);
    assert!(flowing(flow_type(), &[MANAGER], &[9]).is_empty());
    assert!(flowing(flow_type(), &[], &[9]).is_empty());
}

#[test]
fn several_references_can_not_be_written_only_while_there_is_none() {
    let schema = |flow_type: FlowType| {
        let mut schema = default_schema();
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        one(groups, "members").flow_type = flow_type;
        compile(&schema, Schema::core())
    };
    let found = schema(FlowType::AttributeAddOnly).unwrap_err();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].path.ends_with(".flowType"), "{found:?}");
    assert!(
        found[0].message.contains("use MultiValueAddOnly"),
        "{found:?}"
    );
    for flow_type in [
        FlowType::Always,
        FlowType::ObjectAddOnly,
        FlowType::MultiValueAddOnly,
        FlowType::ValueAddOnly,
    ] {
        schema(flow_type).unwrap();
    }
}

#[test]
fn with_update_off_nobody_who_is_restored_gets_one() {
    let mut world = linked_with_manager(&[]).in_recycle_bin();
    world.rule = rule_with(|mapping| {
        mapping.flow_types = FlowTypes("Add, Delete".to_owned());
    });
    let decision = world.decide(&person().managed_by(id(MANAGER)).0);
    assert_eq!(words(&decision), "restore");
    assert!(managers(&decision).is_empty());
}
