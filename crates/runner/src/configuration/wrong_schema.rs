//! What is wrong with a schema that is stored: a version took it that checked less, or what it names is gone.

use syncline_engine::schema::{Types, compile, in_words};
use syncline_model::{Job, Problem};
use syncline_store::Reader;

use super::secrets::Secrets;
use super::{StoredSchema, target_types};
use crate::Runner;

/// What a stored schema has wrong, by place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongSchema {
    /// No cycle can follow it.
    CyclesFail(String),
    /// Objects fail that the target cannot be asked about; all others go on.
    SomeFail(String),
}

impl Runner {
    /// What is wrong with the schema that is stored for a job. Nothing is while the secrets name no target: what
    /// it may say is not known then.
    pub fn wrong_in_schema(
        &self,
        reader: &Reader<'_>,
        job: &Job,
    ) -> Result<Option<WrongSchema>, Problem> {
        let schema = StoredSchema::load(reader, job)?;
        let secrets = Secrets::load(reader, job.tenant, job.service_principal)?;
        let Ok(connected) = self.connectors.open(reader, job, &secrets.values) else {
            return Ok(None);
        };
        let source = reader.schema(job.tenant)?;
        let target = target_types(reader, &connected)?;
        let types = Types {
            source: &source,
            target: &target,
        };
        let rules = match compile(&schema, types) {
            Ok(rules) => rules,
            Err(found) => return Ok(Some(WrongSchema::CyclesFail(in_words(&found)))),
        };
        // Nothing is asked for a mapping that is switched off.
        let enabled = rules.into_iter().filter(|rule| rule.enabled);
        let found: Vec<String> = enabled.filter_map(|rule| rule.unfindable).collect();
        Ok((!found.is_empty()).then(|| WrongSchema::SomeFail(found.join("; "))))
    }
}
