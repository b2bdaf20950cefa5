//! How many objects of a job can be decided where others wait for it, as far as this process has found that they are
//! fewer than usual: a schema may take long to evaluate, and the machine may have other work.

use std::collections::HashMap;

use parking_lot::Mutex;
use syncline_model::JobId;

/// Of slow jobs only. What was found of a schema that is not in force any more says nothing.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<HashMap<JobId, Found>>);

#[derive(Clone, Copy, Debug)]
struct Found {
    /// Of the job's configuration.
    generation: u64,
    at_most: usize,
}

impl Pace {
    /// How many may be tried, where `usual` are as a rule.
    pub(super) fn at_most(&self, (job, generation): (&JobId, u64), usual: usize) -> usize {
        let all = self.0.lock();
        let found = all.get(job).filter(|it| it.generation == generation);
        found.map_or(usual, |it| it.at_most.min(usual))
    }

    /// So many took so long where they should take no longer than `may_ms`. Whoever was slow and is not any more is trusted with
    /// twice as many each time.
    pub(super) fn learn(
        &self,
        (job, generation): (&JobId, u64),
        usual: usize,
        (count, took_ms): (usize, u64),
        may_ms: u64,
    ) {
        let at_most = if took_ms < may_ms {
            self.at_most((job, generation), usual).saturating_mul(2)
        } else {
            let (took, may) = (u128::from(took_ms).max(1), u128::from(may_ms));
            usize::try_from(count as u128 * may / took)
                .unwrap_or(usual)
                .max(1)
        };
        let mut all = self.0.lock();
        if at_most >= usual {
            all.remove(job);
        } else {
            all.insert(
                job.clone(),
                Found {
                    generation,
                    at_most,
                },
            );
        }
    }
}
