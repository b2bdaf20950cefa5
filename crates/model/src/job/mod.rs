//! Synchronization jobs: configuration, schedule and status, as stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::policy::PolicyRefusal;
use crate::{AppId, CycleId, JobId, ObjectId, Problem, TenantId, Timestamp};

mod cycle;

pub use cycle::{
    Counts, CycleKind, CyclePhase, CycleReport, CycleState, LAPSING, RunningCycle, Watermark,
};

/// Settings that a job may have: it is read at every page of its cycles, so what is kept in it stays small.
pub const MOST_SETTINGS: usize = 100;

/// # Errors
/// 400 for so many that no job may have them.
pub fn refuse_many_settings(count: usize) -> Result<(), Problem> {
    if count <= MOST_SETTINGS {
        return Ok(());
    }
    Err(Problem::bad_request(format!(
        "A job has at most {MOST_SETTINGS} settings."
    )))
}

/// One job of a configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub id: JobId,
    /// The source tenant, which owns the job.
    pub tenant: TenantId,
    pub service_principal: ObjectId,
    pub app_id: AppId,
    /// Template id, e.g. `Azure2Azure`.
    pub template: String,
    pub created_at: Timestamp,
    /// Seconds between cycles.
    pub interval_seconds: u32,
    pub state: ScheduleState,
    /// Set by the first `start`; a job never started runs no cycle.
    pub started_at: Option<Timestamp>,
    /// `synchronizationJobSettings`, in order.
    pub settings: Vec<(String, String)>,
    pub status: JobStatus,
    /// When the next cycle is due; `None` while not active.
    pub next_due: Option<Timestamp>,
    /// Where the last cycle ended; `None` makes the next cycle an initial one.
    pub watermark: Option<Watermark>,
    /// The cycle in progress, with its checkpoint.
    pub running: Option<RunningCycle>,
    /// `ForceDeletes` opens the deletion gate for the next scheduled cycle, which takes this with it when it begins. See
    /// [`Job::let_removals_through`].
    pub force_deletes: bool,
    /// Grows with every change of schema, scope or secrets that needs everything evaluated again.
    pub configuration_generation: u64,
    /// Another number for each schema, by which one is told from another that got the same generation: a standby that
    /// took over may not know the last ones that were given.
    #[serde(default)]
    pub schema_digest: u64,
    /// The generation the watermark was reached with.
    pub evaluated_generation: u64,
    /// Which meaning of stored schemas, of those that the engine had, the cycles of this generation began with; 0 where a
    /// version began them that noted none.
    #[serde(default)]
    pub semantics: u32,
    /// The newest generation that any object was decided with.
    #[serde(default)]
    pub decided_generation: u64,
    /// Pause was asked for; the running cycle stops after the page in hand.
    pub pause_requested: bool,
    /// How many references wait now; kept in step with the waiting rows.
    #[serde(default)]
    pub references_waiting: u64,
    /// Grows with every restart that has everybody matched anew.
    #[serde(default)]
    pub matching: u64,
    /// The matching that a cycle has gone through to its end, noted where the watermark goes that says so. `None` where there
    /// was none to go, or a version took it that noted nothing.
    #[serde(default)]
    pub matched: Option<u64>,
    /// Deletes and disables that continuous mode, and calls on demand, have carried out since the last scheduled cycle:
    /// they count at the deletion threshold with what further cycles remove. Whoever is disabled and deleted later counts twice.
    /// What a scheduled cycle has carried out before it held others, failed or was given up is among them: what it left would
    /// pass below the threshold otherwise, a part at a time.
    #[serde(default)]
    pub removed_in_between: u64,
    /// Another job between the same tenants has brought people since: the next cycle goes through the members of all
    /// groups.
    #[serde(default)]
    pub groups_to_walk: bool,
    /// When the last cycle began that evaluated everybody for whom a mapping reads the clock. `None` where no mapping does,
    /// and where that is owed since one does.
    #[serde(default)]
    pub clock_read_at: Option<Timestamp>,
}

/// The job setting that has changes of the source followed at once, between the scheduled cycles: `True` or
/// `False`. The product's own; Graph keeps settings that it does not know.
pub const CONTINUOUS_MODE: &str = "ContinuousMode";

