//! `syncline explain`: why one user, or one group, is or is not in the target; with both, why the user is or is not in the
//! group there.

mod membership;
mod text;
mod who;

pub use membership::ExplainMembership;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use syncline_engine::escrow::Timetable;
use syncline_engine::evidence::{EvidenceOutcome, Import};
use syncline_engine::{Evidence, Failure as Failed, SkipReason};
use syncline_graph_api::actions::audit_logs::provisioning::event::{Event, Jobs};
use syncline_graph_api::actions::audit_logs::provisioning::show::show;
use syncline_model::{Attr, CycleId, EntityKind, Job, ObjectId, ProblemKind, Timestamp};
use syncline_odata::path::Version;
use syncline_runner::{Bringer, EndState, Explanation, Holder, Obstacle, Verdict, Waiting};
use syncline_store::{Escrow, LogRow, Reader};

use super::Action;
use super::logs::Logs;
use super::logs::walk::Walk;
use super::waiting;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

/// So many references that wait are named.
const MOST_SHOWN: usize = 20;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Explain {
    pub job: String,
    pub kind: EntityKind,
    /// Name or object id, in the source or in the target.
    pub whom: String,
}

/// The answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    pub job_id: String,
    pub source: Source,
    pub verdict: Verdict,
    /// Code, reason and advice, where the verdict has them.
    pub reason: Option<Reason>,
    /// What keeps the whole job from going on.
    pub obstacles: Vec<Obstacle>,
    pub target: Option<Linked>,
    /// What a cycle would decide now, as Graph's `auditLogs/provisioning` would show it, and in a word.
    pub decision: Option<Json>,
    pub next: Next,
    /// It would be restored, and kept in step no more from then on.
    #[serde(default)]
    pub let_go_again: bool,
    /// The next cycle lets held deletes and disables through.
    pub deletes_are_forced: bool,
    pub matching_anew: bool,
    pub escrow: Option<Escrowed>,
    /// Whom it refers to and who is not in the target; and whose references to it wait.
    pub waits_for: References,
    pub waited_for: References,
    /// Other jobs that keep a target object in step which it has or would have.
    pub other_jobs: Vec<Holder>,
    /// The newest entry of the log.
    pub last_entry: Option<Json>,
    /// Newer ones of the job that can not be read: they may be about it. The first thousand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<ObjectId>,
    pub next_due: Option<String>,
}

/// What the next cycle that looks at it would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Next {
    /// Nothing can be decided now.
    Unknown,
    /// Nothing differs.
    Nothing,
    Create,
    Update,
    Disable,
    Delete,
    DeleteForGood,
    Restore,
    /// It is let go of, and its target object left as it is.
    Release,
    Skip,
    Fail,
}

