//! Managers and members whom another job between the same two tenants has in the target.

mod gone;
mod unreadable;

use syncline_engine::schema::FlowType;
use syncline_model::job::{Counts, ScheduleState};
use syncline_model::{Attr, EntityKind, Job, JobId, ObjectId};
use syncline_runner::Bringing;
use syncline_store::EdgeKind;

use crate::world::World;

/// A department for each job.
const DEPARTMENTS: [&str; 2] = ["Sales", "Engineering"];

struct TwoJobs {
    world: World,
    jobs: [(ObjectId, JobId); 2],
}

impl TwoJobs {
    /// Whoever is in Sales is the first job's, and so are all groups; Engineering is the second one's.
    fn new() -> Self {
        let world = World::new();
        world.groups_flow();
        world.scope_to("department", DEPARTMENTS[0]);
        Self::beside(world, World::another_configuration)
    }

    /// The same, but the second job is one towards a third tenant.
    fn towards_different_tenants() -> Self {
        let world = World::new();
        world.scope_to("department", DEPARTMENTS[0]);
        Self::beside(world, World::configuration_towards_tailspin)
    }

    fn beside(mut world: World, another: fn(&mut World) -> (ObjectId, JobId)) -> Self {
        let first = another(&mut world);
        world.scope_to("department", DEPARTMENTS[1]);
        let second = world.speak_of(first.clone());
        Self {
            world,
            jobs: [first, second],
        }
    }

    fn hire(&self, name: &str, job: usize) {
        self.world.person(name).department(DEPARTMENTS[job]);
    }

    fn speak_of(&mut self, job: usize) -> &World {
        self.world.speak_of(self.jobs[job].clone());
        &self.world
    }

    /// A cycle of this job, which does what was planned.
    fn cycle(&mut self, job: usize) -> Counts {
        let world = self.speak_of(job);
        let planned = world.plan();
        let report = world.cycle();
        assert_eq!(planned.counts, report.counts);
        report.counts
    }

    /// Nothing is left to be done.
    fn is_done(&mut self) {
        for job in [0, 1] {
            let counts = self.cycle(job);
            let unchanged = Counts {
                unchanged: counts.unchanged,
                skipped: counts.skipped,
                ..Counts::default()
            };
            assert_eq!(counts, unchanged, "of job {job}");
        }
    }

    /// The people of Contoso who are in a group of the first job's in Fabrikam, sorted.
    fn members(&mut self, group: &str) -> Vec<String> {
        let world = self.speak_of(0);
        let group = world.linked(world.group(group).id).unwrap();
        let members = world
            .store
            .read(|reader| reader.edges_from(world.fabrikam.id, EdgeKind::Member, group, None, 100))
            .unwrap();
        let guests = world.guests();
        let everybody = world.everybody();
        let is_in = |id: &ObjectId| guests.get(id).is_some_and(|it| members.contains(&it.id));
        let mut names: Vec<String> = everybody
            .iter()
            .filter(|(_, id)| is_in(id))
            .map(|(name, _)| name.clone())
            .collect();
        names.sort();
        names
    }
}

#[test]
fn a_manager_of_another_job_is_set_whichever_job_runs_first() {
    for order in [[0, 1], [1, 0]] {
        let mut two = TwoJobs::new();
        two.hire("bo", 1);
        two.hire("ana", 0);
        two.hire("cem", 1);
        two.world.person("ana").manager("bo");
        two.world.person("cem").manager("ana");
        let [waits, _] = order;
        for job in order {
            let counts = two.cycle(job);
            let expected = if job == waits { (0, 1) } else { (1, 0) };
            assert_eq!(
                (counts.references_set, counts.references_pending),
                expected,
                "{order:?}"
            );
        }
        let counts = two.cycle(waits);
        assert_eq!((counts.references_set, counts.references_pending), (1, 0));
        assert_eq!(two.world.live("ana").manager.as_deref(), Some("bo"));
        assert_eq!(two.world.live("cem").manager.as_deref(), Some("ana"));
        two.is_done();
    }
}

#[test]
fn a_manager_who_comes_into_the_scope_of_another_job_later_is_set_without_a_restart() {
    for on_demand in [false, true] {
        let mut two = TwoJobs::new();
        two.world.person("bo");
        two.hire("ana", 0);
        two.world.person("ana").manager("bo");
        assert_eq!(two.cycle(0).references_pending, 1);
        two.cycle(1);
        assert_eq!(two.cycle(0).references_pending, 1);

        two.hire("bo", 1);
        if on_demand {
            let id = two.world.person("bo").id;
            two.speak_of(1).provision(id).unwrap();
        } else {
            assert_eq!(two.cycle(1).created, 1);
        }
        let counts = two.cycle(0);
        assert_eq!((counts.references_set, counts.references_pending), (1, 0));
        assert_eq!(two.world.live("ana").manager.as_deref(), Some("bo"));
        two.is_done();
    }
}

