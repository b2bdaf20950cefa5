//! What is stored for a job and can not be followed: it was taken before it was checked, or what it
//! names is gone.

use syncline_engine::gate::deletes_setting;
use syncline_model::{Job, Problem};
use syncline_runner::{DeletionThreshold, Secrets};

use super::subject::Subject;
use super::{Check, still_there};
use crate::app::App;
use crate::failure::Failure;
use crate::report;

/// Of what goes by the target, where that is not known: the secrets are a finding of their own.
pub(super) const NO_SECRETS: &str = "not looked at, as the secrets cannot be read";

/// The secrets of the job's service principal, and what the job says itself of the deletion threshold. `tenant`: what the
/// job's tenant is called.
pub(super) fn secrets(
    app: &App,
    job: &Job,
    tenant: &str,
    of: &Subject,
) -> Result<Option<Check>, Failure> {
    let secrets = app.store.read(|reader| {
        let job = still_there(reader, job)?;
        job.map(|job| Secrets::readable(reader, job.tenant, job.service_principal))
            .transpose()
    })?;
    let secrets = match secrets {
        None => return Ok(None),
        Some(None) => {
            return Ok(Some(Check::problem(
                of,
                format!("{tenant}: they cannot be read, and no cycle of the job can run"),
                format!(
                    "replace them, all at once, with PUT /v1.0/servicePrincipals/{}/synchronization/secrets",
                    job.service_principal
                ),
            )));
        }
        Some(Some(secrets)) => secrets,
    };
    let mut wrong = secrets.wrong(job.tenant);
    let base = format!(
        "/v1.0/servicePrincipals/{}/synchronization",
        job.service_principal
    );
    let mut ways = Vec::new();
    if !wrong.is_empty() {
        ways.push(format!("PUT {base}/secrets"));
    }
    if let Some(setting) = deletes_setting::wrong(&job.settings) {
        wrong.push(format!("{setting}."));
        ways.push(format!("PATCH {base}/jobs/{}", job.id));
    }
    if wrong.is_empty() {
        return Ok(Some(Check::ok(
            of,
            format!("{tenant}: all can be followed"),
        )));
    }
    let threshold = DeletionThreshold::of(&secrets, &job.settings);
    let meanwhile = match threshold.problem {
        Some(_) => format!(
            "; until then a cycle holds {} or more",
            report::threshold(&threshold)
        ),
        None => String::new(),
    };
    Ok(Some(Check::problem(
        of,
        format!("{tenant}: {}", wrong.join(" ")),
        format!("correct it with {}{meanwhile}", ways.join(" and ")),
    )))
}

/// The job's schema.
pub(super) fn schema(
    app: &App,
    job: &Job,
    tenant: &str,
    of: &Subject,
) -> Result<Option<Check>, Failure> {
    let wrong = app.store.read(|reader| {
        let Some(job) = still_there(reader, job)? else {
            return Ok(None);
        };
        if Secrets::readable(reader, job.tenant, job.service_principal)?.is_none() {
            return Ok(Some(Err(NO_SECRETS)));
        }
        let wrong = app.runner.wrong_in_schema(reader, &job)?;
        Ok::<_, Problem>(Some(Ok(wrong)))
    })?;
    Ok(wrong.map(|wrong| match wrong {
        Err(why) => Check::ok(of, format!("{tenant}: {why}")),
        Ok(None) => Check::ok(of, format!("{tenant}: it can be followed")),
        Ok(Some(wrong)) => {
            let (wrong, advice) = report::wrong_schema(&job.id, &wrong);
            Check::problem(of, format!("{tenant}: {wrong}"), advice)
        }
    }))
}
