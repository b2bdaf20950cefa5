//! `syncline jobs list`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use syncline_model::job::{CycleKind, CycleState, Execution};
use syncline_model::{Attr, EntityKind, Job, JobId, Problem, TenantId};
use syncline_runner::Secrets;
use syncline_store::Reader;

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::output;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobsList {}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Jobs {
    pub jobs: Vec<Summary>,
}

/// One job in short.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub job_id: JobId,
    /// Display name of the configuration.
    pub name: String,
    pub source_tenant_id: TenantId,
    pub source: String,
    pub target_tenant_id: Option<TenantId>,
    pub target: Option<String>,
    /// Graph's status code: NotRun, Active, Paused, Quarantine.
    pub status: String,
    pub started: bool,
    pub interval_seconds: u32,
    pub next_due: Option<String>,
    pub last_cycle: Option<LastCycle>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastCycle {
    pub cycle_id: String,
    pub kind: CycleKind,
    pub state: CycleState,
    pub ended: String,
    pub counts: syncline_model::job::Counts,
    pub skipped_by_reason: BTreeMap<String, u64>,
    pub error: Option<(String, String)>,
}

impl LastCycle {
    pub fn of(execution: &Execution) -> Self {
        Self {
            cycle_id: execution.activity.to_string(),
            kind: execution.kind,
            state: execution.state,
            ended: execution.ended.to_seconds_text(),
            counts: execution.counts,
            skipped_by_reason: execution.skipped_by_reason.clone(),
            error: execution.error.clone(),
        }
    }
}

impl Summary {
    pub fn of(reader: &Reader<'_>, job: &Job) -> Result<Self, Problem> {
        let configuration = reader
            .objects(
                job.tenant,
                EntityKind::ServicePrincipal,
                &[job.service_principal],
            )?
            .pop();
        let name =
            configuration.and_then(|it| it.entry.text(Attr::DISPLAY_NAME).map(str::to_owned));
        let secrets = Secrets::load(reader, job.tenant, job.service_principal)?;
        let target_tenant_id = secrets
            .values
            .get("CompanyId")
            .and_then(|id| id.parse().ok());
        let named =
            |id: TenantId| Ok::<_, Problem>(reader.tenant(id)?.map(|tenant| tenant.display_name));
        Ok(Self {
            job_id: job.id.clone(),
            name: name.unwrap_or_default(),
            source_tenant_id: job.tenant,
            source: named(job.tenant)?.unwrap_or_default(),
            target_tenant_id,
            target: target_tenant_id.map(named).transpose()?.flatten(),
            status: job.status_code().to_owned(),
            started: job.started_at.is_some(),
            interval_seconds: job.interval_seconds,
            next_due: job.next_due.map(|at| at.to_seconds_text()),
            last_cycle: job.status.last_execution.as_ref().map(LastCycle::of),
        })
    }
}

impl Action for JobsList {
    type Output = Jobs;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Jobs, Failure> {
        let jobs = app.store.read(|reader| {
            reader
                .all_jobs()?
                .iter()
                .map(|job| Summary::of(reader, job))
                .collect::<Result<Vec<_>, Problem>>()
        })?;
        Ok(Jobs { jobs })
    }

    fn text(output: &Jobs) -> String {
        if output.jobs.is_empty() {
            return "There is no job yet. Jobs are created over Graph: POST /servicePrincipals/{id}/synchronization/jobs\n"
                .to_owned();
        }
        let rows = output.jobs.iter().map(|job| {
            let last = job.last_cycle.as_ref().map_or_else(
                || "none".to_owned(),
                |cycle| format!("{} ({})", cycle.ended, state_name(cycle.state)),
            );
            vec![
                job.job_id.to_string(),
                format!(
                    "{} → {}",
                    job.source,
                    job.target.as_deref().unwrap_or("no target yet")
                ),
                job.status.clone(),
                last,
            ]
        });
        output::table(
            &["JOB", "DIRECTION", "STATUS", "LAST CYCLE"],
            rows.collect(),
        )
    }
}

/// How a cycle ended, in words.
pub fn state_name(state: CycleState) -> &'static str {
    match state {
        CycleState::Succeeded => "succeeded",
        CycleState::Failed => "failed",
        CycleState::EntryLevelErrors => "succeeded with failed objects",
        CycleState::Stopped => "stopped at a checkpoint",
    }
}
