//! How a job between two hosted tenants is opened.

use std::collections::BTreeMap;
use std::sync::Arc;

use syncline_connector::{Connected, Connectors};
use syncline_engine::template::{SOURCE_DIRECTORY, TARGET_DIRECTORY};
use syncline_engine::{JobFacts, RandomKey};
use syncline_model::policy::PolicyRefusal;
use syncline_model::{Clock, Ids, Job, Problem, ProblemKind, TenantId, Text};
use syncline_store::Reader;

use crate::{LocalSource, LocalTarget};

/// Opens jobs whose two ends are hosted tenants.
pub struct LocalConnectors {
    ids: Arc<dyn Ids>,
    clock: Arc<dyn Clock>,
    random_key: RandomKey,
}

impl LocalConnectors {
    /// Draws the key of random values, once for the process: its first secret takes some 30 ms, in which
    /// no transaction should wait.
    pub fn new(ids: Arc<dyn Ids>, clock: Arc<dyn Clock>) -> Self {
        let mut secret = [0; 16];
        ids.fill_secret(&mut secret);
        Self {
            ids,
            clock,
            random_key: RandomKey::new(secret),
        }
    }
}

impl std::fmt::Debug for LocalConnectors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LocalConnectors")
    }
}

impl Connectors for LocalConnectors {
    fn open(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        secrets: &BTreeMap<String, String>,
    ) -> Result<Connected, Problem> {
        let target_id = self.target_tenant(reader, secrets)?;
        if target_id == job.tenant {
            return Err(Problem::bad_request(
                "The secret 'CompanyId' names the source tenant itself. It must name the target tenant.",
            ));
        }
        let source = reader
            .tenant(job.tenant)?
            .ok_or_else(|| Problem::not_found(job.tenant))?;
        let target = reader
            .tenant(target_id)?
            .ok_or_else(|| refused(PolicyRefusal::TargetTenantNotFound))?;
        let facts = JobFacts {
            source_tenant: source.id,
            source_default_domain: source.default_domain().into(),
            target_tenant: target.id,
            target_initial_domain: target.initial_domain().to_owned(),
            sync_all: switch(secrets, "SyncAll"),
            skip_out_of_scope_deletions: switch(secrets, "SkipOutOfScopeDeletions"),
            matching: job.matching,
            source_system: Text::fixed(SOURCE_DIRECTORY),
            target_system: Text::fixed(TARGET_DIRECTORY),
            random_key: self.random_key,
        };
        Ok(Connected {
            source: Box::new(LocalSource::new(job.tenant, job.service_principal)),
            target: Box::new(LocalTarget::new(
                job.tenant,
                target_id,
                Arc::clone(&self.ids),
                Arc::clone(&self.clock),
            )),
            facts,
        })
    }

    fn target_tenant(
        &self,
        reader: &Reader<'_>,
        secrets: &BTreeMap<String, String>,
    ) -> Result<TenantId, Problem> {
        if let Some(kind) = secrets.get("AuthenticationType")
            && !kind.eq_ignore_ascii_case("SyncPolicy")
        {
            return Err(Problem::bad_request(format!(
                "The authentication type '{kind}' is not supported. Cross-tenant synchronization uses SyncPolicy."
            )));
        }
        let Some(text) = secrets.get("CompanyId") else {
            return Err(Problem::new(
                ProblemKind::BadRequest,
                "CredentialsMissing",
                "The secret 'CompanyId' is missing. It names the target tenant.",
            ));
        };
        let id: TenantId = text.parse().map_err(|_| {
            Problem::bad_request(format!(
                "The secret 'CompanyId' must be a tenant id, not '{text}'."
            ))
        })?;
        match reader.tenant(id)? {
            Some(_) => Ok(id),
            None => Err(refused(PolicyRefusal::TargetTenantNotFound)),
        }
    }
}

fn refused(refusal: PolicyRefusal) -> Problem {
    Problem::new(
        ProblemKind::BadRequest,
        PolicyRefusal::CODE,
        refusal.message(),
    )
}

fn switch(secrets: &BTreeMap<String, String>, key: &str) -> bool {
    secrets
        .get(key)
        .is_some_and(|value| value.eq_ignore_ascii_case("true"))
}
