//! Beside a job of which something can not be read: it is that job's trouble alone.

use serde::{Deserialize, Serialize};
use syncline_engine::schema::FlowType;
use syncline_model::Problem;
use syncline_model::job::CycleState;
use syncline_runner::Secrets;
use syncline_store::Document;

use super::TwoJobs;

/// What nobody can read who expects secrets.
#[derive(Serialize, Deserialize)]
struct NoSecrets;

impl Document for NoSecrets {
    const KIND: &'static str = "synchronization_secrets";
    const SEALED: bool = true;
}

/// What nobody can read who expects a schema.
#[derive(Serialize, Deserialize)]
struct NoSchema;

impl Document for NoSchema {
    const KIND: &'static str = "synchronization_schema";
}

impl TwoJobs {
    /// The manager of the first job's Ana is the second one's Bo.
    fn with_a_manager_of_the_other() -> Self {
        let two = Self::new();
        two.hire("bo", 1);
        two.hire("ana", 0);
        two.world.person("ana").manager("bo");
        two
    }

    fn spoil<D: Document>(&self, key: &str, document: &D) {
        self.world.write(|tx, context| {
            Ok(tx.put_document(Some(context.tenant.id), key, document, None)?)
        });
    }

    fn spoil_secrets(&self, job: usize) {
        self.spoil(&self.jobs[job].0.to_string(), &NoSecrets);
    }

    /// As an administrator would who sees that they can not be read.
    fn replace_secrets_as_a_whole(&self, job: usize) {
        let fabrikam = self.world.fabrikam.id.to_string();
        let whole = [
            ("AuthenticationType", "SyncPolicy"),
            ("CompanyId", &fabrikam),
            ("SyncAll", "true"),
        ];
        self.replace_secrets(job, &whole).unwrap();
    }

    fn replace_secrets(&self, job: usize, pairs: &[(&str, &str)]) -> Result<(), Problem> {
        let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        let pairs: Vec<(String, String)> = pairs.iter().map(own).collect();
        let (contoso, of) = (self.world.contoso.id, self.jobs[job].0);
        self.world
            .store
            .write(|tx| Secrets::merge(tx, contoso, of, &pairs))
    }
}

#[test]
fn secrets_that_can_not_be_read_hold_up_no_other_job() {
    let mut two = TwoJobs::with_a_manager_of_the_other();
    two.cycle(1);
    two.spoil_secrets(1);

    let bo = two.world.person("bo");
    two.world.group("Team").with(&[bo]);
    assert_eq!(two.cycle(0).created, 2);
    assert_eq!(two.world.live("ana").manager, None);
    let report = two.speak_of(1).cycle_without_checks();
    assert_eq!(report.state, CycleState::Failed);
    let (_, message) = report.error.unwrap();
    assert!(message.contains(&two.jobs[1].0.to_string()), "{message}");

    two.replace_secrets(1, &[("SyncAll", "true")]).unwrap_err();
    two.replace_secrets_as_a_whole(1);
    // What the secrets were nobody knows: everybody is evaluated.
    let counts = two.cycle(1);
    assert_eq!((counts.unchanged, counts.skipped), (1, 1));
    // Whom it has the other job is told again.
    two.cycle(0);
    assert_eq!(two.world.live("ana").manager.as_deref(), Some("bo"));
    assert_eq!(two.members("Team"), ["bo"]);
    two.is_done();
}

/// The same from its side. What is given at creation only no evaluation decides again.
#[test]
fn whom_others_bring_while_its_secrets_can_not_be_read_a_job_is_told_of() {
    let mut two = TwoJobs::with_a_manager_of_the_other();
    two.speak_of(0)
        .flow_type("manager", FlowType::ObjectAddOnly);
    assert_eq!(two.cycle(0).references_pending, 1);
    two.spoil_secrets(0);
    two.cycle(1);
    two.replace_secrets_as_a_whole(0);
    assert_eq!(two.cycle(0).references_set, 1);
    assert_eq!(two.world.live("ana").manager.as_deref(), Some("bo"));
    assert_eq!(two.world.stored_job().references_waiting, 0);
    two.is_done();
}

#[test]
fn a_schema_that_can_not_be_read_holds_up_no_other_job() {
    let mut two = TwoJobs::with_a_manager_of_the_other();
    two.cycle(1);
    two.cycle(0);
    two.spoil(two.jobs[0].1.as_str(), &NoSchema);

    // Whose target object is another one now, the first job is told of.
    let before = two.world.live("bo").id;
    two.world.fabrikam_deletes(before);
    two.world.fabrikam_purges(before);
    two.world.person("bo").department("Sales");
    two.world.person("bo").department("Engineering");
    assert_eq!(two.cycle(1).created, 1);
}

#[test]
fn a_job_whose_row_can_not_be_read_holds_up_no_other() {
    let mut two = TwoJobs::with_a_manager_of_the_other();
    two.world.spoil_first_job();
    let report = two.speak_of(1).cycle_without_checks();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(report.counts.created, 1);
}
