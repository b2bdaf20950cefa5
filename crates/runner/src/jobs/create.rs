//! `POST …/synchronization/jobs`.

use syncline_engine::SEMANTICS;
use syncline_engine::template::{AZURE2AZURE, JOB_SETTINGS};
use syncline_model::job::{DEFAULT_INTERVAL_SECONDS, JobStatus, ScheduleState};
use syncline_model::{AppId, Job, JobId, ObjectId, Problem, TenantId};
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
        let id = JobId::compose(template, tenant, app_id);
        Ok(Job {
            id,
            tenant,
            service_principal,
            app_id,
            template: template.to_owned(),
            created_at: self.clock.now(),
            interval_seconds: DEFAULT_INTERVAL_SECONDS,
            state: ScheduleState::Disabled,
            started_at: None,
            settings: JOB_SETTINGS
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            status: JobStatus::default(),
            next_due: None,
            watermark: None,
            running: None,
            force_deletes: false,
            configuration_generation: 1,
            schema_digest: 0,
            evaluated_generation: 0,
            decided_generation: 0,
            pause_requested: false,
            references_waiting: 0,
            matching: 0,
            matched: None,
            removed_in_between: 0,
            semantics: SEMANTICS,
            groups_to_walk: false,
            clock_read_at: None,
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
