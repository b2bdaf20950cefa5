//! How a job's two ends are opened.

use std::collections::BTreeMap;
use std::fmt;

use syncline_engine::JobFacts;
use syncline_model::{Job, Problem, TenantId};
use syncline_store::Reader;

use crate::{Source, Target};

/// A job's two ends, and what its decisions depend on besides its rules.
#[derive(Debug)]
pub struct Connected {
    pub source: Box<dyn Source>,
    pub target: Box<dyn Target>,
    pub facts: JobFacts,
}

/// Opens connectors. The runner knows sources and targets only through this.
pub trait Connectors: Send + Sync + fmt::Debug {
    /// The two ends of a job, by its template and its secrets (`CompanyId` names the target
    /// tenant). A secret that is missing or does not name a target is a [`Problem`].
    fn open(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        secrets: &BTreeMap<String, String>,
    ) -> Result<Connected, Problem>;

    /// The target tenant a configuration points to, before any job exists.
    fn target_tenant(
        &self,
        reader: &Reader<'_>,
        secrets: &BTreeMap<String, String>,
    ) -> Result<TenantId, Problem>;
}
