//! Links of an earlier matching: nobody is matched by an undo.

use syncline_model::job::Counts;
use syncline_model::{Link, ObjectId};

use super::sales;
use crate::world::World;

fn links(world: &World) -> Vec<Link> {
    let sources = ["ana", "bo"].map(|name| world.person(name).id);
    let links = world
        .store
        .read(|reader| reader.links_for(world.contoso.id, &world.job, &sources));
    links.unwrap().into_iter().flatten().collect()
}

/// Each is linked to what is the other's.
fn exchange_links(world: &World) {
    let mut links = links(world);
    let sources: Vec<ObjectId> = links.iter().map(|it| it.source).collect();
    let (first, second) = (links[0].target, links[1].target);
    (links[0].target, links[1].target) = (second, first);
    let (tenant, job) = (world.contoso.id, &world.job);
    let written = world.store.write(|tx| {
        tx.delete_links(tenant, job, &sources)?;
        tx.put_links(tenant, job, &links)
    });
    written.unwrap();
}

/// Links are wrong, and everybody is to be matched anew; before that comes, it is undone what was done by them.
#[test]
fn what_is_undone_by_a_link_of_before_is_matched_anew_all_the_same() {
    for keeps in ["false", "true"] {
        let world = sales();
        let own = links(&world);
        let before = world.live_guests();
        exchange_links(&world);
        world.secret("SkipOutOfScopeDeletions", keeps);
        world.scope_to("department", "Nobody's");
        let cycle = world.cycle();
        world.restart("Full");
        let undone = world.undo_cycle(&cycle);
        assert_eq!(undone.left_of, 0, "{keeps}");
        assert_eq!(world.kept().len(), 2, "{keeps}");
        assert!(links(&world).iter().all(|it| it.matching == 0), "{keeps}");

        world.scope_to("department", "Sales");
        world.start();
        assert_eq!(world.cycle().counts.escrowed, 0, "{keeps}");
        let target = |links: &[Link]| [links[0].target, links[1].target];
        assert_eq!(target(&links(&world)), target(&own), "{keeps}");
        assert!(links(&world).iter().all(|it| it.matching == 1), "{keeps}");
        assert_eq!(world.live_guests(), before, "{keeps}");
        assert_eq!(world.cycle().counts, Counts::default(), "{keeps}");
    }
}
