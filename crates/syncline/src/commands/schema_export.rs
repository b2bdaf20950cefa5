//! `syncline schema export`: the schema of a job, as the API shows it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use syncline_runner::StoredSchema;

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SchemaExport {
    pub job: String,
}

impl Action for SchemaExport {
    type Output = Value;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Value, Failure> {
        let schema = app.store.read(|reader| {
            let job = app.job(reader, &self.job)?;
            Ok::<_, Failure>(StoredSchema::load(reader, &job)?)
        })?;
        serde_json::to_value(schema)
            .map_err(|error| Failure::new(format!("cannot write the schema: {error}")))
    }

    const IS_DOCUMENT: bool = true;

    fn text(output: &Value) -> String {
        format!("{output:#}\n")
    }
}
