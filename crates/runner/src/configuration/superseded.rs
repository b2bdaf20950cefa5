//! Configurations that are no longer in force, and by which objects may have been decided.
//!
//! INVARIANT: an object of a job that has finished a cycle was decided last by the configuration in
//! force or by one of these. So whom a change can concern is told by comparing each of them with the
//! one in force; a cycle that was evaluated as a whole under one configuration forgets them. Where
//! the list can not be complete, there is none, and the next cycle looks at everything.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use syncline_engine::impact::Side;
use syncline_engine::schema::Types;
use syncline_engine::{Impact, JobFacts, SynchronizationSchema};
use syncline_model::job::CycleKind;
use syncline_model::{Job, Problem, TenantId};
use syncline_store::{Document, Reader, Tx};

use super::secrets::Secrets;
use super::{Configuration, StoredSchema};

/// So many changes between two cycles, each of which was worked with, are remembered; after more of
/// them everything is looked at.
const MOST: usize = 8;

/// The superseded configurations of a job. Key: the job id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Superseded {
    /// The generation that followed the last of them; a job of another one was changed by somebody
    /// who knew nothing of this list.
    through: u64,
    configurations: Vec<Past>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Past {
    generation: u64,
    schema: SynchronizationSchema,
    /// The secrets that decisions depend on; none of them is secret.
    switches: BTreeMap<String, String>,
}

impl Document for Superseded {
    const KIND: &'static str = "superseded_configurations";
}

impl Superseded {
    /// Notes the configuration of a job that is about to be replaced.
    pub(crate) fn note(
        tx: &mut Tx<'_>,
        job: &Job,
        schema: SynchronizationSchema,
        switches: BTreeMap<String, String>,
    ) -> Result<(), Problem> {
        let (tenant, key) = (Some(job.tenant), job.id.as_str());
        let known: Option<Self> = tx.document(tenant, key)?;
        match Self::after(known, job, schema, switches) {
            Some(list) => tx.put_document(tenant, key, &list, None)?,
            None => {
                tx.delete_document::<Self>(tenant, key)?;
            }
        }
        Ok(())
    }

    /// The list once a job's configuration is replaced; `None` when it would not be complete.
    fn after(
        known: Option<Self>,
        job: &Job,
        schema: SynchronizationSchema,
        switches: BTreeMap<String, String>,
    ) -> Option<Self> {
        let generation = job.configuration_generation;
        let mut list = known
            .filter(|it| it.through == generation && !reads_everything_anew(job))
            .or_else(|| {
                let complete = job.watermark.is_some() && job.evaluated_generation == generation
                    || reads_everything_anew(job);
                complete.then(Self::default)
            })?;
        let worked_with = job.running.is_some()
            || [job.evaluated_generation, job.decided_generation].contains(&generation);
        if worked_with {
            list.configurations.push(Past {
                generation,
                schema,
                switches,
            });
        }
        list.through = generation + 1;
        (list.configurations.len() <= MOST).then_some(list)
    }

    /// By what objects may have been decided that are not decided by the configuration in force;
    /// `None` when that can not be told.
    fn sides(self, job: &Job, facts: &JobFacts, types: Types<'_>) -> Option<Vec<Side>> {
        if !self.is_complete(job) {
            return None;
        }
        // One that can not be read any more says nothing about whom it was applied to.
        let sides = self
            .configurations
            .into_iter()
            .map(|it| it.side(facts, types));
        sides.collect()
    }

    fn is_complete(&self, job: &Job) -> bool {
        let evaluated = job.evaluated_generation;
        self.through == job.configuration_generation
            && self
                .configurations
                .iter()
                .any(|it| it.generation == evaluated)
    }
}

/// Whether the cycle in progress looks at everything and began with the configuration in force:
/// whatever was worked with before means nothing once it has ended.
fn reads_everything_anew(job: &Job) -> bool {
    job.running.as_ref().is_some_and(|cycle| {
        cycle.kind == CycleKind::Initial
            && cycle.configuration_generation == job.configuration_generation
    })
}

impl Past {
    fn side(self, facts: &JobFacts, types: Types<'_>) -> Option<Side> {
        let Self {
            schema, switches, ..
        } = self;
        let rules = syncline_engine::schema::compile(&schema, types).ok()?;
        let switches = Secrets { values: switches };
        let target = switches.values.get("CompanyId")?;
        Some(Side {
            rules: Arc::new(rules),
            facts: JobFacts {
                sync_all: switches.switch("SyncAll"),
                skip_out_of_scope_deletions: switches.switch("SkipOutOfScopeDeletions"),
                target_tenant: target.parse().ok()?,
                ..facts.clone()
            },
        })
    }
}

/// Whom the configuration in force concerns; `None` when that can not be told.
pub(crate) fn impact(
    reader: &Reader<'_>,
    job: &Job,
    configuration: &Configuration,
) -> Result<Option<Impact>, Problem> {
    let known: Option<Superseded> = reader.document(Some(job.tenant), job.id.as_str())?;
    Ok(known.and_then(|known| known.impact(job, configuration)))
}

/// The same, if `configuration` were saved in place of the one in force; `job` as it would be then.
pub(crate) fn impact_of_saving(
    reader: &Reader<'_>,
    job: &Job,
    configuration: &Configuration,
) -> Result<Option<Impact>, Problem> {
    let known: Option<Superseded> = reader.document(Some(job.tenant), job.id.as_str())?;
    let before = Job {
        configuration_generation: job.configuration_generation - 1,
        ..job.clone()
    };
    let schema = StoredSchema::load(reader, job)?;
    let switches = Secrets::load(reader, job.tenant, job.service_principal)?.switches();
    let list = Superseded::after(known, &before, schema, switches);
    Ok(list.and_then(|list| list.impact(job, configuration)))
}

/// The targets by which objects may have been decided, but for this one; none where that can not be told.
///
/// # Errors
/// As the store says.
pub fn other_targets(
    reader: &Reader<'_>,
    job: &Job,
    target: TenantId,
) -> Result<Vec<TenantId>, Problem> {
    let known: Option<Superseded> = reader.document(Some(job.tenant), job.id.as_str())?;
    let known = known.map(|it| it.configurations).unwrap_or_default();
    let before = known.into_iter().filter_map(|past| {
        let switches = Secrets {
            values: past.switches,
        };
        switches.target()
    });
    let mut others: Vec<TenantId> = before.filter(|it| *it != target).collect();
    others.sort_unstable();
    others.dedup();
    Ok(others)
}

/// What a configuration decides with.
fn in_force(configuration: &Configuration) -> Side {
    Side {
        rules: Arc::clone(&configuration.rules),
        facts: configuration.connected.facts.clone(),
    }
}

/// The impact of a configuration by which everybody was decided.
pub(crate) fn no_impact(configuration: &Configuration) -> Impact {
    Impact::of(Vec::new(), in_force(configuration))
}

impl Superseded {
    fn impact(self, job: &Job, configuration: &Configuration) -> Option<Impact> {
        let facts = &configuration.connected.facts;
        let old = self.sides(job, facts, configuration.types())?;
        Some(Impact::of(old, in_force(configuration)))
    }
}
