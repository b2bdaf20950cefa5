//! Managers by a link that was wrong, outside of the walk that matches everybody anew, or given once and never
//! looked at again.

use syncline_engine::Operation;
use syncline_engine::evidence::{Evidence, ReferenceState};
use syncline_engine::schema::{FlowType, FlowTypes};
use syncline_model::job::Counts;
use syncline_model::{Attr, ObjectId};

use crate::matched_anew::link_to;
use crate::world::World;

const PAGES: [usize; 3] = [1, 2, 10];

/// Cem reports to Ana, who is disabled and led by a link of before to Bea's target object, which nobody was matched
/// with: Bea is not in scope. So Bea is Cem's manager in the target.
fn cem_reports_to_bea(pages: usize) -> (World, ObjectId) {
    let world = World::new().with_pages_of(pages);
    for name in ["cem", "ana", "bea"] {
        world.person(name).department("Sales");
    }
    world.person("cem").manager("ana");
    world.cycle();
    let [cem, ana, bea] = ["cem", "ana", "bea"].map(|name| world.live(name).id);
    world.fabrikam_deletes(ana);
    world.fabrikam_purges(ana);
    link_to(&world, &[("cem", cem), ("ana", bea)]);
    world.person("ana").disabled();
    world.person("bea").clear(Attr::DEPARTMENT);
    world.scope_to("department", "Sales");
    world.restart("Full");
    world.target_refuses(|it| matches!(it, Operation::Update { .. }));
    world.cycle();
    world.target_is_well();
    assert_eq!(world.live("cem").manager.as_deref(), Some("bea"));
    assert_eq!(world.linked(world.person("ana").id), Some(bea));
    (world, bea)
}

fn as_planned(world: &World) -> Counts {
    let planned = world.plan().counts;
    let counts = world.cycle().counts;
    assert_eq!(planned, counts);
    counts
}

#[test]
fn whenever_bea_is_matched_nobody_is_left_with_her_as_a_manager_by_a_link_that_was_wrong() {
    type Come = fn(&World);
    let ways: [(&str, Come); 4] = [
        ("she comes into scope", |world| {
            world.person("bea").department("Sales");
            assert_eq!(as_planned(world).references_removed, 1);
        }),
        ("the scope comes to her", |world| {
            world.scope(None);
            assert_eq!(as_planned(world).references_removed, 1);
        }),
        ("on demand", |world| {
            world.person("bea").department("Sales");
            let bea = world.person("bea").id;
            assert_eq!(world.provision(bea).unwrap().evidence.source, bea);
        }),
        ("she fails and is tried again", |world| {
            let bea = world.person("bea").department("Sales");
            bea.set(Attr::JOB_TITLE, "Clerk");
            world.target_refuses(|it| matches!(it, Operation::Update { .. }));
            let counts = world.cycle().counts;
            assert_eq!((counts.escrowed, counts.references_removed), (1, 1));
            world.target_is_well();
            world.clock.advance_seconds(6 * 60 * 60);
            assert_eq!(as_planned(world).references_removed, 0);
        }),
    ];
    for pages in PAGES {
        for (way, come) in &ways {
            let told = format!("{way}, pages of {pages}");
            let (world, hers) = cem_reports_to_bea(pages);
            come(&world);
            assert_eq!(world.linked(world.person("bea").id), Some(hers), "{told}");
            assert_eq!(world.live("cem").manager, None, "{told}");
            let cem = world.person("cem").id;
            let told_of_cem = |it: &Evidence| it.source == cem;
            let log = world.log().into_iter().filter(told_of_cem);
            let removed = log.flat_map(|it| it.references).map(|it| it.state);
            let removed = removed.filter(|it| *it == ReferenceState::Removed(hers));
            assert_eq!(removed.count(), 1, "{told}");
            let counts = world.cycle().counts;
            let written = counts.updated + counts.references_set + counts.references_removed;
            assert_eq!((counts.references_pending, written), (1, 0), "{told}");
            world.person("ana").enabled();
            world.cycle();
            assert_eq!(world.live("cem").manager.as_deref(), Some("ana"), "{told}");
        }
    }
}

/// More than are asked for at once: each has the manager that he lost, and his own.
#[test]
fn many_are_let_go_in_slices() {
    const REPORTS: usize = 1050;
    let world = World::new();
    world.person("bea");
    let reports = world.people("p", REPORTS);
    let ana = world.person("ana");
    world.all_report_to(&reports, ana);
    world.cycle();
    let [ana, bea] = ["ana", "bea"].map(|name| world.live(name).id);
    let rows = world.traces().links;
    let mut links: Vec<(String, ObjectId)> = world
        .everybody()
        .into_iter()
        .filter(|(name, _)| name.starts_with('p'))
        .filter_map(|(name, id)| {
            let link = rows.iter().find(|it| it.source == id)?;
            Some((name, link.target))
        })
        .collect();
    links.extend([("ana".to_owned(), bea), ("bea".to_owned(), ana)]);
    let links: Vec<(&str, ObjectId)> = links.iter().map(|(it, to)| (it.as_str(), *to)).collect();
    link_to(&world, &links);
    world.restart("Full");
    as_planned(&world);
    let guests = world.guests();
    let managed = guests
        .values()
        .filter(|it| it.manager.as_deref() == Some("ana"));
    assert_eq!(managed.count(), REPORTS);
    assert_eq!(world.cycle().counts, Counts::default());
}

