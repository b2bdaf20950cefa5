//! On-demand provisioning: one subject through the same page as everybody else, now.

mod members;
mod removals;
mod waiting;

use syncline_engine::Evidence;
use syncline_engine::SkipReason;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::{
    CycleId, EntityKind, Job, JobId, ObjectId, Problem, ProblemKind, TenantId, Timestamp,
};
use syncline_store::Tx;

use self::members::Members;
use self::removals::Split;
use self::waiting::Waiting;
use crate::Runner;
use crate::admission::refused;
use crate::configuration::Configuration;
use crate::configuration::known_extensions;
use crate::cycle::{apply_ledger, stages_at};
use crate::page::Page;
use crate::page::consent::Consent;
use crate::settle::{self, Ledger, Removals};
use crate::unavailable::unavailable;
use crate::view::Decided;

/// Graph's limit: five calls in ten seconds per job.
const CALLS: usize = 5;
const WINDOW_SECONDS: i64 = 10;

/// Whom to provision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnDemandSubject {
    pub kind: EntityKind,
    pub id: ObjectId,
    /// Of a group: objects that are provisioned with it, and then added to it or removed as the source
    /// has it. Its other members are left to the next cycle.
    pub members: Vec<(EntityKind, ObjectId)>,
}

/// What was done, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct OnDemand {
    pub change: ObjectId,
    pub started: Timestamp,
    pub ended: Timestamp,
    pub evidence: Evidence,
}

impl Runner {
    /// Provisions subjects by the job's schema, whether the job is started or not: all of them, or
    /// nobody. The page is the cycle's page: same decisions, same log. Answers 429 past the limit.
    ///
    /// Which rule a subject goes by its kind decides; `rule_ids` are those that the caller believes in.
    ///
    /// # Errors
    /// 404 for a rule or a subject that there is not, 400 when the target does not let this job write.
    pub fn provision_on_demand(
        &self,
        tenant: TenantId,
        job: &JobId,
        rule_ids: &[&str],
        subjects: &[OnDemandSubject],
    ) -> Result<Vec<OnDemand>, Problem> {
        self.provision_on_demand_if(tenant, job, rule_ids, subjects, |_| Ok(()))
    }

    /// The same where `confirm` agrees. It is asked in the transaction that writes, once that has the source and before
    /// anything is done: while its turn was waited for, who may ask for this may have become another. A call that it
    /// refuses does not count at the limit.
    ///
    /// # Errors
    /// Those of [`Runner::provision_on_demand`], and of `confirm`.
    pub fn provision_on_demand_if(
        &self,
        tenant: TenantId,
        job_id: &JobId,
        rule_ids: &[&str],
        subjects: &[OnDemandSubject],
        confirm: impl Fn(&Tx<'_>) -> Result<(), Problem>,
    ) -> Result<Vec<OnDemand>, Problem> {
        members::refuse_others(subjects)?;
        // Somebody else's job is unknown, and nobody uses up somebody else's calls.
        self.store.read(|reader| {
            reader
                .job(tenant, job_id)?
                .ok_or_else(|| Problem::not_found(job_id))
        })?;
        let admitted = self.admit(job_id)?;
        let confirm = |tx: &Tx<'_>| {
            let confirmed = confirm(tx);
            confirmed.inspect_err(|_| self.take_back(job_id, admitted))
        };
        loop {
            let (job, configuration) = self.store.read(|reader| {
                let job = reader.known_job(tenant, job_id)?;
                let configuration = self.configuration_or_refusal(reader, &job)?;
                // Before anything is said of the job's rules, which go by what the target's objects hold.
                let permitted = configuration.connected.target.permits(reader);
                permitted.map_err(unavailable)?.map_err(refused)?;
                Ok::<_, Problem>((job, configuration))
            })?;
            // GUIDs in any case; earlier versions stored them as they were sent.
            let is_known = |id: &str| {
                let mut rules = configuration.rules.iter();
                rules.any(|rule| rule.id.eq_ignore_ascii_case(id))
            };
            if let Some(unknown) = rule_ids.iter().find(|id| !is_known(id)) {
                return Err(Problem::new(
                    ProblemKind::NotFound,
                    "ResourceNotFound",
                    format!(
                        "The schema of the job has no synchronization rule '{unknown}'. Read the ids from GET …/schema."
                    ),
                ));
            }
            // None when it is another configuration or matching by now, perhaps with another target.
            if let Some(done) = self.provision_now(&job, &configuration, subjects, &confirm)? {
                return Ok(done);
            }
        }
    }

