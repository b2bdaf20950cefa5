//! `POST …/synchronization/jobs/validateCredentials` (before any job exists) and
//! `POST …/jobs/{jobId}/validateCredentials`.

use std::collections::BTreeMap;

use syncline_engine::template::AZURE2AZURE;
use syncline_model::Problem;

use crate::actions::synchronization::{resolve, secrets};
use crate::{Body, Call, Reply};

pub fn for_template(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("")?;
    let template = body.required_text("templateId")?;
    if template != AZURE2AZURE {
        return Err(Problem::bad_request(format!(
            "The template '{template}' is not a template of this application."
        )));
    }
    validate(call, &body)
}

pub fn for_job(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| resolve::job(call, reader))?;
    validate(call, &call.optional_body("")?)
}

fn validate(call: &Call<'_>, body: &Body) -> Result<Reply, Problem> {
    body.only(&[
        "applicationIdentifier",
        "templateId",
        "useSavedCredentials",
        "credentials",
    ])?;
    let saved = body.boolean("useSavedCredentials")?.unwrap_or(false);
    let credentials: Option<BTreeMap<String, String>> = if saved {
        None
    } else {
        let sent = secrets::checked(call, body, "credentials")?;
        // Where they are stored, an empty value removes its key.
        Some(sent.into_iter().filter(|(_, it)| !it.is_empty()).collect())
    };
    let configuration = call.read(|reader| resolve::own_configuration(call, reader))?;
    call.api.runner.validate_credentials(
        call.tenant(),
        configuration.service_principal,
        configuration.app_id,
        credentials.as_ref(),
    )?;
    Ok(Reply::no_content())
}
