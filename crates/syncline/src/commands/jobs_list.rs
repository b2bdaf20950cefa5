//! `syncline jobs list`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use syncline_model::job::{CycleKind, CycleState, Execution, Quarantine, ScheduleState};
use syncline_model::{Attr, EntityKind, Job, JobId, Problem, TenantId};
use syncline_runner::{DeletionThreshold, Secrets};
use syncline_store::{JobRow, Reader, StoreError};

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::{output, report};

/// Why nobody knows the deletion threshold, and what to do.
const UNREADABLE: &str = "the secrets cannot be read; PUT …/synchronization/secrets with all of them at once replaces them";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobsList {}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Jobs {
    pub jobs: Vec<Summary>,
    /// Whose rows can not be read: they hold up no other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<JobId>,
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
    /// Nobody can read the secrets: neither the target is known then, nor the threshold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secrets_unreadable: bool,
    /// Graph's status code: NotRun, Active, Paused, Quarantine.
    pub status: String,
    pub started: bool,
    pub interval_seconds: u32,
    /// Whether the job is in continuous mode.
    #[serde(default)]
    pub continuous: bool,
    /// Whether changes are followed at once now. Also in continuous mode only the schedule counts while the job is not in
    /// step, is held back, or has a change of its configuration before it.
    #[serde(default)]
    pub follows_changes: bool,
    pub next_due: Option<String>,
    #[serde(default)]
    pub deletion_threshold: DeletionThreshold,
    /// The cycle that has begun and not ended, whether anybody works on it or not.
    pub open_cycle: Option<OpenCycle>,
    pub last_cycle: Option<LastCycle>,
    /// Deletes and disables that are held by the accidental-deletion gate, or put aside by a cycle
    /// until it has counted them.
    #[serde(default)]
    pub staged: u64,
    /// Those of them that the gate holds.
    #[serde(default)]
    pub held: u64,
    /// The cycle in progress or the next one lets deletes and disables through, however many.
    #[serde(default)]
    pub deletes_are_forced: bool,
    #[serde(default)]
    pub quarantine_reason: Option<String>,
    /// What else there is to say of the quarantine.
    #[serde(default)]
    pub quarantine_message: Option<String>,
    /// Quarantine has disabled the job.
    #[serde(default)]
    pub disabled: bool,
}

/// A cycle that has begun and not ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenCycle {
    pub cycle_id: String,
    pub kind: CycleKind,
    pub began: String,
    /// Source objects looked at so far, and to look at.
    pub done: u64,
    pub total: u64,
    /// Somebody works on it now: this process, or another node.
    pub running: bool,
    /// It waits for a start of its job.
    pub paused: bool,
    /// The configuration was changed since it began: the next cycle begins anew.
    pub outdated: bool,
}

impl OpenCycle {
    fn of(app: &App, reader: &Reader<'_>, job: &Job) -> Result<Option<Self>, Problem> {
        let Some(cycle) = &job.running else {
            return Ok(None);
        };
        Ok(Some(Self {
            cycle_id: cycle.id.to_string(),
            kind: cycle.kind,
            began: cycle.began.to_seconds_text(),
            done: cycle.imported,
            total: cycle.total,
            running: app.is_worked_on(reader, job)?,
            paused: job.state != ScheduleState::Active,
            outdated: cycle.configuration_generation != job.configuration_generation,
        }))
    }