#[test]
fn a_manager_of_another_job_is_replaced_and_taken_away_like_any() {
    let mut two = TwoJobs::new();
    two.hire("bo", 1);
    two.hire("dan", 1);
    two.hire("ana", 0);
    two.world.person("ana").manager("bo");
    two.cycle(1);
    assert_eq!(two.cycle(0).references_set, 1);

    two.world.person("ana").manager("dan");
    assert_eq!(two.cycle(0).references_set, 1);
    assert_eq!(two.world.live("ana").manager.as_deref(), Some("dan"));
    // Nobody has kai: she has no manager meanwhile.
    two.world.person("ana").manager("kai");
    let counts = two.cycle(0);
    assert_eq!(
        (counts.references_removed, counts.references_pending),
        (1, 1)
    );
    assert_eq!(two.world.live("ana").manager, None);
    two.world.person("ana").manager("bo");
    let counts = two.cycle(0);
    assert_eq!((counts.references_set, counts.references_pending), (1, 0));
    two.world.person("ana").without_manager();
    assert_eq!(two.cycle(0).references_removed, 1);
    assert_eq!(two.world.live("ana").manager, None);
    two.is_done();
}

/// The edge is between two objects of the target: it goes and comes with the one that another job removes.
#[test]
fn a_manager_whom_another_job_removes_comes_back_to_his_reports() {
    let mut two = TwoJobs::new();
    two.hire("bo", 1);
    two.hire("ana", 0);
    two.world.person("ana").manager("bo");
    two.cycle(1);
    two.cycle(0);
    two.world.person("bo").department("Nobody's");
    assert_eq!(two.cycle(1).deleted, 1);
    two.cycle(0);
    assert_eq!(two.world.live("ana").manager, None);
    // One of his reports is looked at while he is not there, and neither fails nor loses anything.
    two.world.person("ana").set(Attr::JOB_TITLE, "Lead");
    let counts = two.cycle(0);
    assert_eq!((counts.escrowed, counts.updated), (0, 1));

    two.hire("bo", 1);
    assert_eq!(two.cycle(1).restored, 1);
    two.cycle(0);
    assert_eq!(two.world.live("ana").manager.as_deref(), Some("bo"));
    two.is_done();
}

#[test]
fn a_manager_whom_another_job_makes_anew_comes_back_to_his_reports() {
    let mut two = TwoJobs::new();
    two.hire("bo", 1);
    two.hire("ana", 0);
    two.world.person("ana").manager("bo");
    two.cycle(1);
    two.cycle(0);
    let before = two.world.live("bo").id;
    two.world.fabrikam_deletes(before);
    two.world.fabrikam_purges(before);
    two.world.person("bo").set(Attr::JOB_TITLE, "Lead");
    two.cycle(1);
    assert_ne!(two.world.live("bo").id, before);
    let counts = two.cycle(0);
    assert_eq!((counts.references_set, counts.references_pending), (1, 0));
    assert_eq!(two.world.live("ana").manager.as_deref(), Some("bo"));
    two.is_done();
}

/// As whatever a deleted job had brought: nobody knows any more whose it was.
#[test]
fn a_manager_whose_job_is_deleted_stays() {
    let mut two = TwoJobs::new();
    two.hire("bo", 1);
    two.hire("ana", 0);
    two.world.person("ana").manager("bo");
    two.cycle(1);
    two.cycle(0);
    let world = &two.world;
    world
        .runner
        .delete_job(world.contoso.id, &two.jobs[1].1)
        .unwrap();
    two.world.person("ana").set(Attr::JOB_TITLE, "Lead");
    let counts = two.cycle(0);
    assert_eq!((counts.updated, counts.references_removed), (1, 0));
    assert_eq!(two.world.live("ana").manager.as_deref(), Some("bo"));
}

