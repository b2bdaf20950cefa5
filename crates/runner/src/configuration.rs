//! A job's configuration: secrets (of its service principal), schema, and both ends, opened.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use syncline_connector::Connected;
use syncline_engine::gate::Gate;
use syncline_engine::schema::Types;
use syncline_engine::{Rule, SynchronizationSchema};
use syncline_model::{EntityKind, Ids, Job, ObjectId, Problem, Schema, TenantId, Timestamp};
use syncline_store::{Document, Reader, Tx};

use crate::Runner;
use crate::runner::Compiled;
use crate::superseded::Superseded;

/// `synchronization/secrets` of a service principal. Key: the service principal's id.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Secrets {
    /// Secret keys as Graph spells them (`CompanyId`, `SyncAll`, …) and their values.
    pub values: BTreeMap<String, String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Passwords and tokens are among the values.
        f.debug_set().entries(self.values.keys()).finish()
    }
}

impl Document for Secrets {
    const KIND: &'static str = "synchronization_secrets";
    const SEALED: bool = true;
}

impl Secrets {
    pub fn load(
        reader: &Reader<'_>,
        tenant: TenantId,
        service_principal: ObjectId,
    ) -> Result<Self, Problem> {
        Ok(reader
            .document(Some(tenant), &service_principal.to_string())?
            .unwrap_or_default())
    }

    /// Sets some keys and leaves the others; an empty value removes its key. Every job of the
    /// service principal evaluates those whom it concerns in its next cycle when its scope changed.
    pub fn merge(
        tx: &mut Tx<'_>,
        tenant: TenantId,
        service_principal: ObjectId,
        changes: &[(String, String)],
    ) -> Result<(), Problem> {
        let before = Self::load(tx, tenant, service_principal)?;
        let mut after = before.clone();
        for (key, value) in changes {
            if value.is_empty() {
                after.values.remove(key);
            } else {
                after.values.insert(key.clone(), value.clone());
            }
        }
        tx.put_document(Some(tenant), &service_principal.to_string(), &after, None)?;
        if before.switches() != after.switches() {
            for mut job in tx.jobs_of_service_principal(tenant, service_principal)? {
                let schema = StoredSchema::load(tx, &job)?;
                Superseded::note(tx, &job, schema, before.switches())?;
                job.configuration_generation += 1;
                tx.update_job(&job)?;
            }
        }
        Ok(())
    }

    /// Those that decisions depend on.
    pub(crate) fn switches(&self) -> BTreeMap<String, String> {
        let keys = ["SyncAll", "CompanyId", "SkipOutOfScopeDeletions"];
        let values = keys.into_iter().filter_map(|key| {
            let value = self.values.get(key)?;
            Some((key.to_owned(), value.clone()))
        });
        values.collect()
    }

    /// The accidental-deletion gate, and what is wrong with the settings that are stored for it.
    pub(crate) fn gate(&self) -> (Gate, Option<String>) {
        let settings = self.values.get("SyncNotificationSettings");
        Gate::in_force(settings.map(String::as_str))
    }

    /// A switch such as `SyncAll`: `"true"` in any case is on.
    pub fn switch(&self, key: &str) -> bool {
        self.values
            .get(key)
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

/// The synchronization schema of a job. Key: the job id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoredSchema(pub SynchronizationSchema);

impl Document for StoredSchema {
    const KIND: &'static str = "synchronization_schema";
}

impl StoredSchema {
    pub fn load(reader: &Reader<'_>, job: &Job) -> Result<SynchronizationSchema, Problem> {
        let stored: Option<Self> = reader.document(Some(job.tenant), job.id.as_str())?;
        stored
            .map(|it| it.0)
            .ok_or_else(|| Problem::internal(format!("job {} has no schema", job.id)))
    }

    /// Marks a schema as the state that was saved now: `version`, as Graph writes it.
    pub fn stamp(schema: &mut SynchronizationSchema, now: Timestamp, ids: &dyn Ids) {
        let activity = ids.random_uuid();
        schema.version = Some(format!("Date:{now}, ActivityId:{activity}"));
    }

    /// Replaces the schema; the next cycle evaluates those again whom the change concerns.
    pub fn store(tx: &mut Tx<'_>, job: &Job, schema: SynchronizationSchema) -> Result<(), Problem> {
        let before: Option<Self> = tx.document(Some(job.tenant), job.id.as_str())?;
        if let (Some(before), Some(job)) = (before, tx.job(job.tenant, &job.id)?) {
            let secrets = Secrets::load(tx, job.tenant, job.service_principal)?;
            Superseded::note(tx, &job, before.0, secrets.switches())?;
        }
        tx.put_document(Some(job.tenant), job.id.as_str(), &Self(schema), None)?;
        if let Some(mut job) = tx.job(job.tenant, &job.id)? {
            job.configuration_generation += 1;
            tx.update_job(&job)?;
        }
        Ok(())
    }
}

/// Everything a page needs to know of its job.
#[derive(Debug)]
pub(crate) struct Configuration {
    pub(crate) rules: Arc<Vec<Rule>>,
    /// What may be inside the objects of either end.
    pub(crate) source_types: Arc<Schema>,
    pub(crate) target_types: Arc<Schema>,
    pub(crate) connected: Connected,
    pub(crate) gate: Gate,
    /// What is wrong with the settings that are stored for it.
    pub(crate) gate_problem: Option<String>,
    /// Which state of the job's configuration this is: a page that finds another one in its
    /// transaction must not work with this.
    pub(crate) generation: u64,
}

impl Configuration {
    pub(crate) fn types(&self) -> Types<'_> {
        Types {
            source: &self.source_types,
            target: &self.target_types,
        }
    }

    /// The same with other rules, compiled for the same two ends.
    pub(crate) fn with_rules(self, rules: Vec<Rule>) -> Result<Self, Problem> {
        let mut changed = Self {
            rules: Arc::new(rules),
            ..self
        };
        ask_memberships(&mut changed.connected, &changed.rules)?;
        Ok(changed)
    }

    /// The object kinds the job reads: those of its rules, switched on or not (an object of a
    /// switched-off kind is skipped on demand, not read in cycles).
    pub(crate) fn kinds(&self) -> Vec<EntityKind> {
        let mut kinds = Vec::new();
        for rule in self.rules.iter().filter(|rule| rule.enabled) {
            if !kinds.contains(&rule.source) {
                kinds.push(rule.source);
            }
        }
        kinds
    }

    pub(crate) fn rule_for(&self, kind: EntityKind) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.source == kind)
    }

    /// What kind an object of this one becomes in the target.
    pub(crate) fn target_kind(&self, kind: EntityKind) -> EntityKind {
        self.rule_for(kind).map_or(kind, |rule| rule.target)
    }
}

