//! Directory extensions came or went: the jobs whose schemas name them must look at everything again.

use syncline_model::{JobId, Problem, TenantId};
use syncline_store::{Reader, Tx};

use crate::{Runner, Secrets, StoredSchema};

/// Jobs that are to evaluate everything again, of any tenants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Concerned(Vec<(TenantId, JobId)>);

impl Runner {
    /// The jobs that read objects of `tenant` or write them, and whose schemas hold one of these
    /// names of its extensions.
    pub fn concerned_by_extensions(
        reader: &Reader<'_>,
        tenant: TenantId,
        names: &[String],
    ) -> Result<Concerned, Problem> {
        let mut concerned = Concerned::default();
        if names.is_empty() {
            return Ok(concerned);
        }
        for job in reader.all_jobs()? {
            if job.tenant != tenant {
                let secrets = Secrets::load(reader, job.tenant, job.service_principal)?;
                let target = secrets.values.get("CompanyId").map(|it| it.parse());
                if target != Some(Ok(tenant)) {
                    continue;
                }
            }
            let schema = StoredSchema::load(reader, &job)?;
            let text = serde_json::to_string(&schema)
                .map_err(|error| Problem::internal(error.to_string()))?;
            if names.iter().any(|name| text.contains(name)) {
                concerned.0.push((job.tenant, job.id));
            }
        }
        Ok(concerned)
    }

    /// Enters the tenant and those of the jobs, before anything else is done in the transaction, and
    /// makes the jobs evaluate everything again.
    pub fn extensions_changed(
        tx: &mut Tx<'_>,
        tenant: TenantId,
        concerned: &Concerned,
    ) -> Result<(), Problem> {
        // Its own last: who writes there does not wait for others, who may name it as they like.
        let mut tenants: Vec<TenantId> = concerned.0.iter().map(|(tenant, _)| *tenant).collect();
        tenants.retain(|it| *it != tenant);
        tenants.push(tenant);
        tx.enter(&tenants)?;
        for (tenant, id) in &concerned.0 {
            if let Some(mut job) = tx.job(*tenant, id)? {
                job.configuration_generation += 1;
                tx.update_job(&job)?;
            }
        }
        Ok(())
    }
}
