//! `syncline schema import`: saves a schema, checked as the API checks one.

use std::path::Path;

use serde::{Deserialize, Serialize};
use syncline_expression::Limits;
use syncline_model::JobId;
use syncline_runner::{Replaceable, StoredSchema};

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::given::Given;
use crate::progress::Progress;
use crate::schema_file;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SchemaImport {
    pub job: String,
    pub file: Given,
    /// Also when the file was made from another state of the schema.
    #[serde(default)]
    pub force: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    pub job_id: String,
    /// False: it was saved already.
    pub changed: bool,
}

fn stale(file: &Path, job: &JobId, made_from: &Option<String>, now: &Option<String>) -> Failure {
    let shown = |version: &Option<String>| version.clone().unwrap_or_else(|| "none".to_owned());
    Failure::new(format!(
        "{} was made from another state of the schema than {job} has now: saving it could undo what was changed since\n  its version: {}\n  the job's:   {}",
        file.display(),
        shown(made_from),
        shown(now),
    ))
    .with_help(format!(
        "make the change in what `syncline schema export --job {job}` prints now. To take what was changed since back, plan the file first (`syncline plan --job {job} --file FILE`; docs/recipes/undo-a-wrong-cycle.md), and save it with --force (a file without `version` is not checked)"
    ))
}

impl Action for SchemaImport {
    type Output = Imported;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Imported, Failure> {
        let replaced = app.replaceable(&self.job)?;
        let limits = Limits::with_length(app.settings.expression_length);
        let mut schema = schema_file::read(&self.file, &replaced)?;
        let changed = !replaced.is(&schema);
        if changed {
            schema = schema_file::judge(&self.file.path, &replaced, schema, &limits)?.schema;
        }
        let Replaceable {
            job,
            schema: before,
            ..
        } = replaced;
        // The version says which state the file was made from; it is no part of what is saved.
        let made_from = std::mem::replace(&mut schema.version, before.version.clone());
        if changed {
            if made_from.is_some() && made_from != before.version && !self.force {
                return Err(stale(&self.file.path, &job.id, &made_from, &before.version));
            }
            StoredSchema::stamp(&mut schema, app.clock.now(), app.ids.as_ref());
            app.store.write(|tx| {
                tx.enter(&[job.tenant])?;
                if StoredSchema::load(tx, &job)? != before {
                    return Err(Failure::new(format!(
                        "the schema of {} was changed by somebody else just now",
                        job.id
                    ))
                    .with_help("look at it, and try again"));
                }
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
                "The schema of {job} is saved; the next cycle follows it. `syncline plan --job {job}` says how. Begin another change with a new export; `syncline schema export --job {job} --previous 1` prints the schema from before.\n"
            )
        } else {
            format!("The schema of {job} is just that already; nothing was changed.\n")
        }
    }
}
