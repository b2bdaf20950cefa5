//! `DELETE /applications/{id}`: into the recycle bin, its service principal and that one's
//! synchronization jobs too. Its directory extensions are hidden, with all their values.

use syncline_directory::{applications, service_principals};
use syncline_model::{AppId, Attr, Problem, ProblemKind};
use syncline_runner::Runner;

use crate::actions::{decisive, lookup};
use crate::{Call, Reply};

pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    decisive::look_into_bin(call, |reader| lookup::application(call, reader))?;
    let jobs = call.write(|tx, context| {
        let mut jobs = Vec::new();
        let application = lookup::application(call, tx)?;
        decisive::check(call, tx, &application)?;
        let application = application.entry;
        if let Some(app_id) = application.guid(Attr::APP_ID) {
            match service_principals::find_by_app_id(tx, call.tenant(), AppId(app_id)) {
                Ok(stored) => {
                    jobs = Runner::put_away_configuration(tx, call.tenant(), stored.entry.id)?;
                }
                Err(problem) if problem.kind == ProblemKind::NotFound => {}
                Err(problem) => return Err(problem),
            }
        }
        applications::delete(tx, context, application.id)?;
        Ok(jobs)
    })?;
    call.api.runner.forget(&jobs);
    Ok(Reply::no_content())
}