/// So many seconds after one cycle that has evaluated everybody for whom a mapping reads the clock, the next one does so again.
pub const CLOCK_SECONDS: i64 = 60 * 60;

/// A job's interval at first: `PT40M`.
pub const DEFAULT_INTERVAL_SECONDS: u32 = 40 * 60;

/// What a job's interval may be, in seconds: five minutes to one day.
pub const INTERVAL_SECONDS: std::ops::RangeInclusive<u32> = 300..=86_400;

/// The value of one of a job's settings.
pub fn setting<'s>(settings: &'s [(String, String)], name: &str) -> Option<&'s str> {
    let found = settings.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

impl Job {
    /// A job of a template that was never started. Nothing is decided yet, by any meaning of its schema.
    pub fn new(
        tenant: TenantId,
        service_principal: ObjectId,
        app_id: AppId,
        template: &str,
        now: Timestamp,
    ) -> Self {
        Self {
            id: JobId::compose(template, tenant, app_id),
            tenant,
            service_principal,
            app_id,
            template: template.to_owned(),
            created_at: now,
            interval_seconds: DEFAULT_INTERVAL_SECONDS,
            state: ScheduleState::Disabled,
            started_at: None,
            settings: Vec::new(),
            status: JobStatus::default(),
            next_due: None,
            watermark: None,
            running: None,
            force_deletes: false,
            configuration_generation: 0,
            schema_digest: 0,
            evaluated_generation: 0,
            semantics: 0,
            decided_generation: 0,
            pause_requested: false,
            references_waiting: 0,
            matching: 0,
            matched: None,
            removed_in_between: 0,
            groups_to_walk: false,
            clock_read_at: None,
        }
    }

    /// Another interval, in seconds. A shorter one counts from now; nobody waits for the old one to pass.
    pub fn set_interval(&mut self, seconds: u32, now: Timestamp) {
        self.interval_seconds = seconds;
        self.have_due_by(now.plus_seconds(i64::from(seconds)));
    }

    /// Has the next scheduled cycle due by then, unless a quarantine holds the job back: its back-off is kept, and one that only
    /// holds removals has none.
    fn have_due_by(&mut self, soonest: Timestamp) {
        let held_back = |it: &Quarantine| !it.only_holds_removals();
        if self.status.quarantine.as_ref().is_some_and(held_back) {
            return;
        }
        self.next_due = self.next_due.map(|due| due.min(soonest));
        if let (Some(quarantine), Some(due)) = (&mut self.status.quarantine, self.next_due) {
            quarantine.next_attempt = due;
        }
    }

    /// Whether the next cycle is due: also when it is said to be due later than any job waits ([`Job::latest_due`]).
    pub fn is_due(&self, now: Timestamp) -> bool {
        let is_due = |due: Timestamp| due <= now || due > Self::latest_due(now);
        self.next_due.is_some_and(is_due)
    }

    /// When a cycle can be due at the latest, as neither interval nor quarantine is longer than a day. A clock that was
    /// ahead for a minute would stop a job until the time that it showed.
    pub fn latest_due(now: Timestamp) -> Timestamp {
        now.latest_within(i64::from(*INTERVAL_SECONDS.end()))
    }