    /// What becomes of it, in words.
    pub fn state(&self) -> &'static str {
        match (self.running, self.paused) {
            (true, _) => "a cycle runs now",
            (false, true) => "a cycle waits at its checkpoint",
            (false, false) => "a cycle was interrupted",
        }
    }

    /// How to go on with one that nobody works on.
    pub fn way_on(&self, job: &JobId) -> String {
        let how = if self.outdated {
            "begins anew, because the configuration was changed"
        } else {
            "goes on where it stopped"
        };
        if self.paused {
            format!("`syncline jobs start --job {job}` {how}")
        } else {
            format!(
                "`syncline jobs run --job {job} --wait` {how}, and so does a running server by itself"
            )
        }
    }
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
    #[serde(default, with = "syncline_model::coded")]
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
    pub fn of(app: &App, reader: &Reader<'_>, job: &Job) -> Result<Self, Problem> {
        let configuration = reader.objects(
            job.tenant,
            EntityKind::ServicePrincipal,
            &[job.service_principal],
        );
        let configuration = match configuration {
            // It has a name that nobody can read, and holds up no job.
            Err(StoreError::Damaged(_)) => None,
            configuration => configuration?.pop(),
        };
        let name =
            configuration.and_then(|it| it.entry.text(Attr::DISPLAY_NAME).map(str::to_owned));
        let secrets = Secrets::readable(reader, job.tenant, job.service_principal)?;
        let target_tenant_id = secrets.as_ref().and_then(Secrets::target);
        let quarantine = job.status.quarantine.as_ref();
        let named = |id: TenantId| match reader.tenant(id) {
            // Its row can not be read, and holds up no job.
            Err(StoreError::Damaged(_)) => Ok(Some(id.to_string())),
            tenant => Ok::<_, Problem>(tenant?.map(|it| it.display_name)),
        };
        Ok(Self {
            job_id: job.id.clone(),
            name: name.unwrap_or_default(),
            source_tenant_id: job.tenant,
            source: named(job.tenant)?.unwrap_or_default(),
            target_tenant_id,
            target: target_tenant_id.map(named).transpose()?.flatten(),
            secrets_unreadable: secrets.is_none(),
            status: job.status_code().to_owned(),
            started: job.started_at.is_some(),
            interval_seconds: job.interval_seconds,
            continuous: job.is_continuous(),
            follows_changes: job.follows_from().is_some(),
            next_due: job.next_due.map(|at| at.to_seconds_text()),
            deletion_threshold: secrets.as_ref().map_or_else(
                || DeletionThreshold {
                    problem: Some(UNREADABLE.to_owned()),
                    ..DeletionThreshold::default()
                },
                |secrets| DeletionThreshold::of(secrets, &job.settings),
            ),
            open_cycle: OpenCycle::of(app, reader, job)?,
            last_cycle: job.status.last_execution.as_ref().map(LastCycle::of),
            staged: reader.count_staged(job.tenant, &job.id)?,
            held: reader.count_held(job.tenant, &job.id)?,
            deletes_are_forced: job.lets_removals_through(),
            quarantine_reason: quarantine.map(|it| it.reason.clone()),
            // What failed as a whole is told with its cycle.
            quarantine_message: quarantine.and_then(|it| {
                let (code, message) = it.error.as_ref()?;
                (*code == it.reason && !it.only_holds_removals()).then(|| message.clone())
            }),
            disabled: quarantine.is_some() && job.state == ScheduleState::Disabled,
        })
    }

    /// What the target is called, as far as that is known.
    pub fn to(&self) -> &str {
        match &self.target {
            Some(target) => target,
            None if self.secrets_unreadable => "unknown: the secrets cannot be read",
            None if self.target_tenant_id.is_some() => "a tenant that is not here",
            None => "no target yet",
        }
    }

    /// The deletion threshold in words, where it is known.
    pub fn threshold(&self) -> String {
        match self.secrets_unreadable {
            true => "unknown".to_owned(),
            false => report::threshold(&self.deletion_threshold),
        }
    }

    /// Why that is not the threshold that somebody wanted.
    pub fn misread(&self) -> Option<String> {
        match self.secrets_unreadable {
            true => Some(format!("No cycle can run: {UNREADABLE}.")),
            false => report::misread(&self.deletion_threshold),
        }
    }

    /// Deletes and disables that a cycle has decided and not counted yet.
    pub fn put_aside(&self) -> u64 {
        self.staged.saturating_sub(self.held)
    }

    /// Why removals are held, and what to do about them: also of a job that is in quarantine for something else, or that was
    /// started while they were held.
    pub fn why_held(&self) -> Option<String> {
        let reason = self.quarantine_reason.as_deref();
        if reason == Some(Quarantine::TOO_MANY_DELETES) && self.held > 0 {
            return Some(report::held(&self.job_id, self.held));
        }
        let are_held = self.held > 0 && !self.deletes_are_forced;
        are_held.then(|| report::held_beside(&self.job_id, self.held))
    }

    /// How often there is a cycle, with the unit in the words of whoever shows it.
    pub fn every(&self, minutes: &str) -> String {
        let every = format!("{} {minutes}", self.interval_seconds / 60);
        match (self.continuous, self.follows_changes) {
            (false, _) => every,
            (true, true) => every + ", and changes at once",
            (true, false) => every + ", and changes at once when it is in step again",
        }
    }

    /// The status with what goes on and what waits for somebody.
    pub fn state(&self) -> String {
        let mut state = self.status.clone();
        if !self.started {
            state.push_str(", never started");
        }
        if let Some(cycle) = &self.open_cycle {
            state.push_str(", ");
            state.push_str(cycle.state());
        }
        if self.held > 0 && !self.deletes_are_forced {
            state.push_str(&format!(", {} held", self.held));
        }
        state
    }
}

impl Jobs {
    /// Those of these rows, in their order.
    pub fn of(app: &App, reader: &Reader<'_>, rows: Vec<JobRow>) -> Result<Self, Problem> {
        let (mut jobs, mut unreadable) = (Vec::new(), Vec::new());
        for row in rows {
            match row.job {
                Ok(job) => jobs.push(Summary::of(app, reader, &job)?),
                Err(_) => unreadable.push(row.id),
            }
        }
        Ok(Self { jobs, unreadable })
    }
}

impl Action for JobsList {
    type Output = Jobs;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Jobs, Failure> {
        Ok(app
            .store
            .read(|reader| Jobs::of(app, reader, reader.job_rows()?))?)
    }

    fn text(output: &Jobs) -> String {
        if output.jobs.is_empty() && output.unreadable.is_empty() {
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
                job.name.clone(),
                format!("{} → {}", job.source, job.to()),
                job.state(),
                last,
            ]
        });
        let mut text = output::table(
            &["JOB", "NAME", "DIRECTION", "STATUS", "LAST CYCLE"],
            rows.collect(),
        );
        text.push_str(&output::unreadable("job", &output.unreadable));
        text
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
