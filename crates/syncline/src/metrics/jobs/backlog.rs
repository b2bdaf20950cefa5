//! What waits in jobs, of so many one by one.

use std::collections::BTreeMap;

/// Jobs with figures of their own, oldest first; the rest are counted together.
const MOST_JOBS: usize = 100;
const THE_REST: &str = "other";

/// What is known of one job, or of several together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Backlog {
    pub(super) lag: u64,
    pub(super) escrowed: u64,
    pub(super) given_up: u64,
    pub(super) staged: u64,
    pub(super) references: u64,
}

/// One entry for each of the first jobs, and one for the rest together.
pub(super) fn bounded(jobs: impl Iterator<Item = (String, Backlog)>) -> BTreeMap<String, Backlog> {
    let mut entries: BTreeMap<String, Backlog> = BTreeMap::new();
    for (place, (job, more)) in jobs.enumerate() {
        let label = if place < MOST_JOBS {
            job
        } else {
            THE_REST.to_owned()
        };
        let sum = entries.entry(label).or_default();
        *sum = Backlog {
            lag: sum.lag.max(more.lag),
            escrowed: sum.escrowed + more.escrowed,
            given_up: sum.given_up + more.given_up,
            staged: sum.staged + more.staged,
            references: sum.references + more.references,
        };
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_beyond_the_hundredth_share_one_label() {
        let backlog = |lag| Backlog {
            lag,
            escrowed: 2,
            given_up: 1,
            staged: 1,
            references: 3,
        };
        let all = bounded((0..103).map(|place| (format!("job-{place:03}"), backlog(place))));
        assert_eq!(all.len(), MOST_JOBS + 1);
        assert_eq!(all["job-099"], backlog(99));
        let rest = Backlog {
            lag: 102,
            escrowed: 6,
            given_up: 3,
            staged: 3,
            references: 9,
        };
        assert_eq!(all[THE_REST], rest);
    }
}
