//! `syncline explain` of a user and a group: why the one is or is not in the other in the target.

mod text;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use syncline_model::{EntityKind, Job, ObjectId, Timestamp};
use syncline_runner::{
    HeldBy, InSource, InTarget, MembersKept, MembershipExplanation, MembershipVerdict, Which,
};
use syncline_store::Reader;

use super::{Action, Explained, explanation, who};
use crate::app::App;
use crate::commands::logs::Logs;
use crate::commands::logs::walk::{Found, Member, Walk};
use crate::commands::waiting;
use crate::failure::Failure;
use crate::progress::Progress;

/// So many of the newest entries of the log are looked through for the last one of a membership.
const MOST_ENTRIES: usize = 20_000;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExplainMembership {
    pub job: String,
    /// Name or object id, in the source or in the target.
    pub user: String,
    pub group: String,
}

/// The answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MembershipExplained {
    pub job_id: String,
    pub verdict: MembershipVerdict,
    pub in_source: Option<InSource>,
    /// The groups by which the user is in the group in the source, by name.
    pub through: Vec<String>,
    pub in_target: Option<InTarget>,
    pub members: Option<MembersKept>,
    /// The removal whose end it waits for.
    pub held_by: Option<HeldBy>,
    /// The end, in the source, whose target object is somebody else's by now.
    #[serde(default)]
    pub somebody_elses: Option<ObjectId>,
    /// When what was refused is tried again at the earliest.
    pub next_attempt: Option<String>,
    /// More has changed in the source than was looked through.
    pub more_changes: bool,
    pub next_due: Option<String>,
    /// Which cycle the answer is about.
    #[serde(default)]
    pub next_cycle: Option<Which>,
    /// The newest entry of the log that wrote this membership, of those that were looked through.
    pub last_entry: Option<Json>,
    /// The log has older entries that were not looked through.
    pub older_entries: bool,
    /// Newer ones of the job that can not be read: they may be about it. The first thousand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<ObjectId>,
    /// Both ends by themselves, but for what the log said last of them.
    pub user: Explained,
    pub group: Explained,
}

impl Action for ExplainMembership {
    type Output = MembershipExplained;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<MembershipExplained, Failure> {
        let user = self.id_of(app, progress, EntityKind::User, &self.user)?;
        let group = self.id_of(app, progress, EntityKind::Group, &self.group)?;
        let (job, mut explained) = app.store.read(|reader| {
            let job = app.job(reader, &self.job)?;
            let explain = |kind, whom| explanation(app, reader, &job, kind, whom);
            let user = explain(EntityKind::User, (user, &self.user))?;
            let group = explain(EntityKind::Group, (group, &self.group))?;
            let found = app
                .runner
                .explain_membership_on(reader, &job, user, group)?;
            let explained = MembershipExplained::of(reader, &job, found, app.clock.now())?;
            Ok::<_, Failure>((job, explained))
        })?;
        // For itself: a walk through a long log should not keep the state that is explained.
        let of_group = Logs {
            user: Some(explained.group.source.id.to_string()),
            top: 1,
            ..Logs::default()
        };
        let member = Member {
            source: explained.user.source.id,
            target: explained.user.target.as_ref().map(|it| it.id),
        };
        let mut found = Walk::new(&of_group, job.tenant, Some(&job.id))
            .of_member(member, MOST_ENTRIES)
            .step_by_step(app, progress)?;
        explained.unreadable = std::mem::take(&mut found.unreadable);
        explained.older_entries = found.given_up;
        explained.last_entry = Found::newest(found);
        Ok(explained)
    }

    fn text(output: &MembershipExplained) -> String {
        text::of(output)
    }
}

impl ExplainMembership {
    fn id_of(
        &self,
        app: &App,
        progress: &dyn Progress,
        kind: EntityKind,
        whom: &str,
    ) -> Result<ObjectId, Failure> {
        let (job, found) = app.store.read(|reader| {
            let job = app.job(reader, &self.job)?;
            let found = who::find(app, reader, &job, kind, whom)?;
            Ok::<_, Failure>((job, found))
        })?;
        if let Some(id) = found {
            return Ok(id);
        }
        let whose = (job.tenant, &job.id);
        let found = who::find_in_log(app, progress, whose, kind, whom)?;
        found.ok_or_else(|| who::unknown(&job, kind, whom))
    }
}

impl MembershipExplained {
    fn of(
        reader: &Reader<'_>,
        job: &Job,
        found: MembershipExplanation,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let mut through = Vec::new();
        for id in found.in_source.iter().flat_map(|it| &it.through) {
            let stored = reader.object(job.tenant, *id)?;
            through.push(waiting::name(stored.as_ref(), *id));
        }
        Ok(Self {
            job_id: job.id.to_string(),
            verdict: found.verdict,
            in_source: found.in_source,
            through,
            in_target: found.in_target,
            members: found.flow,
            held_by: found.held_by,
            somebody_elses: found.somebody_elses,
            next_attempt: found.not_before.map(Timestamp::to_seconds_text),
            more_changes: found.more_changes,
            next_due: job.next_due.map(|at| at.to_seconds_text()),
            next_cycle: found.next,
            last_entry: None,
            older_entries: false,
            unreadable: Vec::new(),
            user: Explained::of(reader, job, found.member, now)?,
            group: Explained::of(reader, job, found.group, now)?,
        })
    }
}
