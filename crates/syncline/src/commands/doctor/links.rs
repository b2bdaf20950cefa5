//! The links of a job, seen from their target tenant.

use std::collections::{BTreeMap, BTreeSet};

use syncline_model::link::LinkState;
use syncline_model::{EntityKind, Job, ObjectId, Problem, TenantId};
use syncline_runner::{Secrets, other_targets};
use syncline_store::{ObjectState, Reader, StoreError};

use super::settings::NO_SECRETS;
use super::subject::Subject;
use super::turn::Turn;
use super::{Check, PAGE, still_there};
use crate::failure::Failure;

/// Nothing is damaged: the operator has deleted it, and was told of the job.
const NO_TENANT: &str = "the target tenant was deleted: delete the configuration, or name another one with PUT …/synchronization/secrets";

/// Links whose target object is gone although the job did not remove it.
pub(super) fn check(turn: &Turn<'_>, job: &Job, of: &Subject) -> Result<Option<Check>, Failure> {
    let app = turn.app;
    let target = app.store.read(|reader| {
        let Some(job) = still_there(reader, job)? else {
            return Ok(None);
        };
        let secrets = Secrets::readable(reader, job.tenant, job.service_principal)?;
        let Some(secrets) = secrets else {
            return Ok(Some(Err(NO_SECRETS)));
        };
        let target = secrets.target();
        let exists = match target {
            // Not what is in its row: that one was looked at.
            Some(target) if reader.was_deleted(target)? => return Ok(Some(Err(NO_TENANT))),
            Some(target) => reader.tenant_ids()?.contains(&target),
            None => false,
        };
        Ok::<_, Problem>(Some(Ok(target.map(|target| (target, exists)))))
    })?;
    let target = match target.transpose() {
        Err(why) => return Ok(Some(Check::ok(of, why))),
        Ok(None) => return Ok(None),
        Ok(Some(None)) => return Ok(Some(Check::ok(of, "no target tenant yet"))),
        Ok(Some(Some((target, false)))) => {
            return Ok(Some(Check::problem(
                of,
                format!("the target tenant {target} does not exist here"),
                "correct CompanyId with PUT …/synchronization/secrets",
            )));
        }
        Ok(Some(Some((target, true)))) => target,
    };
    let mut all = Found::default();
    let mut after = None;
    loop {
        turn.goes_on()?;
        // Each page is a snapshot of its own: a long walk holds up nobody.
        let page = app.store.read(|reader| {
            let Some(job) = still_there(reader, job)? else {
                return Ok(None);
            };
            let page = reader.links(job.tenant, &job.id, after, PAGE)?;
            let live = page.iter().filter(|link| link.state == LinkState::Live);
            let mut targets: BTreeMap<EntityKind, Vec<ObjectId>> = BTreeMap::new();
            for link in live {
                targets.entry(link.kind).or_default().push(link.target);
            }
            let last = page.last().map(|link| link.source);
            Ok::<_, Problem>(Some((last, Found::of(reader, &job, target, targets)?)))
        })?;
        let Some((last, found)) = page else {
            return Ok(None);
        };
        all.add(&found);
        if last.is_none() {
            break;
        }
        after = last;
    }
    Ok(Some(all.told(job, of)))
}

/// Live links, so many of them.
#[derive(Default)]
struct Found {
    looked_at: usize,
    /// To what is in no target of the job.
    gone: usize,
    /// To what is in a target that the job had before: there it stays until the next cycle makes it anew in the present one.
    in_former: usize,
}

impl Found {
    fn of(
        reader: &Reader<'_>,
        job: &Job,
        target: TenantId,
        linked: BTreeMap<EntityKind, Vec<ObjectId>>,
    ) -> Result<Self, Problem> {
        let mut found = Self::default();
        // Looked up once, where it is asked for at all.
        let mut former: Option<Vec<TenantId>> = None;
        for (kind, ids) in linked {
            found.looked_at += ids.len();
            let missing = not_in(reader, target, kind, ids)?;
            if missing.is_empty() {
                continue;
            }
            let count = missing.len();
            let mut nowhere = missing;
            if former.is_none() {
                former = Some(former_targets(reader, job, target)?);
            }
            for former in former.iter().flatten() {
                nowhere = not_in(reader, *former, kind, nowhere)?;
            }
            found.gone += nowhere.len();
            found.in_former += count - nowhere.len();
        }
        Ok(found)
    }

    fn add(&mut self, more: &Self) {
        self.looked_at += more.looked_at;
        self.gone += more.gone;
        self.in_former += more.in_former;
    }

    fn told(&self, job: &Job, of: &Subject) -> Check {
        let Self {
            looked_at,
            gone,
            in_former,
        } = self;
        let former = match in_former {
            0 => String::new(),
            _ => format!(
                "{in_former} of {looked_at} are in a former target; `syncline plan --job {}` counts them",
                job.id
            ),
        };
        match (gone, in_former) {
            (0, 0) => Check::ok(of, format!("{looked_at} live links")),
            (0, _) => Check::ok(of, former),
            // Nobody knows any more which targets it had: what is advised otherwise is under way.
            _ if job.watermark.is_none() => Check::ok(
                of,
                format!(
                    "{} of {looked_at} are not in the target; the next cycle reads everything and makes them anew",
                    gone + in_former
                ),
            ),
            _ => {
                let more = match in_former {
                    0 => former,
                    _ => format!("; {former}"),
                };
                Check::problem(
                    of,
                    format!("the target object of {gone} of {looked_at} live links is gone{more}"),
                    format!(
                        "syncline jobs restart --job {} --scope Watermark: the next cycle makes them anew",
                        job.id
                    ),
                )
            }
        }
    }
}

/// Those that the job had before this one and that are here still.
fn former_targets(
    reader: &Reader<'_>,
    job: &Job,
    target: TenantId,
) -> Result<Vec<TenantId>, Problem> {
    let mut former = other_targets(reader, job, target)?;
    if !former.is_empty() {
        let here: BTreeSet<TenantId> = reader.tenant_ids()?.into_iter().collect();
        former.retain(|it| here.contains(it));
    }
    Ok(former)
}

/// Those of these objects that a tenant does not have.
fn not_in(
    reader: &Reader<'_>,
    tenant: TenantId,
    kind: EntityKind,
    mut ids: Vec<ObjectId>,
) -> Result<Vec<ObjectId>, StoreError> {
    let found = reader.peek(tenant, kind, &ids, [])?;
    let there = found
        .iter()
        .filter(|it| it.state != ObjectState::Purged)
        .map(|it| it.id);
    let there: BTreeSet<ObjectId> = there.collect();
    ids.retain(|id| !there.contains(id));
    Ok(ids)
}
