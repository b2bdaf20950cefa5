//! Who begins the cycle of a job that is due.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use crate::app::{App, Scheduler};
use crate::failure::Failure;
use crate::nodes;

/// Who begins a cycle that was only made due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Begins {
    /// The server on this data directory, at once.
    Here,
    /// Another server on the same database, when it looks for what is due.
    Elsewhere,
    /// Nobody: the server on this data directory was told not to.
    NoScheduler,
    /// Nobody: no server runs here, and none elsewhere begins it.
    NoServer,
}

impl Begins {
    pub fn of(app: &App) -> Result<Self, Failure> {
        let elsewhere = app.settings.scheduler != Scheduler::On
            && app.store.is_shared()
            && app
                .store
                .read(|reader| nodes::schedules(reader, app.clock.now()))?;
        Ok(match app.settings.scheduler {
            Scheduler::On => Self::Here,
            _ if elsewhere => Self::Elsewhere,
            Scheduler::Off => Self::NoScheduler,
            Scheduler::NoServer => Self::NoServer,
        })
    }

    /// In words.
    pub fn text(self, job: &str) -> String {
        match self {
            Self::Here => "the running server begins it now.".to_owned(),
            Self::Elsewhere => "another server on this database begins it in a moment.".to_owned(),
            Self::NoScheduler | Self::NoServer => self.nobody(job).unwrap_or_default(),
        }
    }

    /// That nobody does, and what to do, in words.
    pub fn nobody(self, job: impl Display) -> Option<String> {
        let with_wait = format!("`syncline jobs run --job {job} --wait`");
        match self {
            Self::Here | Self::Elsewhere => None,
            Self::NoScheduler => Some(format!(
                "the running server leaves it to others (--no-scheduler).\n{with_wait} runs it now."
            )),
            Self::NoServer => Some(format!(
                "no server runs here to begin it.\n{with_wait} runs it now; `syncline serve` begins it when it starts."
            )),
        }
    }
}
