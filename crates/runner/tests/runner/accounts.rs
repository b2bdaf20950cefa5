//! Account discovery: what came from the source, and nobody keeps in step.

use syncline_engine::Operation;
use syncline_model::job::ScheduleState;
use syncline_model::{EntityKind, Job, Problem};
use syncline_runner::{Account, Accounts, Discovery, EndState, Obstacle, Why};

use crate::links::link_of;
use crate::world::World;

/// Asks, and makes sure that nothing was written.
fn ask<T>(
    world: &World,
    ask: impl FnOnce(&mut Discovery<'_, '_>) -> Result<T, Problem>,
) -> Result<T, Obstacle> {
    let job = world.stored_job();
    let before = (world.traces(), world.stored_job());
    let answer = world.store.read(|reader| {
        Ok::<_, Problem>(match world.runner.discovery_on(reader, &job)? {
            Ok(mut discovery) => Ok(ask(&mut discovery)?),
            Err(obstacle) => Err(obstacle),
        })
    });
    assert_eq!((world.traces(), world.stored_job()), before);
    answer.unwrap()
}

/// All of one kind; as many target objects are looked at at once as pages tell apart.
fn accounts(world: &World, kind: EntityKind) -> Accounts {
    let by = |at_once: usize| {
        let all = ask(world, |discovery| {
            let mut all = Accounts::default();
            loop {
                let page = discovery.page(kind, all.next, at_once)?.unwrap();
                all.value.extend(page.value);
                all.kept += page.kept;
                all.kept_by_others += page.kept_by_others;
                all.standing_still += page.standing_still;
                all.looked_at += page.looked_at;
                all.next = page.next;
                if all.next.is_none() {
                    let total = discovery.to_look_at(kind)?;
                    assert_eq!(total, Some(all.looked_at as u64));
                    return Ok(all);
                }
            }
        });
        all.unwrap()
    };
    let all = by(100);
    assert_eq!(by(1), all);
    all
}

fn users(world: &World) -> Accounts {
    accounts(world, EntityKind::User)
}

/// First names, and why nobody keeps them in step.
fn whys(found: &Accounts) -> Vec<(&str, Why)> {
    let why = |it: &'_ Account| it.why;
    let names = found.value.iter().map(|it| {
        let name = it.target.display_name.split(' ').next();
        name.unwrap_or_default()
    });
    names.zip(found.value.iter().map(why)).collect()
}

/// Kept by the job, by others, and of both by jobs that stand still.
fn kept(found: &Accounts) -> [u64; 3] {
    [found.kept, found.kept_by_others, found.standing_still]
}

#[test]
fn an_account_is_nobodys_when_its_job_is_gone() {
    let mut world = World::new();
    assert_eq!(users(&world).value, []);
    world.person("ana");
    world.internal_user_of_fabrikam("somebody@fabrikam.example");
    world.cycle();
    let found = users(&world);
    assert_eq!((whys(&found), kept(&found)), (vec![], [1, 0, 0]));

    let first = world.another_configuration();
    let found = users(&world);
    assert_eq!((whys(&found), kept(&found)), (vec![], [0, 1, 0]));
    world.runner.delete_job(world.contoso.id, &first.1).unwrap();
    let found = users(&world);
    assert_eq!(whys(&found), [("ana", Why::NotLinked)]);
    assert_eq!(kept(&found), [0, 0, 0]);
    let ana = &found.value[0];
    assert_eq!(ana.target.id, world.live("ana").id);
    assert_eq!(ana.target.state, Some(EndState::Live));
    assert_eq!((ana.enabled, &ana.link), (Some(true), &None));

    // A cycle that looks at her keeps her in step again.
    world.cycle();
    let found = users(&world);
    assert_eq!((whys(&found), kept(&found)), (vec![], [1, 0, 0]));
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
    let found = users(&world);
    assert_eq!(whys(&found), [("ana", Why::Released)]);
    assert_eq!(kept(&found), [1, 0, 0]);

    world.fabrikam_restores(bo);
    let found = users(&world);
    let expected = [("ana", Why::Released), ("bo", Why::Restored)];
    assert_eq!(whys(&found), expected);
    for (it, (name, _)) in found.value.iter().zip(expected) {
        let linked = link_of(&world, name);
        let (job, since, source) = it.link.as_ref().unwrap();
        assert_eq!(job, &world.job);
        assert_eq!((*since, source), (linked.link.since, &linked.source));
    }

    // As the recipe warns: a cycle that looks at whoever was restored removes the account again.
    world.restart("Watermark");
    assert_eq!(world.cycle().counts.deleted, 1);
    let found = users(&world);
    assert_eq!(whys(&found), [("ana", Why::Released)]);
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
    let first = world.another_configuration();
    let found = users(&world);
    assert_eq!(whys(&found), [("ana", Why::Released)]);
    let (job, _, source) = found.value[0].link.as_ref().unwrap();
    assert_eq!((job, source.id), (&first.1, ana));
    assert_eq!(source.name, "ana@contoso.example");
    assert_eq!(source.state, Some(EndState::Live));
}

