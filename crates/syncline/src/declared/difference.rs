//! What a file wants otherwise than it is.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use syncline_engine::SynchronizationSchema;
use syncline_model::job::ScheduleState;
use syncline_model::policy::PolicyRefusal;
use syncline_model::{Job, JobId, TenantId};
use syncline_store::Reader;

use super::changes::Change;
use super::ends::Ends;
use super::file::{Configuration, File, Policy, Scope, State};
use super::names::Names;
use super::present::Present;
use super::resumed::Resumed;
use super::secrets::Pairs;
use super::{assignments, groups, policies, renamed, schedule, schema, secrets};
use crate::app::App;
use crate::commands::begins::Begins;
use crate::failure::Failure;

/// What ends by a change of the configuration.
const PERMISSION_ENDS: &str = "the job lets deletes and disables through once, however many (ForceDeletes): that ends by this, and what reaches the threshold is held until somebody lets it through again";

/// Of a file, configuration by configuration.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Differences {
    pub configurations: Vec<Difference>,
    /// They are written: it is as the file says.
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
    /// Whether the job was ever started, and whether its cycles run: it is not paused.
    pub started: bool,
    pub active: bool,
    /// In the order they are written; empty where all is as the file says.
    pub changes: Vec<Change>,
    /// Why the job could not work then: code and message.
    #[serde(
        default,
        with = "syncline_model::coded",
        skip_serializing_if = "Option::is_none"
    )]
    pub refused: Option<(String, String)>,
    /// What holds the cycles of an active job back, once it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<Quarantine>,
    /// Who begins the cycle that a change makes due, once it is written; `None` where nothing is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins: Option<Begins>,
    /// Whether somebody may lose something by it.
    #[serde(default)]
    pub takes_away: bool,
    /// How a job was stopped that goes on by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes: Option<Resumed>,
    /// What an administrator may not expect of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// Of a job whose next cycle is later than its schedule says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quarantine {
    pub reason: String,
    /// UTC, ISO 8601.
    pub next_attempt: String,
}

/// A difference, with what it was found in and what is to be written for it.
pub struct Compared {
    pub ends: Ends,
    pub present: Present,
    pub difference: Difference,
    pub secrets: Pairs,
    pub schema: Option<SynchronizationSchema>,
}