#[test]
fn whoever_is_handed_over_to_another_job_stays_the_manager() {
    for order in [[0, 1], [1, 0]] {
        let mut two = TwoJobs::new();
        two.hire("bo", 0);
        two.hire("ana", 0);
        two.world.person("ana").manager("bo");
        two.cycle(0);
        two.cycle(1);
        let before = two.world.live("bo").id;
        two.hire("bo", 1);
        two.world.person("ana").set(Attr::JOB_TITLE, "Lead");
        for job in [order, order].concat() {
            two.cycle(job);
        }
        assert_eq!(two.world.live("bo").id, before);
        assert_eq!(two.world.live("ana").manager.as_deref(), Some("bo"));
        two.is_done();
    }
}

#[test]
fn a_member_of_another_job_is_added_whichever_job_runs_first() {
    for order in [[0, 1], [1, 0]] {
        let mut two = TwoJobs::new();
        two.hire("bo", 1);
        two.hire("ana", 0);
        let (ana, bo) = (two.world.person("ana"), two.world.person("bo"));
        two.world.group("Team").with(&[ana, bo]);
        for job in [order, order].concat() {
            two.cycle(job);
        }
        assert_eq!(two.members("Team"), ["ana", "bo"], "{order:?}");
        two.is_done();
    }
}

#[test]
fn a_member_who_comes_into_the_scope_of_another_job_later_is_added_without_a_restart() {
    let mut two = TwoJobs::new();
    let bo = two.world.person("bo");
    two.world.group("Team").with(&[bo]);
    two.cycle(0);
    two.cycle(1);
    two.is_done();
    two.hire("bo", 1);
    assert_eq!(two.cycle(1).created, 1);
    assert_eq!(two.cycle(0).references_set, 1);
    assert_eq!(two.members("Team"), ["bo"]);
    two.is_done();

    // He leaves, joins and leaves again, as anybody.
    for (member, expected) in [(false, (0, 1)), (true, (1, 0)), (false, (0, 1))] {
        let group = two.world.group("Team");
        match member {
            true => group.with(&[two.world.person("bo")]),
            false => group.without(two.world.person("bo")),
        };
        let counts = two.cycle(0);
        assert_eq!((counts.references_set, counts.references_removed), expected);
    }
    two.is_done();
}

#[test]
fn a_member_whom_another_job_removes_and_restores_is_in_his_groups_again() {
    let mut two = TwoJobs::new();
    two.hire("bo", 1);
    let bo = two.world.person("bo");
    two.world.group("Team").with(&[bo]);
    two.cycle(1);
    assert_eq!(two.cycle(0).references_set, 1);
    two.world.person("bo").department("Nobody's");
    assert_eq!(two.cycle(1).deleted, 1);
    two.cycle(0);
    two.hire("bo", 1);
    assert_eq!(two.cycle(1).restored, 1);
    two.cycle(0);
    assert_eq!(two.members("Team"), ["bo"]);
    two.is_done();
}

/// A full read of a job walks through groups that come before everybody else.
#[test]
fn members_of_another_job_that_begins_while_pages_are_small_are_added() {
    let mut two = TwoJobs::new();
    two.world = two.world.with_pages_of(1);
    for name in ["bo", "dan", "eve"] {
        two.hire(name, 1);
    }
    let people = ["bo", "dan", "eve"].map(|name| two.world.person(name));
    two.world.group("Team").with(&people);
    two.cycle(0);
    assert_eq!(two.cycle(1).created, 3);
    assert_eq!(two.cycle(0).references_set, 3);
    assert_eq!(two.members("Team"), ["bo", "dan", "eve"]);
    two.is_done();
}

#[test]
fn jobs_towards_different_tenants_share_nobody() {
    let mut two = TwoJobs::towards_different_tenants();
    two.hire("bo", 1);
    two.hire("ana", 0);
    two.world.person("ana").manager("bo");
    assert_eq!(two.speak_of(1).cycle_without_checks().counts.created, 1);
    let counts = two.cycle(0);
    assert_eq!((counts.references_set, counts.references_pending), (0, 1));

    // Pointed at the same tenant, the second job has not been there yet: its links lead to the other one.
    let fabrikam = two.world.fabrikam.id.to_string();
    two.speak_of(1).secret("CompanyId", &fabrikam);
    two.world.person("ana").set(Attr::JOB_TITLE, "Lead");
    let counts = two.cycle(0);
    assert_eq!((counts.escrowed, counts.updated), (0, 1));
    assert_eq!((counts.references_set, counts.references_pending), (0, 1));
    assert_eq!(two.world.live("ana").manager, None);

    // It comes.
    two.speak_of(1).cycle();
    assert_eq!(two.cycle(0).references_set, 1);
    assert_eq!(two.world.live("ana").manager.as_deref(), Some("bo"));
}

