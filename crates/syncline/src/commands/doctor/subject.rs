//! What a check is about.

use syncline_model::{Job, JobId, TenantId};

use super::known::NamedTenant;

/// What is looked at, and whose it is. No two checks of a diagnosis are about the same.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// The same in every version, for machines.
    pub(super) code: &'static str,
    /// For people.
    pub(super) name: String,
    pub(super) tenant: Option<TenantId>,
    pub(super) job: Option<JobId>,
}

impl Subject {
    /// Of the installation as a whole.
    pub(super) fn new(code: &'static str, name: &str) -> Self {
        Self {
            code,
            name: name.to_owned(),
            tenant: None,
            job: None,
        }
    }

    /// Something of a tenant. Display names may be the same; a domain is of one tenant.
    pub(super) fn of_tenant(code: &'static str, what: &str, tenant: &NamedTenant) -> Self {
        Self {
            tenant: Some(tenant.id),
            ..Self::new(code, &format!("{what} of {}", tenant.domain))
        }
    }

    /// Something of a job.
    pub(super) fn of_job(code: &'static str, what: &str, job: &Job) -> Self {
        Self {
            tenant: Some(job.tenant),
            job: Some(job.id.clone()),
            ..Self::new(code, &format!("{what} of {}", job.id))
        }
    }
}
