//! Carries out what is undone, a page at a time: the target's operations, links, log rows and the job's numbers in one
//! transaction, in which everything is decided once more.

use syncline_engine::evidence::{EvidenceOutcome, Import, Matching};
use syncline_engine::{Action, Decision, Evidence, Failure, Lifecycle, Outcome};
use syncline_model::{CycleId, IdSet, Job, ObjectId, Problem, Text};
use syncline_store::Tx;

use super::Undoing;
use super::decide::{Reversal, Verdict};
use super::done::Done;
use super::judge::{self, Judged};
use super::paused;
use super::references::{self, Item};
use super::tally::{Page as Told, Tally};
use crate::admission::refused;
use crate::cycle::{Alone, apply_ledger, stages_at};
use crate::page::Page;
use crate::page::consent::Consent;
use crate::settle::{self, Event, Ledger, standing_target};
use crate::view::{Decided, LinkedTarget};

/// What a page of objects has done, and who is to be tried once more.
type Carried = (Told, Vec<ObjectId>);

/// One undoing as it goes on.
pub(super) struct Carrying<'c, 'u> {
    undoing: &'c Undoing<'u>,
    alone: &'c Alone<'c>,
    cycle: CycleId,
    tally: Tally,
    /// Removals that were counted before.
    foreseen: u64,
    /// Whose names others still have, who may give them up in a later page.
    put_off: IdSet<ObjectId>,
    /// Whether the log has anything of it.
    is_logged: bool,
}

impl<'c, 'u> Carrying<'c, 'u> {
    pub(super) fn new(
        undoing: &'c Undoing<'u>,
        alone: &'c Alone<'c>,
        cycle: CycleId,
        foreseen: u64,
    ) -> Self {
        Self {
            undoing,
            alone,
            cycle,
            tally: Tally::new(undoing.undo.show),
            foreseen,
            put_off: IdSet::default(),
            is_logged: false,
        }
    }

    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// What was done, and the cycle under which the log has it, if that has anything.
    pub(super) fn ended(self) -> (Tally, Option<CycleId>) {
        (self.tally, self.is_logged.then_some(self.cycle))
    }

    /// Who is to be tried once more.
    pub(super) fn take_put_off(&mut self) -> IdSet<ObjectId> {
        std::mem::take(&mut self.put_off)
    }

    /// A page of objects. Whoever can not have a value back that somebody has is put off, or, when it is the last time,
    /// has failed.
    pub(super) fn objects(&mut self, dones: &[Done], is_last: bool) -> Result<(), Problem> {
        let ((told, put_off), is_logged) = self.in_page(|this, page, ledger| {
            let judged = judge::judge(&page.view(), dones)?;
            this.check_removals(&judged)?;
            this.carry_out(page, dones, judged, is_last, ledger)
        })?;
        self.tally.add(told);
        self.put_off.extend(put_off);
        self.is_logged |= is_logged;
        Ok(())
    }

    /// A page of memberships and managers.
    pub(super) fn references(&mut self, dones: &[Done], items: &[Item]) -> Result<(), Problem> {
        let (told, is_logged) = self.in_page(|this, page, ledger| {
            let wanted = references::wanted(&page.view(), dones, items.to_vec())?;
            let ids = this.undoing.runner.ids.as_ref();
            let (events, told) = references::carry_out(page, dones, wanted, ids, ledger)?;
            Ok((told, events))
        })?;
        self.tally.add(told);
        self.is_logged |= is_logged;
        Ok(())
    }

    /// One transaction with everything a page needs around it. Also says whether the log has anything of it.
    fn in_page<T>(
        &self,
        mut step: impl FnMut(&Self, &mut Page<'_, '_>, &mut Ledger) -> Result<(T, Vec<Event>), Problem>,
    ) -> Result<(T, bool), Problem> {
        let Undoing {
            runner,
            tenant,
            job,
            configuration,
            observer,
            ..
        } = self.undoing;
        let tenant = *tenant;
        runner.patiently(*observer, || {
            let target = configuration.connected.target.as_ref();
            let consent = Consent::ask(&runner.store, target)?;
            runner.store.write(|tx| {
                consent.enter(tx, tenant)?;
                runner.confirm_alone(tx, self.alone)?;
                let mut stored = paused(tx, tenant, job)?;
                let facts = &configuration.connected.facts;
                let is = (configuration.generation, facts.matching);
                if is != (stored.configuration_generation, stored.matching) {
                    return Err(changed_meanwhile());
                }
                consent.confirm(tx)?.map_err(refused)?;
                let began = runner.clock.now();
                let mut page = Page {
                    tx,
                    tenant,
                    job,
                    configuration,
                    now: began,
                    decides_at: began,
                    stages_at: stages_at(stored.running.as_ref(), began),
                    walk: None,
                    discarded: None,
                    all_or_nothing: false,
                };
                let mut ledger = Ledger::default();
                let (done, mut events) = step(self, &mut page, &mut ledger)?;
                settle::append(
                    &mut page,
                    self.cycle,
                    &mut events,
                    began,
                    runner.clock.now(),
                )?;
                let is_written = events.iter().any(|it| changes_something(&it.evidence));
                if is_written || !ledger.entries.is_empty() {
                    if !self.undoing.undo.force_deletes {
                        // As what is removed on demand.
                        let before = stored.removed_in_between;
                        stored.removed_in_between = before.saturating_add(ledger.removed);
                    }
                    have_everybody_looked_at(tx, &mut stored, &ledger)?;
                }
                Ok((done, !events.is_empty()))
            })
        })
    }

