//! `syncline schema import`: saves a schema, checked as the API checks one.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use syncline_engine::schema::Types;
use syncline_expression::Limits;
use syncline_runner::StoredSchema;

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::schema_file;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SchemaImport {
    pub job: String,
    pub file: PathBuf,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    pub job_id: String,
    /// False: it was saved already.
    pub changed: bool,
}

impl Action for SchemaImport {
    type Output = Imported;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Imported, Failure> {
        let (job, before, (source, target)) = app.store.read(|reader| {
            let job = app.job(reader, &self.job)?;
            let schema = StoredSchema::load(reader, &job)?;
            let types = app.runner.types(reader, &job)?;
            Ok::<_, Failure>((job, schema, types))
        })?;
        let types = Types {
            source: &source,
            target: &target,
        };
        let limits = Limits::with_length(app.settings.expression_length);
        let (mut schema, _) = schema_file::read(&self.file, &job.id, &before, types, &limits)?;
        let changed = schema != before;
        if changed {
            let (now, activity) = (app.clock.now(), app.ids.random_uuid());
            schema.version = Some(format!("Date:{now}, ActivityId:{activity}"));
            app.store.write(|tx| {
                tx.enter(&[job.tenant])?;
                Ok::<_, Failure>(StoredSchema::store(tx, &job, schema)?)
            })?;
        }
        Ok(Imported {
            job_id: job.id.to_string(),
            changed,
        })
    }

    fn text(output: &Imported) -> String {
        let job = &output.job_id;
        if output.changed {
            format!(
                "The schema of {job} is saved; the next cycle follows it. `syncline plan --job {job}` says how.\n"
            )
        } else {
            format!("The schema of {job} is just that already; nothing was changed.\n")
        }
    }
}
