//! A full cycle decided and not carried out.

use std::thread;

use syncline_model::job::Counts;
use syncline_runner::{Node, PageSizes, Rehearsed, Runner};
use syncline_store::NodeId;

use crate::world::{AfterPage, World};

const PEOPLE: usize = 60;

fn node(world: &World, number: u128) -> Runner {
    let sizes = PageSizes {
        part: 10,
        ..PageSizes::fixed(4)
    };
    world
        .another_process()
        .with_page_sizes(sizes)
        .with_node(Node {
            id: NodeId(uuid::Uuid::from_u128(number)),
            lease_seconds: 600,
        })
}

fn rehearse(world: &World, node: &Runner) -> Rehearsed {
    node.rehearse(world.contoso.id, &world.job).unwrap()
}

#[test]
fn it_says_what_the_cycle_will_count_and_writes_nothing() {
    let world = World::new();
    world.people("p", PEOPLE);
    let before = world.traces();
    let first = node(&world, 1);
    assert!(first.begin_rehearsal(world.contoso.id, &world.job).unwrap() > 1);
    let said = rehearse(&world, &first);
    assert_eq!(said.read, PEOPLE as u64);
    assert_eq!(world.traces(), before);
    assert_eq!(world.stored_job().running, None);
    // Nothing is left to be decided.
    assert_eq!(rehearse(&world, &first), Rehearsed::default());

    let report = world.cycle();
    assert_eq!(report.counts, said.counts);
    assert_eq!(said.counts.created, PEOPLE as u64);

    first.begin_rehearsal(world.contoso.id, &world.job).unwrap();
    let again = rehearse(&world, &first);
    let unchanged = Counts {
        unchanged: PEOPLE as u64,
        ..Counts::default()
    };
    assert_eq!((again.read, again.counts), (PEOPLE as u64, unchanged));
}

#[test]
fn two_nodes_share_it_and_decide_everybody_once() {
    let world = World::new();
    world.people("p", PEOPLE);
    let nodes = [node(&world, 1), node(&world, 2)];
    nodes[0]
        .begin_rehearsal(world.contoso.id, &world.job)
        .unwrap();
    let [first, second] = thread::scope(|scope| {
        nodes
            .each_ref()
            .map(|node| scope.spawn(|| rehearse(&world, node)))
            .map(|thread| thread.join().unwrap())
    });
    assert_eq!(first.read + second.read, PEOPLE as u64);
    assert_eq!(first.counts.created + second.counts.created, PEOPLE as u64);
}

#[test]
fn a_cycle_in_progress_is_not_rehearsed_nor_disturbed() {
    let world = World::new();
    world.people("p", PEOPLE);
    let (cycling, rehearsing) = (node(&world, 1), node(&world, 2));
    let tenant = world.contoso.id;
    rehearsing.begin_rehearsal(tenant, &world.job).unwrap();
    let observer = AfterPage::new(|page, _| {
        if page == 1 {
            let begun = rehearsing.begin_rehearsal(tenant, &world.job);
            assert_eq!(begun.unwrap_err().code, "Conflict");
            let rehearsed = rehearsing.rehearse(tenant, &world.job);
            assert_eq!(rehearsed.unwrap_err().code, "Conflict");
        }
    });
    let report = cycling.run_cycle(tenant, &world.job, &observer).unwrap();
    assert_eq!(report.counts.created, PEOPLE as u64);
}
