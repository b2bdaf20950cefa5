//! What was worked out for jobs and is good for their next pages: as much of it as there is room for, and what was asked for
//! last. A tenant makes as many jobs as it likes.

use std::collections::HashMap;

use parking_lot::Mutex;
use syncline_model::JobId;

/// All of it may take about so many bytes. The patterns of one schema may take half of that.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// So many bytes are counted for each besides what is told of it: more than it takes, so that there are never many.
const ENTRY_BYTES: usize = 16 * 1024;

/// One value of a job. The one that came last is kept, however large it is.
pub(crate) struct Remembered<V> {
    most_bytes: usize,
    kept: Mutex<Kept<V>>,
}

struct Kept<V> {
    entries: HashMap<JobId, Entry<V>>,
    bytes: usize,
    /// Grows with everything that is kept or found.
    turn: u64,
}

struct Entry<V> {
    value: V,
    bytes: usize,
    /// The turn in which it was kept or found last.
    last_turn: u64,
}

impl<V> Default for Remembered<V> {
    fn default() -> Self {
        Self::of(MOST_BYTES)
    }
}

impl<V> Remembered<V> {
    fn of(most_bytes: usize) -> Self {
        Self {
            most_bytes,
            kept: Mutex::new(Kept {
                entries: HashMap::new(),
                bytes: 0,
                turn: 0,
            }),
        }
    }

    /// What `read` takes of a job's value; `None` where there is none, or `read` finds it outdated.
    pub(crate) fn find<T>(&self, job: &JobId, read: impl FnOnce(&V) -> Option<T>) -> Option<T> {
        let kept = &mut *self.kept.lock();
        let entry = kept.entries.get_mut(job)?;
        let found = read(&entry.value)?;
        kept.turn += 1;
        entry.last_turn = kept.turn;
        Some(found)
    }

    /// Keeps a value that takes about so many bytes, in place of the job's last one, and lets go of those that nobody has
    /// asked for the longest where there is no room for all.
    pub(crate) fn keep(&self, job: &JobId, value: V, bytes: usize) {
        let mut gone = Vec::new();
        {
            let kept = &mut *self.kept.lock();
            gone.extend(kept.remove(job));
            let bytes = bytes.saturating_add(ENTRY_BYTES);
            while kept.bytes.saturating_add(bytes) > self.most_bytes
                && let Some(oldest) = kept.oldest()
            {
                gone.extend(kept.remove(&oldest));
            }
            kept.turn += 1;
            kept.bytes = kept.bytes.saturating_add(bytes);
            let entry = Entry {
                value,
                bytes,
                last_turn: kept.turn,
            };
            kept.entries.insert(job.clone(), entry);
        }
        // Freed where nobody waits for that.
        drop(gone);
    }

    pub(crate) fn forget(&self, job: &JobId) {
        let gone = self.kept.lock().remove(job);
        drop(gone);
    }

    /// Of how many jobs there is one.
    pub(crate) fn count(&self) -> usize {
        self.kept.lock().entries.len()
    }
}

impl<V> Kept<V> {
    fn remove(&mut self, job: &JobId) -> Option<V> {
        let entry = self.entries.remove(job)?;
        self.bytes = self.bytes.saturating_sub(entry.bytes);
        Some(entry.value)
    }

    /// There are too few for looking at each to take long.
    fn oldest(&self) -> Option<JobId> {
        let all = self.entries.iter();
        let oldest = all.min_by_key(|(_, entry)| entry.last_turn);
        oldest.map(|(job, _)| job.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 10 * ENTRY_BYTES;

    fn job(number: usize) -> JobId {
        JobId(format!("Azure2Azure.{number}"))
    }

    fn all(remembered: &Remembered<usize>) -> Vec<usize> {
        let kept = remembered.kept.lock();
        let mut all: Vec<usize> = kept.entries.values().map(|it| it.value).collect();
        let bytes: usize = kept.entries.values().map(|it| it.bytes).sum();
        assert_eq!(kept.bytes, bytes);
        all.sort_unstable();
        all
    }

    #[test]
    fn what_nobody_has_asked_for_the_longest_goes_first() {
        let remembered = Remembered::of(MOST);
        for number in 0..100 {
            remembered.keep(&job(number), number, ENTRY_BYTES);
            assert_eq!(remembered.find(&job(0), |it| Some(*it)), Some(0));
        }
        assert_eq!(all(&remembered), [0, 96, 97, 98, 99]);
        assert_eq!(remembered.find(&job(1), |it| Some(*it)), None);
    }

    #[test]
    fn what_is_too_large_is_kept_alone_until_something_else_comes() {
        let remembered = Remembered::of(MOST);
        remembered.keep(&job(1), 1, 0);
        remembered.keep(&job(2), 2, 2 * MOST);
        assert_eq!(all(&remembered), [2]);
        remembered.keep(&job(3), 3, usize::MAX);
        assert_eq!(all(&remembered), [3]);
        remembered.keep(&job(4), 4, 0);
        assert_eq!(all(&remembered), [4]);
    }

    #[test]
    fn the_last_value_of_a_job_takes_the_place_of_the_one_before() {
        let remembered = Remembered::of(MOST);
        remembered.keep(&job(1), 1, 5 * ENTRY_BYTES);
        remembered.keep(&job(2), 2, 0);
        remembered.keep(&job(1), 3, 0);
        assert_eq!(all(&remembered), [2, 3]);
        remembered.forget(&job(1));
        assert_eq!(all(&remembered), [2]);
        assert_eq!(remembered.count(), 1);
    }
}
