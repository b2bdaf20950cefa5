//! Who is linked to what, and which accounts of the target nobody keeps in step.

use syncline_model::link::LinkState;
use syncline_model::{EntityKind, Problem};
use syncline_runner::{Account, Accounts, Linked, Links, Obstacle, SourceState, TargetState, Why};
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

/// All links, so many at once.
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

fn link_of(world: &World, name: &str) -> Linked {
    let id = world.person(name).id;
    let mut all = links(world).into_iter();
    all.find(|it| it.link.source == id).unwrap()
}

/// All of one kind, as many target objects looked at at once as pages tell apart.
fn accounts(world: &World, kind: EntityKind) -> Accounts {
    let by = |at_once: usize| {
        read(world, |links| {
            let mut all = Accounts::default();
            loop {
                let page = links.accounts(kind, all.next, at_once)?;
                let page = page.unwrap_or_else(|| panic!("{links:?}"));
                all.value.extend(page.value);
                all.kept += page.kept;
                all.kept_by_others += page.kept_by_others;
                all.looked_at += page.looked_at;
                all.next = page.next;
                if all.next.is_none() {
                    let total = links.accounts_to_look_at(kind)?;
                    assert_eq!(total, Some(all.looked_at as u64));
                    return Ok(all);
                }
            }
        })
    };
    let all = by(100);
    assert_eq!(by(1), all);
    all
}

fn whys(found: &Accounts) -> Vec<(String, Why)> {
    let why = |it: &Account| {
        let name = it.target.display_name.split(' ').next();
        (name.unwrap_or_default().to_owned(), it.why)
    };
    found.value.iter().map(why).collect()
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
        (it.link.state, it.source_state, it.target_state)
    };
    let live = (LinkState::Live, SourceState::Live, Some(TargetState::Live));
    assert_eq!(told("ana"), live);
    let ana = link_of(&world, "ana");
    assert_eq!(ana.link.target, world.live("ana").id);
    assert_eq!(ana.source.name, "ana@contoso.example");
    assert_eq!(ana.source.display_name, "ana of Contoso");
    assert_eq!(
        ana.target.name,
        "ana_contoso.example#EXT#@fabrikam.onmicrosoft.com"
    );
    assert_eq!(ana.target.display_name, "ana of Contoso");
    assert!(!ana.of_earlier_matching);

    world.person("bo").department("Other");
    world.person("cleo").deleted();
    world.person("dan").deleted();
    world.cycle();
    assert_eq!(
        told("bo"),
        (
            LinkState::Released,
            SourceState::Live,
            Some(TargetState::Live)
        )
    );
    let in_bins = (
        LinkState::SoftDeleted,
        SourceState::InRecycleBin,
        Some(TargetState::InRecycleBin),
    );
    assert_eq!(told("cleo"), in_bins);
    assert_eq!(link_of(&world, "cleo").source.name, "cleo@contoso.example");

    // What is gone has its id, and no name.
    world.fabrikam_purges(link_of(&world, "dan").link.target);
    world.person("dan").purged();
    let gone = (
        LinkState::SoftDeleted,
        SourceState::Gone,
        Some(TargetState::Gone),
    );
    assert_eq!(told("dan"), gone);
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
fn a_target_that_lets_nobody_in_is_not_read() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    world.fabrikam_policy(|partner| partner.identity_synchronization = None);
    let ana = link_of(&world, "ana");
    assert_eq!(ana.source.name, "ana@contoso.example");
    assert_eq!((ana.target.name.as_str(), ana.target_state), ("", None));
    read(&world, |links| {
        assert!(matches!(links.obstacle, Some(Obstacle::Refused { .. })));
        for kind in [EntityKind::User, EntityKind::Group] {
            assert_eq!(links.accounts(kind, None, 10)?, None);
            assert_eq!(links.accounts_to_look_at(kind)?, None);
        }
        Ok(())
    });
}

#[test]
fn links_that_a_new_matching_has_not_come_to_are_told_apart() {
    let world = World::new();
    world.people("p", 2);
    world.cycle();
    world.restart("Full");
    assert!(links(&world).iter().all(|it| it.of_earlier_matching));
    world.cycle();
    assert!(links(&world).iter().all(|it| !it.of_earlier_matching));
}

