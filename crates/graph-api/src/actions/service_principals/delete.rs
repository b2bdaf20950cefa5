//! `DELETE /servicePrincipals/{id}`: into the recycle bin. Its synchronization jobs go with it; what they
//! synchronized stays.

use syncline_directory::service_principals;
use syncline_model::Problem;
use syncline_runner::Runner;

use crate::actions::{decisive, lookup, well_known};
use crate::{Call, Reply};

pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    let jobs = call.write(|tx, context| {
        let found = lookup::service_principal(call, tx)?;
        well_known::check_graph(&found)?;
        decisive::check(call, tx, &found)?;
        let id = found.entry.id;
        let jobs = Runner::put_away_configuration(tx, call.tenant(), id)?;
        service_principals::delete(tx, context, id)?;
        Ok(jobs)
    })?;
    call.api.runner.forget(&jobs);
    Ok(Reply::no_content())
}