#[test]
fn of_several_jobs_the_last_one_says_why() {
    let mut world = World::new();
    world.sync_assigned();
    world.person("ana").assigned();
    world.cycle();
    world.person("ana").unassigned();
    world.cycle();
    // The second one takes her over, the first leaves her to it, and then the second removes her.
    let first = world.another_configuration();
    world.cycle();
    let second = world.speak_of(first.clone());
    world.person("ana").department("Production");
    world.cycle();
    world.speak_of(second.clone());
    let guest = world.live("ana").id;
    world.person("ana").deleted();
    world.clock.advance_seconds(60);
    world.cycle();
    world.fabrikam_restores(guest);
    let third = world.another_configuration();
    assert_eq!(third, second);
    for configuration in [first, second] {
        let before = world.speak_of(configuration);
        let found = users(&world);
        assert_eq!(whys(&found), [("ana", Why::Restored)]);
        let (job, ..) = found.value[0].link.as_ref().unwrap();
        assert_eq!(job, &third.1);
        world.speak_of(before);
    }
}

#[test]
fn what_a_job_does_not_map_any_more_it_does_not_keep() {
    let world = World::new();
    world.groups_flow();
    let ana = world.person("ana");
    world.group("crew").with(&[ana]);
    world.cycle();
    let groups = || accounts(&world, EntityKind::Group);
    assert_eq!((whys(&groups()), kept(&groups())), (vec![], [1, 0, 0]));
    world.change_schema(|schema| {
        for mapping in &mut schema.synchronization_rules[0].object_mappings {
            mapping.enabled = mapping.source_object_name.as_deref() != Some("Group");
        }
    });
    let found = groups();
    assert_eq!(whys(&found), [("crew", Why::NotMapped)]);
    assert_eq!(found.value[0].enabled, None);
    assert_eq!(found.value[0].target.name, "");
    assert_eq!(kept(&users(&world)), [1, 0, 0]);
}

#[test]
fn what_a_job_would_remove_if_it_mapped_it_it_leaves_as_well() {
    let world = World::new();
    world.groups_flow();
    let crew = world.group("crew");
    world.group("other");
    world.cycle();
    let target = world.linked(crew.id).unwrap();
    crew.deleted();
    world.cycle();
    world.fabrikam_restores(target);
    let whys_of_groups = || {
        let found = accounts(&world, EntityKind::Group);
        found.value.iter().map(|it| it.why).collect::<Vec<Why>>()
    };
    assert_eq!(whys_of_groups(), [Why::Restored]);
    world.change_schema(|schema| {
        for mapping in &mut schema.synchronization_rules[0].object_mappings {
            mapping.enabled = mapping.source_object_name.as_deref() != Some("Group");
        }
    });
    assert_eq!(whys_of_groups(), [Why::NotMapped; 2]);
}

#[test]
fn whose_removal_is_held_is_not_kept() {
    let mut world = World::new();
    world.threshold(1);
    world.people("p", 3);
    world.cycle();
    world.person("p0").deleted();
    world.cycle();
    let found = users(&world);
    assert_eq!(whys(&found), [("p0", Why::Held)]);
    // The job itself goes on with all others.
    assert_eq!(kept(&found), [2, 0, 0]);
    let (job, since, source) = found.value[0].link.clone().unwrap();
    let link = link_of(&world, "p0");
    assert_eq!((job, since), (world.job.clone(), link.link.since));
    assert_eq!(source.state, Some(EndState::InRecycleBin));
    let first = world.another_configuration();
    let found = users(&world);
    assert_eq!(whys(&found), [("p0", Why::Held)]);
    assert_eq!(kept(&found), [0, 2, 0]);
    world.speak_of(first);
    world.restart("ForceDeletes");
    world.cycle();
    assert_eq!(whys(&users(&world)), []);
}

