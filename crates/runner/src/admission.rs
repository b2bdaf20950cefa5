//! What those may read who tell of a job and write nothing, and what keeps it from going on.

use serde::{Deserialize, Serialize};
use syncline_connector::Connected;
use syncline_model::job::ScheduleState;
use syncline_model::policy::PolicyRefusal;
use syncline_model::{Job, Problem, ProblemKind};
use syncline_store::Reader;

use crate::Runner;
use crate::configuration::Configuration;
use crate::configuration::secrets::Secrets;
use crate::unavailable::unavailable;

/// Why nothing moves, whoever is asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Obstacle {
    NotStarted,
    Paused,
    /// Quarantine has disabled the job.
    Disabled {
        reason: String,
    },
    #[serde(rename_all = "camelCase")]
    Quarantine {
        reason: String,
        message: Option<String>,
        /// UTC, ISO 8601.
        next_attempt: String,
        /// The target did not let the job in, and does by now: a scheduler that sees it lets the job go on.
        #[serde(default)]
        let_in_again: bool,
    },
    /// The policies of the two tenants do not let the job in.
    Refused {
        code: String,
        message: String,
    },
    /// The configuration can not be worked with: its schema, or its secrets.
    Unusable {
        code: String,
        message: String,
    },
}

impl Obstacle {
    /// What the job's own state says. A quarantine that only holds removals keeps nobody else back.
    pub(crate) fn of_schedule(job: &Job) -> Vec<Self> {
        let quarantine = job.status.quarantine.as_ref();
        let obstacle = match (job.state, quarantine) {
            _ if job.started_at.is_none() => Some(Self::NotStarted),
            (ScheduleState::Paused, _) => Some(Self::Paused),
            (ScheduleState::Disabled, Some(it)) => Some(Self::Disabled {
                reason: it.reason.clone(),
            }),
            (ScheduleState::Disabled, None) => None,
            (ScheduleState::Active, Some(it)) if !it.only_holds_removals() => {
                Some(Self::Quarantine {
                    reason: it.reason.clone(),
                    message: it.error.as_ref().map(|(_, message)| message.clone()),
                    next_attempt: it.next_attempt.to_seconds_text(),
                    let_in_again: false,
                })
            }
            (ScheduleState::Active, _) => None,
        };
        obstacle.into_iter().collect()
    }

    /// Of a job that the target lets in: what it said when it did not is past.
    pub(crate) fn forget_refusal(obstacles: &mut [Self], job: &Job) {
        let quarantine = job.status.quarantine.as_ref();
        if !quarantine.is_some_and(|it| it.was_refused()) {
            return;
        }
        for obstacle in obstacles {
            if let Self::Quarantine {
                message,
                let_in_again,
                ..
            } = obstacle
            {
                (*message, *let_in_again) = (None, true);
            }
        }
    }
}

impl Runner {
    /// Both ends, or why there are none.
    pub(crate) fn opened(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        obstacles: &mut Vec<Obstacle>,
    ) -> Result<Option<Connected>, Problem> {
        let secrets = Secrets::load(reader, job.tenant, job.service_principal)?;
        let opened = self.connectors.open(reader, job, &secrets.values);
        or_obstacle(opened, obstacles)
    }

    /// Both ends, while the target lets the job in; otherwise why nothing of it is read.
    pub(crate) fn readable(
        &self,
        reader: &Reader<'_>,
        job: &Job,
    ) -> Result<Result<Connected, Obstacle>, Problem> {
        let mut obstacles = Vec::new();
        if let Some(connected) = self.opened(reader, job, &mut obstacles)?
            && self.permitted(reader, &connected, &mut obstacles)?
        {
            return Ok(Ok(connected));
        }
        let why = obstacles.pop().map(Err);
        why.ok_or_else(|| Problem::internal("a target that is not read does not say why"))
    }

    /// Whether the target lets the job in. Only then anything may be said of what its objects hold.
    pub(crate) fn permitted(
        &self,
        reader: &Reader<'_>,
        connected: &Connected,
        obstacles: &mut Vec<Obstacle>,
    ) -> Result<bool, Problem> {
        match connected.target.permits(reader).map_err(unavailable)? {
            Ok(()) => Ok(true),
            Err(refusal) => {
                obstacles.push(Obstacle::Refused {
                    code: PolicyRefusal::CODE.to_owned(),
                    message: refusal.message().to_owned(),
                });
                Ok(false)
            }
        }
    }

    /// What the job does, or why it can not work; asked of whoever is permitted, as words about a wrong schema tell what
    /// the target's objects hold.
    pub(crate) fn configuration_or_why(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        obstacles: &mut Vec<Obstacle>,
    ) -> Result<Option<Configuration>, Problem> {
        or_obstacle(self.configuration(reader, job), obstacles)
    }

    /// What the job does, for whoever tells why it can not work: where the target does not let the job in, that is
    /// why, whatever else is wrong. On a snapshot: inside of a transaction that writes, who asks a tenant has to wait
    /// for its writers.
    pub(crate) fn configuration_or_refusal(
        &self,
        snapshot: &Reader<'_>,
        job: &Job,
    ) -> Result<Configuration, Problem> {
        self.configuration(snapshot, job).or_else(|wrong| {
            let mut obstacles = Vec::new();
            let Some(connected) = self.opened(snapshot, job, &mut obstacles)? else {
                return Err(wrong);
            };
            let permitted = connected.target.permits(snapshot).map_err(unavailable)?;
            Err(permitted.err().map_or(wrong, refused))
        })
    }
}

/// Of a call that the target does not let in.
pub(crate) fn refused(refusal: PolicyRefusal) -> Problem {
    Problem::new(
        ProblemKind::BadRequest,
        PolicyRefusal::CODE,
        refusal.message(),
    )
}

/// What does not open keeps the job from going on.
fn or_obstacle<T>(
    tried: Result<T, Problem>,
    obstacles: &mut Vec<Obstacle>,
) -> Result<Option<T>, Problem> {
    match tried {
        Ok(it) => Ok(Some(it)),
        Err(problem) if is_of_store(&problem) => Err(problem),
        Err(problem) => {
            obstacles.push(Obstacle::Unusable {
                code: problem.code.to_string(),
                message: problem.message,
            });
            Ok(None)
        }
    }
}

/// What ends the question, and is no answer to it.
fn is_of_store(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::Internal | ProblemKind::Unavailable
    )
}
