//! `syncline schema previous`: which schemas a job had before, and when each was replaced.

use serde::{Deserialize, Serialize};
use syncline_model::JobId;
use syncline_runner::PreviousSchema;

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::output;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PreviousSchemas {
    pub job: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    pub job_id: JobId,
    /// The last one first.
    pub value: Vec<Replaced>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Replaced {
    /// What `schema export --previous` calls it: 1 is the one before the one in force.
    pub number: usize,
    /// When it was saved; none of the one that the job was made with.
    pub saved: Option<String>,
    /// When another one took its place.
    pub replaced: Option<String>,
}

impl Action for PreviousSchemas {
    type Output = Listed;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Listed, Failure> {
        app.store.read(|reader| {
            let job = app.job(reader, &self.job)?;
            let known = PreviousSchema::all(reader, &job)?;
            let listed = known.iter().enumerate().map(|(before, it)| Replaced {
                number: before + 1,
                saved: it.saved().map(str::to_owned),
                replaced: it.replaced().map(str::to_owned),
            });
            Ok(Listed {
                job_id: job.id,
                value: listed.collect(),
            })
        })
    }

    fn text(output: &Listed) -> String {
        let job = &output.job_id;
        if output.value.is_empty() {
            return format!("No previous schema is kept of {job}.\n");
        }
        let shown = |time: &Option<String>| time.clone().unwrap_or_default();
        let rows = output
            .value
            .iter()
            .map(|it| vec![it.number.to_string(), shown(&it.saved), shown(&it.replaced)]);
        let table = output::table(&["PREVIOUS", "SAVED", "REPLACED"], rows.collect());
        format!("{table}\n`syncline schema export --job {job} --previous N` prints one of them.\n")
    }
}
