//! `syncline schema export --previous`: a schema that the job had before, as the API showed it then.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use syncline_runner::PreviousSchema as Previous;

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PreviousSchema {
    pub job: String,
    /// 1 is the one before the one in force.
    pub number: u8,
}

impl Action for PreviousSchema {
    type Output = Value;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Value, Failure> {
        let (job, known) = app.store.read(|reader| {
            let job = app.job(reader, &self.job)?;
            let known = Previous::all(reader, &job)?;
            Ok::<_, Failure>((job, known))
        })?;
        let count = known.len();
        let wanted = usize::from(self.number).checked_sub(1);
        let found = wanted.and_then(|it| known.into_iter().nth(it));
        let Some(found) = found else {
            let kept = match count {
                0 => "no previous schema is".to_owned(),
                1 => "only 1 previous schema is".to_owned(),
                _ => format!("only {count} previous schemas are"),
            };
            return Err(
                Failure::new(format!("{kept} kept of {}", job.id)).with_help(format!(
                    "`syncline schema previous --job {}` lists them; a backup may have an older one",
                    job.id
                )),
            );
        };
        serde_json::to_value(found.schema)
            .map_err(|error| Failure::new(format!("cannot write the schema: {error}")))
    }

    const IS_DOCUMENT: bool = true;

    fn text(output: &Value) -> String {
        format!("{output:#}\n")
    }
}
