//! The links of a job, seen from their target tenant.

use syncline_model::link::LinkState;
use syncline_model::{Job, Problem, TenantId};
use syncline_runner::Secrets;
use syncline_store::ObjectState;

use super::{Check, PAGE};
use crate::app::App;
use crate::failure::Failure;

/// Links whose target object is gone although the job did not remove it.
pub(super) fn check(app: &App, job: &Job) -> Result<Check, Failure> {
    let name = format!("links of {}", job.id);
    let secrets = app
        .store
        .read(|reader| Secrets::load(reader, job.tenant, job.service_principal))?;
    let target = secrets
        .values
        .get("CompanyId")
        .and_then(|id| id.parse::<TenantId>().ok());
    let Some(target) = target else {
        return Ok(Check::ok(&name, "no target tenant yet"));
    };
    if app.store.read(|reader| reader.tenant(target))?.is_none() {
        return Ok(Check::problem(
            &name,
            format!("the target tenant {target} does not exist here"),
            "correct CompanyId with PUT …/synchronization/secrets",
        ));
    }
    let mut looked_at = 0;
    let mut foreign = 0;
    let mut after = None;
    loop {
        // Each page is a snapshot of its own: a long walk holds up nobody.
        let (last, seen, gone) = app.store.read(|reader| {
            let page = reader.links(job.tenant, &job.id, after, PAGE)?;
            let live: Vec<_> = page
                .iter()
                .filter(|link| link.state == LinkState::Live)
                .collect();
            let mut gone = 0;
            for link in &live {
                let found = reader.objects(target, link.kind, &[link.target])?.pop();
                gone += u64::from(found.is_none_or(|it| it.state == ObjectState::Purged));
            }
            Ok::<_, Problem>((page.last().map(|link| link.source), live.len() as u64, gone))
        })?;
        looked_at += seen;
        foreign += gone;
        if last.is_none() {
            break;
        }
        after = last;
    }
    Ok(if foreign == 0 {
        Check::ok(&name, format!("{looked_at} live links"))
    } else {
        Check::problem(
            &name,
            format!("the target object of {foreign} of {looked_at} live links is gone"),
            format!(
                "syncline jobs restart --job {} --scope Watermark: the next cycle makes them anew",
                job.id
            ),
        )
    })
}
