//! `DELETE /oauth2PermissionGrants/{id}`

use syncline_access::grants;
use syncline_model::Problem;

use super::table;
use crate::{Call, Reply};

pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    call.write(|tx, _| {
        let grant = table::find(call, tx)?;
        grants::revoke(tx, call.tenant(), &grant)?;
        Ok(())
    })?;
    Ok(Reply::no_content())
}