    /// Law 5: no more is removed than was counted, unless there was no limit.
    fn check_removals(&self, judged: &[Judged]) -> Result<(), Problem> {
        let removes = |it: &&Judged| matches!(&it.verdict, Verdict::Undo(reversal) if reversal.action.is_removal());
        let removals = judged.iter().filter(removes).count() as u64;
        let sum = self.tally.removals() + removals;
        if self.undoing.is_held(sum) && !self.undoing.undo.force_deletes && sum > self.foreseen {
            return Err(Problem::conflict(
                "The target has changed meanwhile, and more would be deleted or disabled than was counted: with what was done, as many as the deletion threshold holds. What was done stays. --dry-run says what is left, and --force-deletes lets it through.",
            ));
        }
        Ok(())
    }

    fn carry_out(
        &self,
        page: &mut Page<'_, '_>,
        dones: &[Done],
        judged: Vec<Judged>,
        is_last: bool,
        ledger: &mut Ledger,
    ) -> Result<(Carried, Vec<Event>), Problem> {
        let mut told = Told::default();
        let mut undone: Vec<(&Done, bool, Vec<String>)> = Vec::new();
        let mut decided: Vec<Decided> = Vec::new();
        for (done, judged) in dones.iter().zip(judged) {
            match judged.verdict {
                Verdict::AsBefore { left } => told.as_before(done, left),
                Verdict::Impossible(why) => told.impossible(done, why),
                Verdict::Undo(reversal) => {
                    let Reversal {
                        action,
                        modified,
                        lets_go,
                        left,
                    } = reversal;
                    let mut evidence = evidence(page, done, &action);
                    evidence.keeping = action.keeping(judged.link.as_ref());
                    evidence.modified = modified;
                    let object = judged.object.as_ref();
                    decided.push(decision(page, done, action, evidence, judged.link, object));
                    undone.push((done, lets_go, left));
                }
            }
        }
        let outcomes = settle::operate(page, &mut decided)?;
        let mut settled: Vec<Option<ObjectId>> = Vec::with_capacity(decided.len());
        let mut put_off = Vec::new();
        for (it, outcome) in decided.iter_mut().zip(outcomes) {
            let decision = &mut it.decision;
            settled.push(match outcome {
                Some(Outcome::Failed(fault)) => {
                    if fault.is_passing_conflict() && !is_last {
                        put_off.push(decision.source);
                    }
                    let failure = Failure::from(fault);
                    decision.evidence.outcome = EvidenceOutcome::Failed(failure.clone());
                    decision.action = Action::Fail(failure);
                    it.linked_target = LinkedTarget::NotAsked;
                    None
                }
                Some(Outcome::Done(target) | Outcome::Stands(target)) => Some(target),
                None => standing_target(&decision.action),
            });
        }
        let linked = decided.iter().zip(settled.iter().copied());
        settle::links(page, linked, ledger)?;
        let came_back = decided.iter().zip(&undone).zip(&settled);
        let not_kept = came_back.filter_map(|((it, (done, lets_go, _)), target)| {
            let is_back = matches!(it.decision.action, Action::Restore { .. });
            (is_back && *lets_go).then_some((*done, (*target)?))
        });
        let not_kept: Vec<(&Done, ObjectId)> = not_kept.collect();
        release(page, &not_kept, ledger)?;

        let ids = self.undoing.runner.ids.as_ref();
        let mut events = Vec::new();
        for (it, (done, lets_go, left)) in decided.into_iter().zip(undone) {
            let decision = it.decision;
            if put_off.contains(&decision.source) {
                continue;
            }
            ledger.removed += u64::from(decision.action.is_removal());
            told.undone(done, &decision, lets_go, left);
            if decision.action.is_silent() {
                continue;
            }
            let released = lets_go && decision.action.writes();
            let released = released.then(|| Evidence {
                outcome: EvidenceOutcome::Released,
                modified: Vec::new(),
                ..decision.evidence.clone()
            });
            let both = std::iter::once(decision.evidence).chain(released);
            events.extend(both.map(|evidence| Event::new(ids.object_id(), evidence)));
        }
        Ok(((told, put_off), events))
    }
}

