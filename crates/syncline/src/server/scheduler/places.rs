//! Who may begin a cycle now: some at the same time, fewer of one tenant, and each in turn.

use std::collections::HashMap;
use std::time::Duration;

use syncline_model::{JobId, TenantId};
use syncline_runner::Due;

/// Cycles at the same time. As many more follow changes: these are short, and must not wait behind a first cycle.
const CYCLES: usize = 3;
/// Those of one tenant: a first cycle may take an hour, and the next tenant must not wait for its end.
const OF_TENANT: usize = 2;

/// So many jobs that wait are asked for: more than there are places.
const ENOUGH: usize = 100;

/// All places, and who is left alone. Times are since the scheduler began: a clock that is set back leaves
/// nobody alone for longer.
#[derive(Debug, Default)]
pub(super) struct State {
    scheduled: Places,
    following: Places,
    not_before: HashMap<JobId, Duration>,
    /// Who has followed changes, and begins only a scheduled cycle until then.
    rests: HashMap<JobId, Duration>,
    /// How often the cycle of a job has panicked, without one between that did not.
    panics: HashMap<JobId, u32>,
}

/// Who has a place now, and whose turn it is.
#[derive(Debug, Default)]
struct Places {
    begun: HashMap<JobId, TenantId>,
    turns: Turns,
}

/// Why a cycle begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    Scheduled,
    Following,
}

impl State {
    /// How many due jobs are to be asked for, so that those who can not begin now hide nobody.
    pub(super) fn ask_for(&self) -> usize {
        let begun = self.scheduled.begun.len() + self.following.begun.len();
        ENOUGH + begun + self.not_before.len() + self.rests.len()
    }

    /// Those of the due jobs that begin now; from here they count as begun.
    pub(super) fn chosen(&mut self, due: Due, now: Duration) -> Vec<(Errand, TenantId, JobId)> {
        for until in [&mut self.not_before, &mut self.rests] {
            until.retain(|_, until| *until > now);
        }
        let mut chosen = Vec::new();
        for (errand, mut waiting) in [
            (Errand::Scheduled, due.scheduled),
            (Errand::Following, due.behind),
        ] {
            waiting.retain(|(_, job)| self.may_begin(errand, job));
            let places = self.places(errand);
            while let Some((tenant, job)) = places.next(&mut waiting) {
                chosen.push((errand, tenant, job));
            }
        }
        chosen
    }

    /// Its place is free again.
    pub(super) fn ended(&mut self, errand: Errand, job: &JobId) {
        self.places(errand).begun.remove(job);
    }

    pub(super) fn leave_alone(&mut self, job: &JobId, until: Duration) {
        self.not_before.insert(job.clone(), until);
    }

    /// A cycle of the job panicked: how many have, one after the other.
    pub(super) fn panicked(&mut self, job: &JobId) -> u32 {
        let panics = self.panics.entry(job.clone()).or_default();
        *panics = panics.saturating_add(1);
        *panics
    }

    /// A cycle of the job did not panic.
    pub(super) fn came_back(&mut self, job: &JobId) {
        self.panics.remove(job);
    }

    fn places(&mut self, errand: Errand) -> &mut Places {
        match errand {
            Errand::Scheduled => &mut self.scheduled,
            Errand::Following => &mut self.following,
        }
    }

    pub(super) fn rest(&mut self, job: &JobId, until: Duration) {
        self.rests.insert(job.clone(), until);
    }

    fn may_begin(&self, errand: Errand, job: &JobId) -> bool {
        let rests = errand == Errand::Following && self.rests.contains_key(job);
        !rests
            && !self.scheduled.begun.contains_key(job)
            && !self.following.begun.contains_key(job)
            && !self.not_before.contains_key(job)
    }

    /// Milliseconds until the first job is no longer left alone, and does not rest any more.
    pub(super) fn left_alone_for(&self, now: Duration) -> u64 {
        let until = self.not_before.values().chain(self.rests.values()).min();
        until.map_or(u64::MAX, |until| {
            let left = until.saturating_sub(now).as_millis();
            u64::try_from(left).unwrap_or(u64::MAX).saturating_add(1)
        })
    }
}

impl Places {
    /// Takes the next of those who wait, if one may begin.
    fn next(&mut self, waiting: &mut Vec<(TenantId, JobId)>) -> Option<(TenantId, JobId)> {
        if self.begun.len() >= CYCLES {
            return None;
        }
        let place = self.turns.next(waiting, &self.begun)?;
        let (tenant, job) = waiting.remove(place);
        self.turns.begins(tenant);
        self.begun.insert(job.clone(), tenant);
        Some((tenant, job))
    }
}

/// When each tenant had a cycle begun last, in turns.
#[derive(Debug, Default)]
struct Turns {
    last: HashMap<TenantId, u64>,
    now: u64,
}

impl Turns {
    /// The place of the next job: of a tenant with the fewest cycles now, and among these of the one
    /// whose turn is longest ago. `None`: none may begin.
    fn next(
        &self,
        waiting: &[(TenantId, JobId)],
        begun: &HashMap<JobId, TenantId>,
    ) -> Option<usize> {
        waiting
            .iter()
            .enumerate()
            .map(|(place, (tenant, _))| {
                let cycles = begun.values().filter(|other| *other == tenant).count();
                (cycles, self.last.get(tenant), place)
            })
            .filter(|(cycles, ..)| *cycles < OF_TENANT)
            .min()
            .map(|(.., place)| place)
    }