/// Managers, each of whom is linked to the target object of the next one.
#[test]
fn whoever_refers_to_those_of_a_page_is_asked_for_together() {
    const MANAGERS: usize = 20;
    let world = World::new();
    let managers = world.people("boss", MANAGERS);
    for (at, manager) in managers.iter().enumerate() {
        world.all_report_to(&[world.person(&format!("report{at}"))], *manager);
    }
    world.cycle();
    let name = |kind: &str, at: usize| format!("{kind}{}", at % MANAGERS);
    let target = |name: &str| world.live(name).id;
    let moved = (0..MANAGERS).map(|at| (name("boss", at), target(&name("boss", at + 1))));
    let right = (0..MANAGERS).map(|at| (name("report", at), target(&name("report", at))));
    let links: Vec<(String, ObjectId)> = moved.chain(right).collect();
    let links: Vec<(&str, ObjectId)> = links.iter().map(|(it, to)| (it.as_str(), *to)).collect();
    link_to(&world, &links);
    world.restart("Full");
    let before = world.referrers_asked();
    world.cycle();
    let asked = world.referrers_asked() - before;
    assert!((1..5).contains(&asked), "asked {asked} times");
    for at in 0..MANAGERS {
        let manager = world.live(&name("report", at)).manager;
        assert_eq!(manager, Some(name("boss", at)));
    }
}

/// It neither creates nor updates: the managers that people have in the target are not its own.
#[test]
fn a_job_that_writes_no_managers_takes_none_away() {
    for pages in PAGES {
        let world = World::new().with_pages_of(pages);
        for name in ["cem", "bea", "ana"] {
            world.person(name);
        }
        world.person("cem").manager("ana");
        world.cycle();
        let [cem, ana, bea] = ["cem", "ana", "bea"].map(|name| world.live(name).id);
        link_to(&world, &[("cem", cem), ("ana", bea), ("bea", ana)]);
        world.fabrikam_gives_manager(cem, bea);
        world.change_schema(|schema| {
            let objects = &mut schema.synchronization_rules[0].object_mappings[0];
            objects.flow_types = FlowTypes("Delete".to_owned());
        });
        world.restart("Full");
        let planned = world.plan().counts;
        let counts = world.cycle().counts;
        assert_eq!(planned, counts, "pages of {pages}");
        let manager = world.live("cem").manager;
        assert_eq!(manager.as_deref(), Some("bea"), "pages of {pages}");
    }
}

/// Cem is created before his manager Ana is matched, and gets whom a link of before leads to. His mapping never looks
/// at a manager again.
#[test]
fn a_manager_whom_a_wrong_link_gave_at_creation_does_not_stay() {
    let orders = [["eve", "bea", "ana"], ["eve", "ana", "bea"]];
    let never_later = [
        (false, FlowType::ObjectAddOnly),
        (true, FlowType::Always),
        (true, FlowType::AttributeAddOnly),
    ];
    let ways = never_later.map(|way| orders.map(|others| (way.clone(), others)));
    for pages in [1, 2, 3, 10] {
        for ((of_all, flow_type), others) in ways.iter().flatten() {
            let told = format!("pages of {pages}, {others:?}, {flow_type:?}, all: {of_all}");
            let world = World::new().with_pages_of(pages);
            world.sync_assigned();
            world.person("cem");
            for name in *others {
                world.person(name).assigned();
            }
            for name in ["cem", "eve"] {
                world.person(name).manager("ana");
            }
            if *of_all {
                world.change_schema(|schema| {
                    let objects = &mut schema.synchronization_rules[0].object_mappings[0];
                    objects.flow_types = FlowTypes("Add,Delete".to_owned());
                });
            }
            world.flow_type("manager", flow_type.clone());
            world.cycle();
            let [eve, ana, bea] = ["eve", "ana", "bea"].map(|name| world.live(name).id);
            link_to(&world, &[("eve", eve), ("ana", bea), ("bea", ana)]);
            // Whoever was there has whom the target gave her.
            world.fabrikam_gives_manager(eve, ana);
            world.person("cem").assigned();
            world.restart("Full");
            let planned = world.plan().counts;
            let counts = world.cycle().counts;
            assert_eq!(planned, counts, "{told}");
            assert_eq!(world.live("cem").manager.as_deref(), Some("ana"), "{told}");
            assert_eq!(world.live("eve").manager.as_deref(), Some("ana"), "{told}");
            assert_eq!(world.cycle().counts, Counts::default(), "{told}");
        }
    }
}