    fn provision_now(
        &self,
        before: &Job,
        configuration: &Configuration,
        subjects: &[OnDemandSubject],
        confirm: &dyn Fn(&Tx<'_>) -> Result<(), Problem>,
    ) -> Result<Option<Vec<OnDemand>>, Problem> {
        let (tenant, job_id) = (before.tenant, &before.id);
        let waiting = Waiting::before(
            &self.store,
            before,
            configuration,
            subjects,
            self.clock.now(),
        )?;
        let consent = Consent::ask(&self.store, configuration.connected.target.as_ref())?;
        self.store.write(|tx| {
            consent.enter(tx, tenant)?;
            confirm(tx)?;
            let started = self.clock.now();
            let mut job = tx.known_job(tenant, job_id)?;
            // A restart since has made links old by which this would be decided.
            let is = |job: &Job| (job.created_at, job.configuration_generation, job.matching);
            if is(&job) != is(before) {
                return Ok(None);
            }
            consent.confirm(tx)?.map_err(refused)?;
            let objects = members::objects(subjects);
            let found = configuration
                .connected
                .source
                .by_id(tx, &objects)
                .map_err(unavailable)?;
            if let Some(unknown) = found.iter().find(|subject| subject.entry.is_none()) {
                return Err(Problem::not_found(unknown.id));
            }

            let mut page = Page {
                tx,
                tenant,
                job: job_id,
                configuration,
                now: started,
                decides_at: started,
                stages_at: stages_at(job.running.as_ref(), started),
                walk: None,
                discarded: None,
                all_or_nothing: false,
            };
            let mut ledger = Ledger::default();
            let decided = page.decide(&found)?;
            let is_matching = job.is_matching_anew();
            if is_matching {
                refuse_by_old_link(&decided)?;
            }
            let members = Members::of(configuration, subjects, &decided, is_matching)?;
            let mut silent: Vec<Evidence> = decided
                .iter()
                .filter(|it| it.decision.action.is_silent())
                .map(|it| redundant(it.decision.evidence.clone()))
                .collect();
            let Split { carried, held } = removals::split(&mut page, subjects, decided)?;
            silent.extend(held);
            let mut events = settle::carry_out(
                &mut page,
                carried,
                Removals::CarryOut,
                self.ids.as_ref(),
                &mut ledger,
            )?;
            if let Some(members) = members {
                events.extend(members.settle(&mut page, self.ids.as_ref(), &mut ledger)?);
            }
            let left = waiting::of_groups(&page, configuration, subjects, &waiting)?;
            let behind = waiting::tell(left, &mut silent, &events);
            let ended = self.clock.now();
            let cycle = CycleId(self.ids.object_id().0);
            settle::append(&mut page, cycle, &mut events, started, ended)?;
            if job.decided_generation != job.configuration_generation {
                known_extensions::note_further(tx, &job, configuration)?;
                job.decided_generation = job.configuration_generation;
            }
            save(tx, &mut job, &ledger)?;

            // Others lose references to whoever was taken for somebody else: that is told by the log.
            events.retain(|event| objects.iter().any(|(_, id)| *id == event.evidence.source));
            let logged: Vec<ObjectId> = events.iter().map(|event| event.evidence.source).collect();
            let mut done: Vec<OnDemand> = events
                .into_iter()
                .map(|event| OnDemand {
                    change: event.id,
                    started,
                    ended,
                    evidence: event.evidence,
                })
                .collect();
            done.extend(
                silent
                    .into_iter()
                    .filter(|evidence| !logged.contains(&evidence.source))
                    .chain(behind)
                    .map(|evidence| OnDemand {
                        change: self.ids.object_id(),
                        started,
                        ended,
                        evidence,
                    }),
            );
            Ok(Some(done))
        })
    }

    /// Counts the call against the limit. Returns as of when.
    fn admit(&self, job: &JobId) -> Result<Timestamp, Problem> {
        let mut calls = self.on_demand_calls.lock();
        let now = self.clock.now();
        // Windows that have passed are forgotten, so that the map does not grow with old jobs; and calls
        // of before the clock was set back, or nobody would get through until it has come there again.
        calls.retain(|_, times| {
            times.retain(|at| *at <= now && at.plus_seconds(WINDOW_SECONDS) > now);
            !times.is_empty()
        });
        let recent = calls.entry(job.clone()).or_default();
        if let (true, Some(oldest)) = (recent.len() >= CALLS, recent.first()) {
            let wait_ms = oldest.plus_seconds(WINDOW_SECONDS).milliseconds_since(now);
            let seconds = u32::try_from(wait_ms.div_ceil(1000))
                .unwrap_or(u32::MAX)
                .max(1);
            return Err(Problem::new(
                ProblemKind::TooManyRequests,
                "TooManyRequests",
                "Please retry again later.",
            )
            .with_retry_after(seconds));
        }
        recent.push(now);
        Ok(now)
    }

    /// Counts a call no more that was counted then.
    fn take_back(&self, job: &JobId, admitted: Timestamp) {
        let mut calls = self.on_demand_calls.lock();
        let Some(recent) = calls.get_mut(job) else {
            return;
        };
        if let Some(at) = recent.iter().position(|at| *at == admitted) {
            recent.remove(at);
        }
    }
}

fn save(tx: &mut Tx<'_>, job: &mut Job, ledger: &Ledger) -> Result<(), Problem> {
    apply_ledger(job, ledger);
    // A script may ask for one after the other: they count with what the next cycle removes.
    job.removed_in_between = job.removed_in_between.saturating_add(ledger.removed);
    tx.update_job(job)?;
    Ok(())
}

/// After a restart with `Full` the target object of somebody who left, or whom matching does not find, may be
/// somebody else's, which is known when everybody has been matched anew.
fn refuse_by_old_link(decided: &[Decided]) -> Result<(), Problem> {
    let writes = |it: &Decided| it.decision.action.writes() || !it.decision.references.is_empty();
    let mut by_old_link = decided.iter().filter(|it| it.goes_by_old_link());
    match by_old_link.find(|it| writes(it)) {
        Some(it) => Err(matching_under_way(it.decision.source)),
        None => Ok(()),
    }
}

fn matching_under_way(source: ObjectId) -> Problem {
    Problem::new(
        ProblemKind::Conflict,
        "MatchingUnderWay",
        format!(
            "The job was restarted to match everybody anew, and whose the target object is that {source} was linked to is not known yet. Its next cycle goes on with it once everybody was matched; wait until that has ended."
        ),
    )
}

/// On demand, "nothing differs" is an answer of its own.
fn redundant(mut evidence: Evidence) -> Evidence {
    evidence.outcome = EvidenceOutcome::Skipped(SkipReason::RedundantExport);
    evidence
}
