//! A job's configuration: its schema, and both ends, opened with the secrets of its service principal.

pub(crate) mod clock;
pub(crate) mod deletion_threshold;
pub(crate) mod known_extensions;
pub(crate) mod log_facts;
mod merge_secrets;
pub(crate) mod previous;
pub(crate) mod replacement;
pub(crate) mod secrets;
pub(crate) mod semantics;
pub(crate) mod superseded;
pub(crate) mod wrong_schema;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use syncline_connector::Connected;
use syncline_engine::escrow::Timetable;
use syncline_engine::gate::Gate;
use syncline_engine::rule::FlowType;
use syncline_engine::schema::{Types, compile, in_words};
use syncline_engine::{Rule, SynchronizationSchema};
use syncline_model::{Attr, EntityKind, Ids, Job, JobId, ObjectId, Problem, Schema, Timestamp};
use syncline_store::{Document, Reader, Tx};

use crate::Runner;
use crate::runner::Compiled;
use previous::PreviousSchemas;
use secrets::Secrets;
use superseded::Superseded;

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

    /// Another number for another schema.
    fn digest(&self) -> Result<u64, Problem> {
        let text = serde_json::to_string(self)
            .map_err(|error| Problem::internal(format!("the schema cannot be written: {error}")))?;
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        Ok(hasher.finish())
    }

    /// The entity tag of a schema (RFC 9110, 8.8.3): another one for every save.
    ///
    /// # Errors
    /// When it can not be written as JSON.
    pub fn entity_tag(schema: &SynchronizationSchema) -> Result<String, Problem> {
        let digest = Self(schema.clone()).digest()?;
        Ok(format!("\"{digest:016x}\""))
    }

    /// Replaces the schema; the next cycle evaluates those again whom the change concerns. The same schema as
    /// before, with another version, concerns nobody: a cycle that is in hand goes on. The one before can be read
    /// again ([`previous::PreviousSchema`]).
    pub fn store(tx: &mut Tx<'_>, job: &Job, schema: SynchronizationSchema) -> Result<(), Problem> {
        let before: Option<Self> = tx.document(Some(job.tenant), job.id.as_str())?;
        let same = before
            .as_ref()
            .is_some_and(|before| replacement::means_the_same(&before.0, &schema));
        if same {
            return Ok(tx.put_document(Some(job.tenant), job.id.as_str(), &Self(schema), None)?);
        }
        if let (Some(before), Some(job)) = (before, tx.job(job.tenant, &job.id)?) {
            let secrets = Secrets::load(tx, job.tenant, job.service_principal)?;
            PreviousSchemas::note(tx, &job, before.0.clone(), &schema)?;
            Superseded::note(tx, &job, before.0, secrets.switches())?;
        }
        let schema = Self(schema);
        tx.put_document(Some(job.tenant), job.id.as_str(), &schema, None)?;
        if let Some(mut job) = tx.job(job.tenant, &job.id)? {
            job.configured_anew();
            job.schema_digest = schema.digest()?;
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
    /// When failed objects are tried again.
    pub(crate) timetable: Timetable,
    /// Which state of the job's configuration this is: a page that finds another one in its
    /// transaction must not work with this.
    pub(crate) generation: u64,
    /// Other jobs between the same tenants, once they were asked for.
    pub(crate) beside: OnceLock<Vec<JobId>>,
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

    /// The object kinds the job reads: those of its rules that are switched on (an object of a
    /// switched-off kind is skipped on demand, not read in cycles).
    pub(crate) fn kinds(&self) -> Vec<EntityKind> {
        let rules = Rule::all_deciding(&self.rules);
        rules.map(|(_, rule)| rule.source).collect()
    }

    pub(crate) fn rule_for(&self, kind: EntityKind) -> Option<&Rule> {
        Rule::deciding(&self.rules, kind)
    }

    /// Whether a reference of objects of this kind is written only while the target has none.
    pub(crate) fn only_fills(&self, kind: EntityKind, target: Attr) -> bool {
        let mapping = self.rule_for(kind).and_then(|rule| rule.mapping(target));
        mapping.is_some_and(|it| it.flow_type == FlowType::AttributeAddOnly)
    }

    /// What kind an object of this one becomes in the target.
    pub(crate) fn target_kind(&self, kind: EntityKind) -> EntityKind {
        self.rule_for(kind).map_or(kind, |rule| rule.target)
    }

    /// `"user to User"`: the key under which links of this kind are counted, and which Graph shows in
    /// `synchronizedEntryCountByType`.
    pub(crate) fn entry_key(&self, kind: EntityKind) -> String {
        let target = self.target_kind(kind);
        format!("{} to {}", kind.engine_name(), target.engine_name())
    }
}

/// What may be inside the objects of the target.
fn target_types(reader: &Reader<'_>, connected: &Connected) -> Result<Arc<Schema>, Problem> {
    Ok(match connected.target.hosted() {
        Some(tenant) => reader.schema(tenant)?,
        None => Schema::shared_core(),
    })
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
        let target = target_types(reader, &connected)?;
        let rules = self.rules(reader, job, Arc::clone(&source), Arc::clone(&target))?;
        ask_memberships(&mut connected, &rules)?;
        let (gate, gate_problem) = secrets.gate(&job.settings);
        Ok(Configuration {
            rules,
            source_types: source,
            target_types: target,
            connected,
            gate,
            gate_problem,
            timetable: Timetable::of(&job.settings),
            generation: job.configuration_generation,
            beside: OnceLock::new(),
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

    /// The rules of a job's schema, compiled once for each change of it, as long as there is room for them.
    fn rules(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        source: Arc<Schema>,
        target: Arc<Schema>,
    ) -> Result<Arc<Vec<Rule>>, Problem> {
        let is_current = |known: &Compiled| {
            known.created_at == job.created_at
                && known.generation == job.configuration_generation
                && known.schema_digest == job.schema_digest
                && std::ptr::eq(known.source.as_ptr(), Arc::as_ptr(&source))
                && std::ptr::eq(known.target.as_ptr(), Arc::as_ptr(&target))
        };
        let known = self.compiled.find(&job.id, |known| {
            is_current(known).then(|| Arc::clone(&known.rules))
        });
        if let Some(rules) = known {
            return Ok(rules);
        }
        let schema = StoredSchema::load(reader, job)?;
        let types = Types {
            source: &source,
            target: &target,
        };
        let rules = compile(&schema, types).map_err(|diagnostics| {
            Problem::bad_request(format!(
                "the synchronization schema does not compile: {}",
                in_words(&diagnostics)
            ))
        })?;
        let rules = Arc::new(rules);
        let bytes = rules.iter().map(|rule| rule.bytes);
        let bytes = bytes.fold(0, usize::saturating_add);
        let compiled = Compiled {
            created_at: job.created_at,
            generation: job.configuration_generation,
            schema_digest: job.schema_digest,
            source: Arc::downgrade(&source),
            target: Arc::downgrade(&target),
            rules: Arc::clone(&rules),
        };
        self.compiled.keep(&job.id, compiled, bytes);
        Ok(rules)
    }
}
