//! Managers whose mapping only adds: set and replaced, never removed; or given only while the target has none.

use syncline_engine::schema::FlowType;
use syncline_model::Attr;
use syncline_model::job::Counts;

use crate::world::{World, before_page};

const REPLACING: [FlowType; 2] = [FlowType::ValueAddOnly, FlowType::MultiValueAddOnly];

impl World {
    /// References set and removed by a cycle that does what was planned.
    fn references_as_planned(&self) -> (u64, u64) {
        let planned = self.plan().counts;
        let counts = self.cycle().counts;
        assert_eq!(planned, counts);
        (counts.references_set, counts.references_removed)
    }

    fn manager_of(&self, name: &str) -> Option<String> {
        self.live(name).manager
    }
}

/// Ana, who reports to Bo, and Cem, with this flow type.
fn ana_of_bo(flow_type: FlowType) -> World {
    let world = World::new();
    world.flow_type("manager", flow_type);
    world.person("bo");
    world.person("cem");
    world.person("ana").manager("bo");
    assert_eq!(world.references_as_planned(), (1, 0));
    assert_eq!(world.manager_of("ana").as_deref(), Some("bo"));
    world
}

#[test]
fn a_manager_is_replaced_and_never_removed() {
    for flow_type in REPLACING {
        let world = ana_of_bo(flow_type);
        world.person("ana").manager("cem");
        assert_eq!(world.references_as_planned(), (1, 0));
        assert_eq!(world.manager_of("ana").as_deref(), Some("cem"));
        world.person("ana").without_manager();
        assert_eq!(world.references_as_planned(), (0, 0));
        assert_eq!(world.manager_of("ana").as_deref(), Some("cem"));
        world.restart("Watermark");
        assert_eq!(world.references_as_planned(), (0, 0));
        assert_eq!(world.manager_of("ana").as_deref(), Some("cem"));
    }
}

#[test]
fn a_manager_stays_until_the_next_one_is_in_the_target() {
    for flow_type in REPLACING {
        let world = ana_of_bo(flow_type);
        world.person("dan").disabled();
        world.person("ana").manager("dan");
        assert_eq!(world.references_as_planned(), (0, 0));
        assert_eq!(world.manager_of("ana").as_deref(), Some("bo"));
        world.person("dan").enabled();
        assert_eq!(world.references_as_planned(), (1, 0));
        assert_eq!(world.manager_of("ana").as_deref(), Some("dan"));
    }
}

#[test]
fn when_it_flows_always_a_manager_whom_the_source_lost_is_removed() {
    for flow_type in [FlowType::ValueAddOnly, FlowType::AttributeAddOnly] {
        let world = ana_of_bo(flow_type);
        world.person("ana").without_manager();
        assert_eq!(world.references_as_planned(), (0, 0));
        world.flow_type("manager", FlowType::Always);
        assert_eq!(world.references_as_planned(), (0, 1));
        assert_eq!(world.manager_of("ana"), None);
    }
}

#[test]
fn a_manager_is_given_only_while_the_target_has_none() {
    let world = ana_of_bo(FlowType::AttributeAddOnly);
    world.person("ana").manager("cem");
    assert_eq!(world.references_as_planned(), (0, 0));
    world.person("ana").without_manager();
    assert_eq!(world.references_as_planned(), (0, 0));
    assert_eq!(world.manager_of("ana").as_deref(), Some("bo"));
    // Once the target has none, the next look at her gives her the one of the source.
    world.fabrikam_takes_manager(world.live("ana").id);
    world.person("ana").manager("cem");
    assert_eq!(world.references_as_planned(), (1, 0));
    assert_eq!(world.manager_of("ana").as_deref(), Some("cem"));
}

#[test]
fn a_manager_who_was_set_in_the_target_stays() {
    let world = ana_of_bo(FlowType::AttributeAddOnly);
    let [ana, cem] = ["ana", "cem"].map(|name| world.live(name).id);
    world.fabrikam_gives_manager(ana, cem);
    world.person("ana").department("Sales");
    assert_eq!(world.references_as_planned(), (0, 0));
    world.restart("Full");
    assert_eq!(world.references_as_planned(), (0, 0));
    assert_eq!(world.manager_of("ana").as_deref(), Some("cem"));
}

#[test]
fn whoever_waits_for_a_manager_keeps_the_one_who_was_set_in_the_target_meanwhile() {
    let world = World::new();
    world.flow_type("manager", FlowType::AttributeAddOnly);
    world.person("bo").disabled();
    world.person("cem");
    world.person("ana").manager("bo");
    world.person("eve").manager("bo");
    assert_eq!(world.cycle().counts.references_pending, 2);
    let [ana, cem] = ["ana", "cem"].map(|name| world.live(name).id);
    world.fabrikam_gives_manager(ana, cem);
    world.person("bo").enabled();
    assert_eq!(world.references_as_planned(), (1, 0));
    assert_eq!(world.manager_of("ana").as_deref(), Some("cem"));
    assert_eq!(world.manager_of("eve").as_deref(), Some("bo"));
    // Nobody is asked once more.
    assert_eq!(world.cycle().counts, Counts::default());
}

#[test]
fn a_manager_who_is_made_anew_comes_back_where_the_target_has_none() {
    let world = World::new();
    world.flow_type("manager", FlowType::AttributeAddOnly);
    world.person("bo");
    world.person("cem");
    world.person("ana").manager("bo");
    world.person("eve").manager("bo");
    world.cycle();
    let [ana, bo, cem] = ["ana", "bo", "cem"].map(|name| world.live(name).id);
    world.fabrikam_deletes(bo);
    world.fabrikam_purges(bo);
    world.fabrikam_gives_manager(ana, cem);
    world.person("bo").department("Sales");
    assert_eq!(world.references_as_planned(), (1, 0));
    assert_eq!(world.manager_of("ana").as_deref(), Some("cem"));
    assert_eq!(world.manager_of("eve").as_deref(), Some("bo"));
}

/// A value is given, and the source says another one, when the target decides.
fn given_in_the_meantime(flow: &str, given: impl Fn(&World), said: impl Fn(&World)) -> World {
    let mut last = None;
    for page in 1..=2 {
        let world = World::new().with_pages_of(1);
        world.flow_type(flow, FlowType::AttributeAddOnly);
        for name in ["ana", "bo", "cem"] {
            world.person(name);
        }
        world.cycle();
        said(&world);
        let report = world.cycle_watched_by(&before_page(page, || given(&world)));
        assert_eq!(
            report.counts,
            Counts {
                unchanged: 1,
                ..Counts::default()
            },
            "before page {page}"
        );
        last = Some(world);
    }
    last.unwrap()
}

#[test]
fn a_manager_who_is_set_in_the_target_between_deciding_and_writing_stays() {
    let world = given_in_the_meantime(
        "manager",
        |world| {
            let [ana, cem] = ["ana", "cem"].map(|name| world.live(name).id);
            world.fabrikam_gives_manager(ana, cem);
        },
        |world| {
            world.person("ana").manager("bo");
        },
    );
    assert_eq!(world.manager_of("ana").as_deref(), Some("cem"));
}

#[test]
fn a_value_that_is_given_in_the_target_between_deciding_and_writing_stays() {
    let world = given_in_the_meantime(
        "department",
        |world| world.fabrikam_changes(world.live("ana").id, Attr::DEPARTMENT, "Guests"),
        |world| {
            world.person("ana").department("Sales");
        },
    );
    assert_eq!(world.live("ana").text(Attr::DEPARTMENT), "Guests");
}