/// The second job's own people are none of the first one's business.
#[test]
fn nothing_is_written_into_what_another_job_has() {
    let mut two = TwoJobs::new();
    two.hire("bo", 1);
    two.hire("ana", 0);
    two.world.person("ana").manager("bo");
    two.world.person("bo").manager("ana");
    two.cycle(1);
    let counts = two.cycle(0);
    assert_eq!((counts.created, counts.references_set), (1, 1));
    assert_eq!(two.world.live("bo").manager, None, "his own job sets it");
    assert_eq!(two.cycle(1).references_set, 1);
    assert_eq!(two.world.live("bo").manager.as_deref(), Some("ana"));
    two.is_done();
}

/// Members are given when a group comes into the target, and nobody is followed: by no other job's word, either.
#[test]
fn whoever_comes_by_another_job_is_not_followed_where_members_flow_at_creation() {
    let mut two = TwoJobs::new();
    let world = two.speak_of(0);
    world.flow_type("members", FlowType::ObjectAddOnly);
    world.secret("SkipOutOfScopeDeletions", "true");
    two.hire("bo", 0);
    two.world.group("Team");
    two.cycle(0);
    two.cycle(1);
    let bo = two.world.person("bo");
    two.world.group("Team").with(&[bo]);
    assert_eq!(two.cycle(0).references_set, 0);
    // He is let go, and the other job's from now on.
    two.hire("bo", 1);
    two.cycle(0);
    two.cycle(1);
    assert_eq!(two.cycle(0).references_set, 0);
    assert!(two.members("Team").is_empty());
    two.is_done();
}

/// Nothing that is done to the own job brings the manager.
#[test]
fn an_explanation_says_which_job_brings_whom_a_reference_waits_for() {
    let mut jobs = TwoJobs::new();
    jobs.hire("boss", 1);
    jobs.hire("nobody", 1);
    jobs.hire("ana", 0);
    jobs.hire("bea", 0);
    jobs.world.person("ana").manager("boss");
    jobs.world.person("bea").manager("nobody");
    jobs.world.person("nobody").department("Nobody's");
    jobs.cycle(0);
    let second = jobs.jobs[1].1.clone();
    let brings = |world: &World, name: &str| {
        let id = world.person(name).id;
        let explained = world
            .runner
            .explain(world.contoso.id, &world.job, EntityKind::User, id);
        let [waits] = &explained.unwrap().waits_for[..] else {
            panic!("{name} waits for one manager");
        };
        assert!(!waits.more_jobs);
        let jobs = waits.jobs.iter();
        jobs.map(|it| (it.job.clone(), it.bringing))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        brings(jobs.speak_of(0), "ana"),
        [(second.clone(), Bringing::Brings)]
    );
    assert_eq!(brings(jobs.speak_of(0), "bea"), []);

    // Who is in the scope of a job does not come with its next cycle for that alone.
    jobs.speak_of(1).map("jobTitle", "CDate([displayName])");
    assert_eq!(
        brings(jobs.speak_of(0), "ana"),
        [(second.clone(), Bringing::Fails)]
    );
    let stored = jobs.speak_of(1).stored_job();
    type Change = fn(&mut Job);
    let changes: [(Bringing, Change); 3] = [
        (Bringing::NotStarted, |job| job.started_at = None),
        (Bringing::Paused, |job| job.state = ScheduleState::Paused),
        (Bringing::Disabled, |job| {
            job.state = ScheduleState::Disabled;
        }),
    ];
    for (bringing, change) in changes {
        let mut job = stored.clone();
        change(&mut job);
        jobs.world.store.write(|tx| tx.update_job(&job)).unwrap();
        assert_eq!(
            brings(jobs.speak_of(0), "ana"),
            [(second.clone(), bringing)]
        );
    }
}

/// What that job has in its own target is none here.
#[test]
fn an_explanation_names_no_job_towards_another_tenant() {
    let mut jobs = TwoJobs::towards_different_tenants();
    jobs.hire("boss", 1);
    jobs.hire("ana", 0);
    jobs.world.person("ana").manager("boss");
    jobs.cycle(0);
    let world = jobs.speak_of(0);
    let id = world.person("ana").id;
    let explained = world
        .runner
        .explain(world.contoso.id, &world.job, EntityKind::User, id);
    let waits_for = explained.unwrap().waits_for;
    assert_eq!(waits_for.len(), 1);
    assert_eq!(waits_for[0].jobs, []);
}