/// Tells the source which memberships the scoping filters ask for.
fn ask_memberships(connected: &mut Connected, rules: &[Rule]) -> Result<(), Problem> {
    let asked: Vec<ObjectId> = rules
        .iter()
        .flat_map(|rule| rule.scope.asked_groups())
        .collect();
    connected
        .source
        .ask_memberships(&asked)
        .map_err(|fault| Problem::bad_request(fault.message))
}

impl Runner {
    pub(crate) fn configuration(
        &self,
        reader: &Reader<'_>,
        job: &Job,
    ) -> Result<Configuration, Problem> {
        let secrets = Secrets::load(reader, job.tenant, job.service_principal)?;
        let mut connected = self.connectors.open(reader, job, &secrets.values)?;
        let source = reader.schema(job.tenant)?;
        let target = match connected.target.hosted() {
            Some(tenant) => reader.schema(tenant)?,
            None => Schema::shared_core(),
        };
        let rules = self.rules(reader, job, Arc::clone(&source), Arc::clone(&target))?;
        ask_memberships(&mut connected, &rules)?;
        let (gate, gate_problem) = secrets.gate();
        Ok(Configuration {
            rules,
            source_types: source,
            target_types: target,
            connected,
            gate,
            gate_problem,
            generation: job.configuration_generation,
        })
    }

    /// What may be inside the objects of both ends, as far as the job's tenant may know: extensions of
    /// a tenant that does not let it in are none of its business.
    pub fn types(
        &self,
        reader: &Reader<'_>,
        job: &Job,
    ) -> Result<(Arc<Schema>, Arc<Schema>), Problem> {
        let secrets = Secrets::load(reader, job.tenant, job.service_principal)?;
        let source = reader.schema(job.tenant)?;
        // Without credentials, or with wrong ones, there is no target yet.
        let Ok(connected) = self.connectors.open(reader, job, &secrets.values) else {
            return Ok((source, Schema::shared_core()));
        };
        let target = match (connected.target.hosted(), connected.target.permits(reader)) {
            (Some(tenant), Ok(Ok(()))) => reader.schema(tenant)?,
            _ => Schema::shared_core(),
        };
        Ok((source, target))
    }

    /// The rules of a job's schema, compiled once for each change of it.
    fn rules(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        source: Arc<Schema>,
        target: Arc<Schema>,
    ) -> Result<Arc<Vec<Rule>>, Problem> {
        if let Some(known) = self.compiled.lock().get(&job.id)
            && known.created_at == job.created_at
            && known.generation == job.configuration_generation
            && Arc::ptr_eq(&known.source, &source)
            && Arc::ptr_eq(&known.target, &target)
        {
            return Ok(Arc::clone(&known.rules));
        }
        let schema = StoredSchema::load(reader, job)?;
        let types = Types {
            source: &source,
            target: &target,
        };
        let rules = syncline_engine::schema::compile(&schema, types).map_err(|diagnostics| {
            let messages: Vec<String> = diagnostics
                .iter()
                .map(|it| format!("{}: {}", it.path, it.message))
                .collect();
            Problem::bad_request(format!(
                "the synchronization schema does not compile: {}",
                messages.join("; ")
            ))
        })?;
        let rules = Arc::new(rules);
        let mut compiled = self.compiled.lock();
        compiled.insert(
            job.id.clone(),
            Compiled {
                created_at: job.created_at,
                generation: job.configuration_generation,
                source,
                target,
                rules: Arc::clone(&rules),
            },
        );
        Ok(rules)
    }
}