#[test]
fn whom_a_job_has_given_up_it_does_not_keep() {
    let world = World::new();
    world.people("p", 2);
    world.cycle();
    let p0 = world.live("p0").id;
    world.target_refuses(move |it| matches!(it, Operation::Update { target, .. } if *target == p0));
    world.person("p0").department("Sales");
    world.cycle();
    // It is tried again.
    assert_eq!(kept(&users(&world)), [2, 0, 0]);
    for _ in 0..60 {
        world.clock.advance_seconds(24 * 60 * 60);
        world.cycle();
    }
    let found = users(&world);
    assert_eq!(whys(&found), [("p0", Why::GivenUp)]);
    assert_eq!(kept(&found), [1, 0, 0]);
}

#[test]
fn a_schema_that_can_not_be_worked_with_stands_in_nobodys_way() {
    let mut world = World::new();
    world.person("ana");
    world.cycle();
    world.change_schema(|schema| {
        let mappings = &mut schema.synchronization_rules[0].object_mappings[0];
        mappings.attribute_mappings[0].target_attribute_name = Some("nothingLikeIt".to_owned());
    });
    assert_eq!(kept(&users(&world)), [1, 0, 1]);
    assert_eq!(link_of(&world, "ana").target.state, Some(EndState::Live));
    world.another_configuration();
    assert_eq!(kept(&users(&world)), [0, 1, 1]);
}

#[test]
fn jobs_that_do_nothing_now_are_told_apart() {
    let mut world = World::new();
    world.person("ana");
    world.cycle();
    let first = world.another_configuration();
    let first_job = || {
        let found = world
            .store
            .read(|reader| reader.job(world.contoso.id, &first.1));
        found.unwrap().unwrap()
    };
    let change = |change: &dyn Fn(&mut Job)| {
        let mut job = first_job();
        change(&mut job);
        world.store.write(|tx| tx.update_job(&job)).unwrap();
    };
    assert_eq!(kept(&users(&world)), [0, 1, 0]);
    change(&|job| (job.state, job.started_at) = (ScheduleState::Disabled, None));
    assert_eq!(kept(&users(&world)), [0, 1, 1]);
    change(&|job| (job.state, job.started_at) = (ScheduleState::Active, Some(job.created_at)));
    assert_eq!(kept(&users(&world)), [0, 1, 0]);
    // One that can not be opened.
    let second = world.speak_of(first.clone());
    world.secret("CompanyId", "");
    world.speak_of(second);
    assert_eq!(kept(&users(&world)), [0, 1, 1]);
}

#[test]
fn what_a_paused_job_has_is_counted_for_itself() {
    let mut world = World::new();
    world.people("p", 2);
    world.cycle();
    world.pause();
    assert_eq!(kept(&users(&world)), [2, 0, 2]);
    world.another_configuration();
    assert_eq!(kept(&users(&world)), [0, 2, 2]);
}

#[test]
fn a_job_that_works_on_another_target_now_keeps_nobody_here() {
    let mut world = World::new();
    world.person("ana");
    world.cycle();
    let tailspin = world.tailspin();
    world.secret("CompanyId", &tailspin.to_string());
    let first = world.another_configuration();
    let found = users(&world);
    assert_eq!(whys(&found), [("ana", Why::OtherTarget)]);
    assert_eq!(kept(&found), [0, 0, 0]);
    let (job, ..) = found.value[0].link.as_ref().unwrap();
    assert_eq!(job, &first.1);
}

#[test]
fn nothing_is_discovered_without_consent() {
    let world = World::new();
    world.groups_flow();
    world.person("ana");
    world.group("crew");
    world.cycle();
    assert_eq!(kept(&accounts(&world, EntityKind::Group)), [1, 0, 0]);
    world.fabrikam_lets_groups_in(false);
    let unread = ask(&world, |discovery| Ok(discovery.unread.clone())).unwrap();
    assert_eq!(unread.len(), 1);
    assert_eq!(unread[0].kind, EntityKind::Group);
    // Whoever asks for them all the same is told of nobody.
    let groups = ask(&world, |discovery| {
        assert_eq!(discovery.kinds(), [EntityKind::User]);
        discovery.page(EntityKind::Group, None, 10)
    });
    assert_eq!(groups, Ok(Some(Accounts::default())));
    world.fabrikam_policy(|partner| partner.identity_synchronization = None);
    let refused = ask(&world, |_| Ok(()));
    assert!(matches!(refused, Err(Obstacle::Refused { .. })));
}
