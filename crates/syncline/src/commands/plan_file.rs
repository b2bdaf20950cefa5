//! `syncline plan --file` without a job: what `syncline apply` would change.

use serde::{Deserialize, Serialize};

use super::Action;
use crate::app::App;
use crate::declared::{self, Differences, Files};
use crate::failure::Failure;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlanFile {
    pub file: Files,
}

impl Action for PlanFile {
    type Output = Differences;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Differences, Failure> {
        let file = self.file.parse()?;
        app.store.read(|reader| Differences::of(app, reader, &file))
    }

    fn text(output: &Differences) -> String {
        let mut text = declared::text(output);
        text.push_str(match output.is_empty() {
            true => "There is nothing to change.\n",
            false => "Nothing is written yet: `syncline apply` with this file does it.\n",
        });
        text
    }
}
