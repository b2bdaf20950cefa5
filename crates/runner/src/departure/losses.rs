//! What would be lost with a tenant.

use serde::{Deserialize, Serialize};
use syncline_model::{EntityKind, JobId, Problem, TenantId};
use syncline_store::{ObjectState, Reader};

use super::jobs_into;

/// What goes with a tenant, and the jobs of others that lead into it, which stay and fail from then on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Losses {
    pub users: u64,
    pub groups: u64,
    pub applications: u64,
    /// Users, groups and applications in the recycle bin.
    pub recycled: u64,
    /// Its own, with their configurations and logs.
    pub jobs: Vec<JobId>,
    /// Live links of those: whom they have brought into other tenants stays there.
    pub links: u64,
    pub jobs_of_others: Vec<JobOfAnother>,
    /// Live links of those, to what is deleted.
    pub links_of_others: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobOfAnother {
    pub source_tenant_id: TenantId,
    pub job_id: JobId,
}

impl Losses {
    /// As of now. Walks through the links.
    pub fn of(reader: &Reader<'_>, tenant: TenantId) -> Result<Self, Problem> {
        let count = |kind, state| reader.count_objects(tenant, kind, state);
        let [users, groups, applications] =
            [EntityKind::User, EntityKind::Group, EntityKind::Application].map(|kind| {
                let live = count(kind, ObjectState::Live)?;
                Ok::<_, Problem>((live, count(kind, ObjectState::Deleted)?))
            });
        let (users, groups, applications) = (users?, groups?, applications?);
        let mut losses = Self {
            users: users.0,
            groups: groups.0,
            applications: applications.0,
            recycled: users.1 + groups.1 + applications.1,
            ..Self::default()
        };
        for (job, _) in reader.jobs_of_tenant(tenant)? {
            losses.links += reader.count_links(tenant, &job, None)?.live;
            losses.jobs.push(job);
        }
        for (source, job) in jobs_into(reader, tenant)? {
            losses.links_of_others += reader.count_links(source, &job, None)?.live;
            losses.jobs_of_others.push(JobOfAnother {
                source_tenant_id: source,
                job_id: job,
            });
        }
        Ok(losses)
    }
}
