//! The jobs beside this one: others of the source tenant towards the same target tenant. Somebody whom this job has
//! not in the target may be there by one of them, and is referred to like anybody.
//!
//! INVARIANT: this job writes nothing into what another one has linked. It only names it: as somebody's manager, as a
//! member of a group.

use std::collections::HashSet;

use syncline_engine::Rule;
use syncline_engine::schema::compile;
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, IdMap, IdSet, Job, JobId, Link, ObjectId, Problem, TenantId};
use syncline_store::{Reader, StoreError};

use crate::configuration::secrets::Secrets;
use crate::configuration::{Configuration, StoredSchema};
use crate::memberships::sources_of;
use crate::settle::in_order;
use crate::view::View;
use crate::view::absent::look;

/// So many configurations' secrets are read at once.
const AT_ONCE: usize = 1000;

impl Configuration {
    /// The jobs beside this one, oldest first. Asked for once, and mostly there is none. Of a target that is no tenant
    /// of this installation nobody can tell whether another job has the same.
    pub(crate) fn jobs_beside(
        &self,
        reader: &Reader<'_>,
        tenant: TenantId,
        job: &JobId,
    ) -> Result<&[JobId], Problem> {
        if let Some(known) = self.beside.get() {
            return Ok(known);
        }
        let mut beside = Vec::new();
        if let Some(target) = self.connected.target.hosted() {
            let others = reader.other_jobs(tenant, job)?;
            if !others.is_empty() {
                let towards = towards(reader, tenant, target)?;
                beside.extend(
                    others
                        .into_iter()
                        .filter(|(_, of)| towards.contains(&of.to_string()))
                        .map(|(other, _)| other),
                );
            }
        }
        Ok(self.beside.get_or_init(|| beside))
    }

    /// The rules of a job beside this one, which has the same two ends. `None` where it has none that can be read and
    /// compile, and so runs no cycles.
    pub(crate) fn rules_of(
        &self,
        reader: &Reader<'_>,
        beside: &Job,
    ) -> Result<Option<Vec<Rule>>, Problem> {
        let stored: Option<StoredSchema> =
            match reader.document(Some(beside.tenant), beside.id.as_str()) {
                Err(StoreError::Damaged(_)) => None,
                stored => stored?,
            };
        Ok(stored.and_then(|it| compile(&it.0, self.types()).ok()))
    }
}

/// The jobs of a tenant whose secrets name this target tenant, oldest first, and the service principals that they belong to.
pub fn jobs_towards(
    reader: &Reader<'_>,
    tenant: TenantId,
    target: TenantId,
) -> Result<Vec<(JobId, ObjectId)>, Problem> {
    let mut jobs = reader.jobs_of_tenant(tenant)?;
    if !jobs.is_empty() {
        let towards = towards(reader, tenant, target)?;
        jobs.retain(|(_, of)| towards.contains(&of.to_string()));
    }
    Ok(jobs)
}

/// The service principals of a tenant whose secrets name this target tenant. Read all at once: on a shared database
/// each would be a round trip. Those whose secrets can not be read are none of them: their own jobs run no cycles, and
/// hold up no other.
fn towards(
    reader: &Reader<'_>,
    tenant: TenantId,
    target: TenantId,
) -> Result<HashSet<String>, Problem> {
    let mut towards = HashSet::new();
    let mut after = String::new();
    loop {
        let found = reader.documents_one_by_one::<Secrets>(Some(tenant), &after, AT_ONCE)?;
        let is_last = found.len() < AT_ONCE;
        if let Some((last, _)) = found.last() {
            after.clone_from(last);
        }
        let those = found
            .into_iter()
            .filter(|(_, it)| it.as_ref().and_then(Secrets::target) == Some(target));
        towards.extend(those.map(|(service_principal, _)| service_principal));
        if is_last {
            return Ok(towards);
        }
    }
}

impl<'v> View<'v, '_> {
    pub(crate) fn jobs_beside(&self) -> Result<&'v [JobId], Problem> {
        self.configuration
            .jobs_beside(self.reader, self.tenant, self.job)
    }
}

/// The links by which those of these source objects whom a job beside this one has are in the target. The target is
/// asked whether they are: an administrator may have deleted one there for good, and a job that was pointed here a moment ago
/// has links that lead elsewhere.
pub(crate) fn in_target(
    view: &View<'_, '_>,
    sources: Vec<ObjectId>,
) -> Result<IdMap<ObjectId, Link>, Problem> {
    if sources.is_empty() {
        return Ok(IdMap::default());
    }
    let jobs = view.jobs_beside()?;
    if jobs.is_empty() {
        return Ok(IdMap::default());
    }
    let links = view
        .reader
        .links_of_jobs(view.tenant, jobs, &in_order(sources))?;
    let mut found: IdMap<ObjectId, Link> = IdMap::default();
    for link in links {
        // Whoever keeps somebody in step knows better than one who let go of him.
        let known = found.get(&link.source);
        if known.is_none_or(|known| known.state != LinkState::Live && link.state == LinkState::Live)
        {
            found.insert(link.source, link);
        }
    }
    leave_out_somebody_elses(view, &mut found)?;
    let kind = |link: &Link| view.configuration.target_kind(link.kind);
    let asked: Vec<(EntityKind, ObjectId)> = found
        .values()
        .map(|link| (kind(link), link.target))
        .collect();
    let mut there: IdSet<ObjectId> = IdSet::default();
    look(view, asked, |target, object| {
        // Whoever is in its recycle bin can be referred to, as this job's own can: nobody tells when he is taken out of it.
        if object.is_some() {
            there.insert(target);
        }
    })?;
    found.retain(|_, link| there.contains(&link.target));
    Ok(found)
}

/// These target objects with the source objects they come from, given this job's links to them.
pub(crate) fn sources_to(
    view: &View<'_, '_>,
    targets: &[ObjectId],
    own: Vec<Option<Link>>,
) -> Result<Vec<(ObjectId, ObjectId)>, Problem> {
    if targets.is_empty() || view.jobs_beside()?.is_empty() {
        let own = own.into_iter().flatten();
        return Ok(own.map(|link| (link.target, link.source)).collect());
    }
    sources_of(view, targets, own)
}

/// Whom a job let go any other one may have linked to somebody else since.
fn leave_out_somebody_elses(
    view: &View<'_, '_>,
    found: &mut IdMap<ObjectId, Link>,
) -> Result<(), Problem> {
    let released = found.values().filter(|link| link.state != LinkState::Live);
    let targets = in_order(released.map(|link| link.target).collect());
    if targets.is_empty() {
        return Ok(());
    }
    let own = view.reader.links_to(view.tenant, view.job, &targets)?;
    let now: IdMap<ObjectId, ObjectId> = sources_of(view, &targets, own)?.into_iter().collect();
    found.retain(|source, link| now.get(&link.target).is_none_or(|it| it == source));
    Ok(())
}
