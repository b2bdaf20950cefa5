//! `syncline plan --file` without a job: what `syncline apply` would change.

use serde::{Deserialize, Serialize};

use super::Action;
use crate::app::App;
use crate::declared::{self, Asked, Differences, Files, Needed};
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
        if output.is_empty() {
            text.push_str("There is nothing to change.\n");
        } else {
            let needed = Needed::of(&output.configurations, Asked::default());
            text.push_str(&format!("Nothing is written yet: {}", needed.told()));
        }
        text
    }
}