    /// Gives a setting a value.
    pub fn set_setting(&mut self, name: String, value: String) {
        match self.settings.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = value,
            None => self.settings.push((name, value)),
        }
    }

    pub fn remove_setting(&mut self, name: &str) {
        self.settings.retain(|(known, _)| known != name);
    }

    /// Switches continuous mode: `True` or `False`, as [`CONTINUOUS_MODE`]; off, as at first, without a value. A cycle in between that was interrupted goes on
    /// with the next change; where none is followed any more, it is due now.
    pub fn set_continuous(&mut self, value: Option<String>, now: Timestamp) {
        match value {
            Some(value) => self.set_setting(CONTINUOUS_MODE.to_owned(), value),
            None => self.remove_setting(CONTINUOUS_MODE),
        }
        let in_between = self.running.as_ref().is_some_and(|it| it.in_between);
        if in_between && !self.is_continuous() {
            self.next_due = self.next_due.map(|due| due.min(now));
        }
        if let Some(by_clock) = self.due_by_clock() {
            self.have_due_by(by_clock);
        }
    }

    /// When a scheduled cycle is due because of mappings that go by the clock: only in continuous mode, where what is due is
    /// not left to the interval.
    pub fn due_by_clock(&self) -> Option<Timestamp> {
        let last = self.clock_read_at.filter(|_| self.is_continuous());
        last.map(|at| at.plus_seconds(CLOCK_SECONDS))
    }

    /// Whoever gave the job another setting asks this before they keep it.
    ///
    /// # Errors
    /// 400 when it has more than [`MOST_SETTINGS`].
    pub fn check_settings(&self) -> Result<(), Problem> {
        refuse_many_settings(self.settings.len())
    }

    /// Has the next cycle look at everybody. Whoever was matched stays so.
    pub fn drop_watermark(&mut self) {
        if self.watermark.take().is_some() {
            self.matched = Some(self.matching);
        }
    }

    /// Whether everybody is to be matched, for the first time or anew, and no cycle has gone through to its end with that: a
    /// link of before may lead to somebody else's target object until then.
    pub fn is_matching_anew(&self) -> bool {
        self.watermark.is_none() && self.matched != Some(self.matching)
    }

    /// Whether the job's settings ask for continuous mode.
    pub fn is_continuous(&self) -> bool {
        setting(&self.settings, CONTINUOUS_MODE)
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The cycle in progress that the next one to run goes on with. One that began with another configuration is given
    /// up instead.
    pub fn to_go_on(&self) -> Option<&RunningCycle> {
        let is_current =
            |it: &&RunningCycle| it.configuration_generation == self.configuration_generation;
        self.running.as_ref().filter(is_current)
    }

    /// Lets removals past the deletion gate in one scheduled cycle: in the one in progress, when that has still to count
    /// them, or in the next. Or takes that back from both. The last word counts: whoever restarts or pauses the job later
    /// may have seen that it was a mistake. Whoever says it again while the one in progress lets them through, as a client
    /// does that got no answer, means that one: what the next removes nobody has looked at.
    pub fn let_removals_through(&mut self, permitted: bool) {
        let is_to_count = |it: &RunningCycle| !it.in_between && it.is_before_removals();
        let is_for = |it: &RunningCycle| it.force_deletes || is_to_count(it);
        let in_this = permitted && self.to_go_on().is_some_and(is_for);
        self.force_deletes = permitted && !in_this;
        if let Some(cycle) = &mut self.running {
            cycle.force_deletes = in_this || (permitted && cycle.force_deletes);
        }
    }

    /// Whether this cycle, which is in progress, lets removals past the deletion gate, however many. Not once the
    /// configuration is another one: who has the cycle in hand goes on with that, and nobody has looked at what it removes.
    pub fn lets_removals_through_in(&self, cycle: &RunningCycle) -> bool {
        cycle.force_deletes && cycle.configuration_generation == self.configuration_generation
    }

    /// Whether the cycle in progress or the next one lets removals past the deletion gate, however many.
    pub fn lets_removals_through(&self) -> bool {
        let in_this = |it: &RunningCycle| self.lets_removals_through_in(it);
        self.force_deletes || self.running.as_ref().is_some_and(in_this)
    }

    /// The configuration is another one. Whoever let removals through has not looked at what this one removes, nor does the
    /// cycle in progress go by his permission ([`Job::lets_removals_through_in`]).
    pub fn configured_anew(&mut self) {
        self.configuration_generation += 1;
        self.force_deletes = false;
    }

    /// Gives up the cycle in progress, if there is one: what it has removed goes on to count, and the groups that it
    /// was to go through are left to the next one. That it let removals through ends with it.
    pub fn give_up_cycle(&mut self) {
        if let Some(cycle) = self.running.take() {
            self.count_removals_of(&cycle);
            self.groups_to_walk |= cycle.walks_groups;
        }
    }

    /// What this cycle has removed goes on to count at the deletion threshold.
    pub fn count_removals_of(&mut self, cycle: &RunningCycle) {
        self.removed_in_between = self.removed_in_between.saturating_add(cycle.removals());
    }

    /// In continuous mode, the place in the source's changes behind which any change makes a cycle due at once. `None`
    /// while only the schedule counts: for whoever is not in step yet, or held back in any way, and while a change of
    /// the configuration waits, which may be half made.
    pub fn follows_from(&self) -> Option<u64> {
        // Who is paused, or is to be, is due never.
        let is_in_step = self.next_due.is_some()
            && self.status.quarantine.is_none()
            && self.evaluated_generation == self.configuration_generation;
        let watermark = self.watermark.as_ref().filter(|it| it.token.is_none())?;
        (self.is_continuous() && is_in_step).then_some(watermark.sequence)
    }

    /// `synchronizationStatusCode`: NotRun until the first cycle has ended. A job that quarantine has
    /// disabled is still in it.
    pub fn status_code(&self) -> &'static str {
        if self.state != ScheduleState::Paused && self.status.quarantine.is_some() {
            return "Quarantine";
        }
        match self.state {
            ScheduleState::Disabled | ScheduleState::Paused => "Paused",
            ScheduleState::Active if self.status.last_execution.is_none() => "NotRun",
            ScheduleState::Active => "Active",
        }
    }
}

