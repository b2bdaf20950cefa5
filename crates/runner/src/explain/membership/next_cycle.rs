//! The cycle that an answer is about.

use syncline_model::{Job, Problem, Timestamp};
use syncline_store::Reader;

use crate::configuration::{Configuration, known_extensions, semantics};

/// The one in progress, or the next one.
#[derive(Clone, Copy)]
pub(super) struct NextCycle {
    /// When it begins; as of now where it is in progress, or nobody has said when.
    pub(super) begins: Timestamp,
    /// It follows changes, and leaves to the scheduled ones what failed and what goes by the clock.
    pub(super) in_between: bool,
}

impl NextCycle {
    pub(super) fn of(reader: &Reader<'_>, job: &Job, now: Timestamp) -> Result<Self, Problem> {
        let at = |begins, in_between| Self { begins, in_between };
        if let Some(cycle) = job.to_go_on() {
            return Ok(at(now, cycle.in_between));
        }
        if job.is_due(now) {
            return Ok(at(now, false));
        }
        let is_behind = match job.follows_from() {
            Some(from) => from < reader.sequence(job.tenant)?,
            None => false,
        };
        Ok(match job.next_due {
            _ if is_behind => at(now, true),
            Some(due) => at(due, false),
            None => at(now, false),
        })
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