/// Lets go of those who came back out of the recycle bin, and were not kept in step before the job had taken them up.
fn release(
    page: &mut Page<'_, '_>,
    of: &[(&Done, ObjectId)],
    ledger: &mut Ledger,
) -> Result<(), Problem> {
    if of.is_empty() {
        return Ok(());
    }
    let sources: Vec<ObjectId> = of.iter().map(|(done, _)| done.source()).collect();
    let links = page.tx.links_for(page.tenant, page.job, &sources)?;
    let released = of.iter().zip(links).map(|((done, target), link)| {
        let (target, changes) = (*target, Vec::new());
        let action = Action::Release { target, changes };
        let evidence = evidence(page, done, &action);
        (decision(page, done, action, evidence, link, None), target)
    });
    let released: Vec<(Decided, ObjectId)> = released.collect();
    let linked = released.iter().map(|(it, target)| (it, Some(*target)));
    settle::links(page, linked, ledger)?;
    Ok(())
}

/// What was undone the configuration in force would do again, or the source has it still: no cycle that follows changes
/// alone would notice. So the next one looks at everybody, and one that was interrupted is not gone on with.
fn have_everybody_looked_at(
    tx: &mut Tx<'_>,
    job: &mut Job,
    ledger: &Ledger,
) -> Result<(), Problem> {
    job.give_up_cycle();
    job.drop_watermark();
    apply_ledger(job, ledger);
    Ok(tx.update_job(job)?)
}

fn changes_something(evidence: &Evidence) -> bool {
    super::done::changes_something(&evidence.outcome)
}

fn decision(
    page: &Page<'_, '_>,
    done: &Done,
    action: Action,
    evidence: Evidence,
    link: Option<syncline_model::Link>,
    object: Option<&syncline_engine::TargetObject>,
) -> Decided {
    let facts = &page.configuration.connected.facts;
    Decided {
        decision: Box::new(Decision {
            source: done.source(),
            kind: done.last.kind,
            action,
            references: Vec::new(),
            evidence,
            packed: None,
            besides: None,
        }),
        lifecycle: Lifecycle::Live,
        // Nobody is matched by an undo: a link that a restart has made old stays old, and goes when it is wrong.
        matching: link.as_ref().map_or(facts.matching, |it| it.matching),
        link,
        linked_target: match object {
            Some(object) if object.soft_deleted => LinkedTarget::InRecycleBin,
            Some(_) => LinkedTarget::Live,
            None => LinkedTarget::NotAsked,
        },
        draft: None,
    }
}

/// Why it is done: which cycle did what is undone.
pub(super) fn evidence(page: &Page<'_, '_>, done: &Done, action: &Action) -> Evidence {
    let facts = &page.configuration.connected.facts;
    Evidence {
        import: Import::Update,
        imported: vec![(Text::fixed("UndoneCycle"), done.cycle.to_string().into())],
        matching: Some(Matching {
            attribute: None,
            found: done.target.into_iter().collect(),
        }),
        target: done.target,
        outcome: outcome(action),
        keeping: None,
        source_system: facts.source_system.clone(),
        target_system: facts.target_system.clone(),
        ..done.last.clone()
    }
}

fn outcome(action: &Action) -> EvidenceOutcome {
    match action {
        action if action.only_disables() => EvidenceOutcome::Disabled,
        Action::SoftDelete { .. } => EvidenceOutcome::SoftDeleted,
        Action::Restore { .. } => EvidenceOutcome::Restored,
        Action::Update { adopt, .. } => EvidenceOutcome::Updated { adopted: *adopt },
        Action::Release { changes, .. } if changes.is_empty() => EvidenceOutcome::Released,
        Action::Unchanged { adopt, .. } => EvidenceOutcome::Unchanged { adopted: *adopt },
        _ => EvidenceOutcome::Updated { adopted: false },
    }
}

fn changed_meanwhile() -> Problem {
    Problem::conflict(
        "The job's configuration was changed meanwhile. What was undone stays; the same command does the rest.",
    )
}
