//! `POST /directoryRoles`: makes a role from its template.

use syncline_access::{DirectoryRole, roles};
use syncline_model::{Problem, ProblemKind};

use super::table::{active, json};
use crate::{Call, Reply};

pub fn activate(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("directoryRole")?;
    body.only(&["roleTemplateId"])?;
    let template = body.required_guid("roleTemplateId")?;
    let role =
        DirectoryRole::from_template(template).ok_or_else(|| Problem::not_found(template))?;
    call.write(|tx, _| {
        if active(call, tx)?.contains(&role) {
            return Err(Problem::new(
                ProblemKind::BadRequest,
                "Request_MultipleObjectsWithSameKeyValue",
                "A conflicting object with one or more of the specified property values is present in the directory.",
            ));
        }
        roles::activate(tx, call.tenant(), role)?;
        Ok(())
    })?;
    let mut json = json(role);
    json["@odata.context"] = call.context("directoryRoles/$entity").into();
    Ok(Reply::created(json))
}