impl Differences {
    /// Of every configuration of a file; writes nothing.
    pub fn of(app: &App, reader: &Reader<'_>, file: &File) -> Result<Self, Failure> {
        let all = compare(app, reader, file)?;
        Ok(Self {
            configurations: all.into_iter().map(|it| it.difference).collect(),
            applied: false,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.configurations.iter().all(|it| it.changes.is_empty())
    }
}

impl Difference {
    /// What somebody may lose by it. What is only made now nobody has yet.
    pub fn taken_away(&self) -> impl Iterator<Item = &Change> {
        let is_new = |change: &Change| {
            let of_the_job = matches!(
                change,
                Change::AccidentalDeletionThreshold { .. } | Change::SkipOutOfScopeDeletions { .. }
            );
            of_the_job && self.job_id.is_none()
        };
        self.changes
            .iter()
            .filter(move |change| change.takes_away() && !is_new(change))
    }

    /// What lets a job go on that was stopped.
    pub fn resuming(&self) -> impl Iterator<Item = &Change> {
        let started = |change: &&Change| matches!(change, Change::State { to: State::Started });
        let starts = self.changes.iter().filter(started);
        starts.filter(|_| self.resumes.is_some())
    }

    /// How the job stands, once it is written.
    pub fn follow(&mut self, job: &Job) {
        self.job_id = Some(job.id.clone());
        self.started = job.started_at.is_some();
        self.active = job.state == ScheduleState::Active;
        let quarantine = job.status.quarantine.as_ref();
        let quarantine = quarantine.filter(|it| self.active && !it.only_holds_removals());
        self.quarantine = quarantine.map(|it| Quarantine {
            reason: it.reason.clone(),
            next_attempt: it.next_attempt.to_seconds_text(),
        });
    }
}

/// Compares everything that a file says with what there is.
pub fn compare(app: &App, reader: &Reader<'_>, file: &File) -> Result<Vec<Compared>, Failure> {
    let mut all = Vec::with_capacity(file.configurations.len());
    for wanted in &file.configurations {
        all.push((wanted, Ends::read(app, reader, wanted)?));
    }
    let said = renamed::each_once(&all)?;
    let mut policies = policies_of(&all)?;
    let let_in = policies
        .iter()
        .filter(|(_, policy)| policy.groups == Some(true));
    let let_in: BTreeSet<Pair> = let_in.map(|(pair, _)| *pair).collect();
    let names = Names::read(reader, &all)?;
    let mut refusals = BTreeMap::new();
    let mut compared = Vec::with_capacity(all.len());
    for (wanted, ends) in all {
        let present = Present::read(reader, &ends, &names, wanted)?;
        // What two tenants are to say of each other is written with the first configuration between them.
        let pair = pair(&ends);
        let policy = policies.remove(&pair).unwrap_or_default();
        let changes = policies::compare(&policy, &present);
        let refused = *refusals
            .entry(pair)
            .or_insert_with(|| policies::refusal_after(&ends, &present, &changes));
        let mut difference = Difference {
            name: wanted.name.clone(),
            source_tenant_id: ends.source.id,
            target_tenant_id: ends.target.id,
            source: ends.source.default_domain().to_owned(),
            target: ends.target.default_domain().to_owned(),
            job_id: None,
            started: false,
            active: false,
            changes,
            refused: refused.map(|it| (PolicyRefusal::CODE.to_owned(), it.message().to_owned())),
            quarantine: None,
            begins: None,
            takes_away: false,
            resumes: None,
            remarks: Vec::new(),
        };
        if let Some(job) = &present.job {
            difference.follow(job);
        }
        difference.changes.extend(present.rename(wanted));
        let (changes, secrets) = secrets::compare(reader, wanted, &ends, &present)?;
        difference.changes.extend(changes);
        difference.remarks = remarks(wanted, &present);
        renamed::refuse_a_second(reader, &said, wanted, &ends, &present)?;
        if present.job.is_none() {
            difference.changes.push(Change::CreateJob);
        }
        let schedule = schedule::compare(wanted, &present)?;
        difference.changes.extend(schedule);
        if let Some(assigned) = &wanted.assigned {
            let (changes, remarks) =
                assignments::compare(reader, &ends, &names, assigned, &present)?;
            difference.changes.extend(changes);
            difference.remarks.extend(remarks);
            if wanted.scope.unwrap_or(present.scope()) == Scope::All {
                difference.remarks.push(
                    "the scope is all users and groups: who is assigned makes no difference"
                        .to_owned(),
                );
            }
        }
        let open = refused.is_none();
        let schema = schema::compare(app, reader, wanted, &ends, &present, open)?;
        let schema = schema.map(|(schema, differences)| {
            let new = present.job.is_none();
            let change = Change::SaveSchema { new, differences };
            difference.changes.push(change);
            schema
        });
        let to = wanted.state;
        // A job that was never started is none that is to be paused.
        let to = to.filter(|to| (*to == State::Started) != difference.active);
        difference.changes.extend(to.map(|to| Change::State { to }));
        if to == Some(State::Started) {
            difference.resumes = present.job.as_ref().and_then(Resumed::of);
        }
        let permitted = present.job.as_ref();
        let permitted = permitted.is_some_and(Job::lets_removals_through);
        if permitted
            && difference
                .changes
                .iter()
                .any(Change::is_of_the_configuration)
        {
            difference.remarks.push(PERMISSION_ENDS.to_owned());
        }
        let takes_away = difference.taken_away().next().is_some();
        difference.takes_away = takes_away;
        if open && !difference.changes.is_empty() && present.was_refused() {
            // With whatever is written the job goes on.
            difference.quarantine = None;
        }
        compared.push(Compared {
            ends,
            present,
            difference,
            secrets,
            schema,
        });
    }
    groups::remark(reader, let_in, &mut compared)?;
    Ok(compared)
}

/// What an administrator may not expect of this configuration.
fn remarks(wanted: &Configuration, present: &Present) -> Vec<String> {
    let mut remarks = Vec::new();
    if wanted.accidental_deletion_threshold.is_some() && present.threshold().1 {
        remarks.push(
            "what was stored for the threshold can not be read, and is replaced as far as it can not"
                .to_owned(),
        );
    }
    let notifications = wanted.notifications.as_ref();
    if notifications.and_then(|it| it.enabled) == Some(true) {
        remarks.push(
            "nobody is notified by mail: what is said of notifications is kept, for those who read it over Graph"
                .to_owned(),
        );
    }
    if let Some(old) = &wanted.renamed_from
        && present.service_principal.is_none()
    {
        remarks.push(format!(
            "there is no configuration `{}` that it could have been renamed from: it is made anew",
            old.escape_debug()
        ));
    }
    remarks
}

/// Source and target.
pub type Pair = (TenantId, TenantId);

pub fn pair(ends: &Ends) -> Pair {
    (ends.source.id, ends.target.id)
}

/// What the file says of each two tenants' policies.
fn policies_of(all: &[(&Configuration, Ends)]) -> Result<BTreeMap<Pair, Policy>, Failure> {
    let mut policies: BTreeMap<_, Policy> = BTreeMap::new();
    for (wanted, ends) in all {
        let said = policies.entry(pair(ends)).or_default();
        for (wanted, said) in [
            (wanted.policy.users, &mut said.users),
            (wanted.policy.groups, &mut said.groups),
            (
                wanted.policy.automatic_redemption,
                &mut said.automatic_redemption,
            ),
        ] {
            if let (Some(wanted), Some(said)) = (wanted, *said)
                && wanted != said
            {
                return Err(Failure::new(format!(
                    "two configurations of the file want different policies between {} and {}",
                    ends.source.default_domain(),
                    ends.target.default_domain()
                ))
                .with_help("two tenants have one policy for each other: say it once"));
            }
            *said = wanted.or(*said);
        }
    }
    Ok(policies)
}
