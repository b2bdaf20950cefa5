//! The cycle that an answer is about.

use serde::{Deserialize, Serialize};
use syncline_model::{Job, Problem, Timestamp};
use syncline_store::Reader;

use crate::configuration::{Configuration, known_extensions, semantics};

/// The one in progress, or the next one.
#[derive(Clone, Copy)]
pub(super) struct NextCycle {
    pub(super) which: Which,
    /// When it begins; as of now where it is in progress, or nobody has said when.
    pub(super) begins: Timestamp,
    /// It follows changes, and leaves to the scheduled ones what failed and what goes by the clock.
    pub(super) in_between: bool,
}

/// Which cycle an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Which {
    InProgress,
    /// The one that follows at once what has changed.
    Following,
    /// The one of the schedule, which may be due already; or not at all, until somebody starts the job.
    Scheduled,
}

impl NextCycle {
    pub(super) fn of(reader: &Reader<'_>, job: &Job, now: Timestamp) -> Result<Self, Problem> {
        let scheduled = |begins| Self {
            which: Which::Scheduled,
            begins,
            in_between: false,
        };
        if let Some(cycle) = job.to_go_on() {
            return Ok(Self {
                which: Which::InProgress,
                begins: now,
                in_between: cycle.in_between,
            });
        }
        if job.is_due(now) {
            return Ok(scheduled(now));
        }
        let is_behind = match job.follows_from() {
            Some(from) => from < reader.sequence(job.tenant)?,
            None => false,
        };
        if is_behind {
            return Ok(Self {
                which: Which::Following,
                begins: now,
                in_between: true,
            });
        }
        Ok(scheduled(job.next_due.unwrap_or(now)))
    }
}

/// What a beginning cycle finds out, before the job is opened by it: whether the program reads the schema otherwise.
pub(super) fn as_it_begins(job: &Job, now: Timestamp) -> Job {
    let mut job = job.clone();
    if job.to_go_on().is_none() {
        semantics::note(&mut job, now);
    }
    job
}

/// And once it is opened: whether an extension is another one.
pub(super) fn with_extensions(
    reader: &Reader<'_>,
    job: &mut Job,
    configuration: &mut Configuration,
) -> Result<(), Problem> {
    if job.to_go_on().is_none() && known_extensions::changed(reader, job, configuration)? {
        job.configured_anew();
        configuration.generation = job.configuration_generation;
    }
    Ok(())
}
