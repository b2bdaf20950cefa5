//! Decides about a page of objects, with all of its look-ups going out together. Writes nothing.

use syncline_engine::{LookupQuery, TargetObject};
use syncline_model::{JobId, Link, ObjectId, Problem};

use super::decide::{Now, Verdict, decide};
use super::done::Done;
use crate::unavailable::unavailable;
use crate::view::View;

/// What is done about one object, and what it was decided on.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) link: Option<Link>,
    pub(super) object: Option<TargetObject>,
}

/// In the order asked.
pub(super) fn judge(view: &View<'_, '_>, dones: &[Done]) -> Result<Vec<Judged>, Problem> {
    let sources: Vec<ObjectId> = dones.iter().map(Done::source).collect();
    let links = view.reader.links_for(view.tenant, view.job, &sources)?;
    let targets: Vec<ObjectId> = dones
        .iter()
        .map(|done| done.target.unwrap_or(ObjectId::NIL))
        .collect();
    let objects = objects(view, dones, &targets)?;
    let holders = holders(view, &targets)?;
    let now = links.into_iter().zip(objects).zip(holders);
    let judged = dones
        .iter()
        .zip(now)
        .map(|(done, ((link, object), holder))| {
            let kind = view.configuration.target_kind(done.last.kind);
            let now = Now {
                link: link.as_ref(),
                object: object.as_ref(),
                holder: holder.as_ref(),
            };
            Judged {
                verdict: decide(done, now, view.configuration.target_types.of(kind)),
                link,
                object,
            }
        });
    Ok(judged.collect())
}

/// These target objects, in the recycle bin too.
pub(super) fn objects(
    view: &View<'_, '_>,
    dones: &[Done],
    targets: &[ObjectId],
) -> Result<Vec<Option<TargetObject>>, Problem> {
    let queries: Vec<LookupQuery> = dones
        .iter()
        .zip(targets)
        .map(|(done, target)| LookupQuery::Linked {
            kind: view.configuration.target_kind(done.last.kind),
            target: *target,
        })
        .collect();
    let target = &view.configuration.connected.target;
    let found = target.find(view.reader, &queries).map_err(unavailable)?;
    Ok(found.into_iter().map(|it| it.into_iter().next()).collect())
}

/// The other jobs that keep these in step.
pub(super) fn holders(
    view: &View<'_, '_>,
    targets: &[ObjectId],
) -> Result<Vec<Option<JobId>>, Problem> {
    let held = view
        .reader
        .live_links_of_other_jobs(view.tenant, view.job, targets)?;
    Ok(held.into_iter().map(|it| it.map(|(job, _)| job)).collect())
}
