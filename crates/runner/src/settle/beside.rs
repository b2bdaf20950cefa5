//! What the jobs beside this one are told of a page: who came into the target, for whom something of theirs may wait.

use syncline_model::{EntityKind, IdMap, Job, JobId, Link, ObjectId, Problem, TenantId};
use syncline_store::{MembershipsDue, StoreError, Tx};

use super::in_order;
use super::links::delta;
use super::referrers::{Referrers, owners};
use crate::beside::jobs_towards;
use crate::memberships::meets_all;
use crate::page::Page;

/// Waiting references that are read at once.
const WAITING: usize = 1000;

/// Objects that came into the target, or came back, or are kept in step anew, and those whose target object is another
/// one now.
#[derive(Default)]
pub(super) struct Came {
    pub(super) objects: Vec<(EntityKind, ObjectId)>,
    pub(super) made_anew: Vec<ObjectId>,
}

/// Wakes what waits for these in the jobs beside this one, whose next cycles write it.
pub(super) fn tell(page: &mut Page<'_, '_>, came: &Came) -> Result<(), Problem> {
    if came.objects.is_empty() && came.made_anew.is_empty() {
        return Ok(());
    }
    let configuration = page.configuration;
    let jobs = configuration.jobs_beside(page.tx, page.tenant, page.job)?;
    let ids: Vec<ObjectId> = came.objects.iter().map(|(_, id)| *id).collect();
    for other in jobs {
        let mut job = match page.tx.job(page.tenant, other) {
            // It runs no cycles, and holds up no other.
            Ok(None) | Err(StoreError::Damaged(_)) => continue,
            Ok(Some(job)) => job,
            Err(error) => return Err(error.into()),
        };
        let before = (job.references_waiting, job.groups_to_walk);
        await_anew(page, &mut job, &came.made_anew)?;
        if job.references_waiting > 0 {
            page.tx.wake_waiting(page.tenant, other, &ids)?;
        }
        if has_groups(&job) {
            make_due(page, &mut job, &came.objects)?;
        }
        if before != (job.references_waiting, job.groups_to_walk) {
            page.tx.update_job(&job)?;
        }
    }
    Ok(())
}

/// Tells the jobs beside those of a service principal of everybody whom these have, and these of whom the others have. While
/// its secrets could not be read they were beside nobody: whoever was referred to meanwhile is waited for, and nobody
/// comes whose link would end that. That everybody is evaluated anew does not: what is given at creation only is not
/// decided again.
pub(crate) fn tell_again(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    service_principal: ObjectId,
    target: TenantId,
) -> Result<(), Problem> {
    let towards = jobs_towards(tx, tenant, target)?;
    let (own, others): (Vec<_>, Vec<_>) = towards
        .into_iter()
        .partition(|(_, of)| *of == service_principal);
    if own.is_empty() || others.is_empty() {
        return Ok(());
    }
    let jobs = |of: Vec<(JobId, ObjectId)>| of.into_iter().map(|(job, _)| job).collect::<Vec<_>>();
    let (own, others) = (jobs(own), jobs(others));
    for (told, have) in [(&others, &own), (&own, &others)] {
        for job in told {
            tell_of_all(tx, tenant, job, have)?;
        }
    }
    Ok(())
}

/// Wakes what waits in this job for anybody whom these jobs have.
fn tell_of_all(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    told: &JobId,
    have: &[JobId],
) -> Result<(), Problem> {
    let mut job = match tx.job(tenant, told) {
        Ok(None) | Err(StoreError::Damaged(_)) => return Ok(()),
        Ok(Some(job)) => job,
        Err(error) => return Err(error.into()),
    };
    let mut after = None;
    loop {
        let page = tx.waiting(tenant, told, after.as_ref(), WAITING)?;
        let Some(last) = page.last() else { break };
        after = Some(*last);
        let asked = in_order(page.iter().map(|it| it.waits_for).collect());
        let links = tx.links_of_jobs(tenant, have, &asked)?;
        let linked = in_order(links.iter().map(|link| link.source).collect());
        tx.wake_waiting(tenant, told, &linked)?;
    }
    if has_groups(&job) {
        job.groups_to_walk = true;
        tx.update_job(&job)?;
    }
    Ok(())
}

/// Whoever refers to one that was made anew lost the reference with the old one, and waits for it again, where that job
/// keeps it in step.
fn await_anew(
    page: &mut Page<'_, '_>,
    job: &mut Job,
    made_anew: &[ObjectId],
) -> Result<(), Problem> {
    if made_anew.is_empty() {
        return Ok(());
    }
    let configuration = page.configuration;
    let theirs = configuration.rules_of(page.tx, job)?;
    // Once it runs cycles again, somebody has changed its rules: until then this job's are as good as any.
    let rules = theirs.as_deref().unwrap_or(&configuration.rules);
    for mut referrers in Referrers::of(rules, made_anew) {
        while let Some(found) = referrers.next(&page.view())? {
            let links = links_of(page, &job.id, &owners(&found))?;
            let waiting = referrers.waiting(&found, &links);
            let more = page.tx.insert_waiting(page.tenant, &job.id, &waiting)?;
            job.references_waiting = job.references_waiting.saturating_add_signed(delta(more));
        }
    }
    Ok(())
}

fn links_of(
    page: &Page<'_, '_>,
    job: &JobId,
    sources: &[ObjectId],
) -> Result<IdMap<ObjectId, Link>, Problem> {
    let links = page.tx.links_for(page.tenant, job, sources)?;
    let links = links.into_iter().flatten();
    Ok(links.map(|link| (link.source, link)).collect())
}

/// Whether a job has linked any groups, whose members these may be.
fn has_groups(job: &Job) -> bool {
    let of_groups = format!("{} to ", EntityKind::Group.engine_name());
    let mut linked = job.status.synchronized_entries.iter();
    linked.any(|(kinds, count)| kinds.starts_with(&of_groups) && *count > 0)
}

/// The memberships of these are due in a job that has groups: one by one, but in a walk through everybody, behind
/// which all its groups are gone through at once.
fn make_due(
    page: &mut Page<'_, '_>,
    job: &mut Job,
    came: &[(EntityKind, ObjectId)],
) -> Result<(), Problem> {
    if came.is_empty() {
        return Ok(());
    }
    if meets_all(page.walk) {
        job.groups_to_walk = true;
        return Ok(());
    }
    let due: Vec<MembershipsDue> = came
        .iter()
        .map(|(kind, source)| MembershipsDue::of(*kind, *source))
        .collect();
    page.tx.put_memberships_due(page.tenant, &job.id, &due)?;
    Ok(())
}