#[test]
fn an_account_is_nobodys_when_its_job_is_gone() {
    let mut world = World::new();
    let found = accounts(&world, EntityKind::User);
    assert_eq!(found.value, []);
    world.person("ana");
    world.internal_user_of_fabrikam("somebody@fabrikam.example");
    world.cycle();
    let found = accounts(&world, EntityKind::User);
    assert_eq!((whys(&found), found.kept), (Vec::new(), 1));

    let first = world.another_configuration();
    let found = accounts(&world, EntityKind::User);
    assert_eq!(
        (whys(&found), found.kept, found.kept_by_others),
        (Vec::new(), 0, 1)
    );
    world.runner.delete_job(world.contoso.id, &first.1).unwrap();
    let found = accounts(&world, EntityKind::User);
    assert_eq!(whys(&found), [("ana".to_owned(), Why::NotLinked)]);
    assert_eq!((found.kept, found.kept_by_others), (0, 0));
    let ana = &found.value[0];
    assert_eq!(ana.id, world.live("ana").id);
    assert_eq!(ana.enabled, Some(true));
    assert_eq!((ana.since, &ana.source), (None, &None));

    // As the advice says: a cycle that looks at her keeps her in step again.
    world.cycle();
    let found = accounts(&world, EntityKind::User);
    assert_eq!((whys(&found), found.kept), (Vec::new(), 1));
}

#[test]
fn an_account_that_was_left_or_restored_is_nobodys_and_tells_whose_it_was() {
    let world = World::new();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Sales");
    for name in ["ana", "bo", "cleo"] {
        world.person(name).department("Sales");
    }
    world.cycle();
    world.person("ana").department("Other");
    world.person("bo").deleted();
    world.cycle();
    let bo = link_of(&world, "bo").link.target;
    let found = accounts(&world, EntityKind::User);
    assert_eq!(whys(&found), [("ana".to_owned(), Why::Released)]);
    assert_eq!(found.kept, 1);

    world.fabrikam_restores(bo);
    let found = accounts(&world, EntityKind::User);
    let expected = [
        ("ana".to_owned(), Why::Released),
        ("bo".to_owned(), Why::Restored),
    ];
    assert_eq!(whys(&found), expected);
    for (it, (name, _)) in found.value.iter().zip(&expected) {
        let link = link_of(&world, name);
        assert_eq!(it.since, Some(link.link.since));
        let whose = (link.link.source, link.source, link.source_state);
        assert_eq!(it.source.as_ref(), Some(&whose));
    }
}

#[test]
fn what_another_job_has_let_go_of_is_nobodys_either() {
    let mut world = World::new();
    world.person("ana");
    world.secret("SkipOutOfScopeDeletions", "true");
    world.cycle();
    world.scope_to("department", "Sales");
    world.cycle();
    let ana = world.person("ana").id;
    world.another_configuration();
    let found = accounts(&world, EntityKind::User);
    assert_eq!(whys(&found), [("ana".to_owned(), Why::Released)]);
    let (source, end, state) = found.value[0].source.as_ref().unwrap();
    assert_eq!((*source, *state), (ana, SourceState::Live));
    assert_eq!(end.name, "ana@contoso.example");
}

#[test]
fn groups_are_listed_and_discovered_too() {
    let mut world = World::new();
    world.groups_flow();
    let ana = world.person("ana");
    world.group("crew").with(&[ana]);
    world.cycle();
    let of = |kind| {
        let filter = LinkFilter {
            kind: Some(kind),
            state: None,
        };
        let all = links_by(&world, filter, 1).into_iter();
        all.map(|it| {
            (
                it.source.display_name,
                it.target.display_name,
                it.target_state,
            )
        })
        .collect::<Vec<_>>()
    };
    let expected = |name: &str| {
        let name = name.to_owned();
        [(name.clone(), name, Some(TargetState::Live))]
    };
    assert_eq!(of(EntityKind::Group), expected("crew"));
    assert_eq!(of(EntityKind::User), expected("ana of Contoso"));

    let first = world.another_configuration();
    world.runner.delete_job(world.contoso.id, &first.1).unwrap();
    let found = accounts(&world, EntityKind::Group);
    assert_eq!(whys(&found), [("crew".to_owned(), Why::NotLinked)]);
    assert_eq!(found.value[0].enabled, None);
    assert_eq!(found.value[0].target.name, "");
}
