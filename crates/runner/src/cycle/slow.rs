//! Jobs that were found to be slow where others wait for them: a schema may take long to evaluate, and the machine may
//! have other work. For a while they are decided ahead instead.

use std::collections::HashMap;

use parking_lot::Mutex;
use syncline_model::{Job, JobId, Timestamp};

/// So long it is not tried again, which is longer than most schedules. Not for ever: it may have been the machine.
const REST_MS: u64 = 60 * 60 * 1000;

#[derive(Debug, Default)]
pub(crate) struct Slow(Mutex<HashMap<JobId, Found>>);

#[derive(Debug)]
struct Found {
    /// Which configuration of which job was slow: when it was made, and the generation.
    of: (Timestamp, u64),
    at: Timestamp,
}

impl Slow {
    /// Whether the job rests. What was found of a configuration that is not in force any more says nothing.
    pub(super) fn rests(&self, job: &Job, now: Timestamp) -> bool {
        let mut all = self.0.lock();
        let found = all.get(&job.id);
        // What a clock has noted that was set back since says nothing.
        let is_of_now = |it: &&Found| it.at <= now && now.milliseconds_since(it.at) < REST_MS;
        let rests = found.filter(is_of_now).is_some_and(|it| it.of == key(job));
        if !rests {
            all.remove(&job.id);
        }
        rests
    }

    pub(super) fn note(&self, job: &Job, now: Timestamp) {
        let found = Found {
            of: key(job),
            at: now,
        };
        self.0.lock().insert(job.id.clone(), found);
    }

    pub(crate) fn forget(&self, job: &JobId) {
        self.0.lock().remove(job);
    }
}

fn key(job: &Job) -> (Timestamp, u64) {
    (job.created_at, job.configuration_generation)
}