    fn begins(&mut self, tenant: TenantId) {
        self.now += 1;
        self.last.insert(tenant, self.now);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Duration = Duration::ZERO;
    const LATER: Duration = Duration::from_millis(3);

    fn tenant(number: u128) -> TenantId {
        TenantId(Uuid::from_u128(number))
    }

    /// Jobs `1a`, `1b` of the tenant 1, and so on.
    fn jobs(names: &[&str]) -> Vec<(TenantId, JobId)> {
        names
            .iter()
            .map(|name| {
                let number = name[..1].parse().unwrap();
                (tenant(number), JobId((*name).to_owned()))
            })
            .collect()
    }

    fn scheduled(names: &[&str]) -> Due {
        Due {
            scheduled: jobs(names),
            ..Due::default()
        }
    }

    fn begin(state: &mut State, due: &[&str]) -> Vec<String> {
        began(state.chosen(scheduled(due), NOW))
    }

    fn began(chosen: Vec<(Errand, TenantId, JobId)>) -> Vec<String> {
        chosen
            .into_iter()
            .map(|(.., job)| job.to_string())
            .collect()
    }

    fn end(state: &mut State, job: &str) {
        let job = JobId(job.to_owned());
        assert!(!state.may_begin(Errand::Scheduled, &job));
        state.ended(Errand::Scheduled, &job);
    }

    #[test]
    fn a_tenant_with_many_jobs_leaves_a_place_to_others() {
        let mut state = State::default();
        assert_eq!(begin(&mut state, &["1a", "1b", "1c", "1d"]), ["1a", "1b"]);
        assert_eq!(begin(&mut state, &["1c", "1d"]), [""; 0]);
        assert_eq!(begin(&mut state, &["1c", "1d", "2a"]), ["2a"]);
    }

    #[test]
    fn tenants_have_their_turn_one_after_the_other() {
        let mut state = State::default();
        let due = ["1a", "1b", "1c", "1d", "2a", "2b", "3a"];
        assert_eq!(begin(&mut state, &due), ["1a", "2a", "3a"]);
        end(&mut state, "1a");
        // All have none or one, but the first had its turn before the second.
        assert_eq!(begin(&mut state, &["1b", "1c", "1d", "2b"]), ["1b"]);
        end(&mut state, "1b");
        end(&mut state, "2a");
        assert_eq!(begin(&mut state, &["1c", "1d", "2b"]), ["2b", "1c"]);
        end(&mut state, "3a");
        // The one with fewer cycles now; of two with as many, the one that waits longer.
        end(&mut state, "2b");
        assert_eq!(begin(&mut state, &["1d", "2c", "4a"]), ["4a", "2c"]);
    }

    #[test]
    fn whoever_follows_changes_does_not_wait_for_first_cycles_and_has_one_place() {
        let mut state = State::default();
        assert_eq!(begin(&mut state, &["1a", "1b", "2a"]), ["1a", "2a", "1b"]);
        let due = Due {
            scheduled: jobs(&["3a"]),
            // The store tells of a job that is due and behind in both.
            behind: jobs(&["1a", "1c", "3a", "3b"]),
            any_follows: true,
        };
        // What has begun by its schedule begins not again, and what has no place there has one here.
        assert_eq!(began(state.chosen(due.clone(), NOW)), ["1c", "3a", "3b"]);
        assert_eq!(began(state.chosen(due, NOW)), [""; 0]);
    }

    #[test]
    fn whoever_can_not_begin_now_hides_nobody_behind_him() {
        let mut state = State::default();
        assert_eq!(began(state.chosen(scheduled(&["1a"]), NOW)), ["1a"]);
        state.leave_alone(&JobId("2a".to_owned()), LATER);
        state.rest(&JobId("3a".to_owned()), LATER);
        assert_eq!(state.ask_for(), ENOUGH + 3);
        state.ended(Errand::Scheduled, &JobId("1a".to_owned()));
        assert_eq!(began(state.chosen(Due::default(), LATER)), [""; 0]);
        assert_eq!(state.ask_for(), ENOUGH);
    }

    #[test]
    fn panics_are_counted_until_a_cycle_comes_back() {
        let mut state = State::default();
        let (one, other) = (JobId("1a".to_owned()), JobId("1b".to_owned()));
        assert_eq!([state.panicked(&one), state.panicked(&one)], [1, 2]);
        assert_eq!(state.panicked(&other), 1);
        state.came_back(&one);
        assert_eq!([state.panicked(&one), state.panicked(&other)], [1, 2]);
    }

    #[test]
    fn whoever_rests_from_following_has_a_scheduled_cycle_at_once() {
        let mut state = State::default();
        let behind = Due {
            behind: jobs(&["1a"]),
            ..Due::default()
        };
        state.rest(&JobId("1a".to_owned()), LATER);
        assert_eq!(began(state.chosen(behind.clone(), NOW)), [""; 0]);
        assert_eq!(state.left_alone_for(NOW), 4);
        assert_eq!(began(state.chosen(scheduled(&["1a"]), NOW)), ["1a"]);
        state.ended(Errand::Scheduled, &JobId("1a".to_owned()));
        assert_eq!(began(state.chosen(behind, LATER)), ["1a"]);
    }
}
