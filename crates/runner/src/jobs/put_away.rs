//! A configuration whose service principal is in the recycle bin: what was set up is kept for as long as that is kept, and
//! goes for good with it. What its jobs have come to is not. They are there no more: nobody can start one, no cycle goes on,
//! no lease is held, and no link of theirs stands in another job's way. One that comes back is paused, and its first cycle
//! matches everybody as that of a new job does.

use serde::{Deserialize, Serialize};
use syncline_engine::SynchronizationSchema;
use syncline_model::job::ScheduleState;
use syncline_model::{AppId, Job, JobId, ObjectId, Problem, TenantId, Timestamp};
use syncline_store::{Document, Reader, StoreError, Tx, object_documents};

use super::delete::delete;
use crate::Runner;
use crate::configuration::StoredSchema;
use crate::configuration::previous::PreviousSchemas;

/// The jobs of a service principal in the recycle bin; its secrets stay where they are. Key: the service principal's id.
#[derive(Debug, Serialize, Deserialize)]
struct PutAway {
    jobs: Vec<PutAwayJob>,
}

impl Document for PutAway {
    const KIND: &'static str = object_documents::JOBS_PUT_AWAY;
}

/// What somebody has set up of a job.
#[derive(Debug, Serialize, Deserialize)]
struct PutAwayJob {
    app_id: AppId,
    template: String,
    interval_seconds: u32,
    settings: Vec<(String, String)>,
    started_at: Option<Timestamp>,
    schema: SynchronizationSchema,
    previous: PreviousSchemas,
}

impl Runner {
    /// Deletes the jobs of a service principal that goes into the recycle bin, with their links, and keeps what was set up. The
    /// log goes on telling of them. They are returned, for [`Runner::forget`] once that is committed.
    pub fn put_away_configuration(
        tx: &mut Tx<'_>,
        tenant: TenantId,
        service_principal: ObjectId,
    ) -> Result<Vec<JobId>, Problem> {
        let jobs = tx.jobs_of_service_principal(tenant, service_principal)?;
        let mut kept = Vec::new();
        for job in &jobs {
            kept.extend(PutAwayJob::of(tx, job)?);
            delete(tx, job)?;
        }
        let key = service_principal.to_string();
        if kept.is_empty() {
            // An earlier version has restored it, and left what was put away before.
            tx.delete_document::<PutAway>(Some(tenant), &key)?;
        } else {
            tx.put_document(Some(tenant), &key, &PutAway { jobs: kept }, None)?;
        }
        Ok(jobs.into_iter().map(|it| it.id).collect())
    }

    /// Makes the jobs again, paused, of a service principal that comes out of the recycle bin.
    pub fn bring_back_configuration(
        &self,
        tx: &mut Tx<'_>,
        tenant: TenantId,
        service_principal: ObjectId,
    ) -> Result<(), Problem> {
        let key = service_principal.to_string();
        let put_away = match tx.document::<PutAway>(Some(tenant), &key) {
            // What nobody can read any more keeps nobody in the bin.
            Err(StoreError::Damaged(_)) => None,
            put_away => put_away?,
        };
        for it in put_away.into_iter().flat_map(|it| it.jobs) {
            let job = self.new_job(tenant, service_principal, it.app_id, &it.template)?;
            let job = Job {
                state: match it.started_at {
                    Some(_) => ScheduleState::Paused,
                    None => job.state,
                },
                interval_seconds: it.interval_seconds,
                settings: it.settings,
                started_at: it.started_at,
                ..job
            };
            match tx.insert_job(&job) {
                // Another one has its place by now.
                Err(StoreError::Taken) => continue,
                inserted => inserted?,
            }
            StoredSchema::store(tx, &job, it.schema)?;
            tx.put_document(Some(tenant), job.id.as_str(), &it.previous, None)?;
        }
        tx.delete_document::<PutAway>(Some(tenant), &key)?;
        Ok(())
    }
}

impl PutAwayJob {
    /// `None` when its schema can not be read: that keeps nothing from being deleted.
    fn of(reader: &Reader<'_>, job: &Job) -> Result<Option<Self>, Problem> {
        let (tenant, key) = (Some(job.tenant), job.id.as_str());
        let schema = match reader.document::<StoredSchema>(tenant, key) {
            Err(StoreError::Damaged(_)) => None,
            schema => schema?,
        };
        let previous = match reader.document::<PreviousSchemas>(tenant, key) {
            Err(StoreError::Damaged(_)) => None,
            previous => previous?,
        };
        Ok(schema.map(|StoredSchema(schema)| Self {
            app_id: job.app_id,
            template: job.template.clone(),
            interval_seconds: job.interval_seconds,
            settings: job.settings.clone(),
            started_at: job.started_at,
            schema,
            previous: previous.unwrap_or_default(),
        }))
    }
}
