//! Jobs on service principals of Microsoft's own applications. None can be made any more, and those of earlier builds go
//! on: nobody can change or delete what they belong to.

use syncline_access::is_microsofts_own;
use syncline_model::Job;

use super::Check;
use super::subject::Subject;

pub(super) fn check(jobs: &[Job], subject: &Subject) -> Check {
    let found: Vec<&Job> = jobs
        .iter()
        .filter(|job| is_microsofts_own(job.app_id))
        .collect();
    let (of, count) = (jobs.len(), found.len());
    let Some(example) = found.first() else {
        return Check::ok(
            subject,
            format!("{of} jobs belong to applications of the tenant"),
        );
    };
    Check::problem(
        subject,
        format!(
            "{count} of {of} jobs belong to applications of Microsoft's, e.g. {}; an earlier build took them, and they go on",
            example.id
        ),
        format!(
            "make a configuration with POST /v1.0/applicationTemplates/{{id}}/instantiate and set it up alike; then delete that job with DELETE /v1.0/servicePrincipals/{}/synchronization/jobs/{}, which leaves everybody in the target, and start the new one, which links them again",
            example.service_principal, example.id
        ),
    )
}

#[cfg(test)]
mod tests {
    use syncline_model::well_known::GRAPH_APP_ID;
    use syncline_model::{AppId, JobId};

    use super::super::{Action as _, Diagnosis, Doctor};
    use super::*;
    use crate::app::{App, Settings};
    use crate::data_dir::DataDir;
    use crate::progress::Silent;

    fn found(diagnosis: &Diagnosis) -> &Check {
        let mut checks = diagnosis.checks.iter();
        checks.find(|it| it.code == "jobConfigurations").unwrap()
    }

    /// Of an application of Microsoft's, as an earlier build took it.
    fn belonging_to(job: &Job, app_id: AppId) -> Job {
        Job {
            id: JobId::compose("Azure2Azure", job.tenant, app_id),
            app_id,
            ..job.clone()
        }
    }

    #[test]
    fn jobs_of_microsofts_own_applications_are_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = App::open(data, Settings::default()).unwrap();
        let own = crate::metrics::due(&app);
        let diagnosis = Doctor {}.execute(&app, &Silent).unwrap();
        assert!(found(&diagnosis).ok, "{:?}", found(&diagnosis));

        let theirs = belonging_to(&own, GRAPH_APP_ID);
        app.store.write(|tx| tx.insert_job(&theirs)).unwrap();
        let diagnosis = Doctor {}.execute(&app, &Silent).unwrap();
        let Check {
            ok,
            finding,
            advice,
            ..
        } = found(&diagnosis);
        assert!(!ok);
        let id = &theirs.id;
        assert!(
            finding.starts_with("1 of 2 jobs") && finding.contains(id.as_str()),
            "{finding}"
        );
        let way = format!(
            "DELETE /v1.0/servicePrincipals/{}/synchronization/jobs/{id}",
            theirs.service_principal
        );
        assert!(advice.as_ref().unwrap().contains(&way), "{advice:?}");
    }
}
