//! What a file wants otherwise than it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use syncline_engine::SynchronizationSchema;
use syncline_model::job::ScheduleState;
use syncline_model::{Job, JobId, TenantId};
use syncline_store::Reader;

use super::changes::Change;
use super::file::{Configuration, File, Policy, State};
use super::present::{Ends, Present};
use super::{assignments, policies, schema};
use crate::app::App;
use crate::failure::Failure;

/// Of a file, configuration by configuration.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Differences {
    pub configurations: Vec<Difference>,
    /// They are written: the file says how it is.
    pub applied: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    pub name: String,
    pub source_tenant_id: TenantId,
    pub target_tenant_id: TenantId,
    /// Default domains.
    pub source: String,
    pub target: String,
    /// `None`: there is none yet.
    pub job_id: Option<JobId>,
    /// Whether cycles run: it was started, and is not paused.
    pub active: bool,
    /// In the order they are written; empty where all is as the file says.
    pub changes: Vec<Change>,
    /// Why the job could not work then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// A difference, with what it was found in.
pub struct Found {
    pub ends: Ends,
    pub present: Present,
    pub difference: Difference,
    /// To be saved.
    pub schema: Option<SynchronizationSchema>,
}

/// Which configurations of a file have been compared, and what policies were asked for between two tenants.
#[derive(Default)]
pub struct Seen {
    names: Vec<(TenantId, String)>,
    policies: BTreeMap<(TenantId, TenantId), Policy>,
}

impl Differences {
    /// Of every configuration of a file; writes nothing.
    pub fn of(app: &App, reader: &Reader<'_>, file: &File) -> Result<Self, Failure> {
        let mut seen = Seen::default();
        let mut all = Self::default();
        for wanted in &file.configurations {
            let found = compare(app, reader, wanted, &mut seen)?;
            all.configurations.push(found.difference);
        }
        Ok(all)
    }

    pub fn is_empty(&self) -> bool {
        self.configurations.iter().all(|it| it.changes.is_empty())
    }
}

/// Compares one with what there is.
pub fn compare(
    app: &App,
    reader: &Reader<'_>,
    wanted: &Configuration,
    seen: &mut Seen,
) -> Result<Found, Failure> {
    let ends = Ends::read(app, reader, wanted)?;
    let policy = seen.add(wanted, &ends)?;
    let present = Present::read(reader, &ends, &wanted.name)?;
    let mut changes = policies::compare(&policy, &present);
    let refused = policies::refusal_after(&ends, &present, &changes);
    match (&present.service_principal, present.company()) {
        (None, _) => changes.push(Change::CreateConfiguration),
        (Some(_), None) => changes.push(Change::SetTarget),
        (Some(_), Some(company)) if company.parse() == Ok(ends.target.id) => {}
        (Some(_), Some(company)) => return Err(another_target(wanted, &ends, company)),
    }
    if present.job.is_none() {
        changes.push(Change::CreateJob);
    }
    if let Some(to) = wanted.scope
        && to != present.scope()
    {
        let from = present.scope();
        changes.push(Change::Scope { from, to });
    }
    if let Some(to) = wanted.accidental_deletion_threshold
        && to != present.threshold()
    {
        changes.push(Change::threshold(present.threshold(), to));
    }
    if let Some(assigned) = &wanted.assigned {
        changes.extend(assignments::compare(reader, &ends, assigned, &present)?);
    }
    let mut saved = None;
    if let Some(file) = &wanted.schema {
        let replaced = match &present.job {
            Some(job) => app.runner.replaceable(reader, job.clone())?,
            None => app
                .runner
                .replaceable_of_new(reader, ends.source.id, ends.target.id)?,
        };
        saved = schema::compare(app, file, &replaced)?;
        if saved.is_some() {
            let new = present.job.is_none();
            changes.push(Change::SaveSchema { new });
        }
    }
    changes.extend(state(wanted.state, &present));
    Ok(Found {
        difference: Difference {
            name: wanted.name.clone(),
            source_tenant_id: ends.source.id,
            target_tenant_id: ends.target.id,
            source: ends.source.default_domain().to_owned(),
            target: ends.target.default_domain().to_owned(),
            job_id: present.job.as_ref().map(|job| job.id.clone()),
            active: present.job.as_ref().is_some_and(is_active),
            changes,
            refused: refused.map(|it| it.message().to_owned()),
        },
        ends,
        present,
        schema: saved,
    })
}

pub fn is_active(job: &Job) -> bool {
    job.state == ScheduleState::Active
}

/// A job that was never started is none that is to be paused.
fn state(wanted: Option<State>, present: &Present) -> Option<Change> {
    let active = present.job.as_ref().is_some_and(is_active);
    let to = wanted.filter(|to| (*to == State::Started) != active)?;
    Some(Change::State { to })
}

fn another_target(wanted: &Configuration, ends: &Ends, company: &str) -> Failure {
    Failure::new(format!(
        "the configuration `{}` of {} goes to the tenant {company}, and not to {}",
        wanted.name,
        ends.source.default_domain(),
        ends.target.id
    ))
    .with_help("a job keeps its target, for what it has linked is there: give the configuration in the file another name, and it becomes one of its own")
}

impl Seen {
    /// What is still to be compared of the policy between the two tenants.
    fn add(&mut self, wanted: &Configuration, ends: &Ends) -> Result<Policy, Failure> {
        let name = (ends.source.id, syncline_model::fold::fold(&wanted.name));
        if self.names.contains(&name) {
            return Err(Failure::new(format!(
                "the configuration `{}` of {} stands in the file twice",
                wanted.name,
                ends.source.default_domain()
            ))
            .with_help("leave one out, or give it another name"));
        }
        self.names.push(name);
        let said = self
            .policies
            .entry((ends.source.id, ends.target.id))
            .or_default();
        let mut left = Policy::default();
        for (wanted, said, left) in [
            (wanted.policy.users, &mut said.users, &mut left.users),
            (wanted.policy.groups, &mut said.groups, &mut left.groups),
            (
                wanted.policy.automatic_redemption,
                &mut said.automatic_redemption,
                &mut left.automatic_redemption,
            ),
        ] {
            match (wanted, *said) {
                (Some(wanted), None) => {
                    *said = Some(wanted);
                    *left = Some(wanted);
                }
                (Some(wanted), Some(said)) if wanted != said => {
                    return Err(Failure::new(format!(
                        "two configurations of the file want different policies between {} and {}",
                        ends.source.default_domain(),
                        ends.target.default_domain()
                    ))
                    .with_help("two tenants have one policy for each other: say it once"));
                }
                _ => {}
            }
        }
        Ok(left)
    }
}
