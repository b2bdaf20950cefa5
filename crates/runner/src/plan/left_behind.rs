//! Who stays in a target that the job had before: with the cycle that a plan foretells, nobody is linked there any more.

use serde::{Deserialize, Serialize};
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, Job, ObjectId, Problem, TenantId};
use syncline_store::{LinkFilter, Reader};

use crate::configuration::{Configuration, superseded};

/// So many links are looked at in one go.
const AT_ONCE: usize = 2000;

/// What stays as it is in former targets, and is kept in step by nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftBehind {
    /// The tenants that the job had as its target since its last whole cycle began.
    pub targets: Vec<TenantId>,
    pub users: u64,
    pub groups: u64,
}

impl LeftBehind {
    /// Of what the job has linked, that which is not in its target: nothing is read in the former ones, which need not
    /// let the job in any more. `None` where it has the target that it had.
    pub(super) fn of(
        reader: &Reader<'_>,
        job: &Job,
        configuration: &Configuration,
        goes_on: impl Fn() -> Result<(), Problem>,
    ) -> Result<Option<Self>, Problem> {
        let target = configuration.connected.facts.target_tenant;
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
