//! Whom the job lets go because its target is another one: with the cycle that a plan foretells, nobody is linked in a
//! former one any more.

use serde::{Deserialize, Serialize};
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, Job, ObjectId, Problem, TenantId};
use syncline_store::{LinkFilter, Reader};

use crate::configuration::{Configuration, superseded};

/// So many links are looked at in one go.
const AT_ONCE: usize = 2000;

/// What the job has linked and is not in its target. In former ones it stays as it is, and is kept in step by nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftBehind {
    /// The tenants that the job had as its target since its last whole cycle began.
    pub targets: Vec<TenantId>,
    /// Linked accounts that are not in the present target. After a way there and back, whoever was deleted for good
    /// there, so that no trace is left, is one of them too.
    pub users: u64,
    /// The same of groups.
    pub groups: u64,
}

impl LeftBehind {
    /// Of what the job has linked, that which is not in its target: nothing is read in the former ones, which need not
    /// let the job in any more. `None` where it has the target that it had, and where that is no tenant of this
    /// installation: what is in another system nobody tells apart by an id.
    pub(super) fn of(
        reader: &Reader<'_>,
        job: &Job,
        configuration: &Configuration,
        goes_on: impl Fn() -> Result<(), Problem>,
    ) -> Result<Option<Self>, Problem> {
        let Some(target) = configuration.connected.target.hosted() else {
            return Ok(None);
        };
        let targets = superseded::other_targets(reader, job, target)?;
        if targets.is_empty() {
            return Ok(None);
        }
        let mut left = Self {
            targets,
            ..Self::default()
        };
        for (kind, count) in [
            (EntityKind::User, &mut left.users),
            (EntityKind::Group, &mut left.groups),
        ] {
            let linked = LinkFilter {
                kind: Some(kind),
                state: Some(LinkState::Live),
            };
            let mut after = None;
            loop {
                goes_on()?;
                let page = reader.links_like(job.tenant, &job.id, linked, after, AT_ONCE)?;
                let Some(last) = page.last() else { break };
                after = Some(last.source);
                let ids: Vec<ObjectId> = page.iter().map(|link| link.target).collect();
                let here = reader.peek(target, kind, &ids, [])?;
                *count += (ids.len() - here.len()) as u64;
            }
        }
        Ok((left.users + left.groups > 0).then_some(left))
    }
}
