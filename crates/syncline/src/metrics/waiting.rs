//! How much waits in a job. What is much is counted once a minute: counting goes through it row by row, and somebody may ask for
//! the figures every second.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use syncline_model::{Job, JobId};
use syncline_store::{Reader, StoreError};

/// Rows that are counted in a moment, however often somebody asks.
const FEW: u64 = 1_000;
const REMEMBERED_FOR: Duration = Duration::from_secs(60);

/// What waits in one job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) escrowed: u64,
    pub(super) given_up: u64,
    pub(super) staged: u64,
}

/// What was counted, with the time when it is counted anew.
#[derive(Debug, Default)]
pub(super) struct Counted(Mutex<HashMap<JobId, (Waiting, Duration)>>);

impl Counted {
    /// Forgets the jobs that are no more.
    pub(super) fn keep(&self, jobs: &[Job]) {
        self.0
            .lock()
            .retain(|id, _| jobs.iter().any(|job| job.id == *id));
    }

    /// What waits in a job. `now`: of a clock that is never set back.
    pub(super) fn of(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        now: Duration,
    ) -> Result<Waiting, StoreError> {
        let known = self.0.lock().get(&job.id).copied();
        if let Some((waiting, _)) = known.filter(|(_, until)| now < *until) {
            return Ok(waiting);
        }
        let escrows = reader.count_escrows(job.tenant, &job.id)?;
        let given_up = reader.count_given_up(job.tenant, &job.id)?;
        let staged = reader.count_staged(job.tenant, &job.id)?;
        let waiting = Waiting {
            escrowed: escrows.saturating_sub(given_up),
            given_up,
            staged,
        };
        let mut counted = self.0.lock();
        if escrows + staged > FEW {
            counted.insert(job.id.clone(), (waiting, now + REMEMBERED_FOR));
        } else {
            counted.remove(&job.id);
        }
        Ok(waiting)
    }
}

#[cfg(test)]
mod tests {
    use syncline_model::EntityKind;
    use syncline_store::Escrow;

    use super::*;
    use crate::app::{App, Settings};
    use crate::data_dir::DataDir;
    use crate::metrics::due;

    #[test]
    fn few_objects_are_counted_whenever_somebody_asks_and_many_once_a_minute() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = App::open(data, Settings::default()).unwrap();
        let job = due(&app);
        let counted = Counted::default();
        let escrows: Vec<Escrow> = (0..1_001)
            .map(|_| Escrow {
                source: app.ids.object_id(),
                kind: EntityKind::User,
                first_failed: job.created_at,
                attempts: 1,
                next_attempt: job.created_at,
                failure: "{}".to_owned(),
                waits_for: None,
            })
            .collect();
        let put = |rows: &[Escrow]| {
            let put = app
                .store
                .write(|tx| tx.put_escrows(job.tenant, &job.id, rows));
            put.unwrap();
        };
        let told = |second| {
            let now = Duration::from_secs(second);
            let told = app.store.read(|reader| counted.of(reader, &job, now));
            told.unwrap().escrowed
        };
        put(&escrows[..999]);
        assert_eq!(told(0), 999);
        put(&escrows[999..1_000]);
        assert_eq!(told(1), 1_000);
        put(&escrows[1_000..]);
        assert_eq!(told(2), 1_001);
        let settled = app.store.write(|tx| {
            let sources: Vec<_> = escrows.iter().map(|it| it.source).collect();
            tx.delete_escrows(job.tenant, &job.id, &sources[1..])
        });
        settled.unwrap();
        assert_eq!(told(61), 1_001);
        assert_eq!(told(62), 1);
        put(&escrows);
        assert_eq!(told(62), 1_001);
        // What is known of a job goes with it.
        counted.keep(&[]);
        assert!(counted.0.lock().is_empty());
    }
}
