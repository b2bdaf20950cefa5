//! A schema that is to take the place of a job's: who judges it judges by the job's rules and by what
//! its two ends hold, whether it comes over HTTP or from a file.

use std::sync::Arc;

use syncline_engine::schema::{SchemaDiagnostic, Types, compile_with, other_rules};
use syncline_engine::template::{AZURE2AZURE, azure2azure};
use syncline_engine::{Rule, SynchronizationSchema};
use syncline_expression::Limits;
use syncline_model::{AppId, Job, ObjectId, Problem, Schema, TenantId};
use syncline_store::Reader;

use crate::{Runner, StoredSchema};

/// A job with its schema as it is, before another one takes its place.
#[derive(Debug)]
pub struct Replaceable {
    pub job: Job,
    pub schema: SynchronizationSchema,
    source: Arc<Schema>,
    target: Arc<Schema>,
}

/// A schema that may take the place of a job's.
#[derive(Debug)]
pub struct Replacement {
    pub schema: SynchronizationSchema,
    /// What it compiles to.
    pub rules: Vec<Rule>,
}

impl Replacement {
    /// Its rules; `None` when the job has just this schema already, so that nothing changes when it is saved.
    pub(crate) fn of_another_schema(
        self,
        reader: &Reader<'_>,
        job: &Job,
    ) -> Result<Option<Vec<Rule>>, Problem> {
        let before = StoredSchema::load(reader, job)?;
        Ok((!means_the_same(&before, &self.schema)).then_some(self.rules))
    }
}

/// Why a schema may not.
#[derive(Debug)]
pub enum Unfit {
    /// It does not hold just the synchronization rules with these ids, each once.
    OtherRules(Vec<String>),
    /// Everything that is wrong in it, by place. Here is the schema again, to show the places in.
    Invalid(Box<SynchronizationSchema>, Vec<SchemaDiagnostic>),
}

impl Runner {
    /// Reads what a schema for this job is judged by.
    pub fn replaceable(&self, reader: &Reader<'_>, job: Job) -> Result<Replaceable, Problem> {
        let schema = StoredSchema::load(reader, &job)?;
        let (source, target) = self.types(reader, &job)?;
        Ok(Replaceable {
            job,
            schema,
            source,
            target,
        })
    }

    /// The same where the job is to go into a hosted tenant, whatever is stored of that; without a job, of one
    /// that is still to be made. `open`: the target will let it in, and so tells its own properties.
    ///
    /// # Errors
    /// As [`Runner::replaceable`].
    pub fn replaceable_into(
        &self,
        reader: &Reader<'_>,
        tenant: TenantId,
        job: Option<&Job>,
        target: TenantId,
        open: bool,
    ) -> Result<Replaceable, Problem> {
        let (job, schema) = match job {
            Some(job) => (job.clone(), StoredSchema::load(reader, job)?),
            None => {
                let job = self.new_job(tenant, ObjectId::NIL, AppId::NIL, AZURE2AZURE)?;
                let schema = azure2azure(job.id.as_str(), self.ids.random_uuid());
                (job, schema)
            }
        };
        let target = match open {
            true => reader.schema(target)?,
            false => Schema::shared_core(),
        };
        Ok(Replaceable {
            source: reader.schema(tenant)?,
            job,
            schema,
            target,
        })
    }
}

impl Replaceable {
    /// The same schema as one of this job: with the ids of its rules, where it has as many. Those are the
    /// engine's, and another job's where the schema comes from.
    pub fn own(&self, mut schema: SynchronizationSchema) -> SynchronizationSchema {
        schema.id = self.job.id.to_string();
        let own = &self.schema.synchronization_rules;
        if schema.synchronization_rules.len() == own.len() {
            for (rule, own) in schema.synchronization_rules.iter_mut().zip(own) {
                rule.id.clone_from(&own.id);
            }
        }
        schema
    }

    /// Whether it is the job's schema as it is, whatever version it names: that was accepted once, and is not judged by what
    /// came to be refused later.
    pub fn is(&self, schema: &SynchronizationSchema) -> bool {
        means_the_same(&self.schema, schema)
    }

    /// Judges a schema. Its id is the job's, whatever was sent: the checks of a template's fixed parts
    /// go by it. Its rules keep their ids in the letters that the job has them in: callers who read them there know them so.
    pub fn judge(
        &self,
        mut schema: SynchronizationSchema,
        limits: &Limits,
    ) -> Result<Replacement, Unfit> {
        schema.id = self.job.id.to_string();
        if let Some(known) = other_rules(&schema, &self.schema) {
            return Err(Unfit::OtherRules(known));
        }
        for rule in &mut schema.synchronization_rules {
            let mut own = self.schema.synchronization_rules.iter();
            if let Some(own) = own.find(|own| own.id.eq_ignore_ascii_case(&rule.id)) {
                rule.id.clone_from(&own.id);
            }
        }
        let types = Types {
            source: &self.source,
            target: &self.target,
        };
        match compile_with(&schema, types, limits) {
            Ok(rules) => Ok(Replacement { schema, rules }),
            Err(found) => Err(Unfit::Invalid(Box::new(schema), found)),
        }
    }
}

/// Whether two schemas of a job differ in nothing but what they are called: `id` and `version`.
pub(super) fn means_the_same(
    before: &SynchronizationSchema,
    schema: &SynchronizationSchema,
) -> bool {
    let mut schema = schema.clone();
    schema.id.clone_from(&before.id);
    schema.version.clone_from(&before.version);
    schema == *before
}