impl Next {
    fn of(evidence: Option<&Evidence>) -> Self {
        match evidence.map(|it| &it.outcome) {
            None => Self::Unknown,
            Some(EvidenceOutcome::Created) => Self::Create,
            Some(
                EvidenceOutcome::Updated { .. }
                | EvidenceOutcome::ReferencesOnly
                | EvidenceOutcome::Unchanged { adopted: true },
            ) => Self::Update,
            Some(EvidenceOutcome::Unchanged { adopted: false }) => Self::Nothing,
            Some(EvidenceOutcome::Disabled) => Self::Disable,
            Some(
                EvidenceOutcome::SoftDeleted | EvidenceOutcome::Staged | EvidenceOutcome::PutAside,
            ) => Self::Delete,
            Some(EvidenceOutcome::HardDeleted) => Self::DeleteForGood,
            Some(EvidenceOutcome::Restored) => Self::Restore,
            Some(EvidenceOutcome::Released | EvidenceOutcome::Skipped(SkipReason::HandedOver)) => {
                Self::Release
            }
            Some(EvidenceOutcome::Skipped(SkipReason::RedundantExport)) => Self::Nothing,
            Some(EvidenceOutcome::Skipped(_)) => Self::Skip,
            Some(EvidenceOutcome::Failed(_)) => Self::Fail,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    pub id: ObjectId,
    /// `user` or `group`.
    pub kind: String,
    /// Sign-in name of a user.
    pub name: String,
    pub display_name: String,
    pub state: EndState,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    pub code: String,
    pub reason: String,
    pub advice: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Linked {
    pub id: ObjectId,
    /// Empty where the target does not let the job in.
    pub name: String,
    /// When the state of the link changed last.
    pub since: String,
    pub state: Option<EndState>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Escrowed {
    pub first_failed: String,
    pub attempts: u32,
    /// None when it was given up, and while no cycle is due.
    pub next_attempt: Option<String>,
    #[serde(default)]
    pub given_up: bool,
}

/// References that wait: how many, and the first of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct References {
    pub count: usize,
    pub value: Vec<Reference>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reference {
    pub id: ObjectId,
    pub name: String,
    pub attribute: String,
    /// Other jobs between the same two tenants that have it in scope.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<Bringer>,
    /// Not all of them were asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more_jobs: bool,
}

impl Action for Explain {
    type Output = Explained;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Explained, Failure> {
        let (job, explained) = app.store.read(|reader| {
            let job = app.job(reader, &self.job)?;
            let explained = match who::find(app, reader, &job, self.kind, &self.whom)? {
                Some(id) => Some(self.explained(app, reader, &job, id)?),
                None => None,
            };
            Ok::<_, Failure>((job, explained))
        })?;
        // Each for itself: a walk through a long log should not keep the state that is explained.
        let mut explained = match explained {
            Some(explained) => explained,
            None => {
                let whose = (job.tenant, &job.id);
                let id = who::find_in_log(app, progress, whose, self.kind, &self.whom)?
                    .ok_or_else(|| who::unknown(&job, self.kind, &self.whom))?;
                app.store.read(|reader| {
                    // It may have become another one meanwhile.
                    let job = app.job(reader, &self.job)?;
                    self.explained(app, reader, &job, id)
                })?
            }
        };
        let latest = Logs {
            user: Some(explained.source.id.to_string()),
            top: 1,
            ..Logs::default()
        };
        let mut found =
            Walk::new(&latest, job.tenant, Some(&job.id)).step_by_step(app, progress)?;
        explained.unreadable = std::mem::take(&mut found.unreadable);
        explained.last_entry = found.newest();
        Ok(explained)
    }

    fn text(output: &Explained) -> String {
        text::of(output)
    }
}

impl Explain {
    fn explained(
        &self,
        app: &App,
        reader: &Reader<'_>,
        job: &Job,
        id: ObjectId,
    ) -> Result<Explained, Failure> {
        let explained = explanation(app, reader, job, self.kind, (id, &self.whom))?;
        Explained::of(reader, job, explained, app.clock.now())
    }
}

/// What the runner says of an object; `whom`: what was asked for.
fn explanation(
    app: &App,
    reader: &Reader<'_>,
    job: &Job,
    kind: EntityKind,
    (id, whom): (ObjectId, &str),
) -> Result<Explanation, Failure> {
    let explained = app.runner.explain_on(reader, job, kind, id);
    explained.map_err(|problem| match problem.kind {
        ProblemKind::NotFound => who::unknown(job, kind, whom),
        ProblemKind::BadRequest => {
            Failure::from(problem).with_help("ask for a user with --user, for a group with --group")
        }
        _ => Failure::from(problem),
    })
}

impl Explained {
    fn of(
        reader: &Reader<'_>,
        job: &Job,
        found: Explanation,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let evidence = found.evidence.as_ref();
        let decision = match evidence {
            Some(evidence) => Some(decision(reader, job, evidence)?),
            None => None,
        };
        Ok(Self {
            job_id: job.id.to_string(),
            source: Source::of(reader, job, &found)?,
            verdict: found.verdict,
            reason: reason(&found),
            target: found.link.as_ref().map(|link| Linked {
                id: link.target,
                // What matching finds may be another object.
                name: evidence
                    .filter(|it| it.target == Some(link.target))
                    .map(|it| it.target_name.to_string())
                    .unwrap_or_default(),
                since: link.since.to_seconds_text(),
                state: found.target,
            }),
            decision,
            next: Next::of(evidence),
            let_go_again: found.is_let_go_again,
            deletes_are_forced: job.lets_removals_through(),
            matching_anew: found.matching_anew,
            escrow: found.escrow.as_ref().map(|row| Escrowed::of(row, job, now)),
            waits_for: References::of(reader, job, &found.waits_for)?,
            waited_for: References::of(reader, job, &found.waited_for)?,
            other_jobs: found.holders,
            last_entry: None,
            unreadable: Vec::new(),
            next_due: job.next_due.map(|at| at.to_seconds_text()),
            obstacles: found.obstacles,
        })
    }
}

impl Source {
    fn of(reader: &Reader<'_>, job: &Job, found: &Explanation) -> Result<Self, Failure> {
        let stored = reader.object(job.tenant, found.id)?;
        let text = |attr| {
            let entry = stored.as_ref().map(|it| &it.entry);
            entry.and_then(|it| it.text(attr)).map(str::to_owned)
        };
        Ok(Self {
            id: found.id,
            kind: found.kind.graph_name().to_owned(),
            name: text(Attr::USER_PRINCIPAL_NAME).unwrap_or_default(),
            display_name: text(Attr::DISPLAY_NAME).unwrap_or_default(),
            state: EndState::in_source(stored.as_ref().map(|it| it.state)),
        })
    }
}

impl Escrowed {
    fn of(row: &Escrow, job: &Job, now: Timestamp) -> Self {
        // Scheduled cycles try again, and for what is transient its row has the time at which it failed. Either time may
        // be that of a clock that was ahead.
        let given_up = row.is_given_up();
        let due = job.next_due.filter(|_| !given_up);
        let due = due.map(|due| if job.is_due(now) { due.min(now) } else { due });
        let attempt = Some(row.next_attempt);
        let attempt = attempt.filter(|at| *at <= Timetable::of(&job.settings).latest(now));
        Self {
            first_failed: row.first_failed.to_seconds_text(),
            attempts: row.attempts,
            next_attempt: due.max(due.and(attempt)).map(Timestamp::to_seconds_text),
            given_up,
        }
    }
}

impl References {
    fn of(reader: &Reader<'_>, job: &Job, references: &[Waiting]) -> Result<Self, Failure> {
        let mut value = Vec::new();
        for it in references.iter().take(MOST_SHOWN) {
            let found = reader.object(job.tenant, it.id)?;
            value.push(Reference {
                id: it.id,
                name: waiting::name(found.as_ref(), it.id),
                attribute: it.attribute.clone(),
                jobs: it.jobs.clone(),
                more_jobs: it.more_jobs,
            });
        }
        Ok(Self {
            count: references.len(),
            value,
        })
    }
}

/// In the shape of an entry of the log, but for what only something has that has happened.
fn decision(reader: &Reader<'_>, job: &Job, evidence: &Evidence) -> Result<Json, Failure> {
    let mut jobs = Jobs::default();
    let never = LogRow {
        id: ObjectId::NIL,
        job: job.id.clone(),
        cycle: CycleId::NIL,
        change: ObjectId::NIL,
        at: job.created_at,
        duration_ms: 0,
        evidence: Vec::new(),
    };
    let event = Event {
        row: &never,
        evidence,
        job: jobs.facts_now(reader, job.tenant, &job.id)?,
    };
    let mut json = show(&event, Version::V1);
    if let Some(members) = json.as_object_mut() {
        for happened in [
            "id",
            "activityDateTime",
            "cycleId",
            "changeId",
            "durationInMilliseconds",
        ] {
            members.remove(happened);
        }
        if let Some(steps) = members
            .get_mut("provisioningSteps")
            .and_then(Json::as_array_mut)
        {
            steps.retain(|it| it["provisioningStepType"] != "export");
        }
    }
    Ok(json)
}

/// Which of the facts about its scope has somebody leave, who was there, or keeps him away since.
fn why_unwanted(evidence: &Evidence) -> Option<SkipReason> {
    if evidence.import == Import::Delete {
        return Some(SkipReason::NotEffectivelyEntitled);
    }
    let scoping = evidence.scoping.as_ref()?;
    let is_entitled = scoping.has_role && (scoping.assigned || scoping.sync_all);
    if !is_entitled {
        Some(SkipReason::NotEffectivelyEntitled)
    } else if !scoping.filter_passed {
        Some(SkipReason::NotInProvisioningScope)
    } else {
        None
    }
}

/// Of what is left as it is or would fail, the decision's; of what failed and would not any more, the failure that is
/// stored. That nothing differs is no reason for anything.
fn reason(found: &Explanation) -> Option<Reason> {
    if let Some(row) = &found.escrow
        && !matches!(Next::of(found.evidence.as_ref()), Next::Fail | Next::Skip)
    {
        let failed = Failed::from_stored(&row.failure)?;
        return Some(Reason {
            code: failed.code,
            reason: failed.reason,
            advice: failed.recommended_action,
        });
    }
    let mut evidence = found.evidence.clone()?;
    match evidence.outcome {
        EvidenceOutcome::Unchanged { adopted: false }
        | EvidenceOutcome::SoftDeleted
        | EvidenceOutcome::HardDeleted => {
            evidence.outcome = EvidenceOutcome::Skipped(why_unwanted(&evidence)?);
        }
        EvidenceOutcome::Skipped(_) | EvidenceOutcome::Released | EvidenceOutcome::Failed(_) => {}
        _ => return None,
    }
    let told = syncline_engine::steps::error_information(&evidence)?;
    Some(Reason {
        code: told.error_code,
        reason: told.reason,
        advice: told.recommended_action,
    })
}
