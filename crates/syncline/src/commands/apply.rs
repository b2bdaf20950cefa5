//! `syncline apply`: makes configurations as a file has them.

use serde::{Deserialize, Serialize};

use super::Action;
use crate::app::App;
use crate::declared::{self, Asked, Differences, Files};
use crate::failure::Failure;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Apply {
    pub file: Files,
    /// Also what takes something away.
    pub remove: bool,
    /// Also what lets a job go on that was stopped.
    #[serde(default)]
    pub resume: bool,
}

impl Action for Apply {
    type Output = Differences;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Differences, Failure> {
        let file = self.file.parse()?;
        let asked = Asked {
            remove: self.remove,
            resume: self.resume,
        };
        Differences::write(app, &file, asked)
    }

    fn text(output: &Differences) -> String {
        let mut text = declared::text(output);
        if output.is_empty() {
            text.push_str("There was nothing to change.\n");
        }
        text
    }
}
