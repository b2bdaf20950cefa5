//! `POST …/synchronization/jobs`.

use syncline_engine::SEMANTICS;
use syncline_engine::template::{AZURE2AZURE, JOB_SETTINGS};
use syncline_model::{AppId, Job, ObjectId, Problem, TenantId};
use syncline_store::{StoreError, Tx};

use crate::Runner;
use crate::configuration::StoredSchema;

impl Runner {
    /// Creates a job from a template, not started.
    ///
    /// # Errors
    /// As [`Runner::new_job`] and [`Runner::insert_job`].
    pub fn create_job(
        &self,
        tenant: TenantId,
        service_principal: ObjectId,
        app_id: AppId,
        template: &str,
    ) -> Result<Job, Problem> {
        self.insert_job(&self.new_job(tenant, service_principal, app_id, template)?)
    }

    /// What [`Runner::create_job`] would store, for whoever wants it with another interval or other
    /// settings.
    ///
    /// # Errors
    /// 400 for a template that there is not.
    pub fn new_job(
        &self,
        tenant: TenantId,
        service_principal: ObjectId,
        app_id: AppId,
        template: &str,
    ) -> Result<Job, Problem> {
        if template != AZURE2AZURE {
            return Err(Problem::bad_request(format!(
                "The template '{template}' is not a template of this application. Known: {AZURE2AZURE}."
            )));
        }
        Ok(Job {
            settings: JOB_SETTINGS
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            configuration_generation: 1,
            semantics: SEMANTICS,
            ..Job::new(
                tenant,
                service_principal,
                app_id,
                template,
                self.clock.now(),
            )
        })
    }

    /// Stores a new job with the schema of its template.
    ///
    /// # Errors
    /// 409 when there is a job of that template already.
    pub fn insert_job(&self, job: &Job) -> Result<Job, Problem> {
        self.store.write(|tx| self.insert_job_in(tx, job))
    }

    /// The same in a transaction that does more.
    ///
    /// # Errors
    /// As [`Runner::insert_job`].
    pub fn insert_job_in(&self, tx: &mut Tx<'_>, job: &Job) -> Result<Job, Problem> {
        let (id, template) = (&job.id, &job.template);
        match tx.insert_job(job) {
            Err(StoreError::Taken) => {
                return Err(Problem::conflict(format!(
                    "A job of the template '{template}' exists already: {id}."
                )));
            }
            other => other?,
        }
        let schema = syncline_engine::template::azure2azure(id.as_str(), self.ids.random_uuid());
        StoredSchema::store(tx, job, schema)?;
        tx.job(job.tenant, id)?
            .ok_or_else(|| Problem::not_found(id))
    }
}