/// `synchronizationScheduleState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScheduleState {
    Active,
    Disabled,
    Paused,
}

impl ScheduleState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Disabled => "Disabled",
            Self::Paused => "Paused",
        }
    }
}

/// `synchronizationStatus` beyond what follows from the schedule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JobStatus {
    pub count_successive_complete_failures: u64,
    pub last_execution: Option<Execution>,
    pub last_successful_execution: Option<Execution>,
    pub last_successful_execution_with_exports: Option<Execution>,
    pub steady_state_first_achieved: Option<Timestamp>,
    pub steady_state_last_achieved: Option<Timestamp>,
    pub quarantine: Option<Quarantine>,
    /// Linked, live objects by `"<source> to <target>"`, exact: the count falls when people leave.
    pub synchronized_entries: BTreeMap<String, u64>,
}

/// `synchronizationTaskExecution`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    pub activity: CycleId,
    pub kind: CycleKind,
    pub state: CycleState,
    pub began: Timestamp,
    pub ended: Timestamp,
    pub counts: Counts,
    pub skipped_by_reason: BTreeMap<String, u64>,
    pub imported: u64,
    pub entitled: u64,
    /// Code and message, when the cycle failed.
    pub error: Option<(String, String)>,
    /// It followed changes between two scheduled cycles.
    #[serde(default)]
    pub in_between: bool,
}

/// `synchronizationQuarantine`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quarantine {
    /// `quarantineReason`, e.g. `TooManyDeletes`.
    pub reason: String,
    pub series_began: Timestamp,
    pub current_began: Timestamp,
    pub series_count: u64,
    pub next_attempt: Timestamp,
    pub error: Option<(String, String)>,
    /// The one for too much that fails, of a job whose cycles do not come to their end since: it goes on when they do again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beneath: Option<Box<Quarantine>>,
}

impl Quarantine {
    /// The reason of one in which deletes and disables are held.
    pub const TOO_MANY_DELETES: &str = "TooManyDeletes";

    /// Whether everything else goes on as scheduled.
    pub fn only_holds_removals(&self) -> bool {
        self.reason == Self::TOO_MANY_DELETES
    }

    /// Whether the policies of the two tenants did not let the job in. When they do, nothing is left to wait for.
    pub fn was_refused(&self) -> bool {
        let error = self.error.as_ref();
        error.is_some_and(|(code, _)| code == PolicyRefusal::CODE)
    }

    /// The one beneath, when it goes on `now`. While no cycle came to its end nothing of it was tried, and that time does
    /// not count.
    #[must_use]
    pub fn beneath_resumed(self, now: Timestamp) -> Option<Self> {
        let beneath = *self.beneath?;
        let lost =
            i64::try_from(now.milliseconds_since(self.series_began) / 1000).unwrap_or(i64::MAX);
        Some(Self {
            series_began: beneath.series_began.plus_seconds(lost).min(now),
            next_attempt: self.next_attempt,
            ..beneath
        })
    }
}
