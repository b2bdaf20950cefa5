//! `POST …/jobs/validateCredentials`: the policy question, before any job exists.

use std::collections::BTreeMap;

use syncline_engine::SEMANTICS;
use syncline_engine::template::AZURE2AZURE;
use syncline_model::policy::PolicyRefusal;
use syncline_model::{AppId, Job, ObjectId, Problem, ProblemKind, TenantId};

use crate::Runner;
use crate::configuration::secrets::Secrets;
use crate::unavailable::unavailable;

impl Runner {
    /// Checks that the target named by the credentials (or by the stored ones, when `None`) lets
    /// this tenant in. 400 with the policy's code and the side that is missing something.
    pub fn validate_credentials(
        &self,
        tenant: TenantId,
        service_principal: ObjectId,
        app_id: AppId,
        credentials: Option<&BTreeMap<String, String>>,
    ) -> Result<(), Problem> {
        self.store.read(|reader| {
            let (secrets, missing) = match credentials {
                Some(values) => (
                    values.clone(),
                    "No credentials were sent. Send CompanyId and AuthenticationType, or useSavedCredentials for those that are stored.",
                ),
                None => (
                    Secrets::load(reader, tenant, service_principal)?.values,
                    "No credentials are stored. Send CompanyId and AuthenticationType, or store them with PUT synchronization/secrets.",
                ),
            };
            if secrets.is_empty() {
                return Err(Problem::new(
                    ProblemKind::BadRequest,
                    "CredentialsMissing",
                    missing,
                ));
            }
            let probe = probe_job(tenant, service_principal, app_id, self.clock.now());
            let connected = self.connectors.open(reader, &probe, &secrets)?;
            match connected.target.permits(reader).map_err(unavailable)? {
                Ok(()) => Ok(()),
                Err(refusal) => {
                    Err(Problem::new(ProblemKind::BadRequest, PolicyRefusal::CODE, refusal.message()))
                }
            }
        })
    }
}

/// A job that is never stored: just enough to open its two ends.
fn probe_job(
    tenant: TenantId,
    service_principal: ObjectId,
    app_id: AppId,
    now: syncline_model::Timestamp,
) -> Job {
    Job {
        semantics: SEMANTICS,
        ..Job::new(tenant, service_principal, app_id, AZURE2AZURE, now)
    }
}
