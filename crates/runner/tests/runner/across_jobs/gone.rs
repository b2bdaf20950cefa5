//! Whoever another job has, and who is not there as he should be: deleted in the source, or in the target.

use syncline_engine::schema::{FlowType, FlowTypes};
use syncline_model::Attr;

use super::TwoJobs;

impl TwoJobs {
    /// Deletes are off in this job: whoever is deleted in the source is let go.
    fn lets_go(&mut self, job: usize) {
        self.speak_of(job).change_schema(|schema| {
            let people = &mut schema.synchronization_rules[0].object_mappings[0];
            people.flow_types = FlowTypes("Add,Update".to_owned());
        });
    }

    /// Somebody makes the target object of this person go for good, and his job another one.
    fn made_anew(&mut self, name: &str, job: usize) {
        let before = self.world.live(name).id;
        self.world.fabrikam_deletes(before);
        self.world.fabrikam_purges(before);
        self.world.person(name).set(Attr::JOB_TITLE, "Lead");
        self.cycle(job);
        assert_ne!(self.world.live(name).id, before);
    }

    /// References that a cycle of this job sets.
    fn set_by(&mut self, job: usize) -> u64 {
        self.cycle(job).references_set
    }
}

#[test]
fn whoever_another_job_let_go_because_he_was_deleted_is_added_when_he_is_back() {
    let mut two = TwoJobs::new();
    two.lets_go(1);
    two.hire("bo", 1);
    two.cycle(1);
    two.cycle(0);
    let bo = two.world.person("bo");
    two.world.group("Team").with(&[bo]);
    bo.deleted();
    two.cycle(1);
    assert_eq!(two.set_by(0), 0);
    two.world.person("bo").restored();
    two.cycle(1);
    assert_eq!(two.set_by(0), 1);
    assert_eq!(two.members("Team"), ["bo"]);
    two.is_done();
}

/// He was deleted, and that job holds his removal, or has not come to it yet.
#[test]
fn whoever_another_job_is_to_remove_is_added_to_nothing_meanwhile() {
    for (comes_back, is_held) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut two = TwoJobs::new();
        two.hire("bo", 1);
        two.hire("ana", 1);
        two.cycle(1);
        two.cycle(0);
        two.speak_of(1).threshold(1);
        let [bo, ana] = ["bo", "ana"].map(|name| two.world.person(name));
        two.world.group("Team").with(&[bo, ana]);
        bo.deleted();
        if is_held {
            assert_eq!(two.cycle(1).staged, 1);
        }
        assert_eq!(two.set_by(0), 1);
        assert_eq!(two.set_by(0), 0);
        assert_eq!(two.members("Team"), ["ana"]);
        if comes_back {
            two.world.person("bo").restored();
            two.cycle(1);
            assert_eq!(two.set_by(0), 1);
            assert_eq!(two.members("Team"), ["ana", "bo"]);
        } else {
            two.speak_of(1).threshold(500);
            assert_eq!(two.cycle(1).deleted, 1);
            assert_eq!(two.set_by(0), 0);
        }
        two.is_done();
    }
}

/// An administrator of the target put him there, and takes him out of it again: nobody tells.
#[test]
fn whoever_of_another_job_is_in_the_targets_recycle_bin_is_referred_to() {
    let mut two = TwoJobs::new();
    two.hire("bo", 1);
    two.hire("ana", 0);
    two.cycle(1);
    two.cycle(0);
    let guest = two.world.live("bo").id;
    two.world.fabrikam_deletes(guest);
    two.world.person("ana").manager("bo");
    let bo = two.world.person("bo");
    two.world.group("Team").with(&[bo]);
    assert_eq!(two.set_by(0), 2);
    two.world.fabrikam_restores(guest);
    assert_eq!(two.set_by(0), 0);
    assert_eq!(two.world.live("ana").manager.as_deref(), Some("bo"));
    assert_eq!(two.members("Team"), ["bo"]);
    two.is_done();
}

#[test]
fn a_manager_whom_another_job_makes_anew_is_not_given_again_where_managers_flow_at_creation() {
    let mut two = TwoJobs::new();
    two.speak_of(0)
        .flow_type("manager", FlowType::ObjectAddOnly);
    two.hire("bo", 1);
    two.hire("ana", 0);
    two.world.person("ana").manager("bo");
    two.cycle(1);
    assert_eq!(two.set_by(0), 1);
    two.made_anew("bo", 1);
    assert_eq!(two.set_by(0), 0);
    assert_eq!(two.world.live("ana").manager, None);
    two.is_done();
}

#[test]
fn a_manager_whom_a_job_without_managers_makes_anew_comes_back_to_the_reports_of_another() {
    let mut two = TwoJobs::new();
    two.speak_of(1).change_schema(|schema| {
        let people = &mut schema.synchronization_rules[0].object_mappings[0];
        people
            .attribute_mappings
            .retain(|it| it.target_attribute_name.as_deref() != Some("manager"));
    });
    two.hire("bo", 1);
    two.hire("ana", 0);
    two.world.person("ana").manager("bo");
    two.cycle(1);
    assert_eq!(two.set_by(0), 1);
    two.made_anew("bo", 1);
    assert_eq!(two.set_by(0), 1);
    assert_eq!(two.world.live("ana").manager.as_deref(), Some("bo"));
    two.is_done();
}
