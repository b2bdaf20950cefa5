//! The links of a job, seen from their target tenant.

use std::collections::BTreeMap;

use syncline_model::link::LinkState;
use syncline_model::{EntityKind, Job, ObjectId, Problem};
use syncline_runner::Secrets;
use syncline_store::ObjectState;

use super::settings::NO_SECRETS;
use super::subject::Subject;
use super::turn::Turn;
use super::{Check, PAGE, still_there};
use crate::failure::Failure;

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
    let mut looked_at = 0;
    let mut gone = 0;
    let mut after = None;
    loop {
        turn.goes_on()?;
        // Each page is a snapshot of its own: a long walk holds up nobody.
        let page = app.store.read(|reader| {
            if still_there(reader, job)?.is_none() {
                return Ok(None);
            }
            let page = reader.links(job.tenant, &job.id, after, PAGE)?;
            let live = page.iter().filter(|link| link.state == LinkState::Live);
            let mut targets: BTreeMap<EntityKind, Vec<ObjectId>> = BTreeMap::new();
            for link in live {
                targets.entry(link.kind).or_default().push(link.target);
            }
            let (mut seen, mut there) = (0, 0);
            for (kind, ids) in targets {
                seen += ids.len();
                let found = reader.peek(target, kind, &ids, [])?;
                there += found
                    .iter()
                    .filter(|it| it.state != ObjectState::Purged)
                    .count();
            }
            let last = page.last().map(|link| link.source);
            Ok::<_, Problem>(Some((last, seen, seen - there)))
        })?;
        let Some((last, seen, missing)) = page else {
            return Ok(None);
        };
        looked_at += seen;
        gone += missing;
        if last.is_none() {
            break;
        }
        after = last;
    }
    Ok(Some(if gone == 0 {
        Check::ok(of, format!("{looked_at} live links"))
    } else {
        Check::problem(
            of,
            format!("the target object of {gone} of {looked_at} live links is gone"),
            format!(
                "syncline jobs restart --job {} --scope Watermark: the next cycle makes them anew",
                job.id
            ),
        )
    }))
}
