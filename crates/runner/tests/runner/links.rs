//! Who is linked to what.

use syncline_model::link::LinkState;
use syncline_model::{EntityKind, Problem};
use syncline_runner::{EndState, Linked, Links, Obstacle};
use syncline_store::LinkFilter;

use crate::world::World;

/// Reads, and makes sure that nothing was written.
fn read<T>(world: &World, ask: impl FnOnce(&Links<'_, '_>) -> Result<T, Problem>) -> T {
    let job = world.stored_job();
    let before = (world.traces(), world.stored_job());
    let answer = world
        .store
        .read(|reader| ask(&world.runner.links_on(reader, &job)?))
        .unwrap();
    assert_eq!((world.traces(), world.stored_job()), before);
    answer
}

/// All that are asked for, so many at once.
fn links_by(world: &World, filter: LinkFilter, at_once: usize) -> Vec<Linked> {
    read(world, |links| {
        let mut all: Vec<Linked> = Vec::new();
        loop {
            let after = all.last().map(|it| it.link.source);
            let page = links.page(filter, after, at_once)?;
            assert!(page.len() <= at_once);
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    })
}

fn links(world: &World) -> Vec<Linked> {
    links_by(world, LinkFilter::default(), 100)
}

pub fn link_of(world: &World, name: &str) -> Linked {
    let id = world.person(name).id;
    let mut all = links(world).into_iter();
    all.find(|it| it.link.source == id).unwrap()
}

fn of_kind(kind: EntityKind) -> LinkFilter {
    LinkFilter {
        kind: Some(kind),
        state: None,
    }
}

#[test]
fn both_ends_are_named_and_their_states_told() {
    let world = World::new();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Sales");
    for name in ["ana", "bo", "cleo", "dan"] {
        world.person(name).department("Sales");
    }
    world.cycle();
    let told = |name: &str| {
        let it = link_of(&world, name);
        (it.link.state, it.source.state, it.target.state)
    };
    let both = |link, end| (link, Some(end), Some(end));
    assert_eq!(told("ana"), both(LinkState::Live, EndState::Live));
    let ana = link_of(&world, "ana");
    assert_eq!(ana.target.id, world.live("ana").id);
    assert_eq!(
        (ana.source.id, ana.target.id),
        (ana.link.source, ana.link.target)
    );
    assert_eq!(ana.source.name, "ana@contoso.example");
    assert_eq!(ana.source.display_name, "ana of Contoso");
    assert_eq!(
        ana.target.name,
        "ana_contoso.example#EXT#@fabrikam.onmicrosoft.com"
    );
    assert_eq!(ana.target.display_name, "ana of Contoso");

    world.person("bo").department("Other");
    world.person("cleo").deleted();
    world.person("dan").deleted();
    world.cycle();
    assert_eq!(told("bo"), both(LinkState::Released, EndState::Live));
    let in_bins = both(LinkState::SoftDeleted, EndState::InRecycleBin);
    assert_eq!(told("cleo"), in_bins);
    assert_eq!(link_of(&world, "cleo").source.name, "cleo@contoso.example");

    // What is gone has its id, and no name.
    world.fabrikam_purges(link_of(&world, "dan").link.target);
    world.person("dan").purged();
    assert_eq!(told("dan"), both(LinkState::SoftDeleted, EndState::Gone));
    let dan = link_of(&world, "dan");
    for end in [dan.source, dan.target] {
        assert_eq!((end.name.as_str(), end.display_name.as_str()), ("", ""));
    }
}

#[test]
fn pages_and_states_are_asked_for() {
    let world = World::new();
    world.people("p", 5);
    world.cycle();
    world.person("p1").deleted();
    world.person("p3").deleted();
    world.cycle();
    let whole = links(&world);
    assert_eq!(whole.len(), 5);
    for at_once in [1, 2, 5] {
        assert_eq!(links_by(&world, LinkFilter::default(), at_once), whole);
        let removed = LinkFilter {
            kind: Some(EntityKind::User),
            state: Some(LinkState::SoftDeleted),
        };
        let names: Vec<String> = links_by(&world, removed, at_once)
            .into_iter()
            .map(|it| it.source.name)
            .collect();
        assert_eq!(names, ["p1@contoso.example", "p3@contoso.example"]);
    }
}

#[test]
fn groups_are_listed_while_the_target_lets_them_in() {
    let world = World::new();
    world.groups_flow();
    let ana = world.person("ana");
    world.group("crew").with(&[ana]);
    world.cycle();
    let of = |kind| {
        let all = links_by(&world, of_kind(kind), 1).into_iter();
        all.map(|it| {
            (
                it.source.display_name,
                it.target.display_name,
                it.target.state,
            )
        })
        .collect::<Vec<_>>()
    };
    let live = |name: &str| {
        let name = name.to_owned();
        [(name.clone(), name, Some(EndState::Live))]
    };
    assert_eq!(of(EntityKind::Group), live("crew"));
    assert_eq!(of(EntityKind::User), live("ana of Contoso"));
    assert_eq!(read(&world, |links| Ok(links.unread.clone())), []);

    world.fabrikam_lets_groups_in(false);
    let unread = [("crew".to_owned(), String::new(), None)];
    assert_eq!(of(EntityKind::Group), unread);
    assert_eq!(of(EntityKind::User), live("ana of Contoso"));
    let told = read(&world, |links| Ok(links.unread.clone()));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].kind, EntityKind::Group);
    assert!(told[0].message.contains("groupSyncInbound"), "{told:?}");
}

#[test]
fn a_target_that_lets_nobody_in_is_not_read() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    world.fabrikam_policy(|partner| partner.identity_synchronization = None);
    let ana = link_of(&world, "ana");
    assert_eq!(ana.source.name, "ana@contoso.example");
    assert_eq!((ana.target.name.as_str(), ana.target.state), ("", None));
    let obstacle = read(&world, |links| Ok(links.obstacle.clone()));
    assert!(matches!(obstacle, Some(Obstacle::Refused { .. })));
}

#[test]
fn links_that_a_new_matching_has_not_come_to_are_told_apart() {
    let world = World::new();
    world.people("p", 3);
    world.cycle();
    world.person("p0").deleted();
    world.cycle();
    let wait = || {
        links(&world)
            .iter()
            .filter(|it| it.waits_for_matching)
            .count()
    };
    let is_matching = || read(&world, |links| links.is_matching_anew());
    assert_eq!((wait(), is_matching()), (0, false));
    world.restart("Full");
    // Whoever was removed keeps the link of before, and waits for nothing.
    assert_eq!((wait(), is_matching()), (2, true));
    world.cycle();
    assert_eq!((links(&world).len(), wait(), is_matching()), (3, 0, false));
    world.restart("Watermark");
    assert_eq!((wait(), is_matching()), (0, false));
}
